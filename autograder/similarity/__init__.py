"""How alike the answers of a class are: compared without what was released, shown side by side, accusing nobody."""

from autograder.similarity._answers import Answers, Unread, gather, stubs
from autograder.similarity._compare import Comparison, Match, compare
from autograder.similarity._show import page, table

__all__ = ["Answers", "Comparison", "Match", "Unread", "compare", "gather", "page", "stubs", "table"]
