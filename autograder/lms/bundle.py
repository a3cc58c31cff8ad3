"""The zip that Moodle takes under "Upload multiple feedback files in a zip"."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from autograder import feedback
from autograder.errors import EngineError
from autograder.records import Report

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can state: the same files give the same zip."""


def pack(pages: Iterable[tuple[str, Report]], results: Path) -> bytes:
    """A zip with the page and the receipt of each report, as they lie in the folder `results`, in the folder beside it.

    Raises:
        EngineError: a page is missing or cannot be read.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for folder, report in pages:
            stem = feedback.stem(report)
            files = {
                f"{report.assignment}.html": results / "feedback" / f"{stem}.html",
                f"{report.assignment}.receipt.json": results / "receipts" / f"{stem}.json",
            }
            for name, path in files.items():
                try:
                    data = path.read_bytes()
                except FileNotFoundError:
                    # Nothing can be signed where no file was handed in.
                    if path.suffix == ".json":
                        continue
                    raise EngineError(f"{path} is missing: grade again with --fresh.") from None
                except OSError as error:
                    raise EngineError(f"{path} could not be read ({error.strerror}).") from error
                entry = zipfile.ZipInfo(f"{folder}/{name}", _EPOCH)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
