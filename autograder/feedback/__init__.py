"""Feedback pages: one self-contained HTML file per submission, rendered from its `Report` alone."""

from autograder.feedback._page import page, prose, stem, write
from autograder.feedback._untrusted import cut, harmless, image, plain

__all__ = ["cut", "harmless", "image", "page", "plain", "prose", "stem", "write"]
