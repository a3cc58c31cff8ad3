"""What a student reads beside the mark in the LMS: the score, and a line for each check that failed."""

from __future__ import annotations

from autograder.feedback import plain, prose
from autograder.feedback.strings import number, strings
from autograder.lms.results import Result
from autograder.records import Status
from autograder.text import Language

_LONGEST = 600
"""Characters shown of one message; the feedback page has the rest."""


def on(result: Result, language: Language) -> str:
    """The comment on a submission that was graded, or could not be.

    It is HTML on one line, since Moodle stores a comment that comes from a worksheet as HTML. It says what the feedback page says
    and no more: titles and messages, in which graders show nothing of hidden inputs.
    """
    words = strings(language)
    if result.status is Status.REJECTED:
        return f"<p><strong>{words['rejected']}.</strong> {_line(result.reason.to(language))}</p>"
    said = words["score_of"].format(score=number(result.score, language), max=number(result.max_score, language))
    items = "".join(f"<li><strong>{_line(title)}</strong> {_line(message)}</li>" for title, message in result.failed)
    return f"<p>{said}</p>" + (f"<ul>{items}</ul>" if items else "")


def _line(text: str) -> str:
    line = " ".join(plain(text).split())
    return str(prose(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"))
