"""Pages made from reports alone: one self-contained HTML file per submission for its student, one per class for its teacher."""

from autograder.feedback._class import class_page, write_class_page
from autograder.feedback._page import page, stem, write
from autograder.feedback._untrusted import cut, harmless, image, plain
from autograder.feedback.layout import load, prose

__all__ = [
    "class_page",
    "cut",
    "harmless",
    "image",
    "load",
    "page",
    "plain",
    "prose",
    "stem",
    "write",
    "write_class_page",
]
