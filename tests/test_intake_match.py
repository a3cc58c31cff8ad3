"""Laying students' notebooks over the released one: lost ids, moved work, edits where none should be."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.authoring import Template, read_template
from autograder.course import Assignment, Limits, Settings
from autograder.errors import SubmissionRejected
from autograder.intake import Prepared, identify, prepare, read
from autograder.intake.source import clean
from autograder.intake.syntax import MAX_PARSED, Reader, meaning
from autograder.records import Cell, Role

from .intake_mutations import NOTEBOOK

MSE = "def mse(a, b):\n    return 0"
TWICE = "def twice(a):\n    return a + a"


def template_of(root: Path, name: str, first: str, second: str) -> Template:
    folder = root / name
    folder.mkdir()
    (folder / "notebook.py").write_text(NOTEBOOK.format(first=first, second=second), encoding="utf-8")
    return read_template(Assignment(name, folder, Settings(), Limits()), "en")


@pytest.fixture(scope="session")
def templates(tmp_path_factory) -> tuple[Template, ...]:
    root = tmp_path_factory.mktemp("solutions")
    return template_of(root, "01_mse", "mse", "twice"), template_of(root, "02_mae", "mae", "half")


@pytest.fixture(scope="session")
def template(templates) -> Template:
    return templates[0]


@pytest.fixture
def released(template) -> dict[str, Any]:
    """The released notebook with both tasks done, as JSON."""
    return json.loads(json.dumps(template.notebook({"mse": MSE, "twice": TWICE})))


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, **more}


def at(notebook: dict[str, Any], id: str) -> int:
    return next(index for index, cell in enumerate(notebook["cells"]) if cell.get("id") == id)


def cell_of(notebook: dict[str, Any], id: str) -> dict[str, Any]:
    return notebook["cells"][at(notebook, id)]


def forget(notebook: dict[str, Any], ids: str = "random") -> None:
    """As an editor that keeps neither ids nor metadata."""
    del notebook["metadata"]["autograder"]
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"aB3_{number}", "outputId": "x"} if ids == "colab" else {}
        if ids == "random":
            cell["id"] = f"0f{number:06x}"


def prepared(notebook: dict[str, Any], template: Template) -> Prepared:
    document = read(json.dumps(notebook).encode())
    return prepare(document, template)


def ids(found: Prepared) -> list[str]:
    return [cell.id for cell in found.cells]


def source(found: Prepared, id: str) -> str:
    return next(cell.source for cell in found.cells if cell.id == id)


def run(found: Prepared) -> list[str]:
    """Sources of what is run, in order, without the cells that the author wrote."""
    return [cell.source for cell in found.cells if cell.role in (Role.TASK, Role.EXTRA)]


def told(found: Prepared) -> list[str]:
    assert all(text.es and text.es != text.en for text in found.repairs)
    return [text.en for text in found.repairs]


# --- nothing wrong -------------------------------------------------------------------------------------------------


def test_a_proper_notebook_needs_no_repair(released, template):
    found = prepared(released, template)
    assert ids(found) == [cell.id for cell in template.cells]
    assert (source(found, "mse-answer"), source(found, "twice-answer")) == (MSE, TWICE)
    assert found.repairs == ()


def test_the_untouched_notebook_is_the_template(template):
    found = prepared(json.loads(json.dumps(template.notebook())), template)
    assert found == Prepared(template.cells, ())


@pytest.mark.parametrize("how", ["random", "colab", "none"])
def test_a_notebook_without_any_id_is_matched_by_what_it_holds(released, template, how):
    forget(released, how)
    found = prepared(released, template)
    assert ids(found) == [cell.id for cell in template.cells]
    assert run(found) == [MSE, TWICE]
    assert found.repairs == ()


@pytest.mark.parametrize("kept", ["nbgrader", "autograder"])
def test_metadata_alone_is_enough(released, template, kept):
    for number, cell in enumerate(released["cells"]):
        cell["id"] = f"x{number}"
        cell["metadata"] = {kept: cell["metadata"][kept]}
    released["cells"][at(released, "x3")]["source"] = "mse = max"
    found = prepared(released, template)
    assert run(found) == ["mse = max", TWICE]
    assert found.repairs == ()


def test_an_untouched_stub_without_id_stays_a_stub(template):
    notebook = json.loads(json.dumps(template.notebook({"twice": TWICE})))
    forget(notebook)
    found = prepared(notebook, template)
    assert "NotImplementedError" in source(found, "mse-answer")
    assert found.repairs == ()


def test_a_stub_with_another_docstring_is_still_the_stub(template):
    notebook = json.loads(json.dumps(template.notebook({"twice": TWICE})))
    forget(notebook)
    index = next(i for i, cell in enumerate(notebook["cells"]) if "Mean squared" in cell["source"])
    notebook["cells"][index]["source"] = notebook["cells"][index]["source"].replace("Mean squared error", "ECM")
    found = prepared(notebook, template)
    assert "ECM" in source(found, "mse-answer")
    assert found.repairs == ()


# --- locked cells --------------------------------------------------------------------------------------------------


def test_edits_of_locked_cells_are_undone_and_told(released, template):
    cell_of(released, "setup-1")["source"] = "import numpy as np\nnp.mean = max"
    cell_of(released, "mse-check")["source"] = "pass"
    found = prepared(released, template)
    assert source(found, "setup-1") == "import numpy as np"
    assert told(found) == ["Cells 3, 5: locked cell with changes; the original was used."]


def test_reformatting_a_locked_cell_is_no_edit(released, template):
    cell_of(released, "demo-1")["source"] = "print(\n    mse([1, 2],  [2, 1])\n)  # plot\n\n"
    cell_of(released, "setup-1")["source"] = "import numpy as np   \r\n"
    assert prepared(released, template).repairs == ()


def test_edits_of_text_cells_are_of_no_account(released, template):
    cell_of(released, "text-1")["source"] = "# My notes"
    assert prepared(released, template).repairs == ()


def test_missing_locked_cells_are_put_back(released, template):
    del released["cells"][at(released, "setup-1")], released["cells"][at(released, "demo-1")]
    found = prepared(released, template)
    assert ids(found) == [cell.id for cell in template.cells]
    assert told(found) == ["Locked cells of the original notebook were missing; they were put back."]


def test_a_copy_of_a_locked_cell_is_no_extra(released, template):
    released["cells"].append(code("import numpy as np  \n", id="copy"))
    released["cells"].append(dict(cell_of(released, "demo-1")))
    assert ids(prepared(released, template)) == [cell.id for cell in template.cells]


def test_work_written_into_a_locked_cell_is_still_found(released, template):
    cell_of(released, "mse-answer")["source"] = template.cells[3].source
    cell_of(released, "mse-check")["source"] = f"{MSE}\n"
    found = prepared(released, template)
    assert source(found, "mse-check") == 'grader.check("mse")'
    assert [cell.id for cell in found.cells if cell.source.startswith(MSE)] == ["mse-answer"]
    assert ids(found).index("mse-answer") == ids(found).index("mse-check") + 1
    assert len(told(found)) == 2


def test_reordered_cells_run_in_the_templates_order(released, template):
    released["cells"].reverse()
    assert prepared(released, template).cells == prepared(released | {"cells": released["cells"][::-1]}, template).cells


# --- extra cells ---------------------------------------------------------------------------------------------------


def test_extra_code_keeps_its_place_and_the_rest_is_dropped(released, template):
    released["cells"].insert(0, code("zero = 0"))
    released["cells"].insert(at(released, "mse-answer"), code("before = 1"))
    released["cells"].insert(at(released, "mse-answer") + 1, code("after = 2"))
    released["cells"].append({"cell_type": "markdown", "source": "my thoughts", "metadata": {}})
    released["cells"].append(code("  \n"))
    found = prepared(released, template)
    assert ids(found)[0] == "extra-1"
    assert run(found) == ["zero = 0", "before = 1", MSE, "after = 2", TWICE]
    assert [cell.id for cell in found.cells if cell.role is Role.EXTRA] == ["extra-1", "extra-2", "extra-3"]
    assert found.repairs == ()


def test_made_up_ids_avoid_those_of_the_template(released, template):
    taken = replace(template, cells=(*template.cells, Cell("extra-1", Role.DEMO, "pass")))
    released["cells"].append(code("x = 1"))
    assert [cell.id for cell in prepared(released, taken).cells if cell.role is Role.EXTRA] == ["extra-2"]


def test_code_in_what_was_a_text_cell_is_kept(released, template):
    cell_of(released, "text-1").update(cell_type="code", source="import math")
    assert "import math" in run(prepared(released, template))


# --- tasks in odd places -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["deleted", "emptied", "prose"])
def test_a_task_without_its_cell_gets_the_stub_back(released, template, change):
    cell = cell_of(released, "mse-answer")
    if change == "deleted":
        released["cells"].remove(cell)
    elif change == "emptied":
        cell["source"] = "\n"
    else:
        cell.update(cell_type="markdown", source="I could not do this.")
    found = prepared(released, template)
    assert "NotImplementedError" in source(found, "mse-answer")
    assert told(found) == ["The cell of mse was missing or empty; the original, not filled in, was put there."]


def test_a_stub_gives_way_to_the_function_in_another_cell(template):
    notebook = json.loads(json.dumps(template.notebook({"twice": TWICE})))
    notebook["cells"].insert(at(notebook, "mse-answer") + 1, code(MSE))
    found = prepared(notebook, template)
    assert ids(found) == [cell.id for cell in template.cells]
    assert run(found) == [MSE, TWICE]
    assert told(found) == ["The function mse was in another cell; its own cell, not filled in, was left out."]


def test_a_function_far_from_its_cell_keeps_the_students_order(template):
    notebook = json.loads(json.dumps(template.notebook({"twice": TWICE})))
    notebook["cells"] += [code("k = 2"), code("def mse(a, b=k):\n    return b")]
    found = prepared(notebook, template)
    assert run(found) == [TWICE, "k = 2", "def mse(a, b=k):\n    return b"]
    assert [cell.id for cell in found.cells][-1] == "mse-answer"


def test_of_two_definitions_both_run_and_the_last_wins(released, template):
    second = "def mse(a, b):\n    return 1"
    released["cells"].insert(at(released, "mse-answer") + 1, code(second))
    assert run(prepared(released, template)) == [MSE, second, TWICE]
    forget(released)
    found = prepared(released, template)
    assert run(found) == [MSE, second, TWICE]
    assert found.repairs == ()


def test_a_copied_stub_never_overrides_the_work(released, template):
    released["cells"].append(code(template.cells[3].source, id="copy"))
    assert run(prepared(released, template)) == [MSE, TWICE]


def test_one_cell_may_do_several_tasks(template):
    notebook = json.loads(json.dumps(template.notebook()))
    both = f"{MSE}\n\n{TWICE}"
    cell_of(notebook, "mse-answer")["source"] = both
    found = prepared(notebook, template)
    assert run(found) == [both]
    assert "The function twice was in another cell" in told(found)[0]
    cell_of(notebook, "mse-answer")["source"] = template.cells[3].source
    notebook["cells"].append(code(both))
    found = prepared(notebook, template)
    assert run(found) == [both]
    assert len(told(found)) == 2


def test_of_the_halves_of_a_split_cell_the_one_with_the_function_is_the_task(released, template):
    index = at(released, "mse-answer")
    half = {**released["cells"][index], "source": "k = 1"}
    released["cells"].insert(index, half)
    found = prepared(released, template)
    assert run(found) == ["k = 1", MSE, TWICE]
    assert source(found, "mse-answer") == MSE
    released["cells"][index + 1]["id"] = "new"
    del released["cells"][index + 1]["metadata"]["nbgrader"], released["cells"][index + 1]["metadata"]["autograder"]
    assert run(prepared(released, template)) == ["k = 1", MSE, TWICE]


def test_a_task_that_defines_something_else_is_left_as_it_is(released, template):
    cell_of(released, "mse-answer")["source"] = "def MSE(a, b):\n    return 0"
    found = prepared(released, template)
    assert source(found, "mse-answer").startswith("def MSE")
    assert found.repairs == ()


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("text", [MSE, f"```python\n{MSE}\n```"])
@pytest.mark.parametrize("known", [True, False])
def test_a_task_turned_into_text_by_accident_is_code(released, template, kind, text, known):
    cell_of(released, "mse-answer").update(cell_type=kind, source=text)
    if not known:
        forget(released)
    found = prepared(released, template)
    assert source(found, "mse-answer") == MSE
    assert "was text and held your function" in told(found)[-1]


def test_a_broken_function_turned_into_text_is_code_when_its_cell_is_known(released, template):
    cell_of(released, "mse-answer").update(cell_type="markdown", source="def mse(a, b)\n    return 0")
    assert source(prepared(released, template), "mse-answer").startswith("def mse(a, b)\n")


def test_a_quoted_function_in_prose_is_no_code(released, template):
    released["cells"].remove(cell_of(released, "mse-answer"))
    released["cells"].append({"cell_type": "markdown", "source": f"I tried:\n{MSE}", "metadata": {}})
    assert "NotImplementedError" in source(prepared(released, template), "mse-answer")


# --- refused -------------------------------------------------------------------------------------------------------


def rejected(act: Callable[[], object]) -> str:
    with pytest.raises(SubmissionRejected) as caught:
        act()
    assert caught.value.text.es != caught.value.text.en
    return str(caught.value)


def test_the_notebook_of_another_assignment_is_refused_by_name(templates):
    other = json.loads(json.dumps(templates[1].notebook()))
    text = rejected(lambda: prepared(other, templates[0]))
    assert "02_mae" in text
    assert "01_mse" in text


def test_a_notebook_where_nothing_matches_is_refused(template):
    empty = {"nbformat": 4, "metadata": {}, "cells": [code("import numpy as np"), code("print('hola')")]}
    assert "no cell of 01_mse (looked for: mse, twice)" in rejected(lambda: prepared(empty, template))
    assert "no cell of" in rejected(lambda: prepared({**empty, "cells": []}, template))


def test_a_notebook_that_says_its_assignment_is_not_refused_for_being_empty(template):
    empty = {"nbformat": 4, "metadata": {"autograder": {"assignment": "01_mse"}}, "cells": []}
    assert len(prepared(empty, template).cells) == len(template.cells)


# --- which assignment ----------------------------------------------------------------------------------------------


def identified(notebook: dict[str, Any], templates: tuple[Template, ...], hint: str | None = None) -> str:
    return identify(read(json.dumps(notebook).encode()), templates, hint)


def cells(*sources: str, kind: str = "code") -> dict[str, Any]:
    return {"nbformat": 4, "metadata": {}, "cells": [{**code(text), "cell_type": kind} for text in sources]}


def test_metadata_then_hint_then_functions_decide(templates):
    notebook = json.loads(json.dumps(templates[1].notebook()))
    assert identified(notebook, templates, "01_mse") == "02_mae"
    forget(notebook)
    assert identified(notebook, templates, "01_mse") == "01_mse"
    assert identified(notebook, templates, "unknown") == "02_mae"
    assert identified(cells(MSE), templates) == "01_mse"
    assert identified(cells(MSE, TWICE, "def mae(): pass"), templates) == "01_mse"


def test_both_languages_of_an_assignment_count_as_one(templates):
    assert identified(cells(MSE), (*templates, replace(templates[0], language="es"))) == "01_mse"


def test_an_unknown_assignment_is_refused_by_name(templates):
    notebook = {**cells(MSE), "metadata": {"autograder": {"assignment": "99_gan"}}}
    assert "99_gan" in rejected(lambda: identified(notebook, templates))


def test_a_notebook_of_no_or_of_several_assignments_is_refused(templates):
    assert "which assignment" in rejected(lambda: identified(cells("x = 1"), templates))
    assert "could be 01_mse or 02_mae" in rejected(lambda: identified(cells(MSE, "mae = 1"), templates))
    assert "which assignment" in rejected(lambda: identified(cells(MSE), ()))
    many = replace(templates[0], points={"mse": 1, "a": 1, "b": 1})
    assert "which assignment" in rejected(lambda: identified(cells(MSE), (many,)))


# --- sources -------------------------------------------------------------------------------------------------------


def test_windows_line_ends_invisible_characters_and_fences_are_told(released, template):
    cell_of(released, "mse-answer")["source"] = MSE.replace("\n", "\r\n")
    cell_of(released, "twice-answer")["source"] = "```python\ndef twice(a):\n\u00a0 \u00a0 return a + a\u200b\n```"
    released["cells"].append(code("x\u00a0= 1", id="more"))
    found = prepared(released, template)
    assert run(found) == [MSE, "def twice(a):\n    return a + a", "x = 1"]
    assert told(found) == [
        "Cell 4: line ends of another system, converted.",
        "Cells 6, 9: invisible characters in the code, removed.",
        "Cell 6: the code stood between ``` marks, removed.",
    ]


def test_long_lists_of_cells_are_cut(released, template):
    released["cells"] += [code(f"x\u00a0= {number}") for number in range(12)]
    assert told(prepared(released, template))[0].startswith("Cells 9, 10, 11, 12, 13, 14, 15, 16, …:")


@pytest.mark.parametrize(
    "text",
    [
        "s = 'a\u00a0b'  # c\u00a0d",
        'f("""x\n\u00a0\u200b""")',
        "r'\\\\'  + \"it's\u00a0\"",
        "!echo a\u00a0b",
        "%%bash\necho\u00a0a",
        "%matplotlib inline\n!pip install x\nawait f()\n%%time",
        "if x:\n\ty = 1\n        z = 2",
        "print(“hola”)",
        "```\nnot closed",
        "``\n``",
    ],
)
def test_what_could_change_a_meaning_is_left_alone(text):
    assert clean(text).source == text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def mse(): pass\nclass A: pass\nasync def g(): pass", "mse A g"),
        ("%matplotlib inline\n!ls\nx = !pwd\nnp.mean?\n?x\ndef mse(): pass", "mse x"),
        ("%%time\nmse = 1", "mse"),
        ("%%writefile mse.py\ndef mse(): pass", ""),
        ("a, (b, *c) = d = f()\ne: int = 1\ng: int", "a b c d e"),
        ("if 1:\n  a = 1\nelse:\n  b = 1\nfor i in j:\n  c = 1\nwhile 0:\n  d = 1\nwith e:\n  f = 1", "a b c d f"),
        ("try:\n  a = 1\nexcept E:\n  b = 1\nelse:\n  c = 1\nfinally:\n  d = 1", "a b c d"),
        ("def mse(:\n  def inner(): pass\nclass B", "mse B"),
        ("x = await f()", "x"),
        ("def f():\n  def mse(): pass", "f"),
        ("x = '\\d'", "x"),
        ("a\0b = 1", ""),
    ],
)
def test_definitions_are_found_among_magics_and_errors(text, names):
    assert meaning(text).defined == set(names.split())


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "-" * 100_000 + "1",
        "a" + ".b" * 100_000,
        "a" + "+a" * 100_000,
        "[" * 150 + "]" * 150,
        "if a:\n  pass\n" + "elif a:\n  pass\n" * 3000,
        "if a:\n  pass\n" + "elif a:\n  pass\n" * 1200,
        "a" + "+a" * 1200,
        " " * 200_000 + "x",
        "```\n" + " " * 200_000 + "x",
        '"""' * 60_001,
        "'" + '"' * 100_001,
        "x" * 200_000 + "=" + " " * 50_000,
        '\\"""x\n' * 40_000,
        "\\'''x\n" * 40_000,
        '\\"' * 120_000,
        "\\'" * 120_000,
        "a\n" * 120_000,
        "a;" * (MAX_PARSED // 2),
    ],
)
def test_hostile_sources_cost_neither_time_nor_the_process(text):
    start = time.process_time()
    cleaned = clean(text + "\u00a0").source
    reader = Reader(["x", "a"])
    reader.defined(cleaned)
    assert reader.is_stub(cleaned[:1000], cleaned) is (len(cleaned) <= 1000)
    assert reader.same(cleaned, cleaned)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_a_mebibyte_of_code_costs_seconds_at_most(templates, template, kind):
    # Written so that a character costs as much as it can: every line is a statement.
    line = "mse\n" if kind == "code" else "mse=1\n"
    source = line * (60_000 // len(line))
    document = read(json.dumps(cells(*(source + f"a{number}" for number in range(16)), kind=kind)).encode())
    start = time.process_time()
    with contextlib.suppress(SubmissionRejected):
        identify(document, templates)
    with contextlib.suppress(SubmissionRejected):
        prepare(document, template)
    assert time.process_time() - start < 10


def test_beyond_what_is_parsed_functions_at_the_margin_still_count(template):
    padding = "# " + "x" * MAX_PARSED
    found = prepared(cells(MSE + "\n" + padding, TWICE), template)
    assert [cell.source for cell in found.cells if cell.role is Role.TASK] == [MSE + "\n" + padding, TWICE]


def test_names_written_in_another_width_are_the_same_names(template):
    found = prepared(cells("def ｍｓｅ(a, b):\n    return 0", TWICE), template)
    assert [cell.task for cell in found.cells if cell.role is Role.TASK] == ["mse", "twice"]
    assert not any("mse" in text.en for text in found.repairs)


def test_thousands_of_hostile_cells_cost_seconds_at_most(template):
    text = MSE + "\n\n" + TWICE
    start = time.process_time()
    found = prepared(cells(*(f"{text}\nx = {number}" for number in range(2000))), template)
    assert len([cell for cell in found.cells if cell.role is Role.EXTRA]) == 1999
    assert time.process_time() - start < 15


# --- laws ----------------------------------------------------------------------------------------------------------

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EDITS = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["delete", "twin", "text", "code", "empty", "move", "rename"]))
)


@QUICK
@given(edits=EDITS, lost=st.booleans())
def test_whatever_students_do_the_locked_cells_stand_and_no_code_is_lost(template, edits, lost):
    notebook = json.loads(json.dumps(template.notebook({"mse": MSE, "twice": TWICE})))
    if lost:
        forget(notebook)
    every = notebook["cells"]
    for index, edit in edits:
        if not every:
            break
        cell = every[index % len(every)]
        if edit == "delete":
            every.remove(cell)
        elif edit == "twin":
            every.append(dict(cell))
        elif edit in ("text", "code"):
            cell["cell_type"] = "markdown" if edit == "text" else "code"
        elif edit == "empty":
            cell["source"] = ""
        elif edit == "move":
            every.append(every.pop(index % len(every)))
        else:
            cell["id"] = "other"
    try:
        found = prepared(notebook, template)
    except SubmissionRejected:
        return
    locked = [cell for cell in template.cells if cell.role is not Role.TASK]
    assert [cell for cell in found.cells if cell in locked] == locked
    assert len({cell.id for cell in found.cells}) == len(found.cells)
    for cell in every:
        for work in (MSE, TWICE):
            assert cell["source"] != work or work in run(found)
