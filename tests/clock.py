"""Clocks that tests hand to a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        """Later by that much; the time it is then."""
        self.now += timedelta(**by)
        return self.now


class Now(Clock):
    """The time itself, for tests with other processes."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)
