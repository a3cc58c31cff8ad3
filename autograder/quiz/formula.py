"""Formulas of a bank: Jinja2 expressions in its sandbox, over the drawn numbers and NumPy's functions.

Jinja2's expressions are Python's but for two things that would turn a sum wrong unnoticed: there `-x ** 2` is `(-x) ** 2`, and
`2 ** 3 ** 2` is `(2 ** 3) ** 2`. Both are read here as everywhere else in mathematics.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from typing import TYPE_CHECKING, Any

from autograder.errors import CourseError
from autograder.quiz.source import Place
from autograder.text import near

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment


@dataclass(frozen=True)
class Fixed:
    """A number that is written with so many decimals."""

    value: float
    decimals: int


@dataclass(frozen=True)
class Plain:
    """A value that is written as Python literal, whatever the language."""

    literal: str


class Failed(Exception):
    """A formula gave no value for these numbers; `str()` says why."""


@dataclass(frozen=True)
class Formula:
    """One expression."""

    source: str
    place: Place
    names: frozenset[str]
    """The parameters it reads."""

    def value(self, scope: Mapping[str, Any]) -> Any:
        """Its value where parameters are as in `scope`; may be infinite or no number at all.

        Raises:
            Failed: there is none.
        """
        return self._program.run(scope)["result"]

    @cached_property
    def _program(self) -> Program:
        return Program({"result": self})


class Program:
    """Formulas that are computed together, each from the parameters and from those before it.

    Setting Jinja2 up takes longer than most formulas do, and every bank is computed thousands of times.
    """

    def __init__(self, formulas: Mapping[str, Formula]) -> None:
        from jinja2 import nodes

        body: list[nodes.Node] = []
        for name, formula in formulas.items():
            expression = _parsed(formula.source)
            expression.set_environment(_environment())
            body.append(nodes.Assign(nodes.Name(name, "store"), expression, lineno=1))
        self._names = tuple(formulas)
        self._template: Template = _environment().from_string(nodes.Template(body, lineno=1))

    def run(self, scope: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values by name, where parameters are as in `scope`.

        Raises:
            Failed: one of them has none.
        """
        import numpy as np
        from jinja2 import Undefined

        # Shared, since otherwise the globals are copied each time.
        context = self._template.new_context({**FUNCTIONS, **scope}, shared=True)
        try:
            # What a logarithm of 0 gives is judged by whoever uses the value; `where` may well drop it.
            with np.errstate(all="ignore"):
                deque(self._template.root_render_func(context), maxlen=0)
        except Exception as error:
            raise Failed(f"{type(error).__name__}: {error}") from error
        for name in self._names:
            # What an index out of range gives is no error yet, and would be one wherever it is used.
            if isinstance(value := context.vars[name], Undefined):
                raise Failed(value._undefined_message)
        return context.vars


def parse(source: str, place: Place, known: Iterable[str] = ()) -> Formula:
    """`source` as a formula over the names in `known`.

    Raises:
        CourseError: it does not parse, uses what formulas do not have, or reads a name that does not exist.
    """
    from jinja2 import TemplateSyntaxError, nodes

    try:
        expression = _parsed(source)
    except TemplateSyntaxError as error:
        raise place.error(f"the formula {source!r} does not parse: {error.message}.") from error
    allowed = _allowed()
    for node in (expression, *expression.find_all(nodes.Node)):
        if type(node) not in allowed:
            raise place.error(f"the formula {source!r} uses {_named(node)}; formulas have names, numbers, operators, "
                              "indices, `a if c else b` and the functions of docs/quiz.md.")  # fmt: skip
        if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS):
            called = node.node.name if isinstance(node.node, nodes.Name) else "something that is no function"
            raise place.error(f"the formula {source!r} calls {called}; {near(called, sorted(FUNCTIONS))}")
        if isinstance(node, nodes.CondExpr) and node.expr2 is None:
            raise place.error(f"the formula {source!r} has an `if` without `else`; say what holds otherwise.")
    names = {node.name for node in (expression, *expression.find_all(nodes.Name)) if isinstance(node, nodes.Name)}
    known = frozenset(known)
    for name in sorted(names - FUNCTIONS.keys() - known):
        raise place.error(f"the formula {source!r} reads {name!r}, which is not there; {near(name, sorted(known))}")
    return Formula(source, place, frozenset(names & known))


def _parsed(source: str) -> nodes.Expr:
    from jinja2 import TemplateSyntaxError

    # The line of a sentence in YAML is told; that of the formula within it is always 1.
    parser = _parser()(_environment(), source.strip(), state="variable")
    expression: nodes.Expr = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError(f"unexpected {parser.stream.current.value!r}", 1)
    return expression


