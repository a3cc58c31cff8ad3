"""Log lines on standard error: JSON, one object a line, for whoever collects them; plain lines for people at a terminal."""

from __future__ import annotations

import logging
import sys
from typing import IO

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class _Plain(logging.Formatter):
    """`12:34:56 what happened (attempt=3 seconds=1.2)`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback below where there is one."""
        known = {name: value for name, value in vars(record).items() if name not in _OWN and value is not None}
        record.details = f" ({' '.join(f'{name}={value}' for name, value in known.items())})" if known else ""
        return super().format(record)


def configure(process: str, stream: IO[str] = sys.stderr) -> None:
    """Send everything that this process logs to `stream`.

    Args:
        process: named in every JSON line, such as `web`.
    """
    handler = logging.StreamHandler(stream)
    if stream.isatty():
        handler.setFormatter(_Plain("%(asctime)s %(message)s%(details)s", datefmt="%H:%M:%S"))
    else:
        from pythonjsonlogger.core import RESERVED_ATTRS
        from pythonjsonlogger.json import JsonFormatter

        handler.setFormatter(
            JsonFormatter(
                ["message", "levelname", "name"],
                rename_fields={"levelname": "level", "name": "logger"},
                static_fields={"process": process},
                timestamp="time",
                reserved_attrs=[*RESERVED_ATTRS, "color_message"],
            )
        )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("httpx2", "httpcore2", "alembic", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
