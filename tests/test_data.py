"""The data store: what student code and graders find where a notebook loads a data set."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autograder.course import Course, Settings
from autograder.data import PROFILES, DataSets, Profile, choose, imdb, mentioned, publish, reviews
from autograder.engine import Engine
from autograder.errors import DataError
from autograder.records import Outcome, Status

from .conftest import HEADER, Bench, write_course

NOTEBOOK = (
    HEADER
    + '''\
# %% role="setup"
import keras
import numpy as np

(x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=500)
index = keras.datasets.imdb.get_word_index()
try:
    keras.datasets.mnist.load_data()
except Exception as error:
    missing = str(error)

# %% task="words" points=10
def words():
    """Whatever the grader compares."""
    ### BEGIN SOLUTION
    return [len(review) for review in x_train], y_train, sum(map(sum, x_test)), len(index)
    ### END SOLUTION


# %% check="words"
def test_words(words):
    """es: Palabras. | en: Words."""
    assert words()
'''
)

GRADER = '''\
import numpy as np

from autograder.checks import check, expect


@check(points=8, task="words", es="Son los mismos datos.")
def test_same(student, data):
    """The data are the same."""
    (x, y), (test, _) = data.imdb(num_words=500)
    lengths, labels, total, known = student.call("words")
    expect(lengths == [len(review) for review in x] and np.array_equal(labels, y))
    expect(total == sum(map(sum, test)) and known > 3)


@check(points=2, task="words", es="Lo que no hay se dice.")
def test_told(student):
    """What is not there is told."""
    expect("mnist.npz is not among the course's data sets" in student.value("missing"))
    student.call("words")
'''


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    course = Course.load(write_course(tmp_path_factory.mktemp("data"), "92_data", NOTEBOOK, GRADER))
    with Engine(course) as engine:
        engine.warm(course.names)
        yield Bench(engine, "92_data")


@pytest.fixture
def store(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A `COURSE_DATA` of four reviews, and an engine that has published nothing yet."""
    monkeypatch.setattr(bench.engine, "_published", {})
    shutil.rmtree(Path(bench.engine._scratch.path) / "data-full", ignore_errors=True)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    arrays = {name: array[:2] for name, array in reviews.corpus().items()}
    np.savez(tmp_path / "imdb.npz", **arrays)
    (tmp_path / "imdb_word_index.json").write_text(json.dumps({"a": 1, "b": 2, "c": 3, "d": 4}))
    return tmp_path


def test_without_a_folder_the_generated_reviews_serve_and_the_report_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_DATA", raising=False)
    report = bench.grade()
    assert (report.score, report.faults, report.data) == (10.0, (), "mini")
    assert report.to_json("en")["data"] == "mini"


def test_a_folder_given_by_course_data_serves_its_own_files(bench: Bench, store: Path) -> None:
    report = bench.grade({"words": "def words():\n    return [2, 2], y_train, 0, len(index)"})
    assert {check.id.partition(".")[2] for check in report.checks if check.outcome is Outcome.FAILED} == {"same"}
    report = bench.grade()
    assert (report.score, report.faults, report.data) == (10.0, (), "full")


def test_an_assignment_that_asks_for_the_mini_data_gets_them_whatever_the_surroundings(
    bench: Bench, store: Path, using: Callable[..., Bench]
) -> None:
    from dataclasses import replace

    course = replace(bench.course, assignments={bench.name: Settings(data="mini")})
    assert using(bench, course).grade().data == "mini"
    assert (choose("mini"), choose("full"), choose(None)) == ("mini", "full", "full")


@pytest.mark.parametrize("name", ["imdb.npz", "imdb_word_index.json"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_missing_or_damaged_data_leave_every_check_unjudged(bench: Bench, store: Path, name: str, damage: str) -> None:
    path = store / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-10])
    report = bench.grade()
    assert report.status is Status.NEEDS_REVIEW
    assert {check.outcome for check in report.checks} == {Outcome.UNJUDGED}
    assert len(report.checks) == 2
    assert any(name in fault or "imdb" in fault for fault in report.faults)
    assert "imdb" not in json.dumps(report.to_json("en")["checks"])


