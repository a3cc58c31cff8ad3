"""nbgrader's settings, read from course_config.py; docs/nbgrader.md says what each command then does."""

from pathlib import Path

from autograder.nbcourse import configure

c = get_config()  # noqa: F821 -- nbgrader puts it there
configure(c, Path(__file__).parent)
# Your own settings go below, for example a penalty for late submissions: c.LateSubmissionPlugin.penalty_method = "zero"
