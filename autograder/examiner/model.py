"""A student's Keras model as the grader sees it: config and weights as data, predictions by a rebuilt twin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from autograder.errors import BadReply, EngineError, StudentError
from autograder.examiner.compiled import Compiled, read_compiled
from autograder.examiner.network import Node, UnknownLayer, portable, read_network
from autograder.examiner.notebook import LiveNotebook, exception_name
from autograder.kernel.session import Session
from autograder.kernel.values import HistoryData, Ref, pack
from autograder.text import Text

_TWIN_SECONDS = 120.0


class Twins:
    """The second walled process, started when the first model has to be rebuilt."""

    def __init__(self, start: Callable[[], Session]) -> None:
        self._start = start
        self._session: Session | None = None

    def predict(
        self, config: Any, input_shape: tuple[int, ...], weights: list[np.ndarray], x: np.ndarray
    ) -> np.ndarray:
        """Predictions (n, …) of the network that `config` and `weights` describe, for `x` (n, …).

        Raises:
            BadReply: config and weights describe no working network.
            EngineError: the process failed for another reason.
        """
        if self._session is None or not self._session.alive:
            self._session = self._start()
        # One network is rebuilt once, however often its weights change.
        key = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()
        try:
            built = self._session.ask(
                "rebuild", _TWIN_SECONDS, weights, key=key, config=config, input_shape=list(input_shape)
            ).header
            if "failed" in built:
                raise BadReply(
                    Text(
                        es="El modelo no se puede reconstruir a partir de su configuración y sus pesos.",
                        en="The model cannot be rebuilt from its config and weights.",
                    )
                )
            answer = self._session.ask("predict", _TWIN_SECONDS, [x], key=key)
        except BadReply:
            raise
        except StudentError as error:
            # No student code runs in there, so a clock or a crash is not the student's.
            raise EngineError(f"The rebuilding process failed: {error}") from error
        if "failed" in answer.header or len(answer.arrays) != 1:
            raise BadReply(
                Text(
                    es="El modelo no acepta entradas de la forma pedida.",
                    en="The model does not accept inputs of the shape asked for.",
                )
            )
        return answer.arrays[0]

    def close(self) -> None:
        """End the process."""
        if self._session is not None:
            self._session.close()


class Model:
    """A Keras model on the student's side."""

    def __init__(self, ref: Ref, notebook: LiveNotebook, twins: Twins) -> None:
        self.ref = ref
        self._notebook = notebook
        self._twins = twins
        self._described: Mapping[str, Any] = {}
        self.weights: list[np.ndarray] = []
        """Weights in Keras's order."""
        self.refresh()

    def refresh(self) -> None:
        """Read config and weights again, for instance after student code has trained the model.

        Raises:
            StudentError: the student's side could not describe it.
        """
        reply = self._notebook.ask("describe", ref=self.ref.id).value()
        if "raised" in reply:
            raise BadReply(Text(es="El modelo no se puede describir.", en="The model cannot be described."))
        weights = reply.get("weights")
        try:
            described = json.loads(reply["model"])
            if not isinstance(described, dict) or not isinstance(weights, list):
                raise ValueError
            if not all(isinstance(weight, np.ndarray) and weight.dtype.kind in "biuf" for weight in weights):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadReply(Text(es="El modelo no se puede leer.", en="The model cannot be read.")) from error
        self._described = described
        self.weights = weights
        for name in ("network", "compiled"):
            self.__dict__.pop(name, None)

    @property
    def config(self) -> Mapping[str, Any]:
        """Keras's config of the whole model, as data."""
        config = self._described.get("config")
        return config if isinstance(config, dict) else {}

    @cached_property
    def network(self) -> tuple[Node, ...]:
        """The layers in order; see `Node`.

        Raises:
            BadReply: a layer outside Keras's own, which cannot be judged from its config.
        """
        try:
            return read_network(self.config)
        except UnknownLayer as error:
            # Told only when the student's source holds that word: a class made while running could spell hidden inputs.
            named = f" ({error})" if self._notebook.mentions(str(error)) else ""
            raise BadReply(
                Text(
                    es=f"El modelo usa algo que no es una capa de Keras{named}, y así no se puede comprobar.",
                    en=f"The model uses something that is not one of Keras's layers{named}, so it cannot be checked.",
                )
            ) from error
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            raise BadReply(
                Text(
                    es="El modelo no es secuencial ni funcional, y así no se puede comprobar.",
                    en="The model is neither sequential nor functional, so it cannot be checked.",
                )
            ) from error

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
        """Shape of one input without the batch axis; `None` while the model does not know it."""
        return _without_batch(self._described.get("input_shape"))

    @property
    def output_shape(self) -> tuple[Any, ...] | None:
        """Shape of one output without the batch axis; `None` while the model does not know it."""
        return _without_batch(self._described.get("output_shape"))

    def count_params(self) -> int:
        """Number of weights, trained or not, counted from the arrays themselves."""
        return sum(weight.size for weight in self.weights)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Predictions (n, …) for `x` (n, …), computed from config and weights where no student code has been.

        Raises:
            BadReply: the model cannot be rebuilt, or the student's process answers otherwise than its config and weights say.
        """
        x = np.asarray(x)
        _ = self.network  # refuses what is outside the allow-list before anything is rebuilt
        predicted = self._twins.predict(portable(self.config), self.input_shape or x.shape[1:], self.weights, x)
        probe = x[:8]
        tree, arrays = pack([probe])
        told = self._notebook.ask("probe", arrays, ref=self.ref.id, args=tree).value().get("value")
        if not isinstance(told, np.ndarray) or told.shape != predicted[:8].shape or told.dtype.kind not in "fiu":
            raise BadReply(_disagrees())
        if not np.allclose(told, predicted[:8], rtol=1e-3, atol=1e-4, equal_nan=True):
            raise BadReply(_disagrees())
        return predicted

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


def _disagrees() -> Text:
    return Text(
        es="El modelo no calcula lo que dicen su configuración y sus pesos.",
        en="The model does not compute what its config and weights say.",
    )
