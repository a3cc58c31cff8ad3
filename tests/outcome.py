"""What a grading left behind, without what the clock said, so that two gradings can be compared."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any


def verdicts(file: Path) -> list[dict[str, Any]]:
    """The reports in a `--json` file, without their seconds."""
    found: list[dict[str, Any]] = json.loads(file.read_text())
    for report in found:
        report.pop("seconds")
        for check in report["checks"]:
            check.pop("seconds")
    return found


def marks(gradebook: Path) -> list[tuple[Any, ...]]:
    """(student, task, automatic score) of every mark in a gradebook, whose file must be whole."""
    with sqlite3.connect(gradebook) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        query = (
            "SELECT a.student_id, c.name, g.auto_score FROM grade g JOIN submitted_notebook n ON g.notebook_id = n.id "
            "JOIN submitted_assignment a ON n.assignment_id = a.id JOIN base_cell c ON g.cell_id = c.id"
        )
        found = sorted(db.execute(query).fetchall())
    db.close()
    return found
