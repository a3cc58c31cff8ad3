"""The course is graded on JAX as it is on TensorFlow, and what needs TensorFlow itself goes there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.backends import NEEDS_TENSORFLOW, backend_of, preloaded
from autograder.course import Course, Settings
from autograder.engine import Engine
from autograder.errors import CourseError, UsageError
from autograder.fingerprint import Fingerprints
from autograder.kernel.warm import WarmParent
from autograder.machine import default_jobs
from autograder.records import Cell, Outcome, Report, Role, Status
from autograder.variants import Variant, alternatives, mistakes

from .conftest import TINY_KERAS, TINY_KERAS_GRADER, Bench, write_course

COURSE = replace(Course.load(Path(__file__).parent.parent), backend="jax")
KNOWN = {
    "04_xor_mlp": (("too_few_epochs", "skip_no_metric", "squared_error_loss"), "tf_keras"),
    "05_imdb_overfitting": (("l1_for_l2", "watches_training_loss", "softmax_on_one_unit"), "tf_keras_baseline"),
    "06_dropout": (("active_at_inference", "gaussian_dropout", "mean_from_predict"), "tensors_all_along"),
    "07_batch_normalization": (("bn_frozen", "predict_batch_statistics", "plain_softmax_missing"), "plain_tf_keras"),
    "08_hyperparameter_tuning": (("units_not_used", "trains_on_both", "optuna_unseeded"), "tf_keras"),
}
"""For each assignment that uses Keras: mistakes in different tasks, and a right answer that needs TensorFlow itself."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(COURSE) as engine:
        engine.warm(tuple(KNOWN))
        yield engine


def notebook(engine: Engine, name: str, answers: Mapping[str, str] = {}, *, solved: bool = True) -> bytes:
    template = engine.template(name, "en")
    return json.dumps(template.reference(answers) if solved else template.notebook(answers)).encode()


def lost(report: Report, task: str | None = None) -> set[str]:
    """The checks that did not pass; with a task, its own."""
    return {
        check.id.partition(".")[2]
        for check in report.checks
        if check.outcome is not Outcome.PASSED and task in (None, check.task)
    }


def test_every_assignment_that_uses_keras_is_tried_here(engine: Engine) -> None:
    assert {name for name in COURSE.names if engine.kind(name)[1] == "jax"} == set(KNOWN)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", KNOWN)
def test_on_jax_the_known_answers_get_the_verdicts_that_they_have_on_tensorflow(engine: Engine, name: str) -> None:
    chosen, other = KNOWN[name]
    assignment = COURSE.assignment(name)
    wrong = [variant for variant in mistakes(assignment) if variant.name in chosen]
    right = [variant for variant in alternatives(assignment) if variant.name == other]
    assert (len({variant.task for variant in wrong}), len(right)) == (len(chosen), 1)

    def graded(variants: Sequence[Variant], solved: bool) -> Report:
        answers = {variant.task: variant.source for variant in variants}
        return engine.grade(notebook(engine, name, answers, solved=solved), name)

    # Beside a variant the other tasks stay untouched, so that nothing is trained for them.
    with ThreadPoolExecutor(default_jobs(COURSE.largest_memory)) as executor:
        reference, mistaken, stub, of_right = executor.map(graded, ([], wrong, [], right), (True, False, False, False))
    for report in (reference, mistaken, stub):
        assert (report.faults, report.backend) == ((), "jax")
    assert (reference.score, reference.status, lost(reference)) == (10.0, Status.GRADED, set())
    assert {check.outcome for check in stub.checks} == {Outcome.FAILED}
    assert {v.name: lost(mistaken, v.task) for v in wrong} == {v.name: set(v.caught_by) for v in wrong}
    assert (of_right.faults, of_right.backend, lost(of_right, right[0].task)) == ((), "tensorflow", set())
    assert of_right.repairs[-1] == NEEDS_TENSORFLOW
    assert NEEDS_TENSORFLOW not in reference.repairs


def test_what_is_a_mistake_on_one_backend_only_is_none_on_another() -> None:
    on_jax = COURSE.assignment("04_xor_mlp")
    on_tensorflow = replace(on_jax, backend="tensorflow")
    # Keras shuffles with NumPy's generator on JAX, so seeding it is enough there.
    assert {v.name for v in mistakes(on_tensorflow)} - {v.name for v in mistakes(on_jax)} == {"only_numpy_seeded"}
    assert alternatives(on_jax) == alternatives(on_tensorflow)


# --- one little course -----------------------------------------------------------------------------------------------

DICE = "\nmodel = build(3)\nprint(keras.backend.backend(), model.get_weights()[0].sum(), 'tensorflow' in sys.modules)"
THREADS = "\nprint('threads', len(os.listdir('/proc/self/task')), 'of', os.environ['NPROC'])"
TRAINED = "\nmodel.fit(np.ones((8, 2)), np.ones((8, 1)), verbose=0)\n(keras.ops.ones((500, 500)) @ keras.ops.ones((500, 500)))"


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    course = Course.load(write_course(tmp_path_factory.mktemp("jax"), "91_keras", TINY_KERAS, TINY_KERAS_GRADER))
    with Engine(replace(course, backend="jax")) as engine:
        yield Bench(engine, "91_keras")


