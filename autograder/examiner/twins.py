"""The trusted end of the second walled process, in which students' models are rebuilt from config and weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import BadReply, EngineError, KernelDied, StudentError
from autograder.kernel.control import epitaph
from autograder.kernel.session import Answer, Session
from autograder.text import Text

_TWIN_SECONDS = 120.0


@dataclass(frozen=True)
class Tensor:
    """What goes into or comes out of a network, by a rebuilt twin's account."""

    shape: tuple[int | None, ...]
    """With the batch axis; `None` for a length that is left open."""
    dtype: str


@dataclass(frozen=True)
class Rebuilt:
    """A network made of config and weights alone, so that its shapes are no claim of the student's side."""

    key: str
    """Names it to the process that holds it."""
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


class Twins:
    """The second walled process, started when the first model has to be rebuilt."""

    def __init__(self, start: Callable[[], Session]) -> None:
        self._start = start
        self._session: Session | None = None

    def rebuild(self, config: Any, input_shape: tuple[Any, ...], weights: list[np.ndarray]) -> Rebuilt:
        """The network that `config` and `weights` describe.

        Args:
            config: made portable, and read against the allow-list before.
            input_shape: of one sample; used only where the config names no input.

        Raises:
            BadReply: they describe no working network.
            EngineError: the process failed for another reason.
        """
        if self._session is None or not self._session.alive:
            self.close()
            self._session = self._start()
        # One network is rebuilt once, however often its weights change.
        key = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()
        built = self._ask("rebuild", weights, key=key, config=config, input_shape=list(input_shape)).header
        if "failed" in built:
            raise BadReply(_not_rebuilt())
        return Rebuilt(key, *(tuple(Tensor(tuple(s), d) for s, d in built[end]) for end in ("inputs", "outputs")))

    def predict(self, twin: Rebuilt, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Predictions (n, …) of the network as it was last rebuilt, for `x` (n, …).

        Raises:
            BadReply: it takes no such input, or has several outputs.
            EngineError: the process failed for another reason.
        """
        outputs = self.outputs(twin, [x], training=training)
        if len(outputs) != 1:
            raise BadReply(_other_shape())
        return outputs[0]

    def outputs(self, twin: Rebuilt, inputs: list[np.ndarray], *, training: bool = False) -> list[np.ndarray]:
        """What each output gives for one array per input; raises as `predict` does."""
        answer = self._ask("predict", inputs, key=twin.key, training=training)
        if "failed" in answer.header:
            raise BadReply(_other_shape())
        return answer.arrays

    def after_pass(self, twin: Rebuilt, x: np.ndarray) -> list[np.ndarray]:
        """The weights after one pass over `x` in training mode, without a step: what only passing data moves has moved.

        Raises:
            BadReply: it takes no such input.
            EngineError: the process failed for another reason.
        """
        answer = self._ask("after_pass", [x], key=twin.key)
        if "failed" in answer.header:
            raise BadReply(_other_shape())
        return answer.arrays

    def close(self) -> None:
        """End the process."""
        if self._session is not None:
            self._session.close()

    def _ask(self, op: str, arrays: list[np.ndarray], **fields: Any) -> Answer:
        assert self._session is not None
        try:
            return self._session.ask(op, _TWIN_SECONDS, arrays, **fields)
        except BadReply:
            raise
        except KernelDied as error:
            if error.text == epitaph({"why": "memory"}):
                # All that it holds is the network described.
                raise BadReply(_not_rebuilt()) from error
            raise EngineError(f"The rebuilding process failed: {error}") from error
        except StudentError as error:
            # No student code runs in there, so a clock is not the student's.
            raise EngineError(f"The rebuilding process failed: {error}") from error


def _not_rebuilt() -> Text:
    return Text(
        es="El modelo no se puede reconstruir a partir de su configuración y sus pesos.",
        en="The model cannot be rebuilt from its config and weights.",
    )


def _other_shape() -> Text:
    return Text(
        es="El modelo no acepta entradas de la forma pedida.",
        en="The model does not accept inputs of the shape asked for.",
    )
