"""Makes Keras cheap on arrays that fit in memory many times over, without changing what it does.

On TensorFlow, Keras 3 feeds arrays through a `tf.data` pipeline of three mapped functions and builds it anew, twice, in every
epoch. That costs 25–35 ms of CPU per epoch whatever the data, and on four samples nothing else costs anything: training XOR
for 200 epochs takes 7 s, of which 0.5 s are left when the same batches are cut by NumPy in the training loop itself. Nothing is
prefetched then, so large arrays keep Keras's own way.

The order of the samples is drawn anew for every epoch by a generator that takes its seed from TensorFlow's global one, but it is
another order than Keras would draw, as it is from one version of TensorFlow to the next. Samples that fit in one batch are not
reordered at all, since a sum over them does not depend on it.

Keras leaves the state of optimizer and metrics to be created while the first step is traced, and a function that creates variables
is traced a second time by TensorFlow. What is known before is created before, so one trace is enough: 0.1 to 0.3 s of every `fit`.

After an epoch Keras computes its metrics once more, operation by operation, though the last step has just told them.

On other backends Keras cuts arrays itself, so nothing is gained there. But to seed TensorFlow's chance as well, and to ask whether
something belongs to TensorFlow, it imports TensorFlow wherever that is installed: 7 s and 400 MB in every process. What is not
loaded has neither chance nor objects, so there it is told that there is no TensorFlow until something has loaded it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

SMALL = 64 << 20
"""Bytes up to which arrays are cut in the training loop."""
_ASKING = (
    "keras.src.utils.rng_utils",
    "keras.src.saving.serialization_lib",
    "keras.src.legacy.saving.json_utils",
)
"""Modules of Keras's that ask for TensorFlow's types, or seed it."""


class _Batches:
    """What Keras iterates over once per epoch, in the place of a `tf.data.Dataset`."""

    def __init__(self, arrays: Any, count: int, size: int, shuffled: bool) -> None:
        """
        Args:
            arrays: nested tuples and dicts of arrays `(count, ...)`, with `None` for what is missing.
            size: samples per batch; the last one may be smaller.
        """
        self._tensorflow = tensorflow = sys.modules["tensorflow"]
        self._arrays, self._count, self._size = arrays, count, size
        self._whole = self._cut(slice(None)) if count <= size else None
        self._order: np.random.Generator | None = None
        if shuffled and self._whole is None:
            drawn = tensorflow.random.uniform((), maxval=tensorflow.int64.max, dtype=tensorflow.int64)
            self._order = np.random.default_rng(int(drawn))

    def __iter__(self) -> Iterator[Any]:
        if self._whole is not None:
            yield self._whole
            return
        order = None if self._order is None else self._order.permutation(self._count)
        for start in range(0, self._count, self._size):
            batch = slice(start, start + self._size)
            yield self._cut(batch if order is None else order[batch])

    def _cut(self, chosen: Any) -> Any:
        return self._each(lambda array: self._tensorflow.convert_to_tensor(array[chosen]), self._arrays)

    def specification(self) -> Any:
        """The arrays' tree with a symbolic tensor in the place of each, as large as a batch."""
        keras = sys.modules["keras"]
        size = min(self._count, self._size)
        return self._each(lambda array: keras.KerasTensor((size, *array.shape[1:]), array.dtype.name), self._arrays)

    @staticmethod
    def _each(change: Any, arrays: Any) -> Any:
        return sys.modules["keras"].tree.map_structure(lambda part: None if part is None else change(part), arrays)


def tune() -> None:
    """Give small arrays a direct way into TensorFlow, or keep TensorFlow out; nothing happens with another Keras."""
    keras = sys.modules.get("keras")
    if keras is None:
        return
    if keras.backend.backend() == "tensorflow":
        try:
            _batch_directly()
            _create_before_tracing()
            _believe_the_last_step()
        except (ImportError, AttributeError):
            # Private parts of Keras have moved: it works as ever, only slower.
            return
    else:
        _keep_tensorflow_out()


def _keep_tensorflow_out() -> None:
    try:
        from keras.src.utils.module_utils import LazyModule
    except ImportError:
        return

    class IfLoaded(LazyModule):
        """TensorFlow, for code that only asks whether something belongs to it."""

        @property
        def available(self) -> bool:
            return self.name in sys.modules

    # Layers that cannot do without TensorFlow have names of their own for it, and import it as ever.
    for name in _ASKING:
        module = sys.modules.get(name)
        if isinstance(getattr(module, "tf", None), LazyModule):
            module.tf = IfLoaded("tensorflow")  # type: ignore[union-attr]


