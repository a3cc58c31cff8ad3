"""Runs a released notebook where there is otter-grader and nothing of ours: `python tests/otter_alone.py [NAME]`.

The notebook (01_mse by default) is executed in each language with the reference's answers, untouched, and with the reference's
answers in a shell that otter takes for Colab's: in a virtual environment that holds what a student installs, without network
where that can be taken away. Ends with 1 unless every public check passes with the reference and fails with the stub.

It makes `build/otter`, which takes minutes and a network once. That is why it is a command of its own and no part of
`python3 run.py test`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "otter"
PYTHON = VENV / "bin" / "python"
PACKAGES = ("otter-grader", "numpy", "matplotlib", "scikit-learn", "ipykernel", "nbclient")
OFFLINE = ("unshare", "--map-root-user", "--net")
"""A network namespace in which there is no network, not even the machine's own."""
COLAB = 'type(get_ipython()).__repr__ = lambda self: "<google.colab._shell.Shell object>"'
"""Otter knows Colab by these words."""
RUNNER = """
import importlib.util, json, sys
import nbformat
from nbclient import NotebookClient

assert importlib.util.find_spec("autograder") is None, "our package is installed here"
notebook = nbformat.read(sys.argv[1], as_version=4)
client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
client.create_kernel_manager()
# Sockets in the file system: the usual ones need a network.
client.km.transport = "ipc"
client.execute()
nbformat.write(notebook, sys.argv[1])
"""


def main() -> int:
    """Make the environment unless it is there, run every notebook, say what was seen."""
    name = sys.argv[1] if len(sys.argv) > 1 else "01_mse"
    _make_environment()
    offline = subprocess.run([*OFFLINE, "true"], capture_output=True).returncode == 0
    print(f"{_version()}, Python {sys.version.split()[0]}, {'without' if offline else 'WITH'} a network")
    well = True
    for language in ("es", "en"):
        for kind, wanted in (("reference", True), ("stub", False), ("reference on Colab", True)):
            shown = _checks(_notebook(name, language, kind), OFFLINE if offline else ())
            wrong = sorted(task for task, text in shown.items() if _passed(text) is not wanted)
            well = well and not wrong
            done = "pass" if wanted else "fail"
            print(f"{name} {language}, {kind}: {len(shown) - len(wrong)} of {len(shown)} public checks {done}")
            for task in wrong:
                print(f"  {task} shows: {shown[task]}")
    print("Otter alone does it." if well else "Otter alone does NOT do it: see above.")
    return 0 if well else 1


def _make_environment() -> None:
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True)
    # Our own environment has no pip either; that of the Python below it serves both.
    pip = [
        str(Path(sys.base_prefix, "bin", "python3")),
        "-m",
        "pip",
        "--python",
        str(PYTHON),
        "--disable-pip-version-check",
    ]
    subprocess.run([*pip, "install", "--quiet", *PACKAGES], check=True)


def _version() -> str:
    program = "from importlib.metadata import version; print('otter-grader', version('otter-grader'))"
    return subprocess.run([PYTHON, "-I", "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def _notebook(name: str, language: str, kind: str) -> dict[str, Any]:
    """The released file, as it lies in `assignments`; the reference's answers in its task cells unless `kind` is the stub."""
    sys.path.insert(0, str(ROOT))
    from autograder.authoring import read_template
    from autograder.course import Course

    notebook: dict[str, Any] = json.loads((ROOT / "assignments" / language / name / f"{name}.ipynb").read_text("utf-8"))
    solutions = read_template(Course.load(ROOT).assignment(name), language).solutions
    for cell in notebook["cells"]:
        if kind != "stub" and cell["metadata"]["autograder"]["role"] == "task":
            cell["source"] = solutions[cell["metadata"]["autograder"]["task"]]
    if kind.endswith("Colab"):
        first = {
            "cell_type": "code",
            "id": "colab",
            "metadata": {},
            "source": COLAB,
            "outputs": [],
            "execution_count": None,
        }
        notebook["cells"].insert(0, first)
    return notebook


def _checks(notebook: dict[str, Any], around: tuple[str, ...]) -> dict[str, str]:
    """What each public check shows when the notebook is run in an empty folder, task → text."""
    with tempfile.TemporaryDirectory() as folder:
        # Not beside the kernel's working folder, so that nothing can be read from the notebook's file.
        file, work = Path(folder, "renamed.ipynb"), Path(folder, "work")
        work.mkdir()
        file.write_text(json.dumps(notebook), encoding="utf-8")
        subprocess.run([*around, PYTHON, "-I", "-c", RUNNER, file], check=True, cwd=work, timeout=600)
        ran = json.loads(file.read_text(encoding="utf-8"))
        left = sorted(path.name for path in work.iterdir())
    assert not left, f"the checks left {left} beside the notebook"
    marked = [(cell["metadata"].get("autograder", {}), cell) for cell in ran["cells"]]
    return {
        mark["task"]: " ".join(map(_text, cell["outputs"]))
        for mark, cell in marked
        # The cell that sets the checks up belongs to no task.
        if mark.get("role") == "check" and mark["task"]
    }


def _text(output: dict[str, Any]) -> str:
    data = output.get("data", {}).get("text/plain", output.get("text", output.get("evalue", "")))
    return "".join(data).strip()


def _passed(text: str) -> bool | None:
    """Whether otter's own words say that all of a task's tests passed; `None` where they say neither."""
    return True if "passed!" in text else False if "results:" in text else None


if __name__ == "__main__":
    sys.exit(main())
