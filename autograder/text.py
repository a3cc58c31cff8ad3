"""A sentence in every language of the course."""

from __future__ import annotations

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


def _join(first: str, second: str) -> str:
    return f"{first} {second}".strip()
