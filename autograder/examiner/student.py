"""What a hidden grader sees of a submission: the `student` fixture."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograder.errors import BadReply, Missing, NotDone, Raised, StudentError
from autograder.examiner.model import Model
from autograder.examiner.notebook import LiveNotebook, exception_name
from autograder.examiner.syntax import reachable_functions
from autograder.examiner.twins import Twins
from autograder.kernel.session import Answer
from autograder.kernel.values import HistoryData, Opaque, Ref, pack
from autograder.records import CellRun, Role
from autograder.text import Text


@dataclass(frozen=True)
class Call:
    """One observed call of a student's function."""

    value: Any
    """What it returned; `None` when it raised."""
    asked: Callable[[], tuple[Any, ...]]
    """Fetches `arguments`: they can be large, and few graders look at them."""
    warnings: tuple[str, ...]
    """Class names of the warnings it caused."""
    seconds: float
    exceptions: tuple[str, ...]
    """Class names of what it raised and its bases, most specific first; empty when it returned."""

    @cached_property
    def arguments(self) -> tuple[Any, ...]:
        """The positional arguments as the call left them; to be read before the next call.

        Raises:
            TimedOut, KernelDied, BadReply: they could not be had.
        """
        return self.asked()


class Student:
    """The student's functions, models and outputs, as plain data.

    Every method raises a `StudentError` when the student's side fails; graders let it pass through.
    """

    def __init__(self, notebook: LiveNotebook, runs: Sequence[CellRun], twins: Twins) -> None:
        self._notebook = notebook
        self._runs = runs
        self._twins = twins
        self._remarks: list[Text] = []

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What the student's function `name` returns.

        Raises:
            Missing, NotDone, Raised, TimedOut, KernelDied, BadReply: it did not return.
        """
        return self._wrap(self._returned(name, args, kwargs))

    def _returned(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        reply = self._ask("call", name, args, kwargs).value()
        self._raise_if_raised(name, reply)
        return reply.get("value")

    def observe(self, name: str, *args: Any, **kwargs: Any) -> Call:
        """The call with everything around it; an exception is recorded rather than raised.

        Raises:
            Missing, NotDone, TimedOut, KernelDied, BadReply: there is nothing to observe.
        """
        answer = self._ask("call", name, args, kwargs, observe=True)
        reply = answer.value()
        raised = reply.get("raised")
        exceptions: tuple[str, ...] = ()
        if raised is not None:
            try:
                self._raise_if_raised(name, reply)
            except Raised as error:
                exceptions = error.exceptions
        return Call(
            value=self._wrap(reply.get("value")),
            asked=self._arguments,
            warnings=_names(reply.get("warnings")),
            # The student's side could claim any time, so ours counts.
            seconds=answer.seconds,
            exceptions=exceptions,
        )

    def _arguments(self) -> tuple[Any, ...]:
        told = self._notebook.ask("arguments").value().get("arguments")
        return tuple(self._wrap(item) for item in _list(told))

    def value(self, name: str) -> Any:
        """The notebook's variable `name`."""
        answer = self._notebook.ask("value", name=name)
        self._raise_if_missing(name, answer)
        reply = answer.value()
        self._raise_if_raised(name, reply)
        return self._wrap(reply.get("value"))

    def tree(self, name: str) -> tuple[ast.FunctionDef, ...]:
        """Syntax trees of the function `name` and of the notebook's helpers that it calls, directly or not."""
        return reachable_functions(name, [run.cell.source for run in self._runs if run.cell.role is not Role.TEXT])

    def model(self, name: str, *args: Any, **kwargs: Any) -> Model:
        """The Keras model that the student's builder `name` returns.

        Raises:
            BadReply: it returned something else, or a model that does not do what its config says.
        """
        return self._model(name, self.call(name, *args, **kwargs))

    def custom_model(self, name: str, *args: Any, **kwargs: Any) -> Model:
        """As `model`, for tasks that allow layers of the student's own: `Lambda`, subclasses of `Layer` or `Model`.

        Such a network cannot be rebuilt, so `network` refuses it and `predict` gives what the student's process answers: to
        inputs whose labels it never saw, which the grader judges. The check's message then says so. A network of Keras's own
        layers is treated as ever.

        Raises:
            BadReply: it returned no Keras model.
        """
        value = self._wrap(self._returned(name, args, kwargs), own_layers=True)
        return self._model(name, value)

    @staticmethod
    def _model(name: str, value: Any) -> Model:
        if not isinstance(value, Model):
            raise BadReply(
                Text(
                    es=f"`{name}` tiene que devolver un modelo de Keras.",
                    en=f"`{name}` has to return a Keras model.",
                )
            )
        return value

    def keras_model(
        self,
        input_shape: tuple[int, ...],
        layers: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        compile: Mapping[str, Any] | None = None,
        weights: Sequence[np.ndarray] | None = None,
    ) -> Model:
        """A real Keras model of the grader's design, built in the student's process to be passed to their functions."""
        spec = {
            "input_shape": tuple(input_shape),
            "layers": [(kind, dict(options)) for kind, options in layers],
            "compile": dict(compile) if compile is not None else None,
            "weights": list(weights) if weights is not None else None,
        }
        tree, arrays = pack(spec)
        reply = self._notebook.ask("build", arrays, spec=tree).value()
        value = self._wrap(reply.get("value"))
        if not isinstance(value, Model):
            raise BadReply(_no_model())
        return value

    def history(self, history: Mapping[str, Sequence[float]]) -> HistoryData:
        """A real `keras.callbacks.History` with these curves, to pass to student functions."""
        tree, arrays = pack({key: [float(item) for item in items] for key, items in history.items()})
        value = self._notebook.ask("history", arrays, history=tree).value().get("value")
        if not isinstance(value, HistoryData):
            raise BadReply(_no_model())
        return value

    def helper(self, source: str, name: str) -> Opaque:
        """Run `source` in the student's process, in a namespace of its own, and give a handle on what it defines as `name`.

        For what student functions take beyond data: an objective to maximise, a builder of models. Student code can read the
        source, so it holds nothing secret, and what it reports is the student side's claim. A handle lasts for one check.

        Raises:
            BadReply: it does not run there, or defines something else than a function or class.
        """
        reply = self._notebook.ask("helper", source=source, name=name).value()
        if not isinstance(value := reply.get("value"), Opaque) or value.ref is None:
            raise BadReply(_no_helper())
        return value

    def apply(self, function: Opaque, *args: Any, **kwargs: Any) -> Any:
        """What the function behind a handle returns; see `helper`.

        Raises:
            Raised, TimedOut, KernelDied, BadReply: it did not return.
        """
        if function.ref is None:
            raise BadReply(_no_helper())
        (arg_tree, kwarg_tree), arrays = _pack_call(args, kwargs)
        answer = self._notebook.ask("apply", arrays, ref=function.ref.id, args=arg_tree, kwargs=kwarg_tree)
        reply = answer.value()
        self._raise_if_raised(None, reply)
        return self._wrap(reply.get("value"))

    def reseed(self, seed: int) -> None:
        """Seed Python, NumPy and Keras in the student's process."""
        self._notebook.ask("reseed", seed=seed)

    def cell_output(self, task: str) -> str:
        """The text that the task's cells printed when the notebook was run."""
        return "".join(
            output.data
            for run in self._runs
            if run.cell.task == task
            for output in run.outputs
            if output.mime in ("stream/stdout", "text/plain")
        )

    def figures(self) -> dict[str, int]:
        """Number of figures that each cell drew, by cell id."""
        counts = {run.cell.id: sum(o.mime.startswith("image/") for o in run.outputs) for run in self._runs}
        return {cell: count for cell, count in counts.items() if count}

    def _ask(self, op: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], **fields: Any) -> Answer:
        (arg_tree, kwarg_tree), arrays = _pack_call(args, kwargs)
        answer = self._notebook.ask(op, arrays, name=name, args=arg_tree, kwargs=kwarg_tree, **fields)
        self._raise_if_missing(name, answer)
        return answer

    @staticmethod
    def _raise_if_missing(name: str, answer: Answer) -> None:
        # The name is the one that was asked for: what the reply says there could quote hidden inputs.
        if "missing" in answer.header:
            raise Missing(
                Text(
                    es=f"Tu cuaderno no define `{name}`: ¿se ha borrado la celda, o falló antes de llegar a ella?",
                    en=f"Your notebook does not define `{name}`: was the cell deleted, or did it fail before that?",
                )
            )

    def _raise_if_raised(self, name: str | None, reply: Mapping[str, Any]) -> None:
        """Tell what `name` raised; `None` when the code has no name of its own, being reached through a handle."""
        who = Text(es=f"`{name}`", en=f"`{name}`") if name else Text(es="Tu código", en="Your code")
        raised = reply.get("raised")
        if raised is None:
            return
        if not isinstance(raised, dict):
            raise BadReply(Text(es="respuesta ilegible", en="unreadable reply"))
        types = _names(raised.get("types"))
        if "NotImplementedError" in types:
            raise NotDone(
                Text(
                    es=f"{who.es} está por hacer: la celda aún lanza NotImplementedError, o llama a otra que lo hace.",
                    en=f"{who.en} is still to do: the cell raises NotImplementedError, or calls another one that does.",
                )
            )
        told = exception_name(types)
        line = self._notebook.source_line(raised.get("place"))
        where = Text(es=f" en la línea «{line}»", en=f' in the line "{line}"') if line else Text("", "")
        raise Raised(
            Text(
                es=f"{who.es} lanzó {told.es}{where.es}.",
                en=f"{who.en} raised {told.en}{where.en}.",
            ),
            types,
        )

    def remarked(self) -> tuple[Text, ...]:
        """What a student has to know of how they were judged since this was last called; for the plugin, after every check."""
        found = tuple(dict.fromkeys(self._remarks))
        self._remarks.clear()
        return found

    def _wrap(self, value: Any, *, own_layers: bool = False) -> Any:
        """Plain data with model references replaced by `Model`."""
        if isinstance(value, Ref) and value.kind == "model":
            return Model(value, self._notebook, self._twins, own_layers=own_layers, note=self._remarks.append)
        if isinstance(value, list | tuple):
            return type(value)(self._wrap(item) for item in value)
        if type(value) is dict:
            return {key: self._wrap(item) for key, item in value.items()}
        return value


def _pack_call(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], list[np.ndarray]]:
    tree, arrays = pack([[_unwrap(item) for item in args], {key: _unwrap(item) for key, item in kwargs.items()}])
    return tree, arrays


def _unwrap(value: Any) -> Any:
    if isinstance(value, Model | HistoryData):
        return value.ref
    if isinstance(value, Opaque) and value.ref is not None:
        return value.ref
    return value


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _names(value: Any) -> tuple[str, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str))


def _no_helper() -> Text:
    return Text(
        es="el cuaderno ha cambiado Python o sus bibliotecas de forma que ya no se pueden usar",
        en="the notebook has changed Python or its libraries so that they can no longer be used",
    )


def _no_model() -> Text:
    return Text(
        es="el cuaderno ha cambiado Keras de forma que ya no se puede usar",
        en="the notebook has changed Keras so that it can no longer be used",
    )


__all__ = ["Call", "Student", "StudentError"]
