"""The leak gate finds what only the author may know, wherever it stands, and says so without repeating it."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.authoring import Template, inspect, read_template, require_clean
from autograder.course import Course
from autograder.errors import CourseError, LeakError

NOTEBOOK = '''\
# %% [markdown] lang="es"
# # Prueba

# %% [markdown] lang="en"
# # Trial

# %% role="setup"
import numpy as np
import keras

# %% task="net" points=2
def net(values, rate=0.1):
    """A network, or None."""
    values = np.asarray(values, dtype=float)
    ### BEGIN SOLUTION
    import keras.layers
    values = np.asarray(values, dtype=float)
    model = keras.Sequential([
        keras.layers.Dense(16, activation="tanh"),  # a comment
    ])
    model.compile(
        loss="binary_crossentropy",
        metrics=names,
    )
    keras.utils.set_random_seed(seed)
    return np.sqrt(values)
    ### END SOLUTION

# %% check="net"
def test_net(net):
    """es: Va. | en: Works."""
    assert net([1]) is None

# %% role="demo"
model = keras.Sequential([])
'''

GRADER = '''\
"""Docstrings of the grader are no secret."""
import numpy as np
from autograder.checks import Text, check, expect_close

HINTS = {"halved_by_mistake": Text(es="Una pista más bien larga", en="A rather long hint")}
WHERE = "pupils never read this"
MORE = Text("Dicho al estudiante", en="Told to the student")


def helper():
    """A helper that tells nothing."""
    return 20.7251e3, -0.0100, 250000, 1.5j, True, float("inf"), 1e400


@check(points=1, task="net_with_long_name", es="Una frase para el estudiante.", hint="halved_by_mistake")
def test_worked_example(student, rng):
    """A sentence for the student."""
    got = student.call("net_function_name", np.zeros(3), kind="another secret text")
    expect_close(got, 0.91774, mistaken={"halved_by_mistake": 1.5})
    assert got.loss == "binary_crossentropy"
    assert "ZeroDivisionError" in got.exceptions


@check
def test_shape(student):
    """One word."""


@check(points=1)
def test_net(student):
    """Named like its task."""


def test_unmarked_helper():
    pass
'''


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    tmp_path = tmp_path_factory.mktemp("course")
    (tmp_path / "course_config.py").write_text("from autograder.course import Course\ncourse = Course(id='tiny')\n")
    home = tmp_path / "solutions" / "01_tiny"
    home.mkdir(parents=True)
    (home / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    return read_template(Course.load(tmp_path).assignment("01_tiny"), "en")


# A grader whose `test_net` is not the public test's name, which is a leak of its own (see below).
QUIET_GRADER = GRADER.replace("def test_net(", "def test_network(")


def found(template: Template, notebook: Any, **kwargs: Any) -> list[str]:
    return [str(leak) for leak in inspect(notebook, template=template, **{"grader_source": QUIET_GRADER} | kwargs)]


def with_text(template: Template, text: str, cell: str = "demo-1") -> Any:
    notebook = template.notebook()
    for each in notebook.cells:
        if each.id == cell:
            each.source += f"\n{text}"
    return notebook


def test_a_clean_notebook_passes(template: Template) -> None:
    require_clean(template.notebook(), template=template, grader_source=QUIET_GRADER)
    assert found(template, template.notebook()) == []


SECRETS = {
    "a line of the solution": "return np.sqrt(values)",
    "a line with other spaces": "return   np.sqrt( values )",
    "a line with a comment": "return np.sqrt(values)  # so",
    "a line with other quotes": "keras.layers.Dense(16,activation='tanh'),",
    "a line broken in two": "return np.sqrt(\n    values)",
    "a line in the middle of a sentence": "so `return np.sqrt(values)`, it says",
    "a statement of lines that each say little": "model.compile(loss='binary_crossentropy', metrics=names,)",
    "the name of a check": "see test_worked_example",
    "the name of a check without test_": "see worked_example.",
    "the name of a check of one word": "test_shape",
    "a string of the grader": "Pupils? pupils never  read\nthis!",
    "a string asked of the student": "another secret text",
    "a number": "it is 0.91774.",
    "a number with a decimal comma": "da 0,91774",
    "a number written otherwise": "20_725.10",
    "the negative of a number": "-0.91774",
    "a marker": "### BEGIN SOLUTION",
    "a slip of a marker": "#end solution",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("cell", ["text-1", "setup-1", "net-answer", "net-check", "demo-1", "checks-setup"])
def test_a_secret_in_any_cell_is_found(secret: str, cell: str, template: Template) -> None:
    leaks = found(template, with_text(template, SECRETS[secret], cell))
    assert len(leaks) == 1, leaks
    assert f"cell {cell}, line " in leaks[0]


def plant(notebook: Any, channel: str, text: str) -> None:
    cell = notebook.cells[-1]
    match channel:
        case "public test":
            notebook.metadata.otter.tests["net"] += text
        case "name of a public test":
            notebook.metadata.otter.tests[text] = ""
        case "value of an allowed key":
            notebook.metadata.kernelspec.display_name = text
        case "metadata of the notebook":
            notebook.metadata["note"] = text
        case "key of the metadata":
            notebook.metadata[text] = 1
        case "nested list":
            notebook.metadata.otter["extra"] = [["x", text]]
        case "metadata of a cell":
            cell.metadata["note"] = {"deep": text}
        case "id of a cell":
            cell["id"] = text
        case "tag":
            cell.metadata["tags"] = [text]
        case "attachment":
            cell["attachments"] = {"a.txt": {"text/plain": text}}
        case "output":
            cell.outputs = [{"output_type": "stream", "name": "stdout", "text": text}]
        case "name of an attachment":
            cell["attachments"] = {text: {}}


CHANNELS = [
    "public test",
    "name of a public test",
    "value of an allowed key",
    "metadata of the notebook",
    "key of the metadata",
    "nested list",
    "metadata of a cell",
    "id of a cell",
    "tag",
    "attachment",
    "output",
    "name of an attachment",
]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_any_channel_is_found(channel: str, secret: str, template: Template) -> None:
    notebook = template.notebook()
    plant(notebook, channel, "harmless")
    before = set(found(template, notebook))
    notebook = template.notebook()
    plant(notebook, channel, SECRETS[secret])
    new = set(found(template, notebook)) - before
    assert any(", line " in leak for leak in new), new


def test_outputs_and_execution_counts_are_leaks_whatever_they_hold(template: Template) -> None:
    notebook = template.notebook()
    notebook.cells[-1].execution_count = 3
    notebook.cells[-1].outputs = [{"output_type": "stream", "name": "stdout", "text": "hi"}]
    assert found(template, notebook) == [
        "cell demo-1: an output; clear it.",
        "cell demo-1: an execution count; clear it.",
    ]


@pytest.mark.parametrize(
    "channel", ["metadata of the notebook", "nested list", "metadata of a cell", "tag", "attachment"]
)
def test_a_key_that_no_release_has_is_a_leak_whatever_it_holds(channel: str, template: Template) -> None:
    notebook = template.notebook()
    plant(notebook, channel, "harmless")
    assert len(found(template, notebook)) == 1
    assert "unknown key" in found(template, notebook)[0]


def test_a_public_test_of_an_unknown_task_is_a_leak(template: Template) -> None:
    notebook = template.notebook()
    notebook.metadata.otter.tests["other"] = ""
    assert found(template, notebook) == [
        "the notebook: the unknown key 'metadata.otter.tests.other'; "
        "released notebooks have only the keys listed in leaks.py."
    ]


HARMLESS = {
    "a line that says little": "model = keras.Sequential([",
    "a bare call that the text teaches": "`keras.utils.set_random_seed(seed)`",
    "an import of the solution": "import keras.layers",
    "a line of the stub outside the markers": "values = np.asarray(values, dtype=float)",
    "a longer word around a name": "my_test_worked_examples",
    "a check of one word without test_": "shape",
    "a function without @check": "test_unmarked_helper",
    "a docstring of the grader": "A helper that tells nothing.",
    "a sentence that students are told": "Una frase para el estudiante.",
    "a hint": "A rather long hint",
    "the key of a hint": "halved_by_mistake",
    "any Text": "Dicho al estudiante, Told to the student",
    "the name of a task": "net_with_long_name",
    "the function asked for": "net_function_name",
    "a word that the answer needs": "binary_crossentropy",
    "a builtin": "ZeroDivisionError",
    "a number of few digits": "250000 and 0.01, 1.5",
    "another number": "0.917741 and 10.91774 and 0.91774.1",
}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_tells_nothing_may_stand_in_the_notebook(text: str, template: Template) -> None:
    assert found(template, with_text(template, HARMLESS[text])) == []


def test_a_public_test_with_the_name_of_a_hidden_check_is_a_leak(template: Template) -> None:
    leaks = found(template, template.notebook(), grader_source=GRADER)
    assert leaks
    assert all("the hidden check of line" in leak for leak in leaks)
    assert any("metadata.otter.tests.net, line" in leak for leak in leaks)


def test_the_lines_of_an_alternative_are_secret_too(template: Template) -> None:
    alternative = {"by_hand": "def net(values, rate=0.1):\n    return [value**0.5 for value in values]\n"}
    text = "return [value ** 0.5 for value in values]"
    assert found(template, with_text(template, text)) == []
    leaks = found(template, with_text(template, text), alternatives=alternative)
    assert leaks == ["cell demo-1, line 2: line 2 of the alternative by_hand (`return [valu…`); reword one of the two."]


def test_the_error_names_both_places_and_not_the_secret(template: Template) -> None:
    notebook = with_text(template, "# see worked_example\nx = 0.91774\n# pupils never read this")
    with pytest.raises(LeakError) as caught:
        require_clean(notebook, template=template, grader_source=QUIET_GRADER)
    message = str(caught.value)
    assert message.startswith("01_tiny (en) would release what it must not:\n")
    assert "cell demo-1, line 2: the hidden check of line 16 of the grader (`worked_…`); reword one" in message
    assert "cell demo-1, line 3: the number of line 19 of the grader (`0.9…`)" in message
    for secret in ("worked_example", "0.91774", "pupils never read"):
        assert secret not in message


def test_a_grader_or_alternative_that_is_not_python_is_named(template: Template) -> None:
    with pytest.raises(CourseError, match=r"the hidden grader of 01_tiny is not Python \(line 1"):
        inspect(template.notebook(), template=template, grader_source="def")
    with pytest.raises(CourseError, match="the alternative by_hand of 01_tiny is not Python"):
        inspect(template.notebook(), template=template, grader_source="", alternatives={"by_hand": "("})
