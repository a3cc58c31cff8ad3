"""Where `keras.datasets` and `keras.utils.get_file` find their files inside the walls, which have no network."""

from __future__ import annotations

import os
import sys
from typing import Any
from urllib.parse import urlparse


def serve_from(folder: str | None) -> None:
    """Let Keras's downloads resolve from `folder`, without a copy and without comparing checksums.

    The course's files may be rebuilt or generated, so their checksums are not those that Keras knows. Nothing happens where
    Keras is not loaded.
    """
    utils = sys.modules.get("keras.src.utils.file_utils")
    if utils is None:
        return
    original: Any = utils.get_file

    def get_file(fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> Any:
        name = os.path.basename(str(fname or urlparse(str(origin)).path))
        path = os.path.join(folder, name) if folder else ""
        if not os.path.isfile(path):
            raise FileNotFoundError(
                f"{name} is not among the course's data sets, and there is no network while grading."
            )
        if any(kwargs.get(option) for option in ("extract", "untar")):
            kwargs = {key: value for key, value in kwargs.items() if not key.endswith("hash")}
            return original(fname, f"file://{path}", *args, **kwargs)
        return path

    # The data sets' modules and the public names hold the function itself, so each is replaced.
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("keras") and getattr(module, "get_file", None) is original:
            module.get_file = get_file  # type: ignore[attr-defined]
