"""Reading notebooks: every writer, every encoding, every accident, and bytes that want to do harm."""

from __future__ import annotations

import io
import json
import time
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import SubmissionRejected
from autograder.intake import Document, document, read

MiB = 1 << 20
# Found without importing nbgrader, which takes seconds.
_NBGRADER = find_spec("nbgrader")
assert _NBGRADER is not None
assert _NBGRADER.origin is not None
FIXTURES = sorted((Path(_NBGRADER.origin).parent / "tests").rglob("*.ipynb"))


def code(source: Any = "x = 1", **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
        **more,
    }


def notebook(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def dumped(value: Any, encoding: str = "utf-8") -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(encoding)


def refused(data: bytes) -> str:
    with pytest.raises(SubmissionRejected) as caught:
        read(data)
    assert caught.value.text.es
    assert "{" not in caught.value.text.es
    return caught.value.text.en


def sources(found: Document) -> list[str]:
    return [cell.source for cell in found.cells]


# --- what is read --------------------------------------------------------------------------------------------------


def test_ids_roles_and_tasks_are_read():
    metadata = {"autograder": {"role": "task", "task": "mse"}, "nbgrader": {"grade_id": "mse-answer"}}
    own = {"autograder": {"assignment": "01_mse", "language": "es", "schema": 1}}
    found = read(dumped(notebook(code(id="mse-answer", metadata=metadata), metadata=own)))
    cell = found.cells[0]
    assert (found.assignment, found.language, found.repairs) == ("01_mse", "es", ())
    assert (cell.id, cell.kind, cell.grade_id, cell.role, cell.task) == (
        "mse-answer",
        "code",
        "mse-answer",
        "task",
        "mse",
    )


def test_colabs_ids_are_found_in_the_metadata():
    data = {
        "nbformat": 4,
        "nbformat_minor": 0,
        "metadata": {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {"cell_type": "markdown", "source": ["# Hola\n", "mundo"], "metadata": {"id": "gJr_9dXGpJ05"}},
            {
                "cell_type": "code",
                "source": ["a = 1\n", "a"],
                "metadata": {"id": "2fhs6GZ4qFMx", "outputId": "9d1b-2", "colab": {"base_uri": "https://localhost/"}},
                "execution_count": 3,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
            },
        ],
    }
    found = read(dumped(data))
    assert [cell.id for cell in found.cells] == ["gJr_9dXGpJ05", "2fhs6GZ4qFMx"]
    assert sources(found) == ["# Hola\nmundo", "a = 1\na"]
    assert found.repairs == ()


def test_a_source_may_be_a_text_or_a_list_of_lines():
    assert sources(read(dumped(notebook(code("a\nb"), code(["a\n", "b"]), code([]))))) == ["a\nb", "a\nb", ""]


def test_values_of_the_wrong_type_count_as_absent():
    odd = code(id=7, metadata={"id": "no/id", "nbgrader": [], "autograder": {"role": 3, "task": "x\n"}})
    found = read(dumped(notebook(odd, code(metadata="none", id="x" * 65), metadata=[])))
    assert [(cell.id, cell.grade_id, cell.role, cell.task) for cell in found.cells] == [(None,) * 4] * 2
    assert (found.assignment, found.language) == (None, None)


def test_cells_without_a_readable_source_are_left_out_and_told():
    found = read(dumped(notebook(code(), 7, code({"a": 1}), code([1, 2]))))
    assert len(found.cells) == 1
    assert found.repairs[0].en == "Cells 2, 3, 4: without readable text: left out."
    assert found.repairs[0].es == "Celdas 2, 3, 4: sin texto legible: se ha omitido."


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ({"source": "x", "outputs": []}, "code"),
        ({"source": "x", "execution_count": 1}, "code"),
        ({"source": "x"}, "raw"),
        ({"source": "x", "cell_type": ["odd"]}, "raw"),
        ({"source": "x", "cell_type": "raw"}, "raw"),
        ({"source": "x", "cell_type": "markdown"}, "markdown"),
    ],
)
def test_a_missing_cell_type_is_guessed(cell, kind):
    assert read(dumped(notebook(cell))).cells[0].kind == kind


def test_nul_characters_and_lone_surrogates_are_made_harmless():
    data = b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "a\\u0000b\\ud800c"}]}'
    assert sources(read(data)) == ["ab\ufffdc"]


def test_control_characters_inside_strings_are_forgiven():
    assert sources(read(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "a\tb\nc"}]}')) == ["a\tb\nc"]


def test_a_huge_text_cell_is_emptied_but_a_huge_code_cell_is_refused():
    big = "x" * (document.MAX_SOURCE + 1)
    assert sources(read(dumped(notebook({"cell_type": "markdown", "source": big})))) == [""]
    assert "Cell 2 makes the code too long" in refused(dumped(notebook(code(), code(big))))


