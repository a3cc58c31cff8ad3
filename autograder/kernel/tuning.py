"""Makes Keras cheap on arrays that fit in memory many times over, without changing what it does.

On TensorFlow, Keras 3 feeds arrays through a `tf.data` pipeline of three mapped functions and builds it anew, twice, in every
epoch. That costs 25–35 ms of CPU per epoch whatever the data, and on four samples nothing else costs anything: training XOR
for 200 epochs takes 7 s, of which 0.7 s are left when the same batches are cut by TensorFlow's `gather` in the training loop
itself. Nothing is prefetched then, so large arrays keep Keras's own way.

The order of the samples is drawn anew for every epoch from TensorFlow's global seed, as before, but it is another one than Keras
would draw, as it is from one version of TensorFlow to the next. Samples that fit in one batch are not reordered at all, since a
sum over them does not depend on it.

On other backends Keras cuts arrays itself, so nothing is gained there. But to seed TensorFlow's chance as well, and to ask whether
something belongs to TensorFlow, it imports TensorFlow wherever that is installed: 7 s and 400 MB in every process. What is not
loaded has neither chance nor objects, so there it is told that there is no TensorFlow until something has loaded it.
"""

from __future__ import annotations

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
        self._tensorflow = sys.modules["tensorflow"]
        self._arrays = self._each(self._tensorflow.convert_to_tensor, arrays)
        self._count, self._size, self._shuffled = count, size, shuffled

    def __iter__(self) -> Iterator[Any]:
        if self._count <= self._size:
            yield self._arrays
            return
        order = self._tensorflow.range(self._count)
        if self._shuffled:
            order = self._tensorflow.random.shuffle(order)
        for start in range(0, self._count, self._size):
            chosen = order[start : start + self._size]
            yield self._each(lambda array, chosen=chosen: self._tensorflow.gather(array, chosen), self._arrays)

    @staticmethod
    def _each(change: Any, arrays: Any) -> Any:
        return sys.modules["keras"].tree.map_structure(lambda part: None if part is None else change(part), arrays)


def tune() -> None:
    """Give small arrays a direct way into TensorFlow, or keep TensorFlow out; nothing happens with another Keras."""
    keras = sys.modules.get("keras")
    if keras is None:
        return
    if keras.backend.backend() == "tensorflow":
        _batch_directly()
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
    try:
        from keras.src.backend.tensorflow.trainer import TFEpochIterator
        from keras.src.trainers.epoch_iterator import EpochIterator

        original = TFEpochIterator.__init__
    except (ImportError, AttributeError):
        # Private parts of Keras have moved: it works as ever, only slower.
        return

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
