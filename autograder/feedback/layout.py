"""What all pages share: the frame, the colours, and how names and sentences are set."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autograder.feedback._untrusted import plain
from autograder.feedback.strings import number, strings
from autograder.text import Language, Text

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup

_HERE = Path(__file__).parent
_MAX_NAME = 200
_MAX_MESSAGE = 4_000
_NO_WORDS: Mapping[str, Text] = MappingProxyType({})


@dataclass(frozen=True)
class Script:
    """The only script that a page may run."""

    source: Markup
    sha256: str
    """Of the source, in base64: what the page's Content-Security-Policy allows."""


def render(
    name: str,
    language: Language,
    *,
    folder: Path = _HERE,
    script: str | None = None,
    words: Mapping[str, Text] = _NO_WORDS,
    **values: Any,
) -> str:
    """The page `<name>.html` of `folder`, with the style that all pages share and `<name>.css` after it.

    Whatever is put in is escaped.

    Args:
        script: a file of `folder`; without one the page can run none.
        words: what the page says beyond `strings`.
    """
    return _template(name, folder).render(
        lang=language,
        t=strings(language) | {key: text.to(language) for key, text in words.items()},
        n=lambda value: number(value, language),
        percent=lambda share: percent(share, language),
        to=lambda text: prose(text.to(language)),
        css=_css(name, folder),
        script=_script(folder / script) if script else None,
        **values,
    )


def shown_name(student: str) -> str:
    """A student's name on one line, cut where it is long; a dash where nothing of it can be seen."""
    return " ".join(plain(student[:_MAX_NAME]).split()) or "—"


def prose(text: str) -> Markup:
    """A sentence, with `code` in backticks set as code."""
    from markupsafe import Markup, escape

    parts = re.split(r"`([^`\n]+)`", plain(text[:_MAX_MESSAGE]))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if at % 2 else escape(part) for at, part in enumerate(parts))


def percent(share: float, language: Language) -> str:
    """A share of one in whole per cent, as the language writes it."""
    whole = f"{100 * share:.0f}"
    return f"{whole}\u00a0%" if language == "es" else f"{whole}%"


def load(*names: str) -> None:
    """Read and compile these pages' templates, for whoever has time before the first is rendered."""
    for name in names:
        _template(name, _HERE)


def _template(name: str, folder: Path) -> Template:
    return _environment(folder).get_template(f"{name}.html")


@cache
def _environment(folder: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["plain"] = plain
    return environment


@cache
def _css(name: str, folder: Path) -> Markup:
    from markupsafe import Markup

    files = (_HERE / "base.css", folder / f"{name}.css")
    return Markup("\n".join(path.read_text(encoding="utf-8") for path in files))


@cache
def _script(path: Path) -> Script:
    from markupsafe import Markup

    source = path.read_text(encoding="utf-8")
    return Script(Markup(source), base64.b64encode(hashlib.sha256(source.encode()).digest()).decode())
