"""From a template and values to an answer, in the reader's language."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from autograder.feedback import plain, prose
from autograder.feedback.layout import shown_name
from autograder.feedback.strings import number
from autograder.serve.tables import Person
from autograder.serve.web.service import Service
from autograder.serve.web.words import words
from autograder.serve.zones import for_form, shown_time
from autograder.text import LANGUAGES, Language, Text

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
BASE_CSS = Path(__file__).parents[2] / "feedback" / "base.css"
"""The style that feedback pages have too."""


def preferred(request: Request, default: Language, person: Person | None = None) -> Language:
    """The language to answer in: what the person chose, else what the browser prefers, else the course's."""
    if person is not None and person.language in LANGUAGES:
        return person.language
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.split(";")[0].strip().lower()[:2]
        for language in LANGUAGES:
            if wanted == language:
                return language
    return default


class Rendering:
    """Draws pages in one language."""

    def __init__(self, service: Service, language: Language) -> None:
        self._service = service
        self._language = language

    def page(self, name: str, status: int = 200, **values: Any) -> Response:
        """The page `<name>.html`; whatever is put in is escaped."""
        return HTMLResponse(self.text(name, **values), status)

    def text(self, name: str, **values: Any) -> str:
        """The same as text."""
        language = self._language
        return (
            _environment()
            .get_template(f"{name}.html")
            .render(
                lang=language,
                t={key: text.to(language) for key, text in words().items()},
                to=lambda text: prose(text.to(language)),
                n=lambda value: number(value, language),
                when=lambda moment: shown_time(moment, self._service.settings.zone, language),
                typed=lambda moment: for_form(moment, self._service.settings.zone),
                service=self._service,
                settings=self._service.settings,
                static=static_url,
                **values,
            )
        )

    def refusal(self, status: int, text: Text, **values: Any) -> Response:
        """A page that says what is wrong and what to do."""
        return self.page("refusal", status, visit=None, text=text, **values)


@cache
def static_url(name: str) -> str:
    """The address of a static file; it changes with its content, so that browsers may keep it for good."""
    path = BASE_CSS if name == BASE_CSS.name else STATIC / name
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"plain": plain, "shown_name": shown_name}
    return environment
