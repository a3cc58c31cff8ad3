"""`docs/conformance.md` tells of the cases that exist, and of no violation by this engine."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from .suite import cases

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$")
VERDICT = re.compile(r"holds|violated: .+|not applicable: .+")


def rows() -> dict[str, tuple[str, ...]]:
    """Cells by case id: what a violation would be, then the three verdicts."""
    found: dict[str, tuple[str, ...]] = {}
    kind = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ")
        match = ROW.match(line)
        if kind and match and match[1] not in ("case", "---"):
            assert f"{kind}-{match[1]}" not in found
            found[f"{kind}-{match[1]}"] = match.groups()[1:]
    return found


def test_the_document_lists_exactly_the_cases_that_exist() -> None:
    assert {name: cells[0] for name, cells in rows().items()} == {case.id: case.violation for case in cases()}


def test_this_engine_violates_nothing_and_every_verdict_is_one() -> None:
    for name, (_, ours, *peers) in rows().items():
        assert ours == "holds", name
        assert all(VERDICT.fullmatch(verdict) for verdict in peers), name


def test_the_totals_are_those_of_the_rows() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for column, at in ((1, 4), (2, 5), (3, 6)):
        counts = Counter(cells[column].partition(":")[0] for cells in rows().values())
        total = next(line for line in text.splitlines() if line.startswith("| **all** |")).split("|")[at - 1]
        words = [f"{counts['holds']} hold"]
        words += [f"{counts[word]} {word}" for word in ("violated", "not applicable") if counts[word]]
        assert total.strip() == ", ".join(words)
