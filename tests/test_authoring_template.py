"""`notebook.py` is read strictly, and what is released works in a plain Jupyter kernel."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

import autograder.authoring
from autograder.authoring import Template, imported, read_template
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.records import Role

NOTEBOOK = '''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown] lang="es"
# # Error cuadrático

# %% [markdown] lang="en"
# # Squared error

# %% role="setup"
import os
import numpy as np
from xml.dom import minidom
label = T(es="Época", en="Epoch"
          " of training")

# %% task="mean_square" points=3
def mean_square(values):
    """Mean of the squares of `values`."""
    ### BEGIN SOLUTION
    squares = [value**2 for value in values]
    return sum(squares) / len(squares)
    ### END SOLUTION


# %% check="mean_square"
def test_example(mean_square):
    """es: El ejemplo da 5. | en: The example gives 5."""
    got = mean_square([1, 3])
    assert got == 5, T(es=f"Se esperaba 5 → salió {got}.", en=f"Expected 5, got {got}.")

# %% task="half" points=0.5 lang="es"
def half(value):
    """La mitad."""
    ### BEGIN SOLUTION
    import scipy.special
    return value / 2
    ### END SOLUTION

# %% task="half" points=0.5 lang="en"
def half(value):
    """One half."""
    ### BEGIN SOLUTION
    import scipy.special
    return value / 2
    ### END SOLUTION

# %% check="half"
import math

def test_four(half):
    """es: La mitad de 4 es 2. | en: Half of 4 is 2."""
    pattern = r"\\d" """\'\'\'""" "\\n"
    assert half(4) == math.sqrt(4), pattern

# %% [markdown] lang="es"
# Y ahora:
# %% [markdown] lang="en"
# And now:

