"""The figures of a bank: files beside it that browsers show and that hold nothing but a picture."""

from __future__ import annotations

import base64
from pathlib import Path

from autograder.quiz.source import Place

TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
_MAX_BYTES = 256 << 10
"""More than a diagram needs; every export carries the file once per question."""
_PNG = b"\x89PNG\r\n\x1a\n"


def check_figure(folder: Path, name: str, place: Place) -> Path:
    """The path of the figure `name` below `folder`.

    Raises:
        CourseError: it is not there, too large, outside of the folder, or not what its name says.
    """
    path = folder / name
    if path.suffix not in TYPES:
        raise place.error(f"figure is {name!r}; expected an .svg or .png file.")
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        raise place.error(f"there is no figure {name!r} beside the bank.")
    data = path.read_bytes()
    if len(data) > _MAX_BYTES:
        raise place.error(f"the figure {name!r} has {len(data) >> 10} KiB; {_MAX_BYTES >> 10} at most.")
    if not (data.startswith(_PNG) if path.suffix == ".png" else _is_picture(data)):
        raise place.error(f"the figure {name!r} is no {path.suffix[1:].upper()} picture, or holds a script or a link.")
    return path


def data_uri(path: Path) -> str:
    """The figure as a `data:` address, for formats that carry no files."""
    return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _is_picture(data: bytes) -> bool:
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return False
    if etree.QName(root).localname != "svg":
        return False
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if etree.QName(element).localname in ("script", "foreignObject"):
            return False
        for name, value in element.attrib.items():
            local = etree.QName(str(name)).localname
            if local.startswith("on") or (local == "href" and not str(value).startswith("#")):
                return False
    return True