def check_name(name: str, place: Place) -> None:
    """Return when a parameter may be called `name`.

    Raises:
        CourseError: it is a word of the language or a function, or has other letters than a-z, 0-9 and _.
    """
    if not (name.isascii() and name.isidentifier()) or name.startswith("_") or name in _RESERVED:
        raise place.error(f"{name!r} cannot name a parameter; use letters, digits and _, beginning with a letter.")
    if name in FUNCTIONS:
        raise place.error(f"{name!r} is a function of formulas; call the parameter something else.")


_RESERVED = frozenset({"and", "or", "not", "if", "else", "in", "is", "true", "false", "none", "True", "False", "None"})


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class Calling(SandboxedEnvironment):
        """Calls without a look at what is called: `parse` lets through the functions of `FUNCTIONS` only."""

        def call(self, context: Any, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
            return function(*arguments, **keywords)

    environment = Calling(undefined=StrictUndefined)
    environment.globals.clear()
    environment.globals.update(FUNCTIONS)
    environment.filters.clear()
    environment.tests.clear()
    return environment


@cache
def _parser() -> Any:
    from jinja2 import nodes
    from jinja2.parser import Parser

    class Mathematical(Parser):
        """Powers bind tighter than signs, and from the right."""

        def parse_pow(self) -> nodes.Expr:
            token = self.stream.current
            if token.type in ("sub", "add"):
                next(self.stream)
                sign = nodes.Neg if token.type == "sub" else nodes.Pos
                return sign(self.parse_pow(), lineno=token.lineno)
            base = self.parse_unary()
            if self.stream.current.type != "pow":
                return base
            next(self.stream)
            return nodes.Pow(base, self.parse_pow(), lineno=token.lineno)

    return Mathematical


@cache
def _allowed() -> frozenset[type]:
    from jinja2 import nodes

    operators = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos)
    logic = (nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr)
    values = (nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Keyword)
    return frozenset({*operators, *logic, *values})


def _named(node: Any) -> str:
    name = type(node).__name__.lower()
    if name == "getattr":
        return f"the attribute .{node.attr}"
    return {"filter": f"the filter |{getattr(node, 'name', '')}", "concat": "the operator ~"}.get(name, f"a {name}")


# --- functions -------------------------------------------------------------------------------------------------------


def _numpy(name: str) -> Callable[..., Any]:
    @cache
    def function() -> Callable[..., Any]:
        import numpy as np

        found: Callable[..., Any] = getattr(np.linalg if name == "norm" else np, name)
        return found

    return lambda *arguments, **keywords: function()(*arguments, **keywords)


def _several(name: str, pairwise: str) -> Callable[..., Any]:
    """`min(y)` of a list, and `min(a, b)` of some, element by element."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        import numpy as np

        if len(arguments) == 1:
            return getattr(np, name)(arguments[0], **keywords)
        return reduce(getattr(np, pairwise), arguments)

    return call


def _sigmoid(z: Any) -> Any:
    import numpy as np

    # Halved and through tanh, since exp(-z) overflows for large negative z.
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z, dtype=float)))[()]


def _shape(x: Any) -> tuple[int, ...]:
    import numpy as np

    return tuple(int(size) for size in np.shape(x))


def _fixed(x: Any, decimals: int) -> Fixed:
    return Fixed(float(x), int(decimals))


def _plain(x: Any) -> Plain:
    return Plain(repr(as_python(x)))


def as_python(x: Any) -> Any:
    """`x` without NumPy: numbers, strings and nested lists."""
    import numpy as np

    if isinstance(x, np.ndarray | np.generic):
        return x.tolist()
    if isinstance(x, list | tuple):
        return type(x)(as_python(each) for each in x)
    return x


_PLAIN_NUMPY = (
    *("abs", "round", "sum", "mean", "var", "std", "sqrt", "exp", "log", "log2", "tanh", "floor", "ceil", "array"),
    *("matmul", "dot", "transpose", "prod", "argmin", "argmax", "sort", "cumsum", "clip", "where", "norm"),
)
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _numpy(name) for name in _PLAIN_NUMPY},
    "min": _several("min", "minimum"),
    "max": _several("max", "maximum"),
    "len": len,
    "shape": _shape,
    "sigmoid": _sigmoid,
    "fixed": _fixed,
    "plain": _plain,
}
"""What formulas may call, by name."""


def finite(value: Any) -> float:
    """`value` as a finite number.

    Raises:
        Failed: it is none.
    """
    import numpy as np

    if isinstance(value, float | int) and math.isfinite(value):
        return float(value)
    value = value.value if isinstance(value, Fixed) else value
    array = np.asarray(value) if not isinstance(value, Plain | str) else np.asarray("")
    if array.ndim or array.dtype.kind not in "biuf" or not np.isfinite(array):
        raise Failed(f"it gives {str(as_python(value))[:60]}, which is no finite number")
    return float(array)


def fault(formula: Formula, seed: int, why: Exception) -> CourseError:
    """What to tell the author of `formula`, which failed for `seed`."""
    return formula.place.error(f"with seed {seed}, the formula {formula.source!r} fails: {why}.")
