"""What the LMS should show: one row per student and activity, brought up to date whenever a mark changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from autograder.serve.tables import Activity, Person, Posting, PostState


def update(session: Session, activity: Activity, person_id: int, now: datetime) -> None:
    """Bring the row to the mark that stands."""


def release(session: Session, posting: Posting, teacher: Person, now: datetime, *, overwrite: bool) -> None:
    """Send a mark that was held or has failed after all.

    Args:
        overwrite: also over what somebody changed by hand in the LMS.
    """
    posting.state, posting.next_try_at = PostState.WAITING, now


def leave(session: Session, posting: Posting, teacher: Person, now: datetime) -> None:
    """Leave the LMS's mark as it is."""
    posting.state = PostState.SENT


def column_found(session: Session, activity: Activity, now: datetime) -> None:
    """Send what was held because there was no column."""
