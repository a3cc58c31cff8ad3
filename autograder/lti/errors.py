"""Exceptions of the LTI core, named after the party that has to act.

::

    AutograderError
    ├── LtiError                  has a machine-readable cause, a sentence for the log and a text for the page
    │   ├── Refused               whoever sent it: a message that came through a browser is not accepted
    │   │   ├── LoginRefused         at /lti/login
    │   │   ├── LaunchRefused        at /lti/launch, or a choice of content that may not be sent
    │   │   └── RegistrationRefused  dynamic registration
    │   └── ServiceError          a call to the platform did not do what it should
    │       ├── TryLater             time-out, dropped connection, 5xx, 429: the same call may succeed later
    │       ├── NewerThere           409: the platform has a score that is not older
    │       └── Rejected             anything else: the same call will fail again
    └── UsageError
        └── KeyFileError          whoever runs the service: the file of the tool's keys cannot be used
"""

from __future__ import annotations

from autograder.errors import AutograderError, UsageError
from autograder.lti.causes import WITHOUT_COOKIE, Cause, told
from autograder.text import Text

_SHOWN = 120
"""Characters of a foreign value that a log line quotes."""
MAX_WAIT = 3600.0
"""Seconds; a platform that asks for a longer wait is asked again after this."""


class LtiError(AutograderError):
    """Base of what goes wrong between this tool and a platform.

    `str()` is one English sentence for the log, in which foreign values are quoted and cut; `cause` is its short name.
    """

    def __init__(self, cause: Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause

    @property
    def text(self) -> Text:
        """What the page says: what happened, and what to do. It holds nothing from the message itself."""
        return told(self.cause)


class Refused(LtiError):
    """A message is not accepted.

    `again` is the query with which the login can be begun anew in a window of its own, where that may help: `None`
    unless the browser kept no cookie.
    """

    def __init__(self, cause: Cause, sentence: str, again: str | None = None) -> None:
        super().__init__(cause, sentence)
        self.again = again if cause in WITHOUT_COOKIE else None


class LoginRefused(Refused):
    """A login is not begun."""


class LaunchRefused(Refused):
    """A launch is not accepted, or its deep linking request cannot be answered so."""


class RegistrationRefused(Refused):
    """A platform is not registered."""


class ServiceError(LtiError):
    """A call to the platform failed."""


class TryLater(ServiceError):
    """The platform could not be asked just now.

    `retry_after` is how many seconds it wants to be left alone, at most an hour; `None` where it did not say.
    """

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(Cause.SERVICE_LATER, sentence)
        self.retry_after = None if retry_after is None else min(max(retry_after, 0.0), MAX_WAIT)


class NewerThere(ServiceError):
    """The platform holds a score whose time is not before the one that was sent, and kept it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Cause.SERVICE_NEWER, sentence)


class Rejected(ServiceError):
    """The platform will not do it, or what it answered cannot be used.

    `status` is the HTTP status; `None` where there is none, because the request was not made or the answer is no good.
    """

    def __init__(self, cause: Cause, sentence: str, status: int | None = None) -> None:
        super().__init__(cause, sentence)
        self.status = status


class KeyFileError(UsageError):
    """The file with the tool's private keys is damaged, cannot be read or written, or may be read by others."""


def quoted(value: object) -> str:
    """A foreign value as a log line may show it: in quotes, on one line, without control characters, cut."""
    shown = ascii(value) if not isinstance(value, str) else ascii(value[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
