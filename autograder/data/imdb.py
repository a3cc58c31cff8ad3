"""The course's film reviews, read as `keras.datasets.imdb` reads them, but without Keras and without network.

For notebooks on a machine where nothing can be downloaded, and for hidden graders, whose process has no Keras:

    from autograder.data import imdb
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=10_000)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import numpy as np

from autograder.course import DATA_VARIABLE as VARIABLE
from autograder.data import reviews
from autograder.errors import DataError

START, UNKNOWN, FIRST = 1, 2, 3
"""Keras's indices: of the start of a review, of an unknown word, and what is added to a word's rank."""
_PARTS = ("train", "test")
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
    return numbered(read(Path(path)) if path else flat(reviews.corpus()), num_words)


def flat(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Reviews without Python objects, which a process reads in a fraction of the time that lists take.

    Args:
        arrays: `x_train`, `y_train`, `x_test`, `y_test` as in Keras's file, `x` of lists of word ranks.

    Returns:
        For each part its `words_…`, all reviews' ranks one after the other, `lengths_…` of the reviews, and `y_…`.

    Raises:
        TypeError, ValueError: they are no lists of numbers.
    """
    found: dict[str, np.ndarray] = {}
    for part in _PARTS:
        x = arrays[f"x_{part}"]
        lengths = np.fromiter(map(len, x), np.int64, len(x))
        found[f"words_{part}"] = np.fromiter(chain.from_iterable(x), np.int32, int(lengths.sum()))
        found[f"lengths_{part}"], found[f"y_{part}"] = lengths, arrays[f"y_{part}"].astype(np.int64, copy=False)
    return found


def numbered(flat: Mapping[str, np.ndarray], num_words: int | None = None) -> tuple[Part, Part]:
    """What `load_data` returns, from flat reviews."""
    # Without a limit of its own, Keras makes one of the largest index, though that word then falls out.
    limit = num_words or max(int(flat[f"words_{part}"].max(initial=0)) for part in _PARTS) + FIRST
    # Keras's own way to shuffle, so that a notebook sees the same reviews wherever it runs.
    rng = np.random.RandomState(113)
    shuffled = []
    for part in _PARTS:
        x = _reviews(flat[f"words_{part}"], flat[f"lengths_{part}"], limit)
        order = np.arange(len(x))
        rng.shuffle(order)
        shuffled.append((x[order], flat[f"y_{part}"][order]))
    train, test = shuffled
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
    """The reviews of a file in Keras's format, flat. Its lists are pickled: only for files of the course's own.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=True) as file:
            return flat({name: file[name] for name in _MEMBERS})
    except FileNotFoundError:
        raise DataError(
            f"{path} does not exist: COURSE_DATA names the folder that holds imdb.npz, or is left unset."
        ) from None
    except Exception as error:
        # Whatever a damaged archive or pickle raises.
        raise DataError(f"{path} cannot be read ({type(error).__name__}): put a whole copy in its place.") from error


def _reviews(words: np.ndarray, lengths: np.ndarray, limit: int) -> np.ndarray:
    """One list of indices for each review."""
    indices = words + FIRST
    listed = np.where(indices < limit, indices, UNKNOWN).tolist()
    found = np.empty(len(lengths), dtype=object)
    start = 0
    for place, end in enumerate(np.cumsum(lengths).tolist()):
        found[place] = [START, *listed[start:end]]
        start = end
    return found
