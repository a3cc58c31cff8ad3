"""Quiz banks: read and checked, drawn by seed, and written for LMSs, pages and notebooks."""

from autograder.quiz.bank import FILE, Bank, Kind, Question
from autograder.quiz.checking import SEEDS, Finding, check, summary
from autograder.quiz.drawing import Item, Quiz, quiz
from autograder.quiz.reading import banks, load, with_bank

__all__ = [
    "FILE",
    "SEEDS",
    "Bank",
    "Finding",
    "Item",
    "Kind",
    "Question",
    "Quiz",
    "banks",
    "check",
    "load",
    "quiz",
    "summary",
    "with_bank",
]
