"""A sentence in every language of the course."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")


@dataclass(frozen=True)
class Text:
    """One sentence that a person reads, in Spanish and English."""

    es: str
    en: str

    def to(self, language: Language) -> str:
        """The sentence in `language`."""
        return self.es if language == "es" else self.en

    def __add__(self, other: Text) -> Text:
        """Both sentences, one after the other."""
        return Text(_join(self.es, other.es), _join(self.en, other.en))


def near(name: str, names: Iterable[str]) -> str:
    """What to say after an unknown name: the nearest right one, else all of them."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"there are: {', '.join(names) or 'none'}."


def _join(first: str, second: str) -> str:
    return f"{first} {second}".strip()