def test_much_code_in_many_cells_is_refused():
    cell = code("x" * document.MAX_SOURCE)
    assert len(read(dumped(notebook(*[cell] * 4))).cells) == 4
    assert "Cell 5" in refused(dumped(notebook(*[cell] * 4, code("x"))))


def test_too_many_cells_are_refused():
    assert "2001 cells" in refused(dumped(notebook(*[code()] * 2001)))


# --- versions ------------------------------------------------------------------------------------------------------


def old(version: int) -> dict[str, Any]:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Título", "metadata": {}},
        {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {}},
        {
            "cell_type": "code",
            "input": ["def mse(a, b):\n", "    return 0"],
            "collapsed": False,
            "language": "python",
            "metadata": {},
            "outputs": [],
            "prompt_number": 1,
        },
        {"cell_type": "raw", "source": "r", "metadata": {}},
    ]
    return {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def test_format_3_is_read_as_nbformat_itself_converts_it():
    converted = nbformat.convert(nbformat.from_dict(old(3)), 4)
    found = read(dumped(old(3)))
    assert [(cell.kind, cell.source) for cell in found.cells] == [
        (cell.cell_type, cell.source if isinstance(cell.source, str) else "".join(cell.source))
        for cell in converted.cells
    ]
    assert "old Jupyter format" in found.repairs[0].en


def test_worksheets_of_odd_shape_are_forgiven():
    data = old(2)
    data["worksheets"] += [7, {"cells": None}]
    data["worksheets"][0]["cells"][0]["level"] = "two"
    assert sources(read(dumped(data)))[0] == "# Título"


@pytest.mark.parametrize("version", [None, 5, 99, "4", 10**30, float("nan")])
def test_an_unknown_format_with_cells_is_read_as_format_4(version):
    found = read(dumped(notebook(code(), nbformat=version)))
    assert sources(found) == ["x = 1"]
    assert "read as format 4" in found.repairs[0].en


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4, 5, 6, 99, None])
def test_every_minor_version_of_format_4_is_read(minor):
    assert read(dumped(notebook(code(), nbformat_minor=minor))).repairs == ()


# --- encodings -----------------------------------------------------------------------------------------------------

