"""What an instructor chose when the zip was made, as it travels in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from autograder.text import LANGUAGES, Language

FILE = "choices.json"
Visibility = Literal["visible", "after_due_date", "after_published"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)


@dataclass(frozen=True)
class Choices:
    """The options of `autograder gradescope` that count when a submission is graded."""

    language: Language
    """Language of everything that a student reads."""
    visibility: Visibility = "visible"
    """When Gradescope shows a check to the student."""
    minutes: int = 10
    """After how many minutes Gradescope ends a container, as its "Autograder Settings" say."""
    sandbox: bool = True
    """False for `--no-sandbox`: student code runs without walls, and every result says so."""

    def to_json(self) -> str:
        """As `choices.json` holds it."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, path: Path) -> Choices:
        """The inverse of `to_json`.

        Raises:
            OSError, ValueError, TypeError: the file is not there, or not one that we wrote.
        """
        found = cls(**json.loads(path.read_text(encoding="utf-8")))
        if found.language not in LANGUAGES or found.visibility not in VISIBILITIES:
            raise ValueError(f"{path} holds a language or a visibility that nobody knows: make the zip anew.")
        return found
