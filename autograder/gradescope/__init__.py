"""Grading inside Gradescope: the zip that its "Configure Autograder" page takes, and what runs in its container."""

from autograder.gradescope.bundle import pack
from autograder.gradescope.choices import Choices, Visibility
from autograder.gradescope.container import grade

__all__ = ["Choices", "Visibility", "grade", "pack"]
