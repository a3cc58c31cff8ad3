"""Where the data of a course come from: a folder given by `COURSE_DATA` (`full`), or code (`mini`)."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from autograder.course import DATA_VARIABLE as VARIABLE
from autograder.data import imdb, reviews
from autograder.errors import DataError

Profile = Literal["mini", "full"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
_FILES = {"imdb": ("imdb.npz", "imdb_word_index.json")}
"""Data sets that both profiles have. Others are served if the folder holds them, and nothing depends on it."""
_FLAT = "imdb_flat.npz"
"""The reviews once more, as hidden graders read them: with the real ones, lists would take 2 s of every submission."""
_MENTION = re.compile(r"\bdatasets\s*(?:\.|import)\s*(\w+)")


def choose(wanted: Profile | None) -> Profile:
    """What an assignment gets that asks for `wanted`: without a wish, `full` where `COURSE_DATA` is set."""
    return wanted or ("full" if os.environ.get(VARIABLE) else "mini")


def mentioned(sources: Iterable[str]) -> tuple[str, ...]:
    """The store's data sets that this code loads by way of `keras.datasets`, sorted."""
    return tuple(sorted({name for source in sources for name in _MENTION.findall(source)} & set(_FILES)))


def publish(profile: Profile, names: Iterable[str], target: Path) -> None:
    """Put a profile's files into the folder `target`, readable by everybody.

    Args:
        names: the data sets that must be there.

    Raises:
        DataError: one is missing or damaged; nothing in `target` may be used then.
    """
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    if profile == "mini":
        for name, content in reviews.files().items():
            (target / name).write_bytes(content)
        _save_flat(imdb.flat(reviews.corpus()), target)
    else:
        _copy(Path(os.environ.get(VARIABLE) or os.devnull), names, target)
    for path in target.iterdir():
        path.chmod(0o644)


def digest(profile: Profile) -> str:
    """What a profile's files hold, as a hash; for the mini ones the code that makes them is the hash's business."""
    if profile == "mini":
        return profile
    found = hashlib.sha256()
    try:
        for path in sorted(Path(os.environ.get(VARIABLE) or os.devnull).iterdir()):
            if path.is_file():
                with path.open("rb") as file:
                    found.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    except OSError:
        return "missing"
    return found.hexdigest()


def _copy(source: Path, names: Iterable[str], target: Path) -> None:
    for name in names:
        for file in _FILES[name]:
            if not (source / file).is_file():
                raise DataError(
                    f"The full data set {name} is missing: {VARIABLE} has to name a folder that holds {file}, "
                    "or the assignment's settings ask for the mini one."
                )
    flat = None
    if "imdb" in names:
        flat = imdb.read(source / "imdb.npz")
        imdb.read_word_index(source / "imdb_word_index.json")
    try:
        for path in source.iterdir():
            if path.is_file():
                shutil.copyfile(path, target / path.name)
        if flat is not None:
            _save_flat(flat, target)
    except OSError as error:
        raise DataError(f"The data sets in {source} cannot be copied ({error.strerror}).") from error


def _save_flat(flat: dict[str, Any], target: Path) -> None:
    np.savez(target / _FLAT, allow_pickle=False, **flat)


@dataclass(frozen=True)
class DataSets:
    """What a hidden grader is told of the data: the `data` fixture."""

    profile: Profile | None
    """Which data student code sees; `None` where the assignment uses none."""
    folder: Path | None = None

    def imdb(self, num_words: int | None = None) -> tuple:
        """The reviews that the student's code gets from `keras.datasets.imdb.load_data(num_words=…)`, equal to the last number.

        Raises:
            DataError: the assignment's notebook does not load them.
        """
        if self.folder is None:
            raise DataError("The grader asks for imdb, but the notebook does not load it.")
        with np.load(self.folder / _FLAT) as file:
            return imdb.numbered(file, num_words)
