"""Exceptions, named after the party that has to act.

::

    AutograderError
    ├── UsageError           whoever typed the command: a wrong path, a clash of options     → exit 2
    ├── CourseError          the course's author: config, notebook source, grader, mistakes
    │   └── LeakError        a build that would have released something hidden
    ├── SubmissionRejected   the student, before grading: the file is no notebook of this assignment
    ├── StudentError         the student, while grading: costs the check its points, told in words
    │   ├── Missing          the name was never defined
    │   ├── NotDone          the cell still holds the released stub
    │   ├── Raised           their code raised
    │   ├── TimedOut         their code outran its clock
    │   ├── KernelDied       their code took the kernel down (memory, processes, exit, signal)
    │   └── BadReply         what came back is damaged, oversized, stale or forged
    └── EngineError          us: never costs a mark, the check is `unjudged`
        ├── WallError        a wall could not be raised, so nothing was run
        ├── ClusterError     the machines that were to grade cannot be reached
        ├── DataError        the course's data is missing or damaged
        └── DeviceError      there is no card to compute on, or the backend does not see it
"""

from __future__ import annotations

from autograder.text import Text


class AutograderError(Exception):
    """Base of all errors raised on purpose by this package; `str()` is one sentence for a person."""


class UsageError(AutograderError):
    """The command line or a path given on it cannot be used as asked."""


class CourseError(AutograderError):
    """A file of the course is wrong; the message names the file and the place."""


class LeakError(CourseError):
    """A released notebook would contain something that only the solution or the hidden grader may hold."""


class EngineError(AutograderError):
    """A fault of this engine or of its machine; grading of that check stays open (`unjudged`)."""


class WallError(EngineError):
    """A wall of the sandbox could not be raised; the message says which and why."""


class ClusterError(EngineError):
    """A cluster's scheduler, or every worker that could grade, is out of reach; what is graded already stays."""


class DataError(EngineError):
    """A data set of the course's store is missing or does not match its checksum."""


class DeviceError(EngineError):
    """A submission has to be computed on a card that this machine does not have, or that the backend does not see."""


class _Told(AutograderError):
    """An error whose sentence a student reads, so it exists in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class SubmissionRejected(_Told):
    """The submitted file cannot be graded as a notebook of this assignment."""


class StudentError(_Told):
    """The student's code is at fault; the check fails with this sentence."""


class Missing(StudentError):
    """A name the assignment asks for was never defined."""


class NotDone(StudentError):
    """The released stub is still in place (`NotImplementedError`)."""


class Raised(StudentError):
    """The student's code raised.

    `exceptions` are the class names of the exception and its bases, most specific first.
    """

    def __init__(self, text: Text, exceptions: tuple[str, ...]) -> None:
        super().__init__(text)
        self.exceptions = exceptions


class TimedOut(StudentError):
    """The student's code ran longer than its clock allows; its text is a predicate ("ran longer than …")."""


class KernelDied(StudentError):
    """The student's process is gone; its text is a predicate ("used more memory than allowed")."""


class BadReply(StudentError):
    """What the student's process sent is not what was asked for: damaged, too large, stale or forged."""
