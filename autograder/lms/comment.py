"""What a student reads beside the mark in the LMS: the score, and a line for each check that failed."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.feedback import plain, prose
from autograder.feedback.strings import number, strings
from autograder.text import Language

_LONGEST = 600
"""Characters shown of one message; the feedback page has the rest."""


def of_score(score: float, max_score: float, failed: Iterable[tuple[str, str]], language: Language) -> str:
    """The comment on a graded submission; `failed` holds title and message of each failed check, in `language`.

    It is HTML on one line, since Moodle stores a comment that comes from a worksheet as HTML. It says what the feedback page says
    and no more: titles and messages, in which graders show nothing of hidden inputs.
    """
    words = strings(language)
    said = words["score_of"].format(score=number(score, language), max=number(max_score, language))
    items = "".join(f"<li><strong>{_line(title)}</strong> {_line(message)}</li>" for title, message in failed)
    return f"<p>{said}</p>" + (f"<ul>{items}</ul>" if items else "")


def of_reason(reason: str, language: Language) -> str:
    """The comment on a submission that could not be graded."""
    words = strings(language)
    return f"<p><strong>{words['rejected']}.</strong> {_line(reason)}</p>"


def _line(text: str) -> str:
    line = " ".join(plain(text).split())
    return str(prose(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"))