def printed(report: Report) -> str:
    return "".join(output.data for run in report.cells for output in run.outputs if output.mime == "stream/stdout")


def test_on_jax_chance_is_seeded_tensorflow_is_not_loaded_and_the_pools_have_the_limits_size(on_jax: Bench) -> None:
    cell = f"import os, sys\nkeras.utils.set_random_seed(3){DICE}{TRAINED}{THREADS}"
    first, second = (on_jax.grade({}, extra=cell) for _ in range(2))
    assert first.score == 10.0, first.faults
    assert printed(first) == printed(second)
    words = printed(first).split()
    assert (words[0], words[2]) == ("jax", "False")
    # The client's own threads number a dozen, and each pool has one more for each of its size.
    assert (int(words[4]) < 20, words[-1]) == (True, "1")


def test_the_environment_comes_before_the_assignment_and_that_before_the_course(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "90_tiny"
    on_jax = replace(tiny_course, backend="jax")
    own = replace(on_jax, assignments={name: Settings(backend="tensorflow")})
    found = [course.assignment(name).backend for course in (tiny_course, on_jax, own)]
    assert found == ["tensorflow", "jax", "tensorflow"]
    prints = {Fingerprints(course).of(b"", name) for course in (tiny_course, on_jax, own)}
    assert len(prints) == 2
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert own.assignment(name).backend == "torch"
    monkeypatch.setenv("KERAS_BACKEND", "tensorfow")
    with pytest.raises(UsageError, match=r"KERAS_BACKEND is 'tensorfow'; .* Did you mean tensorflow\?"):
        own.assignment(name)


def test_a_backend_or_device_that_there_is_not_is_named_with_its_assignment(tiny_course: Course) -> None:
    wrong: Any = {"backend": "theano"}
    with pytest.raises(CourseError, match="the backend of 90_tiny is 'theano'; there are tensorflow, jax, torch"):
        replace(tiny_course, **wrong).assignment("90_tiny")
    wrong = {"device": "prefer_gpu"}
    with pytest.raises(CourseError, match=r"the device of 90_tiny is 'prefer_gpu'.* Did you mean prefer-gpu\?"):
        replace(tiny_course, **wrong).assignment("90_tiny")


@pytest.mark.parametrize(
    ("source", "backend"),
    [
        ("import tensorflow as tf", "tensorflow"),
        ("%matplotlib inline\nfrom tensorflow.keras import layers", "tensorflow"),
        ("%%time\nimport numpy, tensorflow.keras.layers as L", "tensorflow"),
        ("def f():\n    import tf_keras\n", "tensorflow"),
        ("import importlib\ntf = importlib.import_module('tensorflow')", "tensorflow"),
        ("tf = __import__('tensorflow')", "tensorflow"),
        ("model = keras.Sequential()\nmodel(x).numpy().mean()", "tensorflow"),
        ("import jax.numpy as jnp\nframe.to_numpy()\njax.numpy.ones(3)", "jax"),
        ("print('import tensorflow as tf')\n# import tensorflow", "jax"),
        ("def broken(:\n    import tensorflow", "jax"),
        ("%%bash\nimport tensorflow", "jax"),
        ("import tensorflow_of_mine, keras", "jax"),
    ],
)
def test_what_needs_tensorflow_is_found_in_the_syntax_not_in_the_words(source: str, backend: str) -> None:
    assignment = COURSE.assignment("04_xor_mlp")
    cells = [Cell("setup-1", Role.SETUP, "import keras"), Cell("extra", Role.EXTRA, source)]
    assert backend_of(assignment, cells) == backend


def test_only_cells_that_are_run_decide_and_without_keras_there_is_no_backend() -> None:
    assignment = COURSE.assignment("08_hyperparameter_tuning")
    demo = [Cell("setup-1", Role.SETUP, "import keras"), Cell("demo-1", Role.DEMO, "import tensorflow")]
    assert backend_of(assignment, demo) == "jax"
    assert backend_of(replace(assignment, run_demos=True), demo) == "tensorflow"
    assert backend_of(assignment, [Cell("a", Role.EXTRA, "import numpy"), Cell("b", Role.TEXT, "import keras")]) is None
    assert preloaded(("keras", "tensorflow.keras", "numpy"), "jax") == ("keras", "numpy")
    assert preloaded(("keras", "tensorflow"), "tensorflow") == ("keras", "tensorflow")


def test_layers_that_cannot_do_without_tensorflow_still_find_it_on_jax(on_jax: Bench) -> None:
    cell = "layer = keras.layers.TextVectorization()\nprint(type(layer).__name__)"
    assert printed(on_jax.grade({}, extra=cell)) == "TextVectorization\n"


def test_a_backend_that_is_not_installed_is_named_and_costs_no_mark(on_jax: Bench, tmp_path: Path) -> None:
    from autograder.errors import EngineError

    with pytest.raises(EngineError, match="cannot import torch"):
        WarmParent(["keras"], tmp_path, "torch")
