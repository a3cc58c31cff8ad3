"""Laws of intake: whatever is handed in becomes a record or a refusal in words, in bounded time and memory.

The same examples every time; `benchmarks/fuzz_intake.py` looks for new ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.authoring import Template, read_template
from autograder.course import Course
from autograder.errors import SubmissionRejected, UsageError
from autograder.intake import Document, Prepared, collect, identify, prepare, read, slug
from autograder.intake.names import MAX_NAME, clean, course_name, read_label
from autograder.records import Role

sys.path.insert(0, os.path.dirname(__file__))
import intake_mutations as mutations

ROOT = Path(__file__).resolve().parents[1]
RELEASED = sorted((ROOT / "assignments").glob("*/0[14]_*/*.ipynb"))
NAMES = ("01_mse", "04_xor_mlp")
SECONDS = 10
"""Of one example on a loaded machine; a quiet one takes hundredths."""
MEMORY = 200 << 20

FEW = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEWER = settings(FEW, max_examples=60)
CHANCE = st.integers(0, 2**32).map(Random)


@pytest.fixture(scope="module")
def templates() -> tuple[Template, ...]:
    course = Course.load(ROOT)
    return tuple(read_template(course.assignment(name), "es") for name in NAMES)


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Fails when what is inside takes too long."""
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


def intake(data: bytes, templates: tuple[Template, ...]) -> Prepared | None:
    """What a class's run does with `data`; any exception but the refusal passes through."""
    try:
        with bounded():
            found = read(data)
        assert isinstance(found, Document)
        for cell in found.cells:
            assert "\0" not in cell.source
            cell.source.encode()
        for text in found.repairs:
            mutations.writable(text)
        try:
            with bounded():
                name = identify(found, templates)
        except SubmissionRejected as refusal:
            mutations.writable(refusal.text)
            # As with `--assignment`, which does not ask.
            name = NAMES[len(data) % 2]
        template = next(template for template in templates if template.assignment == name)
        with bounded():
            made = prepare(found, template)
    except SubmissionRejected as refusal:
        mutations.writable(refusal.text)
        return None
    filled = (Role.TASK, Role.ANSWER, Role.EXTRA)
    locked = [cell for cell in template.cells if cell.role not in filled]
    assert [cell for cell in made.cells if cell.role not in filled] == locked
    assert len({cell.id for cell in made.cells}) == len(made.cells)
    for text in made.repairs:
        mutations.writable(text)
    return made


# --- notebooks -----------------------------------------------------------------------------------------------------


@FEW
@given(data=st.binary(max_size=400))
def test_any_bytes_are_prepared_or_refused(templates, data):
    intake(data, templates)


@FEWER
@given(path=st.sampled_from(RELEASED), chance=CHANCE, times=st.integers(1, 4))
def test_any_change_to_a_released_notebook_is_prepared_or_refused(templates, path, chance, times):
    data = path.read_bytes()
    for _ in range(times):
        data = mutations.notebook(data, chance)
    intake(data, templates)


@FEWER
@given(number=st.integers(0, 1), chance=CHANCE, times=st.integers(1, 4))
def test_any_change_to_a_solved_notebook_is_prepared_or_refused(templates, number, chance, times):
    data = json.dumps(templates[number].reference()).encode()
    for _ in range(times):
        data = mutations.notebook(data, chance)
    intake(data, templates)


@FEW
@given(path=st.sampled_from(RELEASED), chance=CHANCE)
def test_any_damage_to_the_text_of_a_notebook_is_prepared_or_refused(templates, path, chance):
    data = path.read_bytes()
    for _ in range(chance.choice((1, 1, 2))):
        data = mutations.text(data, chance)
    intake(data, templates)


TASKS = ("mse", "build_xor_model", "train_xor", "twice")
SOURCE = st.sampled_from(mutations.LINES) | st.text(max_size=20)
SOURCES = st.lists(SOURCE | st.sampled_from([f"def {task}(*a): pass" for task in TASKS]), max_size=4)
WORD = st.sampled_from((*TASKS, *NAMES, "task", "check", "setup", "mse-answer", "\ud800", "", "x" * 101))
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.none(), max_size=1)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "autograder": ODD | st.fixed_dictionaries({}, optional={"role": WORD | ODD, "task": WORD | ODD}),
        "nbgrader": ODD | st.fixed_dictionaries({}, optional={"grade_id": WORD | ODD}),
        "id": WORD | ODD,
    },
)
CELL = st.fixed_dictionaries(
    {"source": SOURCES.map("\n".join) | SOURCES | ODD},
    optional={
        "cell_type": st.sampled_from(mutations.CELL_TYPES),
        "id": WORD | ODD,
        "metadata": METADATA | ODD,
        "outputs": ODD,
        "input": SOURCE | ODD,
        "level": ODD,
    },
)
CELLS = st.lists(CELL | ODD, max_size=8)
BOOK = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.integers(0, 6) | ODD,
        "metadata": st.fixed_dictionaries(
            {}, optional={"autograder": st.fixed_dictionaries({"assignment": WORD | ODD})}
        ),
        "cells": CELLS | ODD,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": CELLS | ODD}) | ODD, max_size=2) | ODD,
    },
)


