"""The map of topics leads to cells that exist, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
CELLS = re.findall(r"`(\w+)#([\w-]+)`", (REPOSITORY / "docs" / "curriculum.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_cell_that_the_curriculum_names_exists(language: str) -> None:
    ids: dict[str, set[str]] = {}
    for path in (REPOSITORY / "assignments" / language).glob("*/*.ipynb"):
        ids[path.parent.name] = {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
    assert len(CELLS) > 50
    assert [f"{name}#{cell}" for name, cell in CELLS if cell not in ids.get(name, set())] == []


def test_every_assignment_is_on_the_map() -> None:
    assert {name for name, _ in CELLS} == {path.name for path in (REPOSITORY / "assignments" / "es").iterdir()}
