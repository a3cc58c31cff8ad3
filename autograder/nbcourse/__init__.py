"""The course as nbgrader sees it: its commands and the formgrader release, grade and return by this engine."""

from autograder.nbcourse.config import configure

__all__ = ["configure"]