def test_an_assignment_without_data_is_untouched_by_a_broken_store(
    tiny: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    report = tiny.grade()
    assert (report.score, report.data) == (10.0, None)


def test_a_grader_that_asks_for_data_its_notebook_does_not_load_is_our_fault(
    tiny: Bench, tmp_path: Path, using: Callable[..., Bench]
) -> None:
    grader = (
        "from autograder.checks import check\n\n\n"
        '@check(points=10, task="mse", es="Datos.")\ndef test_data(student, data):\n    """Data."""\n    data.imdb()\n'
    )
    report = using(tiny, tiny.with_grader(tmp_path, grader)).grade()
    assert {check.outcome for check in report.checks} == {Outcome.UNJUDGED}


def test_only_data_sets_that_a_notebook_loads_count_as_mentioned() -> None:
    assert mentioned(["keras.datasets.imdb.load_data()", "import numpy"]) == ("imdb",)
    assert mentioned(["from keras.datasets import imdb"]) == ("imdb",)
    assert mentioned(["keras.datasets.fashion_mnist.load_data()", "imdb = 1"]) == ()


# --- the reviews -----------------------------------------------------------------------------------------------------


def test_the_generated_reviews_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    first = reviews.files()
    reviews.corpus.cache_clear()
    assert reviews.files() == first
    publish("mini", ["imdb"], tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in first} == first


@pytest.mark.parametrize("words", [None, 300])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_hidden_grader_sees_the_reviews_that_students_see(
    profile: Profile, words: int | None, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(store))
    published = tmp_path / "published"
    publish(profile, ["imdb"], published)
    seen = imdb.load_data(words, path=published / "imdb.npz")
    for (x, y), (their_x, their_y) in zip(DataSets(profile, published).imdb(words), seen, strict=True):
        assert x.tolist() == their_x.tolist()
        assert np.array_equal(y, their_y)


def test_the_generated_reviews_look_like_the_real_ones() -> None:
    corpus = reviews.corpus()
    assert [len(corpus[name]) for name in ("x_train", "y_train", "x_test", "y_test")] == [10_000, 10_000, 2_500, 2_500]
    for part in ("train", "test"):
        assert abs(corpus[f"y_{part}"].mean() - 0.5) < 0.01
    counts = np.bincount(np.concatenate([np.array(review) for review in corpus["x_train"]]), minlength=10_001)
    assert counts[0] == 0
    # Zipf: ten times the rank, about a tenth of the count.
    assert 6 < counts[91:110].mean() / counts[910:1100].mean() < 14
    words = reviews.words()
    assert len(set(words)) == len(words) == reviews.VOCABULARY


# Keras and its memory stay out of this process: other tests fork it hundreds of times.
SAME = """
import json, sys
import numpy as np
import keras
from pathlib import Path
from autograder.data import imdb

folder = Path(sys.argv[1])
keras.datasets.imdb.load_data.__globals__["get_file"] = lambda *args, **kwargs: str(folder / "imdb.npz")
assert imdb.get_word_index() == json.loads((folder / "imdb_word_index.json").read_bytes())
for words in (None, 300):
    for (x, y), (their_x, their_y) in zip(imdb.load_data(words), keras.datasets.imdb.load_data(num_words=words), strict=True):
        assert x.tolist() == their_x.tolist()
        assert np.array_equal(y, their_y)
print("the same")
"""

OVERFIT = """
import json
import numpy as np
import keras
from autograder.data import imdb

(x, y), _ = imdb.load_data(10_000)
samples = np.zeros((len(x), 10_000), dtype="float32")
for row, review in zip(samples, x, strict=True):
    row[review] = 1
held_out = len(x) * 2 // 5
keras.utils.set_random_seed(0)
layers = [keras.layers.Dense(16, "relu"), keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")]
model = keras.Sequential([keras.Input((10_000,)), *layers])
model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
validation = (samples[:held_out], y[:held_out])
history = model.fit(samples[held_out:], y[held_out:], epochs=20, batch_size=512, validation_data=validation, verbose=0)
print(json.dumps(history.history))
"""


def apart(script: str, *arguments: object, **variables: str) -> str:
    """The last line that a Python process of its own printed."""
    environment = {name: value for name, value in os.environ.items() if name != "COURSE_DATA"} | variables
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1500:]
    return done.stdout.splitlines()[-1]


def test_without_keras_the_same_reviews_come_in_the_same_order(tmp_path: Path) -> None:
    publish("mini", ["imdb"], tmp_path)
    assert apart(SAME, tmp_path) == "the same"


def test_a_file_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"does not exist: COURSE_DATA names the folder"):
        imdb.load_data()
    (tmp_path / "imdb.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="put a whole copy in its place"):
        imdb.load_data()
    with pytest.raises(DataError, match=r"imdb_word_index.json cannot be read"):
        imdb.get_word_index()
    with pytest.raises(DataError, match="is missing: COURSE_DATA has to name a folder"):
        publish("full", ["imdb"], tmp_path / "target")


def test_a_store_that_cannot_be_copied_is_told(store: Path, tmp_path: Path) -> None:
    (tmp_path / "target" / "imdb.npz").mkdir(parents=True)
    with pytest.raises(DataError, match="cannot be copied"):
        publish("full", ["imdb"], tmp_path / "target")


ARCHIVE = """
import os, sys, zipfile
import keras
from autograder.kernel.datasets import serve_from

folder = sys.argv[1]
with zipfile.ZipFile(os.path.join(folder, "words.zip"), "w") as archive:
    archive.writestr("words.txt", "uno")
serve_from(folder)
path = keras.utils.get_file(origin="https://example.org/words.zip", extract=True, file_hash="0" * 64)
found = [os.path.join(where, name) for where, _, names in os.walk(path) for name in names]
print(open(found[0]).read(), folder not in found[0])
"""


def test_archives_of_the_store_are_unpacked_where_the_student_may_write(tmp_path: Path) -> None:
    for name in ("home", "store"):
        (tmp_path / name).mkdir()
    assert apart(ARCHIVE, tmp_path / "store", KERAS_HOME=str(tmp_path / "home")) == "uno True"


@pytest.mark.timeout(300)
def test_a_network_of_16_and_16_units_visibly_overfits_the_generated_reviews() -> None:
    curves = json.loads(apart(OVERFIT))
    assert 2 <= 1 + int(np.argmin(curves["val_loss"])) <= 8
    assert curves["accuracy"][-1] - curves["val_accuracy"][-1] >= 0.08
    assert max(curves["val_accuracy"]) > 0.8
