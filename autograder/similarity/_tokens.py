"""A source as tokens in which nothing counts that is changed in passing: names of one's own, spaces, comments, docstrings."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import accumulate

_OWN_NAME = "V"
_TEXT = "S"


@dataclass(frozen=True)
class Tokens:
    """The tokens of one source."""

    text: str
    """One character per token, equal for equal tokens everywhere."""
    spans: tuple[tuple[int, int], ...]
    """Where each token stands in the source, from and to."""

    def places(self, first: int, last: int, source: str) -> list[tuple[int, int]]:
        """Where tokens `first` to `last` (left out) stand in `source`, from and to; apart where more than space is between."""
        found: list[tuple[int, int]] = []
        for start, end in self.spans[first:last]:
            if found and not source[found[-1][1] : start].strip():
                found[-1] = found[-1][0], end
            else:
                found.append((start, end))
        return found


def tokenize(source: str, released: Collection[str] = ()) -> Tokens:
    """`source` as tokens; never fails, since students hand in what is no Python too.

    What students may name as they like counts as a name only: variables, functions, arguments. What a library names counts as
    it is written: attributes (`np.mean` is not `np.sum`), built-in functions, keywords, numbers. All strings are one.

    Args:
        released: lines without space around them that were there before; what begins on one of them is left out.
    """
    lines = source.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    own = [line.strip() not in released for line in lines]
    found = [each for each in _tokens(source) if own[bisect_right(starts, each[1]) - 1]]
    return Tokens("".join(sign for sign, _, _ in found), tuple((start, end) for _, start, end in found))


def _tokens(source: str) -> Iterator[tuple[str, int, int]]:
    from pygments import token
    from pygments.lexers import PythonLexer

    pending: tuple[int, int] | None = None  # a string, which the lexer gives in pieces
    after_dot = False
    for start, kind, value in PythonLexer().get_tokens_unprocessed(source):
        end = start + len(value)
        if kind in token.String and kind not in token.String.Doc:
            pending = (pending[0], end) if pending else (start, end)
            continue
        if pending:
            yield _TEXT, *pending
            pending = None
        if kind in token.Text or kind in token.Comment or kind in token.String.Doc:
            continue
        own = kind in token.Name and kind not in token.Name.Builtin and not after_dot
        yield (_OWN_NAME if own else _sign(value)), start, end
        after_dot = value == "."
    if pending:
        yield _TEXT, *pending


def _sign(value: str) -> str:
    # Of the 65,534 characters of a private plane, so that no table of tokens has to be kept.
    return chr(0xF0000 + zlib.crc32(value.encode("utf-8", "surrogatepass")) % 0xFFFE)
