"""Marks as an LMS writes them: with a comma or a point, with so many decimals, out of its own maximum."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_NUMBER = re.compile(r"[0-9]{1,9}(?:([.,])([0-9]{1,9}))?")
_DEFAULT_PLACES = 2


@dataclass(frozen=True)
class Style:
    """How one file writes marks."""

    comma: bool
    """Whether decimals follow a comma."""
    places: int | None
    """Decimals of every mark; `None`: as many as needed, two at most."""

    @classmethod
    def seen_in(cls, cells: Iterable[str], *, comma: bool) -> Style:
        """The style of the numbers among `cells`; where none has decimals, with a comma if `comma`.

        A point is the safe choice in doubt: Moodle reads it in every language, and takes "8,5" for 8 where decimals have a point.
        """
        found = [match for cell in cells if (match := _NUMBER.fullmatch(_tight(cell))) and match[1]]
        if not found:
            return cls(comma, None)
        places = {len(match[2]) for match in found}
        return cls(found[0][1] == ",", places.pop() if len(places) == 1 else None)

    def write(self, value: Decimal) -> str:
        """`value` (not negative) as this file writes it."""
        places = _DEFAULT_PLACES if self.places is None else self.places
        text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
        if self.places is None and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.replace(".", ",") if self.comma else text


def read_number(cell: str) -> Decimal | None:
    """The number that a cell says, with a comma or a point; `None` when it says none."""
    cell = _tight(cell)
    return Decimal(cell.replace(",", ".")) if _NUMBER.fullmatch(cell) else None


def scaled(score: float, max_score: float, maximum: Decimal) -> Decimal:
    """`score` out of `max_score` (not 0) as a mark out of `maximum`; never more than that, which an LMS would refuse."""
    # By way of text: 0.1 is meant, not the nearest binary fraction.
    return min(Decimal(str(score)) * maximum / Decimal(str(max_score)), maximum)


def _tight(cell: str) -> str:
    """Without the spaces, also narrow ones, that some languages put between thousands."""
    return "".join(cell.split())
