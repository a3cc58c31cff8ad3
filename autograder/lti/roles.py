"""Who somebody is in a course: a fixed list of role names, and nothing for any other."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


class Role(StrEnum):
    """What a person may do here."""

    STUDENT = "student"
    TEACHER = "teacher"
    NONE = "none"
    """Nothing; also for every role that is not on the list."""


# Only roles in the course itself: who teaches elsewhere at the institution, or administers it, is nobody here.
_TEACHERS = frozenset(
    {
        "Instructor",  # the short names are those that LTI 1.3 still allows for course roles
        f"{_MEMBERSHIP}#Instructor",
        f"{_MEMBERSHIP}#Administrator",
        f"{_MEMBERSHIP}/Instructor#PrimaryInstructor",
        f"{_MEMBERSHIP}/Instructor#SecondaryInstructor",
        f"{_MEMBERSHIP}/Instructor#TeachingAssistant",
        f"{_MEMBERSHIP}/Instructor#Grader",
    }
)
_STUDENTS = frozenset(
    {
        "Learner",
        f"{_MEMBERSHIP}#Learner",
        f"{_MEMBERSHIP}/Learner#Learner",
        f"{_MEMBERSHIP}/Learner#NonCreditLearner",
    }
)


def read_role(roles: Iterable[str]) -> Role:
    """The most that these LTI roles allow; teaching the course outweighs being enrolled in it."""
    found = frozenset(roles)
    if found & _TEACHERS:
        return Role.TEACHER
    return Role.STUDENT if found & _STUDENTS else Role.NONE