# %% role="demo"
print(label, mean_square([1, 3]))
'''


def course_at(folder: Path, source: str) -> Assignment:
    (folder / "course_config.py").write_text("from autograder.course import Course\ncourse = Course(id='tiny')\n")
    home = folder / "solutions" / "01_tiny"
    home.mkdir(parents=True)
    (home / "notebook.py").write_text(source, encoding="utf-8")
    return Course.load(folder).assignment("01_tiny")


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return course_at(tmp_path, NOTEBOOK)


@pytest.fixture
def english(assignment: Assignment) -> Template:
    return read_template(assignment, "en")


def source_of(template: Template, identity: str) -> str:
    return next(cell.source for cell in template.cells if cell.id == identity)


def test_the_front_door_lists_its_names_sorted() -> None:
    names = autograder.authoring.__all__
    assert names == sorted(names)
    assert all(hasattr(autograder.authoring, name) for name in names)


def test_a_template_knows_its_title_and_points(english: Template) -> None:
    assert (english.assignment, english.language, english.title) == ("01_tiny", "en", "Squared error")
    assert list(english.points.items()) == [("mean_square", 3.0), ("half", 0.5)]


def test_the_libraries_of_an_assignment_are_those_that_it_imports_anywhere(assignment: Assignment) -> None:
    assert imported(assignment) == ("numpy", "scipy.special")
    demo = "print(label, mean_square([1, 3]))"
    text = assignment.notebook.read_text()
    assignment.notebook.write_text(text.replace(demo, f"import keras\n{demo}\n\n# %%\nimport pandas\n"))
    assert imported(assignment) == ("keras", "numpy", "pandas", "scipy.special")
    assert imported(replace(assignment, run_demos=False)) == ("numpy", "pandas", "scipy.special")
    assignment.notebook.write_text(assignment.notebook.read_text() + "\n# %%\n%matplotlib inline\n")
    assert imported(assignment) == (), "what is wrong with it is told where its cells are read"
    assignment.notebook.unlink()
    assert imported(assignment) == ()


def test_cells_have_roles_tasks_and_the_same_ids_in_both_languages(assignment: Assignment, english: Template) -> None:
    assert [(cell.id, cell.role, cell.task) for cell in english.cells] == [
        ("text-1", Role.TEXT, None),
        ("checks-setup", Role.CHECK, None),
        ("setup-1", Role.SETUP, None),
        ("mean-square-answer", Role.TASK, "mean_square"),
        ("mean-square-check", Role.CHECK, "mean_square"),
        ("half-answer", Role.TASK, "half"),
        ("half-check", Role.CHECK, "half"),
        ("text-2", Role.TEXT, None),
        ("demo-1", Role.DEMO, None),
    ]
    spanish = read_template(assignment, "es")
    assert [cell.id for cell in spanish.cells] == [cell.id for cell in english.cells]


def test_the_stub_keeps_signature_and_docstring_and_nothing_of_the_solution(english: Template) -> None:
    assert source_of(english, "mean-square-answer") == (
        'def mean_square(values):\n    """Mean of the squares of `values`."""\n'
        '    raise NotImplementedError("mean_square")'
    )
    assert english.solutions["mean_square"].endswith("    return sum(squares) / len(squares)")
    assert "SOLUTION" not in english.solutions["mean_square"]


def test_each_language_gets_its_own_text_and_literals(assignment: Assignment, english: Template) -> None:
    spanish = read_template(assignment, "es")
    assert source_of(spanish, "setup-1").endswith('label = "Época"')
    assert source_of(english, "setup-1").endswith('label = ("Epoch"\n          " of training")')
    assert '"""La mitad."""' in source_of(spanish, "half-answer")
    assert '"""One half."""' in source_of(english, "half-answer")
    assert spanish.title == "Error cuadrático"
    assert 'f"Se esperaba 5 → salió {got}."' in spanish.tests["mean_square"]
    assert "@test_case(name='The example gives 5.')" in english.tests["mean_square"]


def test_the_released_notebook_satisfies_nbformat_and_nbgrader(english: Template) -> None:
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = english.notebook()
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    grades = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader for cell in notebook.cells}
    assert grades["mean_square"] == {
        "grade": True,
        "grade_id": "mean_square",
        "locked": True,
        "points": 3.0,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    assert (grades["half-answer"].solution, grades["half-answer"].locked) == (True, False)
    assert [cell.id for cell in notebook.cells if cell.metadata.get("editable", True)] == [
        "mean-square-answer",
        "half-answer",
    ]


def test_the_metadata_say_what_the_notebook_is_and_nothing_of_the_machine(english: Template) -> None:
    metadata = english.notebook().metadata
    assert metadata.autograder == {"assignment": "01_tiny", "language": "en", "schema": 1}
    assert metadata.language_info == {"name": "python"}
    assert metadata.kernelspec.name == "python3"
    assert metadata.otter == {"OK_FORMAT": False, "assignment_name": "01_tiny", "tests": english.tests}


def test_answers_stand_in_place_of_stubs(english: Template) -> None:
    def answers(notebook: nbformat.NotebookNode) -> dict[str, str]:
        return {cell.metadata.autograder.task: cell.source for cell in notebook.cells if "answer" in cell.id}

    assert answers(english.notebook({"half": "half = abs"}))["half"] == "half = abs"
    assert "NotImplementedError" in answers(english.notebook({"half": "half = abs"}))["mean_square"]
    assert answers(english.reference()) == english.solutions
    assert answers(english.reference({"half": "half = abs"})) == {**english.solutions, "half": "half = abs"}


def test_an_answer_to_an_unknown_task_is_refused_with_the_nearest_name(english: Template) -> None:
    with pytest.raises(CourseError, match="no task 'halve'; did you mean half"):
        english.notebook({"halve": ""})


def test_an_unrelated_name_gets_the_whole_list(english: Template) -> None:
    with pytest.raises(CourseError, match="there are: mean_square, half"):
        english.reference({"zzz": ""})


SQUARE = NOTEBOOK[NOTEBOOK.index("    ### BEGIN") : NOTEBOOK.index("# %% check")]
SQUARE_CELL = NOTEBOOK[NOTEBOOK.index('# %% task="mean') : NOTEBOOK.index("# %% check")]
WRONG_FILES = {
    "markers missing": (
        "    ### BEGIN SOLUTION\n    squares",
        "    squares",
        r":21: task mean_square has no `### BEGIN",
    ),
    "end missing": ("squares)\n    ### END SOLUTION", "squares)", r":21: task mean_square has no `### END"),
    "begin twice": ("    squares =", "    ### BEGIN SOLUTION\n    squares =", r":25: .*BEGIN SOLUTION` twice"),
    "swapped": (
        SQUARE,
        SQUARE.replace("BEGIN", "-").replace("END", "BEGIN").replace("-", "END"),
        r":24: `### END SOLUTION` comes before",
    ),
    "no space in marker": ("    ### BEGIN SOLUTION\n    squ", "    ###BEGIN SOLUTION\n    squ", r":24: .*is no marker"),
    "one hash": ("squares)\n    ### END SOLUTION", "squares)\n    # END SOLUTION", r":27: .*is no marker"),
    "lower case": ("squares)\n    ### END SOLUTION", "squares)\n    ### end solution", r":27: .*is no marker"),
    "behind code": ("squares)\n    ### END SOLUTION", "squares) ### END SOLUTION", r":26: .*is no marker"),
    "marker in a string": (
        '"""Mean of the squares of `values`."""\n    ### BEGIN SOLUTION',
        '"""Mean.\n    ### BEGIN SOLUTION\n    """',
        r":24: .*inside a string",
    ),
    "indented differently": ("squares)\n    ### END", "squares)\n  ### END", r":27: .*indented differently"),
    "nothing between": (
        SQUARE,
        "    ### BEGIN SOLUTION\n    # later\n    ### END SOLUTION\n    pass\n",
        "nothing stands",
    ),
    "next function inside": (
        "    return sum(squares) / len(squares)\n",
        "    return sum(squares)\ndef other():\n    pass\n",
        r":27: this statement of the solution",
    ),
    "statement cut in two": (
        "    return sum(squares) / len(squares)\n    ### END SOLUTION\n",
        "    return (sum(squares)\n    ### END SOLUTION\n    )\n",
        r":26: this statement of the solution ends outside",
    ),
    "stub that does not parse": (
        SQUARE,
        "    return (\n    ### BEGIN SOLUTION\n    1\n    ### END SOLUTION\n    )\n",
        "nothing stands between|not plain Python without",
    ),
    "markers outside the function": (
        NOTEBOOK[NOTEBOOK.index("def mean_square") : NOTEBOOK.index("# %% check")],
        "def helper():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n\n"
        "def mean_square(values):\n    return helper()\n\n",
        "outside the function mean_square",
    ),
    "function inside the markers": (
        NOTEBOOK[NOTEBOOK.index("def mean_square") : NOTEBOOK.index("# %% check")],
        "### BEGIN SOLUTION\ndef mean_square(values):\n    return 1\n### END SOLUTION\n",
        r":21: no function mean_square outside the markers",
    ),
    "function of another name": ("def mean_square(", "def mean_squares(", "no function mean_square"),
    "cut through a header": (
        SQUARE,
        "    try:\n        x = 1\n        ### BEGIN SOLUTION\n        y = 1\n    except ValueError:\n"
        "        y = 2\n        ### END SOLUTION\n",
        r"not plain Python without what stands between its markers",
    ),
    "task does not parse": ("return sum(squares)", "return sum(squares", r":2[56]: this cell is not plain Python"),
    "magic": ("import os", "# %matplotlib inline", r":15: this cell is not plain Python"),
    "markers in a demo": (
        "print(label",
        "### BEGIN SOLUTION\nprint(label",
        r":\d+: '### BEGIN SOLUTION' outside a task",
    ),
    "markers in a text": ("# Y ahora:", "# ### END SOLUTION", r"outside a task cell"),
    "markers in a check": ("    got = mean", "    # begin  solution\n    got = mean", r"outside a task cell"),
    "check of an unknown task": (
        'check="mean_square"',
        'check="mean_sqare"',
        r"unknown task 'mean_sqare'; did you mean mean",
    ),
    "check before its task": (
        '# %% task="mean',
        '# %% check="half"\ndef test_a(half):\n    pass\n# %% task="mean',
        "stands before",
    ),
    "two checks": (
        '# %% check="half"',
        '# %% check="mean_square"\ndef test_a(half):\n    pass\n# %% check="half"',
        "two check cells",
    ),
    "no check": (
        NOTEBOOK[NOTEBOOK.index('# %% check="mean') : NOTEBOOK.index('# %% task="half"')],
        "",
        ":21: .*no public check",
    ),
    "task twice": (
        '# %% task="half" points=0.5 lang="es"',
        SQUARE_CELL + '# %% task="half" points=0.5 lang="es"',
        "is defined twice",
    ),
    "no task": (
        NOTEBOOK[NOTEBOOK.index("# %% task") : NOTEBOOK.index('# %% [markdown] lang="es"\n# Y')],
        "",
        "no task cell",
    ),
    "text without twin": (
        '# %% [markdown] lang="en"\n# And now:\n',
        "",
        r':60: this text cell with lang="es" has no twin',
    ),
    "code without twin": (
        '# %% role="demo"',
        '# %% role="demo" lang="en"',
        r'this demo cell with lang="en" has no twin with lang="es"',
    ),
    "twin with other points": ('points=0.5 lang="en"', 'points=1 lang="en"', r':36: this task cell with lang="es"'),
    "text between other code": (
        NOTEBOOK[NOTEBOOK.index('# %% [markdown] lang="en"\n# And') :],
        '# %% role="demo"\nprint(label)\n# %% [markdown] lang="en"\n# And now:\n',
        r'this text cell with lang="es" has no twin',
    ),
    "no role": ('# %% role="demo"', "# %%", r"role=\"setup\", .*this one has none"),
    "two roles": ('# %% role="demo"', '# %% role="demo" check="half"', r"this one has role and check"),
    "unknown role": ('role="demo"', 'role="demos"', "unknown role 'demos'; did you mean demo"),
    "unknown option": ("points=3", "point=3", "unknown option 'point'; did you mean points"),
    "option twice": ("points=3", "points=3 points=4", "'points' stands twice"),
    "option of another cell": ('role="demo"', 'role="demo" points=3', "takes no option 'points'; it takes lang, role"),
    "unquoted option": ('task="half" points=0.5 lang="es"', 'task=half points=0.5 lang="es"', "is not understood"),
    "words in a header": ('# %% role="demo"', '# %% My demo role="demo"', "is not understood"),
    "raw cell": ('# %% role="demo"', "# %% [raw]", "a raw cell"),
    "unknown language": ('lang="es"\n# Y', 'lang="fr"\n# Y', "lang='fr': expected one of es, en"),
    "text without language": ('[markdown] lang="es"\n# Y', "[markdown]\n# Y", "a text cell belongs to one language"),
    "no points": (" points=3", "", "points=None of task mean_square"),
    "no positive points": ("points=3", "points=0", "points=0 of task"),
    "points in words": ("points=3", 'points="3"', "points='3' of task"),
    "points true": ("points=3", "points=true", "points=True of task"),
    "task name": ('task="mean_square"', 'task="Mean-Square"', "a task is named like its function"),
    "T with one language": (
        'T(es="Época", en="Epoch"\n          " of training")',
        'T(es="Época")',
        r":18: T takes exactly one",
    ),
    "T with a third language": ('T(es="Época",', 'T(es="Época", fr="x",', "T takes exactly one"),
    "T with a bare text": ('T(es="Época",', 'T("x", es="Época",', "T takes exactly one"),
    "T with a name": ('T(es="Época",', "T(es=os.name,", "es= of T is no string"),
    "T in a T": ('T(es="Época",', """T(es=f"{T(es='a', en='b')}",""", "a T inside a T"),
    "T left over": ("print(label,", "print(T,", r"T is reserved"),
    "T as a parameter": ("print(label,", "print((lambda T: 1)(2),", r"T is reserved"),
    "T imported": ("import os", "from os import path as T", r":15: T is reserved"),
    "title missing": ("# # Squared error", "# Squared error", r':12: the first text cell with lang="en"'),
    "no text": (
        NOTEBOOK[NOTEBOOK.index("# %% [m") : NOTEBOOK.index('# %% role="setup"')],
        "",
        r"starts with `# Title`",
    ),
    "header not closed": ("# ---\n\n", "\n\n", ":1: jupytext's header is not closed"),
    "text before the first cell": ("# ---\n\n", "# ---\nimport os\n\n", ":7: text before the first cell"),
    "cell start in a string": ("print(label,", 'print("""\n# %% x\n""",', "a line inside a string"),
    "check docstring in one language": ("es: El ejemplo da 5. | en: The", "The", r":31: the docstring of test_example"),
    "check without docstring": (
        '    """es: El ejemplo da 5. | en: The example gives 5."""\n',
        "",
        r"the docstring of test_example",
    ),
    "check without body": (
        NOTEBOOK[NOTEBOOK.index("    got = ") : NOTEBOOK.index('# %% task="half"')],
        "",
        "asserts nothing",
    ),
    "check without tests": ("def test_example(", "def example(", "imports and functions named test_"),
    "check with imports only": (
        NOTEBOOK[NOTEBOOK.index("def test_example") : NOTEBOOK.index('# %% task="half"')],
        "import os\n",
        "tests nothing",
    ),
    "check with default": ("test_example(mean_square)", "test_example(mean_square=None)", "without defaults"),
    "check with decorator": ("def test_example(", "@staticmethod\ndef test_example(", "needs no decorator"),
    "two tests of one name": ("import math\n", "def test_four(half):\n    pass\n", "two tests are called test_four"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_file_that_breaks_a_rule_stops_the_build(case: str, tmp_path: Path) -> None:
    old, new, message = WRONG_FILES[case]
    assert old in NOTEBOOK
    broken = course_at(tmp_path, NOTEBOOK.replace(old, new, 1))
    with pytest.raises(CourseError, match=message) as caught:
        read_template(broken, "es")
    assert "notebook.py" in str(caught.value)


def test_a_solution_that_ends_a_branch_goes_with_its_else(tmp_path: Path) -> None:
    branches = (
        "    if values:\n        ### BEGIN SOLUTION\n        return 1\n    else:\n        return 2\n"
        "        ### END SOLUTION\n\n"
    )
    template = read_template(course_at(tmp_path, NOTEBOOK.replace(SQUARE, branches)), "es")
    assert source_of(template, "mean-square-answer").endswith(
        '    if values:\n        raise NotImplementedError("mean_square")'
    )


def test_a_notebook_without_text_has_no_title(tmp_path: Path) -> None:
    bare = re.sub(r"# %% \[markdown\].*\n(#.*\n)+?\n?(?=# %%)", "", NOTEBOOK)
    assert "markdown" not in bare
    with pytest.raises(CourseError, match='no text cell with lang="es"'):
        read_template(course_at(tmp_path, bare), "es")


def test_a_file_that_is_not_utf8_is_named(assignment: Assignment) -> None:
    assignment.notebook.write_bytes(b"\xff")
    with pytest.raises(CourseError, match=r"notebook.py cannot be read as UTF-8"):
        read_template(assignment, "es")


def test_an_empty_file_has_no_task(assignment: Assignment) -> None:
    assignment.notebook.write_text("")
    with pytest.raises(CourseError, match="no task cell"):
        read_template(assignment, "es")


def run(notebook: nbformat.NotebookNode, folder: Path) -> dict[str, str]:
    """Cell id → what the cell printed, shown or raised, in a plain kernel started in `folder`."""
    from nbclient import NotebookClient

    client = NotebookClient(notebook, allow_errors=True, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return {
        cell.id: "".join(
            output.get("text", "") + output.get("data", {}).get("text/plain", "") + output.get("evalue", "")
            for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


def test_public_checks_pass_on_the_reference_also_on_colab(english: Template, tmp_path: Path) -> None:
    notebook = english.reference()
    colab = 'type(get_ipython()).__str__ = lambda self: "<google.colab._shell.Shell>"'
    notebook.cells.insert(0, nbformat.v4.new_code_cell(colab, id="colab"))
    folder = tmp_path / "student"
    folder.mkdir()
    shown = run(notebook, folder)
    assert shown["mean-square-check"] == "mean_square results: All test cases passed!"
    assert shown["half-check"] == "half results: All test cases passed!"
    assert shown["demo-1"] == "Epoch of training 5.0\n"
    assert list(folder.iterdir()) == []


def test_public_checks_fail_in_words_on_stub_and_wrong_answer(assignment: Assignment, tmp_path: Path) -> None:
    wrong = read_template(assignment, "es").notebook({"mean_square": "def mean_square(values):\n    return 4"})
    folder = tmp_path / "student"
    folder.mkdir()
    (folder / "renamed (1).ipynb").write_text(nbformat.writes(wrong), encoding="utf-8")
    shown = run(wrong, folder)
    assert "AssertionError: Se esperaba 5 → salió 4." in shown["mean-square-check"]
    assert "El ejemplo da 5." in shown["mean-square-check"]
    assert "NotImplementedError: half" in shown["half-check"]
    assert [path.name for path in folder.iterdir()] == ["renamed (1).ipynb"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # raised while otter imports ipylab
def test_a_missing_variable_and_a_missing_otter_are_said_in_words(english: Template, tmp_path: Path) -> None:
    from otter.test_files import ExceptionTestFile

    tests = ExceptionTestFile.from_string(english.tests["half"])
    tests.run({})
    assert "`half` does not exist yet: run the cell" in tests.summary()
    (tmp_path / "otter.py").write_text("raise ImportError")
    shown = run(english.reference(), tmp_path)
    assert "%pip install otter-grader" in shown["checks-setup"]
    assert shown["half-check"].startswith("Checks unavailable")
    assert shown["demo-1"] == "Epoch of training 5.0\n"
