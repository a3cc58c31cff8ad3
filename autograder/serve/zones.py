"""The time zone in which dates are written into forms and pages."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.errors import UsageError
from autograder.text import Language

_YEARS = range(2000, 2200)


def zone(name: str) -> ZoneInfo:
    """The zone called `name`, like `Europe/Madrid`.

    Raises:
        UsageError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"AUTOGRADER_ZONE names no time zone ({name!r}): give one like Europe/Madrid.") from error


def shown_time(moment: datetime | None, at: ZoneInfo, language: Language) -> str:
    """A point in time as the language writes it; a dash where there is none."""
    if moment is None:
        return "—"
    local = moment.astimezone(at)
    return f"{local:%d/%m/%Y %H:%M %Z}" if language == "es" else f"{local:%Y-%m-%d %H:%M %Z}"


def for_form(moment: datetime | None, at: ZoneInfo) -> str:
    """For the value of `<input type="datetime-local">`."""
    return f"{moment.astimezone(at):%Y-%m-%dT%H:%M}" if moment else ""


def from_form(text: str, at: ZoneInfo) -> datetime | None:
    """What such a field holds; `None` when it is empty.

    Raises:
        ValueError: it is no date with a time, or of another age: a year with two digits, or one from which nothing can be counted.
    """
    if not text.strip():
        return None
    moment = datetime.fromisoformat(text.strip())
    if moment.year not in _YEARS:
        raise ValueError(f"the year {moment.year}")
    # A time that is already in a zone was not typed into our form.
    return moment.replace(tzinfo=at) if moment.tzinfo is None else moment
