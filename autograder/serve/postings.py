"""Marks on their way to the LMS."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from autograder.serve.attempts import standing_of
from autograder.serve.tables import Activity, Posting, PostState


def update(session: Session, activity: Activity, person_id: int, now: datetime) -> None:
    """Bring the posting of one person to what the LMS should show, after their mark may have changed."""
    mark = standing_of(session, activity, person_id).mark
    if activity.line_item_url is None or mark is None or mark.attempt.trial:
        return
    posting = session.get(Posting, (activity.id, person_id), with_for_update=True)
    if posting is None:
        posting = Posting(activity_id=activity.id, person_id=person_id, version=0, comment="", next_try_at=now)
        session.add(posting)
    posting.version += 1
    posting.score, posting.max_score = mark.score, mark.max_score
    posting.state, posting.next_try_at = (PostState.WAITING if mark.final else PostState.HELD), now
    session.flush()