SPANISH = notebook(code("# El año: ñandú, café"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp1252"])
def test_every_encoding_is_read_and_told_unless_it_is_utf8(encoding):
    found = read(dumped(SPANISH, encoding))
    assert sources(found) == ["# El año: ñandú, café"]
    assert len(found.repairs) == (encoding != "utf-8-sig")


def test_bytes_that_windows_does_not_know_are_latin_1():
    assert "Latin-1" in read(dumped(notebook(code("# \x81 ó")), "latin-1")).repairs[0].en


def test_a_damaged_character_does_not_cost_the_others():
    data = dumped(SPANISH).replace("ú".encode(), b"\xc3")
    found = read(data)
    assert sources(found) == ["# El año: ñand\ufffd, café"]
    assert "damaged characters" in found.repairs[0].en


def test_trailing_zeros_and_white_space_are_forgiven():
    assert sources(read(b"\n \n" + dumped(SPANISH) + b"\0" * 512)) == ["# El año: ñandú, café"]


# --- damage that students really bring ------------------------------------------------------------------------------


def office(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"", "it is empty"),
        (b" \n\n ", "it is empty"),
        (b"\0" * 5000, "nothing but zeros"),
        (b"\xef\xbb\xbf", "plain text"),
        (office("word/document.xml"), "an Office document"),
        (office("01_mse.ipynb"), "it is a zip"),
        (b"%PDF-1.7 ...", "it is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Office document"),
        (b"{\\rtf1\\ansi hola}", "rich-text"),
        (b"\x89HDF\r\n", "saved model"),
        (b"\x89PNG\r\n", "an image"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"L\0\0\0\1\x14\2\0", "Windows shortcut"),
        (b"\0\5\x16\7\0\2", "macOS"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n", "Git LFS pointer"),
        (b"<!DOCTYPE html>\n<html lang='es'>", "web page"),
        (b"\n\n<!-- saved --> <html>", "web page"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"import numpy as np\n\ndef mse(a, b):\n    return 0\n", "a Python script"),
        (b"# %% [markdown]\n# # Hola\n", "a Python script"),
        (b"Querida profesora, adjunto la tarea.", "plain text"),
        (bytes(range(1, 32)) * 30, "binary data"),
        (b'{"": "WARNING!", "doc_id": "1Rgt", "email": "a@b.c"}', "link to Google Drive"),
        (b'{"a": 1}', "without cells"),
        (b'{"cells": {}}', "without cells"),
        (b'[{"cells": []}]', "without cells"),
        (dumped(SPANISH)[:-20], "cut off in the middle"),
        (dumped(notebook(code("x" * 500)))[:300], "cut off in the middle"),
        (b'{"cells": [,]}', "damaged near line 1"),
        (b'{\n "nbformat": 4,\n "cells": [}\n]}', "damaged near line 3"),
        (b'{"cells": []} extra', "damaged near line 1"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> main\n}', "Git conflict markers"),
    ],
)
def test_a_file_that_is_no_notebook_is_named_for_what_it_is(data, seen):
    told = refused(data)
    assert seen in told
    assert "Download" in told


def test_a_notebook_that_talks_of_conflict_markers_is_still_read():
    assert sources(read(dumped(notebook(code("<<<<<<< HEAD\n=======\n>>>>>>> main")))))[0].startswith("<<<")


def test_a_key_that_appears_twice_counts_as_in_jupyter():
    data = b'{"nbformat": 4, "cells": [], "cells": [{"cell_type": "code", "source": "a", "source": "b"}]}'
    found = read(data)
    assert sources(found) == ["b"]
    assert "appear twice" in found.repairs[0].en


# --- hostile -------------------------------------------------------------------------------------------------------

FULL = 20 * MiB


@pytest.mark.parametrize(
    ("start", "unit", "end", "seen"),
    [
        (b"", b"[", b"[[", "20 MiB"),
        (b'{"a":', b"[", b"", "too deeply"),
        (b"", b'{"a":', b"", "too deeply"),
        (b'{"cells":[', b"[],", b"1]}", "too much data"),
        (b"{", b'"a":1,', b'"b":1}', "too much data"),
        (b'{"cells":[', b'"",', b'""]}', "too much data"),
        (b'{"a":', b"9", b"}", "without cells"),
        (b'{"a":"', b"\\", b"", "cut off"),
        (b"{", b"\n", b"", "cut off"),
        (b"", b"\xe1", b"", "plain text"),
        (b'{"cells":[', b"1," * 7 + b" " * 43, b"1]}", "cells, more than 2000"),
    ],
    ids=["size", "lists", "dicts", "pairs", "keys", "strings", "digits", "escapes", "lines", "latin", "cells"],
)
def test_twenty_hostile_mebibytes_are_refused_within_seconds(start, unit, end, seen):
    data = start + unit * ((FULL - (seen != "20 MiB") * len(start + end)) // len(unit)) + end
    began = time.process_time()
    told = refused(data)
    # About 2 s on an idle machine.
    assert time.process_time() - began < 8
    assert seen in told


def test_depth_is_counted_outside_strings_only():
    deep = "[" * 500
    assert sources(read(dumped(notebook(code(f'{deep}\\"{deep}'))))) == [f'{deep}\\"{deep}']
    assert "too deeply" in refused(b'{"a": "\\\\", "b": ' + b"[" * 101 + b"]" * 101 + b"}")
    assert read(dumped(notebook(code(), extra=json.loads("[" * 90 + "]" * 90)))).cells


# --- whatever else -------------------------------------------------------------------------------------------------

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(data: bytes) -> None:
    try:
        found = read(data)
    except SubmissionRejected:
        return
    for cell in found.cells:
        cell.source.encode()


def test_the_fixtures_of_nbgrader_are_all_read_as_nbformat_reads_them():
    assert len(FIXTURES) > 50
    for path in FIXTURES:
        data = path.read_bytes()
        if not data:
            continue
        wanted = json.loads(data)
        if wanted["nbformat"] == 4:
            texts = ["".join(cell["source"]) for cell in wanted["cells"]]
            assert sources(read(data)) == texts, path


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_give_a_document_or_a_rejection(data):
    survives(data)


@QUICK
@given(st.sampled_from(FIXTURES), st.data())
def test_any_damage_to_a_real_notebook_gives_a_document_or_a_rejection(path, data):
    whole = bytearray(path.read_bytes()[:4000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(at, min(len(whole), at + 40)))
        whole[at:end] = data.draw(st.binary(max_size=12))
    survives(bytes(whole))


LEAF = st.none() | st.integers() | st.floats() | st.text(max_size=6)
JSON = LEAF | st.lists(LEAF, max_size=3) | st.dictionaries(st.text(max_size=4), LEAF, max_size=3)
KEYS = ("cell_type", "source", "input", "metadata", "id", "level", "outputs")
CELL = st.dictionaries(
    st.sampled_from(KEYS), JSON | st.sampled_from(("code", "markdown", "heading", "raw")), max_size=4
)


@QUICK
@given(
    st.dictionaries(st.sampled_from(("nbformat", "metadata", "cells", "worksheets")), JSON),
    st.lists(CELL | JSON, max_size=4),
)
def test_any_json_gives_a_document_or_a_rejection(value, cells):
    survives(json.dumps(value).encode())
    survives(json.dumps({"cells": cells, **value}).encode())
    survives(json.dumps({"nbformat": 4, "cells": cells}).encode())
