"""The source of one cell as text: what may be cleaned without changing its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Where invisible characters are data: strings, comments, and lines that IPython hands to a shell or magic. A string that
# is never closed counts too, up to where Python gives up on it: were it passed over, a cell made of such beginnings
# would be searched to its end once for each of them.
_KEPT = re.compile(
    r"""(?P<kept>
        \"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:\"{3})? | '{3}(?:[^'\\]++|\\.|'(?!''))*+(?:'{3})?
      | "(?:[^"\\\n]++|\\.)*+"? | '(?:[^'\\\n]++|\\.)*+'?
      | \#[^\n]*
      | ^[ \t]*[%!][^\n]*
    )
    | (?P<space>[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])
    | (?P<nothing>[\u200b-\u200f\u2060\ufeff\u00ad])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_INVISIBLE = re.compile("[\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\u00ad]")
_FENCES = frozenset({"```", "```python", "```py", "```python3", "```ipython"})
CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*(?:\n|$)")
# Cell magics that run their cell as Python in the notebook's own namespace.
_PYTHON_MAGICS = frozenset({"time", "capture", "prun", "memit", "debug"})


@dataclass(frozen=True)
class Cleaned:
    """The source of a cell, cleaned, and what that took."""

    source: str
    line_ends: bool = False
    """Windows or old Macintosh line ends were replaced."""
    invisible: bool = False
    """Invisible characters outside strings and comments were replaced by spaces or removed."""
    fenced: bool = False
    """Markdown fences around the whole cell were removed."""


def clean(source: str) -> Cleaned:
    """`source` without what Python either ignores or always refuses; everything else is left as it is."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    line_ends = text != source
    bare = _unfenced(text)
    fenced, text = bare is not None, text if bare is None else bare
    plain = text
    if _INVISIBLE.search(text) and runs_as_python(text):
        plain = _KEPT.sub(_visible, text)
    return Cleaned(plain, line_ends, plain != text, fenced)


def runs_as_python(source: str) -> bool:
    """Whether the cell is run as Python, judging by the cell magic it may start with."""
    magic = CELL_MAGIC.match(source)
    return magic is None or magic[1] in _PYTHON_MAGICS


def _unfenced(text: str) -> str | None:
    """What stands between the Markdown fences around all of `text`; `None` without such fences."""
    lines = text.strip().split("\n")
    if len(lines) < 3 or lines[0].replace(" ", "").lower() not in _FENCES or lines[-1].strip() != "```":
        return None
    return "\n".join(lines[1:-1])


def _visible(match: re.Match[str]) -> str:
    if match["kept"] is not None:
        return match["kept"]
    return " " if match["space"] else ""
