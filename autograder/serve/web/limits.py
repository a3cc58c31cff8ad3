"""How often one person, or one address, may do something; counted in memory, since the service is one process."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from autograder.serve.web.routes import Refusal
from autograder.text import Text

UPLOADS = parse_many("10 per minute; 100 per hour")
"""Per person; ten notebooks of the largest size a minute are more than anybody can change by hand."""
ARRIVALS = parse_many("600 per minute")
"""Per address: whole schools come from one, and all of a class at the same minute."""
REGISTRATIONS = parse_many("30 per minute")
"""Per address; whoever guesses invitations needs more."""
TOO_OFTEN = Text(
    es="Has enviado demasiado en poco tiempo; no se ha perdido nada. Espera {seconds} s y vuelve a intentarlo.",
    en="You have sent too much in a short time; nothing is lost. Wait {seconds} s and try again.",
)


class Limits:
    """Moving windows: a rule of ten a minute means ten within any sixty seconds."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, rules: Sequence[RateLimitItem], *who: str) -> None:
        """Count one thing done by `who` (what it is, and by whom); a refused one does not count.

        Raises:
            Refusal: 429 with `Retry-After`: one of the rules is used up.
        """
        waits = [self._wait(rule, who) for rule in rules if not self._limiter.test(rule, *who)]
        if waits:
            raise Refusal(429, _told(max(waits)), retry_after=max(waits))
        for rule in rules:
            self._limiter.hit(rule, *who)

    def spend_from(self, request: Request, rules: Sequence[RateLimitItem], what: str) -> None:
        """The same for whatever comes from one address.

        Raises:
            Refusal: 429, as `spend`.
        """
        self.spend(rules, what, request.client.host if request.client else "")

    def _wait(self, rule: RateLimitItem, who: tuple[str, ...]) -> int:
        """Seconds until the rule lets one more through; at least 1."""
        reset = self._limiter.get_window_stats(rule, *who).reset_time
        return max(1, math.ceil(reset - time.time()))


def _told(seconds: int) -> Text:
    return Text(*(text.format(seconds=seconds) for text in (TOO_OFTEN.es, TOO_OFTEN.en)))
