"""The course's film reviews, read as `keras.datasets.imdb` reads them, but without Keras and without network.

For notebooks on a machine where nothing can be downloaded, and for hidden graders, whose process has no Keras:

    from autograder.data import imdb
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=10_000)
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from autograder.course import DATA_VARIABLE as VARIABLE
from autograder.data import reviews
from autograder.errors import DataError

START, UNKNOWN, FIRST = 1, 2, 3
"""Keras's indices: of the start of a review, of an unknown word, and what is added to a word's rank."""
_MEMBERS = ("x_train", "y_train", "x_test", "y_test")

Part = tuple[np.ndarray, np.ndarray]


def load_data(num_words: int | None = None, *, path: str | Path | None = None) -> tuple[Part, Part]:
    """The same reviews, in the same order and with the same numbers, as `keras.datasets.imdb.load_data(num_words=…)`.

    Args:
        num_words: words from this index on become 2, as in Keras; `None` keeps (nearly) all.
        path: a file in Keras's format; by default `COURSE_DATA/imdb.npz`, and without `COURSE_DATA` the generated corpus.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: `x` arrays `(reviews,)` of lists of word indices, `y` of 0 and 1.

    Raises:
        DataError: the file is missing or damaged.
    """
    path = path or _given("imdb.npz")
    arrays = read(Path(path)) if path else reviews.corpus()
    # Keras's own way to shuffle, so that a notebook sees the same reviews wherever it runs.
    rng = np.random.RandomState(113)
    shuffled = []
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        order = np.arange(len(x))
        rng.shuffle(order)
        shuffled.append((x[order], y[order]))
    # Without a limit of its own, Keras makes one of the largest index, though that word then falls out.
    limit = num_words or max(max(review, default=0) for x, _ in shuffled for review in x) + FIRST
    train, test = ((_numbered(x, limit), y) for x, y in shuffled)
    return train, test


def get_word_index() -> dict[str, int]:
    """Word → rank by frequency from 1 on, as `keras.datasets.imdb.get_word_index` gives it.

    Raises:
        DataError: `COURSE_DATA` names a folder whose `imdb_word_index.json` is missing or damaged.
    """
    path = _given("imdb_word_index.json")
    return read_word_index(path) if path else reviews.word_index()


def read_word_index(path: Path) -> dict[str, int]:
    """A word index in Keras's format.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        index: dict[str, int] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}): put a whole copy in its place.") from error
    return index


def _given(name: str) -> Path | None:
    return Path(os.environ[VARIABLE]) / name if os.environ.get(VARIABLE) else None


def read(path: Path) -> dict[str, np.ndarray]:
    """The four arrays of a file in Keras's format, whose lists are pickled: only for files of the course's own.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=True) as file:
            return {name: file[name] for name in _MEMBERS}
    except FileNotFoundError:
        raise DataError(
            f"{path} does not exist: COURSE_DATA names the folder that holds imdb.npz, or is left unset."
        ) from None
    except Exception as error:
        # Whatever a damaged archive or pickle raises.
        raise DataError(f"{path} cannot be read ({type(error).__name__}): put a whole copy in its place.") from error


def _numbered(x: np.ndarray, limit: int) -> np.ndarray:
    numbered = np.empty(len(x), dtype=object)
    for place, review in enumerate(x):
        words = np.asarray(review, dtype=int) + FIRST
        numbered[place] = [START, *np.where(words < limit, words, UNKNOWN).tolist()]
    return numbered
