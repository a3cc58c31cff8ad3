"""What `run_autograder` starts: `python -m autograder.gradescope ROOT`, where ROOT is laid out like Gradescope's /autograder."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.gradescope.container import grade

if __name__ == "__main__":
    grade(Path(sys.argv[1]))
