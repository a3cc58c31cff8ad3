"""From an author's `notebook.py` to what students receive, and the gate that keeps answers out of it."""

from autograder.authoring.build import Release, plan, stale, write
from autograder.authoring.imports import imported
from autograder.authoring.leaks import Leak, inspect, require_clean
from autograder.authoring.template import Template, read_template

__all__ = [
    "Leak",
    "Release",
    "Template",
    "imported",
    "inspect",
    "plan",
    "read_template",
    "require_clean",
    "stale",
    "write",
]
