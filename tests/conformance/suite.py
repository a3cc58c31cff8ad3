"""Small hostile, broken and unlucky submissions, and what no grader may let them do.

A case is data (`case`), so the same ones are put to this engine (`test_conformance`) and to its peers
(`benchmarks/conformance.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from . import confuse, crash, escape, exhaust, forge, noise, read, write
from .case import Case

KINDS = (forge, read, write, escape, exhaust, crash, confuse, noise)


def cases() -> Iterator[Case]:
    """All cases, kind by kind, as they stand in their modules."""
    for module in KINDS:
        for case in module.CASES:
            yield replace(case, kind=module.__name__.rpartition(".")[2])
