"""Files that an LMS exports, filled in and given back: Moodle's worksheet and feedback zip, Canvas's gradebook, plain CSV."""

from autograder.lms.worksheet import Worksheet

__all__ = ["Worksheet"]
