"""Damaged notebooks as students, editors and Colab really produce them: what can be read is graded."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from .case import RIGHT, Case

_Notebook = dict[str, Any]


def _damaged(
    name: str, violation: str, change: Callable[[_Notebook], Any], score: float = 10.0, rejected_is_fine: bool = False
) -> Case:
    return Case(name, violation, score, change=change, rejected_is_fine=rejected_is_fine)


def _cells(notebook: _Notebook, task: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell.get("id") == f"{task}-answer")


def _without_ids(notebook: _Notebook) -> None:
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)


def _colab(notebook: _Notebook) -> None:
    """As Colab saves: ids in the metadata beside what was there, kernel and provenance of its own, no cell ids."""
    notebook["nbformat_minor"] = 0
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"aBcD{number}", "outputId": "x", "colab": {"base_uri": "https://localhost:8080/"}}
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "accelerator": "GPU",
    }


def _bare(notebook: _Notebook) -> None:
    """As tools leave it that clean notebooks for version control: no ids, no metadata."""
    _without_ids(notebook)
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _same_ids(notebook: _Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"


def _old_copy_below(notebook: _Notebook) -> None:
    """The cell was copied to try something, and the copy keeps its id; the answer is the one above."""
    copied = json.loads(json.dumps(_cells(notebook, "mse")))
    copied["source"] = "print('notes')"
    notebook["cells"].append(copied)


def _split(notebook: _Notebook) -> None:
    cell = _cells(notebook, "mse")
    at = notebook["cells"].index(cell)
    helper = {"cell_type": "code", "id": "h1", "metadata": {}, "execution_count": 3, "outputs": []}
    helper["source"] = "def difference(a, b):\n    return np.asarray(a, float).ravel() - np.asarray(b, float).ravel()\n"
    cell["source"] = "def mse(a, b):\n    return float(np.mean(difference(a, b) ** 2))\n"
    notebook["cells"].insert(at, helper)


def _merged(notebook: _Notebook) -> None:
    first, second = _cells(notebook, "mse"), _cells(notebook, "scale")
    first["source"] = RIGHT["mse"] + "\n\n" + RIGHT["scale"]
    notebook["cells"].remove(second)


def _reordered(notebook: _Notebook) -> None:
    first, second = _cells(notebook, "mse"), _cells(notebook, "scale")
    notebook["cells"].remove(second)
    notebook["cells"].insert(notebook["cells"].index(first), second)


def _setup_deleted(notebook: _Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if "import numpy" not in "".join(cell["source"])]


def _setup_changed(notebook: _Notebook) -> None:
    for cell in notebook["cells"]:
        if "import numpy" in "".join(cell["source"]):
            cell["source"] = "raise RuntimeError('changed a cell that is not the student\\'s')"


def _lines(notebook: _Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


def _old_format(notebook: _Notebook) -> None:
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cells.append(
                {
                    "cell_type": "code",
                    "input": source,
                    "language": "python",
                    "metadata": cell["metadata"],
                    "outputs": [],
                    "collapsed": False,
                    "prompt_number": 1,
                }
            )
        else:
            cells.append({"cell_type": "markdown", "source": source, "metadata": cell["metadata"]})
    notebook.clear()
    notebook.update(nbformat=3, nbformat_minor=0, metadata={"name": ""}, worksheets=[{"cells": cells, "metadata": {}}])


def _old_format_bare(notebook: _Notebook) -> None:
    _bare(notebook)
    _old_format(notebook)


def _missing_fields(notebook: _Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for key in ("outputs", "execution_count", "metadata"):
                cell.pop(key, None)


def _stored_outputs(notebook: _Notebook) -> None:
    _cells(notebook, "mse")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "passed " * 1000},
        {"output_type": "unheard_of", "data": None},
    ]


def _widgets(notebook: _Notebook) -> None:
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"version_major": 2}}


def _other_kernel(notebook: _Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "tf-gpu-2019", "display_name": "Python (tf)", "language": "python"}


def _more(source: str) -> Callable[[_Notebook], None]:
    """A cell of the student's own before the answers."""

    def change(notebook: _Notebook) -> None:
        extra = {
            "cell_type": "code",
            "id": "own",
            "metadata": {},
            "execution_count": 1,
            "outputs": [],
            "source": source,
        }
        notebook["cells"].insert(0, extra)

    return change


def _twice(notebook: _Notebook) -> None:
    """Everything selected, copied, and pasted below by accident."""
    notebook["cells"] += json.loads(json.dumps(notebook["cells"]))


def _below_the_stub(notebook: _Notebook) -> None:
    """The answer stands in a new cell; the one that was meant for it is as it was released."""
    cell = _cells(notebook, "mse")
    own = {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "execution_count": 2,
        "outputs": [],
        "source": RIGHT["mse"],
    }
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, own)
    cell["source"] = "def mse(a, b):\n    ...\n"


def _answer(source: str) -> Callable[[_Notebook], None]:
    def change(notebook: _Notebook) -> None:
        _cells(notebook, "mse")["source"] = source

    return change


def _odd_numbers(notebook: _Notebook) -> bytes:
    """Python writes what no other JSON reader takes."""
    notebook["metadata"]["loss"] = [float("nan"), float("inf")]
    return json.dumps(notebook).encode()


def _large_outputs(notebook: _Notebook) -> None:
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 300_000}}
    _cells(notebook, "mse")["outputs"] = [image]


def _script(notebook: _Notebook) -> bytes:
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code").encode()


