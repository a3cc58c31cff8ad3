"""Files that an LMS exports, filled in and given back: Moodle's worksheet and feedback zip, Canvas's gradebook, plain CSV."""

from autograder.lms.errands import Export, Grading, export, fill_worksheet

__all__ = ["Export", "Grading", "export", "fill_worksheet"]
