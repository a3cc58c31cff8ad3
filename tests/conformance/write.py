"""The gradebook, siblings, packages, reports; and traps for whoever reads the work folder afterwards."""

from __future__ import annotations

from .case import Case

_IMPORTS = "import contextlib, os, subprocess, sys, zipfile\n"


def _writes(name: str, violation: str, source: str, score: float = 10.0) -> Case:
    return Case(name, violation, score, extra=_IMPORTS + source.strip() + "\n")


CASES = (
    _writes("outside_file", "a file outside the work folder is made", "open('SPOT/file', 'w').write('x')"),
    _writes(
        "outside_by_shell",
        "a program that the notebook starts makes one",
        "subprocess.run('touch SPOT/shell', shell=True)",
    ),
    _writes(
        "outside_by_link",
        "a link in the work folder leads out, and writing goes through it",
        "os.symlink('SPOT', 'out')\nopen('out/link', 'w').write('x')",
    ),
    _writes(
        "renamed_out",
        "a file of the work folder is moved out",
        "open('mine', 'w').write('x')\nos.rename('mine', 'SPOT/mine')",
    ),
    _writes(
        "linked_out",
        "a file of the work folder gets a second name outside",
        "open('mine', 'w').write('x')\nos.link('mine', 'SPOT/mine')",
    ),
    _writes(
        "overwrites_another",
        "another student's file is overwritten",
        "open('SECRET', 'w').write('overwritten')\nopen('SPOT/overwritten', 'w').write('x')",
    ),
    _writes(
        "deletes_another",
        "another student's file is deleted",
        "os.unlink('SECRET')\nopen('SPOT/deleted', 'w').write('x')",
    ),
    _writes(
        "changes_a_package",
        "an installed package is changed for everybody after",
        "import numpy\n"
        "with open(os.path.join(os.path.dirname(numpy.__file__), 'conformance_probe.py'), 'w') as file:\n"
        "    file.write('x')\n"
        "os.unlink(file.name)\n"
        "open('SPOT/package', 'w').write('x')",
    ),
    _writes(
        "startup_file",
        "a file that every later Python reads at its start is left behind",
        "home = os.path.expanduser('~')\n"
        "target = os.path.join(home, '.ipython', 'profile_default', 'startup', '00.py')\n"
        "if not os.path.realpath(home).startswith(os.path.realpath(os.getcwd())):\n"
        "    os.makedirs(os.path.dirname(target), exist_ok=True)\n"
        "    open(target, 'w').write('x = 1')\n"
        "    os.unlink(target)\n"
        "    open('SPOT/startup', 'w').write('x')",
    ),
    _writes(
        "gradebook",
        "the gradebook is found and changed",
        "import sqlite3\n"
        "for folder in ('.', '..', '../..', '../../..', '../../../..'):\n"
        "    path = os.path.join(folder, 'gradebook.db')\n"
        "    if os.path.exists(path):\n"
        "        with contextlib.suppress(sqlite3.Error):\n"
        "            db = sqlite3.connect(path)\n"
        "            db.execute('UPDATE grade SET auto_score = 10')\n"
        "            db.commit()\n"
        "            open('SPOT/gradebook', 'w').write('x')",
    ),
    _writes(
        "fifo",
        "a pipe in the work folder blocks whoever reads it",
        "for name in ('results.json', 'out.npz', 'notebook.ipynb'):\n    os.mkfifo(name)",
    ),
    _writes(
        "device",
        "a device node in the work folder gives the whole disk",
        "os.mknod('disk', 0o60666, os.makedev(254, 0))\nopen('SPOT/device', 'w').write(str(len(open('disk', 'rb').read(16))))",
    ),
    _writes(
        "archive_with_traversal",
        "an archive that the grader unpacks writes outside",
        "for name in ('results.zip', 'out.npz', 'submission.zip'):\n"
        "    with zipfile.ZipFile(name, 'w') as archive:\n"
        "        archive.writestr('../' * 12 + 'SPOT/traversal', 'x')",
    ),
    Case(
        "pickle_for_the_grader",
        "an answer that runs code where it is unpacked",
        4.0,
        {
            "mse": "import os\n"
            "class Trap:\n"
            "    def __reduce__(self):\n"
            "        return os.system, ('touch SPOT/pickle',)\n\n"
            "def mse(a, b):\n"
            "    return np.array([Trap()], dtype=object)\n",
        },
    ),
    _writes(
        "closed_folders",
        "folders that nobody may enter stay on the disk for ever",
        "os.makedirs('a/b/c')\nopen('a/b/c/file', 'w').write('x')\nos.chmod('a/b', 0)\nos.chmod('a', 0)",
    ),
    _writes(
        "results_become_links",
        "what the grader writes into the work folder goes through links of the submission's",
        "for name in ('results.json', 'results.pkl', 'out.npz', 'feedback.html', '90_tiny.ipynb', 'executed.ipynb'):\n"
        "    with contextlib.suppress(FileNotFoundError):\n"
        "        os.unlink(name)\n"
        "    os.symlink('SPOT/' + name, name)",
    ),
    _writes(
        "deep_folders",
        "folders nested too deep to be deleted stay on the disk for ever",
        "for _ in range(2000):\n    os.mkdir('d')\n    os.chdir('d')",
    ),
    Case(
        "pickle_in_fields",
        "an answer whose fields run code where they are unpacked",
        4.0,
        {
            "mse": "import os\n"
            "class Trap:\n"
            "    def __reduce__(self):\n"
            "        return os.system, ('touch SPOT/fields',)\n\n"
            "def mse(a, b):\n"
            "    return np.array([(1.0, Trap())], dtype=[('value', float), ('trap', object)])\n",
        },
    ),
)
