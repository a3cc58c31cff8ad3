"""A student's Keras model as the grader sees it: config and weights as data, predictions by a rebuilt twin."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograder.errors import BadReply
from autograder.examiner import probing
from autograder.examiner.compiled import Compiled, read_compiled
from autograder.examiner.naming import numbered
from autograder.examiner.network import Node, UnknownLayer, names_input, portable, read_network
from autograder.examiner.notebook import LiveNotebook, exception_name
from autograder.examiner.twins import Rebuilt, Twins
from autograder.kernel.values import HistoryData, Ref, pack
from autograder.text import Text

_BY_PREDICTIONS = Text(
    es="Se ha juzgado solo por sus predicciones, porque el modelo usa capas propias.",
    en="Judged by its predictions alone, because the model uses layers of its own.",
)


class Model:
    """A Keras model on the student's side.

    What it is (layers, shapes, number of weights) is believed once its rebuilt twin and the student's process agree on inputs that
    are drawn for this; see `probing`.

    Args:
        own_layers: whether layers that cannot be rebuilt are accepted; such a model is judged by its predictions alone.
        note: takes the remark that a student reads when it was.
    """

    def __init__(
        self,
        ref: Ref,
        notebook: LiveNotebook,
        twins: Twins,
        *,
        own_layers: bool = False,
        note: Callable[[Text], None] = lambda remark: None,
    ) -> None:
        self.ref = ref
        self._notebook = notebook
        self._twins = twins
        self._own_layers = own_layers
        self._note = note
        self._described: Mapping[str, Any] = {}
        self.weights: list[np.ndarray] = []
        """Weights in Keras's order."""
        self.refresh()

    def refresh(self) -> None:
        """Read config and weights again, for instance after student code has trained the model.

        Raises:
            StudentError: the student's side could not describe it.
        """
        self._described, self.weights = self._describe()
        for name in ("_nodes", "_fault", "compiled"):
            self.__dict__.pop(name, None)

    def _describe(self) -> tuple[Mapping[str, Any], list[np.ndarray]]:
        reply = self._notebook.ask("describe", ref=self.ref.id).value()
        weights = reply.get("weights")
        if "raised" in reply:
            if not self._own_layers:
                raise BadReply(Text(es="El modelo no se puede describir.", en="The model cannot be described."))
            # A class of the student's own need not have a config.
            reply.setdefault("model", "{}")
            weights = [] if weights is None else weights
        try:
            described = json.loads(reply["model"])
            if not isinstance(described, dict) or not isinstance(weights, list):
                raise ValueError
            if not all(isinstance(weight, np.ndarray) and weight.dtype.kind in "biuf" for weight in weights):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadReply(Text(es="El modelo no se puede leer.", en="The model cannot be read.")) from error
        return described, weights

    @property
    def config(self) -> Mapping[str, Any]:
        """Keras's config of the whole model, as data."""
        config = self._described.get("config")
        return config if isinstance(config, dict) else {}

    @property
    def network(self) -> tuple[Node, ...]:
        """The layers in order; see `Node`.

        Raises:
            BadReply: a layer outside Keras's own, which cannot be judged from its config, or a config that describes another
                network than the one that computes.
        """
        if isinstance(self._nodes, Text):
            raise BadReply(self._nodes)
        self._vouch()
        return self._nodes

    @cached_property
    def _nodes(self) -> tuple[Node, ...] | Text:
        """The layers by the config alone, or why they cannot be read."""
        try:
            return read_network(self.config)
        except UnknownLayer as error:
            # Told only when the student's source holds that word: a class made while running could spell hidden inputs.
            named = f" ({error})" if self._notebook.mentions(str(error)) else ""
            return Text(
                es=f"El modelo usa algo que no es una capa de Keras{named}, y así no se puede comprobar.",
                en=f"The model uses something that is not one of Keras's layers{named}, so it cannot be checked.",
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
            return Text(
                es="El modelo no es secuencial ni funcional, y así no se puede comprobar.",
                en="The model is neither sequential nor functional, so it cannot be checked.",
            )

    def _vouch(self) -> None:
        """Fail when the config describes another network than the one that computes; what cannot be rebuilt is passed over."""
        if self._fault is not None:
            raise BadReply(self._fault)

    @cached_property
    def _fault(self) -> Text | None:
        """What is wrong with the account that the student's side gives of the model; `None` if nothing was found."""
        if isinstance(self._nodes, Text) or not self._nodes or self._unbuilt:
            return None
        try:
            if self._agrees(self._nodes, self.weights):
                return None
            # Student code may have trained it since: then it has to agree with the weights that it has now.
            described, weights = self._describe()
            if described.get("config") == self.config and self._agrees(self._nodes, weights):
                return None
        except BadReply as fault:
            return fault.text
        return probing.disagree()

    @property
    def _unbuilt(self) -> bool:
        """Whether nothing says yet what the network's input is, so that there are no weights and nothing to compute."""
        return not self.weights and self._claimed("input_shape") is None and not names_input(self.config)

    def _agrees(self, nodes: Sequence[Node], weights: list[np.ndarray]) -> bool:
        """Whether the twin has the shapes that were claimed, and the student's process the twin's predictions."""
        twin = self._rebuilt(self._claimed("input_shape") or (), weights)
        for claim, tensors in (("input_shape", twin.inputs), ("output_shape", twin.outputs)):
            claimed = self._claimed(claim)
            if claimed is not None and [claimed] != [tensor.shape[1:] for tensor in tensors]:
                return False
        inputs = probing.draw(twin, nodes)
        if inputs is None:
            return True
        try:
            computed = self._twins.outputs(twin, inputs)
        except BadReply:
            # Where a length is left open, the one that was drawn may not suit the network.
            if probing.is_open(twin):
                return True
            raise
        return probing.agree(self._told(inputs), computed)

    def _rebuilt(self, input_shape: tuple[Any, ...], weights: list[np.ndarray]) -> Rebuilt:
        return self._twins.rebuild(numbered(portable(self.config)), input_shape, weights)

    def _told(self, inputs: list[np.ndarray]) -> list[Any]:
        """What the student's process says each output gives for one array per input."""
        tree, arrays = pack(inputs)
        told = self._notebook.ask("probe", arrays, ref=self.ref.id, inputs=tree).value().get("value")
        return told if isinstance(told, list) else []

    def _claimed(self, name: str) -> tuple[Any, ...] | None:
        return _without_batch(self._described.get(name))

    @cached_property
    def compiled(self) -> Compiled | None:
        """Compile settings; `None` if the model was not compiled."""
        settings = self._described.get("compiled")
        try:
            return read_compiled(settings if isinstance(settings, dict) else None)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise BadReply(
                Text(es="La compilación no se puede leer.", en="The compile settings cannot be read.")
            ) from error

    @property
    def input_shape(self) -> tuple[Any, ...] | None:
        """Shape of one input without the batch axis; `None` while the model does not know it.

        Raises:
            BadReply: as for `network`, except that layers which cannot be judged do not matter here.
        """
        self._vouch()
        return self._claimed("input_shape")

    @property
    def output_shape(self) -> tuple[Any, ...] | None:
        """Shape of one output without the batch axis; see `input_shape`."""
        self._vouch()
        return self._claimed("output_shape")

    def count_params(self) -> int:
        """Number of weights, trained or not, counted from the arrays themselves; raises as `input_shape` does."""
        self._vouch()
        return sum(weight.size for weight in self.weights)

    def predict(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Predictions (n, …) for `x` (n, …), computed from config and weights where no student code has been.

        Where layers of the student's own are accepted and there are some, they are what the student's process answers.

        Args:
            training: one pass in training mode, with dropout on and batch statistics, all rows in one batch.

        Raises:
            BadReply: the model cannot be rebuilt, or the student's process answers otherwise than its config and weights say.
        """
        x = np.asarray(x)
        if self._own_layers and isinstance(self._nodes, Text):
            return self._predicted_by_itself(x)
        _ = self.network  # refuses what is outside the allow-list before anything is rebuilt
        twin = self._rebuilt(self._claimed("input_shape") or x.shape[1:], self.weights)
        predicted = self._twins.predict(twin, x, training=training)
        if not training and not probing.agree(self._told([x[:8]]), [predicted[:8]]):
            raise BadReply(probing.disagree())
        return predicted

    def after_pass(self, x: np.ndarray) -> list[np.ndarray]:
        """The weights after one pass over `x` in training mode, without a step, computed where no student code has been.

        Only what passing data moves differs from `weights`, such as the statistics of batch normalization.

        Raises:
            BadReply: as for `predict`.
        """
        x = np.asarray(x)
        _ = self.network
        return self._twins.after_pass(self._rebuilt(self._claimed("input_shape") or x.shape[1:], self.weights), x)

    def _predicted_by_itself(self, x: np.ndarray) -> np.ndarray:
        told = self._told([x])
        if len(told) != 1 or not probing.numeric(told[0]) or told[0].shape[:1] != x.shape[:1]:
            raise BadReply(
                Text(
                    es="El modelo no da una predicción por muestra.",
                    en="The model does not give one prediction per sample.",
                )
            )
        self._note(_BY_PREDICTIONS)
        return np.asarray(told[0])

    def fit(self, x: np.ndarray, y: np.ndarray, **kwargs: Any) -> HistoryData:
        """Train it in the student's process with `model.fit`, then read it again.

        Raises:
            BadReply: `fit` failed.
        """
        tree, arrays = pack([[np.asarray(x), np.asarray(y)], kwargs])
        reply = self._notebook.ask("fit", arrays, ref=self.ref.id, args=tree[0], kwargs=tree[1]).value()
        if isinstance(raised := reply.get("raised"), dict):
            name = exception_name(raised.get("types"))
            raise BadReply(
                Text(es=f"El modelo no se puede entrenar: {name.es}.", en=f"The model cannot be trained: {name.en}.")
            )
        history = reply.get("value")
        if not isinstance(history, HistoryData):
            raise BadReply(Text(es="`fit` no devolvió un historial.", en="`fit` did not return a history."))
        self.refresh()
        return history


def _without_batch(shape: Any) -> tuple[Any, ...] | None:
    if not isinstance(shape, list | tuple) or not shape or isinstance(shape[0], list | dict):
        return None
    return tuple(shape[1:])
