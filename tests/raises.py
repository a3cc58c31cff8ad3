"""Says which `raise` statements of the engine no test reaches: `python tests/raises.py [PYTEST ARGUMENT …]`.

Line coverage cannot tell: much of the engine runs in processes that are forked behind walls, may write no file and end without
saying good-bye. So the tests are run on a copy of the repository, in which every `raise` first sets its byte of a file that is
mapped into memory before the walls go up, and so shared by all processes.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "raises"
SEEN = COPY / "seen"
NOTE = """\
import mmap

with open({path!r}, "r+b") as _file:
    _seen = mmap.mmap(_file.fileno(), 0)


def note(number):
    _seen[number] = 1
"""


def main() -> int:
    """Run the tests, print the statements that none has reached; 0 when there is none."""
    shutil.rmtree(COPY, ignore_errors=True)
    _copy()
    raises = [place for path in sorted((COPY / "autograder").rglob("*.py")) for place in _instrument(path)]
    for number, (path, _line, _column) in enumerate(raises):
        text = path.read_text().replace("_note(RAISE)", f"_note({number})", 1)
        path.write_text(text)
    SEEN.write_bytes(bytes(len(raises)))
    SEEN.chmod(0o666)  # some tests drop from root to an ordinary user
    (COPY / "autograder" / "_raises.py").write_text(NOTE.format(path=str(SEEN)))
    failed = subprocess.call([COPY / ".venv" / "bin" / "python", "-m", "pytest", *sys.argv[1:]], cwd=COPY)
    seen = SEEN.read_bytes()
    missed = [place for number, place in enumerate(raises) if not seen[number]]
    for path, line, _column in missed:
        source = (ROOT / path.relative_to(COPY)).read_text().splitlines()[line - 1].strip()
        print(f"not reached: {path.relative_to(COPY)}:{line}: {source}")
    print(f"{len(raises) - len(missed)} of {len(raises)} raise statements were reached.")
    return int(bool(failed or missed))


def _copy() -> None:
    """The tracked files, and a virtual environment of hard links in which the package is the copy."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, COPY / name)
    # Links, since TensorFlow is large; a further path to the real one would lie outside what student code may read.
    shutil.copytree(sys.prefix, COPY / ".venv", symlinks=True, copy_function=os.link)
    packages = (COPY / ".venv" / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)).iterdir()
    for path in [*(COPY / ".venv" / "bin").iterdir(), *(path for path in packages if "autograder" in path.name)]:
        if path.is_file() and not path.is_symlink() and str(ROOT).encode() in (old := path.read_bytes()):
            mode = path.stat().st_mode
            path.unlink()
            path.write_bytes(old.replace(str(ROOT).encode(), str(COPY).encode()))
            path.chmod(mode)


def _instrument(path: Path) -> list[tuple[Path, int, int]]:
    """Put a note before each `raise` of a module; their places, in the order in which they stand in the file."""
    source = path.read_text()
    found = sorted(
        (node.lineno, node.col_offset) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise)
    )
    lines = source.splitlines(keepends=True)
    for line, column in reversed(found):
        text = lines[line - 1].encode()
        lines[line - 1] = (text[:column] + b"_note(RAISE); " + text[column:]).decode()
    if found:
        # With the module, not with the first `raise`: a walled process could not import it any more.
        at = lines.index("from __future__ import annotations\n")
        lines[at] = "from __future__ import annotations; from autograder._raises import note as _note\n"
    path.write_text("".join(lines))
    return [(path, line, column) for line, column in found]


if __name__ == "__main__":
    sys.exit(main())