@FEW
@given(book=BOOK, encoding=st.sampled_from(("utf-8", *mutations.ENCODINGS)), ascii=st.booleans())
def test_any_notebook_by_the_grammar_is_prepared_or_refused(templates, book, encoding, ascii):
    text = json.dumps(book, ensure_ascii=ascii)
    intake(text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace"), templates)


@pytest.mark.parametrize(
    "piece",
    [
        b"[]",
        b"{}",
        b"[[",
        b'{"":',
        b'"",',
        b"1,",
        b'{"cells":[]},',
        b'{"cell_type":"code","source":"mse=1"},',
        b'{"source":["","",""]},',
        b'"\\ud800",',
        b"\\",
        b"\n<<<<<<< \n>>>>>>> ",
        b"\xed\xa0\x80",
        b"\0\0\0{",
    ],
)
@pytest.mark.parametrize("start", [b"", b'{"nbformat":4,"cells":['])
def test_a_mebibyte_of_anything_costs_seconds_and_little_memory(templates, start, piece):
    data = (start + piece * ((1 << 20) // len(piece))).removesuffix(b",") + (b"]}" if start else b"")
    tracemalloc.start()
    try:
        intake(data, templates)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


# --- names ---------------------------------------------------------------------------------------------------------

ANY_NAME = st.text(max_size=60) | st.lists(st.sampled_from(mutations.NAMES), min_size=1, max_size=3).map("".join)


@FEW
@given(name=ANY_NAME)
def test_any_name_is_shown_and_filed_safely(name):
    with bounded():
        label = read_label(name, NAMES)
        shown, filed = clean(name), slug(name)
    assert len(shown) <= MAX_NAME
    assert shown.isprintable()
    assert label.student.isprintable()
    assert label.assignment in (None, *NAMES)
    assert course_name(name, NAMES) in (None, *NAMES)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", filed)


# --- zips and folders ----------------------------------------------------------------------------------------------


def collected(path: Path, assignment: str | None) -> None:
    """What a class's run does with `path`; any exception but wrong usage passes through."""
    try:
        with bounded():
            handed = collect([path], NAMES, assignment)
    except UsageError as error:
        str(error).encode()
        return
    mutations.lawful(handed)


NOTEBOOKS = (b'{"cells": []}', b"", b"PK\3\4")
MEMBERS = (
    mutations.Member("ana/01_mse.ipynb", NOTEBOOKS[0]),
    mutations.Member("Beto_2_assignsubmission_file/x.zip", mutations.zipped([mutations.Member("x.ipynb", b"{}")])),
    mutations.Member("submitted/carla/04_xor_mlp/notes.txt", b"x"),
)


@FEW
@given(
    count=st.integers(0, 3),
    chance=CHANCE,
    times=st.integers(1, 5),
    assignment=st.sampled_from((None, *NAMES)),
    inside=...,
)
def test_any_zip_is_collected_or_refused(
    count: int, chance: Random, times: int, assignment: str | None, inside: bool
) -> None:
    data = mutations.zipped(list(MEMBERS[:count]))
    for _ in range(times):
        data = mutations.archive(data, chance, NOTEBOOKS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "class.zip"
        path.write_bytes(data)
        collected(path.parent if inside else path, assignment)
        assert os.listdir(folder) == ["class.zip"], "nothing is unpacked"


KINDS = ("notebook", "notebook", "empty", "folder", "link", "loop", "fifo", "locked", "zip")


@FEWER
@given(
    chance=CHANCE,
    kinds=st.lists(st.sampled_from(KINDS), max_size=6),
    assignment=st.sampled_from((None, *NAMES)),
)
def test_any_folder_is_collected_or_refused(chance: Random, kinds: list[str], assignment: str | None) -> None:
    with tempfile.TemporaryDirectory() as root:
        for kind in kinds:
            # What no file system takes as a name cannot lie in a folder.
            with contextlib.suppress(OSError, ValueError):
                place(Path(root) / mutations.name(chance).lstrip("/").replace("..", "up"), kind)
        collected(Path(root), assignment)


def place(path: Path, kind: str) -> None:
    """Puts something of this kind at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "notebook" | "locked":
            path.write_bytes(NOTEBOOKS[0])
            if kind == "locked":
                path.chmod(0)
        case "empty":
            path.touch()
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/etc/passwd")
        case "loop":
            path.symlink_to(path)
        case "fifo":
            os.mkfifo(path)
        case "zip":
            path.with_name(path.name + ".zip").write_bytes(mutations.zipped(list(MEMBERS)))


def test_the_mutations_themselves_reach_every_end(templates: tuple[Template, ...]) -> None:
    """Were all notebooks refused, or none, the laws above would say little."""
    data: Any = json.dumps(templates[0].reference()).encode()
    ends = [intake(mutations.notebook(data, Random(seed)), templates) for seed in range(60)]
    assert sum(end is None for end in ends) >= 3
    assert sum(end is not None and bool(end.repairs) for end in ends) >= 10
    assert sum(end is not None and not end.repairs for end in ends) >= 3
