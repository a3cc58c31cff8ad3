"""Public checks: the author's test functions become otter test files, and one cell that makes them work anywhere."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from autograder.authoring.source import SourceCell
from autograder.authoring.translation import title, translate
from autograder.text import Language, Text

_NOT_RUN = Text(
    es="`{name}` aún no existe: ejecuta antes la celda que lo define.",
    en="`{name}` does not exist yet: run the cell that defines it first.",
)
_HEADING = Text(es="Comprobaciones: ejecuta esta celda", en="Checks: run this cell")
_ABOUT = Text(
    es="Prepara las comprobaciones públicas (otter-grader). No envía nada a ningún sitio.",
    en="Sets up the public checks (otter-grader). Nothing is sent anywhere.",
)
_NO_OTTER = Text(
    es="Sin otter-grader no hay comprobaciones. Instálalo con: %pip install otter-grader "
    "y vuelve a ejecutar esta celda.",
    en="There are no checks without otter-grader. Install it with: %pip install otter-grader and run this cell again.",
)
_UNAVAILABLE = Text(
    es="Comprobaciones no disponibles: instala otter-grader y ejecuta la primera celda.",
    en="Checks unavailable: install otter-grader and run the first cell.",
)

# Three habits of otter 7 are worked around here. It refuses tests in the notebook's metadata on Colab and cannot find
# them when the file was renamed: so they are written to a temporary folder. It reads test files in the machine's own
# encoding: so they are written in it. It keeps a log of all answers beside the notebook: so that is switched off.
_CELL = '''\
# @title {heading}
# {about}
def _public_checks(tests):
    import tempfile
    from pathlib import Path

    try:
        import otter
    except ImportError:
        print("{no_otter}")

        class Unavailable:
            def check(self, task):
                print("{unavailable}")

        return Unavailable()

    class Checks(otter.Notebook):
        def _log_event(self, *args, **kwargs):
            """{quiet}"""

    folder = Path(tempfile.mkdtemp())
    for task, source in tests.items():
        (folder / f"{{task}}.py").write_text(source, errors="replace")
    return Checks(tests_dir=str(folder))


grader = _public_checks({{
{tests}
}})'''
_QUIET = Text(es="Sin archivo de registro.", en="No log file.")


def otter_test(cell: SourceCell, language: Language) -> str:
    """The otter test file of a check cell, in `language`.

    Raises:
        CourseError: the cell holds anything but imports and `test_…` functions, each with a docstring in both
            languages and parameters without defaults.
    """
    source = translate(cell, cell.source, language)
    lines = source.split("\n")
    functions = _functions(cell, source)
    for function in reversed(functions):
        body = function.body[1:]
        docstring = function.body[0]
        sentence = title(cell, function).to(language)
        indentation = " " * docstring.col_offset
        guards = [
            f"{indentation}assert {name} is not None, {_NOT_RUN.to(language).format(name=name)!r}"
            for name in (argument.arg for argument in function.args.args)
        ]
        assert docstring.end_lineno is not None
        if not body or body[0].lineno == docstring.end_lineno:
            raise cell.error(f"{function.name} asserts nothing below its docstring.", function.lineno)
        lines[docstring.lineno - 1 : docstring.end_lineno] = guards
        lines.insert(function.lineno - 1, f"@test_case(name={sentence!r})")
    code = "\n".join(lines).strip("\n")
    return f'from otter.test_files import test_case\n\nOK_FORMAT = False\n\nname = "{cell.task}"\n\n\n{code}\n'


def setup_source(tests: Mapping[str, str], language: Language) -> str:
    """The generated cell that defines `grader`; it works offline, renamed, on Colab, and says so without otter."""
    entries = []
    for task, source in tests.items():
        text = source.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")
        entries.append(f"    \"{task}\": '''\\\n{text}''',")
    return _CELL.format(
        heading=_HEADING.to(language),
        about=_ABOUT.to(language),
        no_otter=_NO_OTTER.to(language),
        unavailable=_UNAVAILABLE.to(language),
        quiet=_QUIET.to(language),
        tests="\n".join(entries),
    )


def _functions(cell: SourceCell, source: str) -> list[ast.FunctionDef]:
    functions = []
    for node in cell.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            functions.append(node)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            raise cell.error(
                "a check cell holds imports and functions named test_…, nothing else; put helpers inside them.",
                node.lineno,
            )
    if not functions:
        raise cell.error(f"the check of task {cell.task} tests nothing; write `def test_…({cell.task}):`.")
    seen: set[str] = set()
    for function in functions:
        arguments = function.args
        # otter passes variables of the notebook by name, also where a default is given.
        if arguments.defaults or arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
            raise cell.error(
                f"{function.name} takes names of the notebook's variables, without defaults.", function.lineno
            )
        if function.decorator_list:
            raise cell.error(f"{function.name} needs no decorator; otter's is added.", function.lineno)
        if function.name in seen:
            raise cell.error(f"two tests are called {function.name}; rename one.", function.lineno)
        seen.add(function.name)
    return functions