def _encoded(encoding: str, before: bytes = b"") -> Callable[[_Notebook], bytes]:
    return lambda notebook: before + json.dumps(notebook, ensure_ascii=False).encode(encoding)


def _conflict(notebook: _Notebook) -> bytes:
    lines = json.dumps(notebook, indent=1).splitlines()
    middle = len(lines) // 2
    marked = [
        *lines[:middle],
        "<<<<<<< HEAD",
        lines[middle],
        "=======",
        lines[middle],
        ">>>>>>> branch",
        *lines[middle + 1 :],
    ]
    return "\n".join(marked).encode()


_PAGE = b"<!DOCTYPE html><html><head><title>Notebook</title></head><body><p>mse</p></body></html>"

CASES = (
    _damaged("lost_ids", "a notebook saved by an old editor, without cell ids, is not graded", _without_ids),
    _damaged("colab", "a notebook saved by Colab is not graded", _colab),
    _damaged("bare", "a notebook without any metadata is not graded", _bare),
    _damaged("same_ids", "cells that all bear one id stop the grader", _same_ids),
    _damaged("copied_cell", "a copy of a cell, with the same id, hides the answer", _old_copy_below),
    _damaged("split_cell", "an answer with a helper in a cell of its own is not found", _split),
    _damaged("merged_cells", "two answers in one cell are not found", _merged),
    _damaged("reordered_cells", "answers in another order are not found", _reordered),
    _damaged("deleted_setup", "a deleted cell of the course's own costs points", _setup_deleted),
    _damaged("changed_setup", "a changed cell of the course's own decides", _setup_changed),
    _damaged("lines", "sources as lists of lines are not read", _lines),
    _damaged("format_3", "a notebook of nbformat 3 is not graded", _old_format),
    _damaged("format_3_bare", "a notebook of nbformat 3 without metadata is not graded", _old_format_bare),
    _damaged("missing_fields", "cells without outputs or metadata stop the grader", _missing_fields),
    _damaged("stored_outputs", "unknown or stored outputs stop the grader", _stored_outputs),
    _damaged("widgets", "half a widget state stops the grader", _widgets),
    _damaged("other_kernel", "the name of a kernel that is not installed here stops the grader", _other_kernel),
    _damaged(
        "magics",
        "IPython magics stop the grader",
        _more("%matplotlib inline\n%config InlineBackend.figure_format = 'svg'\n"),
    ),
    _damaged("pip_install", "`!pip install` stops the grader", _more("!pip install -q numpy\n%pip install numpy\n")),
    _damaged(
        "top_level_await", "a top-level await stops the grader", _more("import asyncio\nawait asyncio.sleep(0)\n")
    ),
    _damaged(
        "colab_import",
        "an import that exists on Colab alone costs points",
        _more("from google.colab import drive\ndrive.mount('/content')\n"),
    ),
    _damaged("input_prompt", "a forgotten `input()` waits for ever", _more("name = input('Your name: ')\n")),
    _damaged("byte_order_mark", "a file with a byte order mark is not read", _encoded("utf-8", b"\xef\xbb\xbf")),
    _damaged("utf_16", "a file that was saved as UTF-16 stops the grader", _encoded("utf-16"), rejected_is_fine=True),
    _damaged(
        "latin_1", "a file that was saved as Latin-1 stops the grader", _encoded("latin-1"), rejected_is_fine=True
    ),
    _damaged("merge_conflict", "a file with conflict markers stops the grader", _conflict, 0.0, rejected_is_fine=True),
    _damaged(
        "truncated", "half a file stops the grader", lambda notebook: json.dumps(notebook).encode()[:700], 0.0, True
    ),
    _damaged("empty_file", "an empty file stops the grader", lambda notebook: b" ", 0.0, True),
    _damaged("web_page", "a saved web page stops the grader", lambda notebook: _PAGE, 0.0, True),
    _damaged(
        "json_of_another_kind", "JSON that is no notebook stops the grader", lambda notebook: b'{"cells": 3}', 0.0, True
    ),
    _damaged("deep_json", "JSON nested without end stops the grader", lambda notebook: b"[" * 200_000, 0.0, True),
    _damaged("everything_twice", "a notebook pasted below itself is not graded", _twice),
    _damaged("below_the_stub", "an answer in a cell of its own is not found", _below_the_stub),
    _damaged("empty_answer", "an emptied cell costs the other task", _answer(""), 4.0),
    _damaged("syntax_error", "an answer that does not parse costs the other task", _answer("def mse(a, b:\n"), 4.0),
    _damaged("timed_cell", "a cell magic above an answer hides it", _answer("%%time\n" + RIGHT["mse"])),
    _damaged("own_syntax_error", "an experiment that does not parse costs points", _more("print 'Python 2'\n")),
    _damaged("odd_numbers", "NaN in the metadata stops the grader", _odd_numbers),
    _damaged("large_outputs", "megabytes of stored pictures stop the grader", _large_outputs),
    _damaged("script", "a script in the place of a notebook stops the grader", _script, 0.0, rejected_is_fine=True),
    _damaged(
        "windows_lines",
        "line ends of another system stop the grader",
        lambda notebook: json.dumps(notebook, indent=1).replace("\n", "\r\n").encode(),
    ),
    _damaged(
        "packed",
        "a compressed file stops the grader",
        lambda notebook: gzip.compress(json.dumps(notebook).encode(), mtime=0),
        0.0,
        True,
    ),
)
