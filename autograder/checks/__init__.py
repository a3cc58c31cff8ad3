"""What the author of a hidden grader imports; see docs/authoring.md."""

from autograder.checks.declaration import Check, check
from autograder.checks.expectations import (
    Borderline,
    CheckFailed,
    expect,
    expect_array,
    expect_at_least,
    expect_at_most,
    expect_close,
    expect_integer,
    expect_number,
    expect_raises,
    expect_unchanged,
)
from autograder.text import Text

__all__ = [
    "Borderline",
    "Check",
    "CheckFailed",
    "Text",
    "check",
    "expect",
    "expect_array",
    "expect_at_least",
    "expect_at_most",
    "expect_close",
    "expect_integer",
    "expect_number",
    "expect_raises",
    "expect_unchanged",
]