def _batch_directly() -> None:
    from keras.src.backend.tensorflow.trainer import TFEpochIterator
    from keras.src.trainers.epoch_iterator import EpochIterator

    original = TFEpochIterator.__init__

    def __init__(self: Any, distribute_strategy: Any = None, *args: Any, **kwargs: Any) -> None:
        EpochIterator.__init__(self, *args, **kwargs)
        distribute = sys.modules["tensorflow"].distribute
        alone = not distribute.has_strategy() and distribute_strategy is distribute.get_strategy()
        batches = _small(self.data_adapter) if alone else None
        if batches is None:
            original(self, distribute_strategy, *args, **kwargs)
        else:
            self._distribute_strategy = distribute_strategy
            self._distributed_dataset = batches

    TFEpochIterator.__init__ = __init__


def _create_before_tracing() -> None:
    from keras.src.backend.tensorflow.trainer import TensorFlowTrainer

    building, making = TensorFlowTrainer._maybe_symbolic_build, TensorFlowTrainer.make_train_function

    def _maybe_symbolic_build(self: Any, iterator: Any = None, data_batch: Any = None) -> None:
        building(self, iterator, data_batch)
        batches = getattr(iterator, "_distributed_dataset", None)
        if isinstance(batches, _Batches):
            _create_metrics(self, batches)

    def make_train_function(self: Any, force: bool = False) -> None:
        making(self, force)
        _create_slots(self)

    TensorFlowTrainer._maybe_symbolic_build = _maybe_symbolic_build
    TensorFlowTrainer.make_train_function = make_train_function


def _create_metrics(model: Any, batches: _Batches) -> None:
    metrics = getattr(model, "_compile_metrics", None)
    if metrics is None or metrics.built or not _known(model) or len(model.outputs) != 1:
        return
    _x, y, _weights = sys.modules["keras"].utils.unpack_x_y_sample_weight(batches.specification())
    # What it says of metrics that do not fit, Keras says again while it traces.
    with contextlib.suppress(Exception):
        metrics.build(y, model.outputs[0])


def _create_slots(model: Any) -> None:
    """The optimizer's own variables, such as Adam's moments."""
    keras, optimizer = sys.modules["keras"], getattr(model, "optimizer", None)
    if not isinstance(optimizer, keras.optimizers.Optimizer) or optimizer.built or not _known(model):
        return
    if model._distribute_strategy is None and model.trainable_variables:
        optimizer.build(model.trainable_variables)


def _known(model: Any) -> bool:
    """Whether its variables and outputs follow from its layers, before it has seen any data."""
    from keras.src.models.functional import Functional

    return type(model) in (sys.modules["keras"].Sequential, Functional) and bool(model.built)


def _believe_the_last_step() -> None:
    """Changes nothing unless a callback asks for an evaluation after the very last batch of an epoch, which resets the metrics."""
    from keras.src.backend.tensorflow.trainer import TensorFlowTrainer
    from keras.src.trainers.trainer import Trainer

    computing = Trainer._get_metrics_result_or_logs
    steps = (
        TensorFlowTrainer.train_step,
        TensorFlowTrainer.test_step,
        Trainer.compute_metrics,
        Trainer.get_metrics_result,
    )

    def _get_metrics_result_or_logs(self: Any, logs: Any) -> Any:
        plain = all(getattr(getattr(self, step.__name__), "__func__", None) is step for step in steps)
        return logs if logs and plain and self._distribute_strategy is None else computing(self, logs)

    Trainer._get_metrics_result_or_logs = _get_metrics_result_or_logs


def _small(adapter: Any) -> _Batches | None:
    """The batches of a data adapter of Keras's; `None` if it holds anything but small NumPy arrays."""
    from keras.src.trainers.data_adapters import array_slicing
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

    tree = sys.modules["keras"].tree
    if type(adapter) is not ArrayDataAdapter:
        return None
    try:
        count, size, shuffled = adapter._num_samples, adapter._batch_size, adapter._shuffle
        if shuffled not in (True, False):
            return None
        parts = array_slicing.convert_to_sliceable(adapter._inputs, target_backend="tensorflow")
        arrays = [part for part in tree.flatten(parts) if part is not None]
        if not all(isinstance(array, np.ndarray) for array in arrays) or sum(a.nbytes for a in arrays) > SMALL:
            return None
        return _Batches(tree.lists_to_tuples(parts), count, size, shuffled)
    except (AttributeError, TypeError, ValueError):
        return None
