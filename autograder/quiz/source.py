"""YAML read with its places, so that every complaint about a file names the line it is about."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.text import LANGUAGES, Language, Text, near

_MAX_BYTES = 2 << 20
"""More than any bank is long; YAML that is larger is some other file."""


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    path: Path
    line: int
    """From 1."""

    def error(self, message: str) -> CourseError:
        """A `CourseError` that names this place."""
        return CourseError(f"{self.path}:{self.line}: {message}")


@dataclass(frozen=True)
class Entry:
    """One value of a YAML file: asks for what is expected, and says where it is not."""

    path: Path
    node: Any
    """PyYAML's node: composed, never constructed, so no tag of the file can name a class."""
    what: str
    """Names the value in messages: `choices`, `tolerance`, …"""

    @property
    def place(self) -> Place:
        """Where the value begins."""
        return Place(self.path, self.node.start_mark.line + 1)

    @property
    def is_mapping(self) -> bool:
        """Whether it is `{key: value}`."""
        return bool(self.node.id == "mapping")

    @property
    def is_list(self) -> bool:
        """Whether it is `[value, …]`."""
        return bool(self.node.id == "sequence")

    def error(self, expected: str) -> CourseError:
        """What is wrong here: `expected` says what should stand in place of what does."""
        return self.place.error(f"{self.what} is {_shown(self.node)}; expected {expected}.")

    def mapping(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Entry]:
        """Its entries by key.

        Raises:
            CourseError: it is no mapping; a key is unknown, doubled or missing.
        """
        entries = self.entries()
        required = tuple(required)
        known = (*required, *optional)
        for key in entries:
            if key not in known:
                raise Place(self.path, self._line_of(key)).error(f"{self.what} has no key {key!r}; {near(key, known)}")
        for key in required:
            if key not in entries:
                raise self.place.error(f"{self.what} lacks the key {key!r}; it needs {', '.join(required)}.")
        return entries

    def entries(self) -> dict[str, Entry]:
        """Its entries by key, whatever the keys are.

        Raises:
            CourseError: it is no mapping, or a key is doubled.
        """
        if not self.is_mapping:
            raise self.error("a mapping, `key: value`")
        found: dict[str, Entry] = {}
        for key, value in self.node.value:
            line = Place(self.path, key.start_mark.line + 1)
            if key.id != "scalar":
                raise line.error(f"a key of {self.what} is {_shown(key)}; expected a word.")
            if key.value in found:
                raise line.error(f"the key {key.value!r} of {self.what} stands twice; keep one.")
            found[key.value] = Entry(self.path, value, key.value)
        return found

    def items(self, what: str, least: int = 1) -> list[Entry]:
        """Its items, each called `what` in messages.

        Raises:
            CourseError: it is no list, or has fewer than `least`.
        """
        if not self.is_list:
            raise self.error("a list")
        if len(self.node.value) < least:
            raise self.place.error(f"{self.what} has {len(self.node.value)} items; expected at least {least}.")
        return [Entry(self.path, node, what) for node in self.node.value]

    def string(self) -> str:
        """A scalar as it is written, not empty.

        Raises:
            CourseError: it is no scalar, or empty.
        """
        if self.node.id != "scalar" or not self.node.value.strip():
            raise self.error("text that is not empty")
        return str(self.node.value)

    def text(self) -> Text:
        """Text in every language: `{es: …, en: …}`, or one string that is the same in all.

        Raises:
            CourseError: it is neither, or a language is missing or empty.
        """
        if not self.is_mapping:
            same = self.string()
            return Text(same, same)
        entries = self.entries()
        if self.node.flow_style and (torn := [key for key in entries if key not in LANGUAGES]):
            raise self.place.error(
                f"{self.what} has no key {torn[0]!r}; inside {{ }} a text with a comma stands in quotes."
            )
        entries = self.mapping(LANGUAGES)
        return Text(
            **{
                language: Entry(self.path, entries[language].node, f"{self.what}.{language}").string()
                for language in LANGUAGES
            }
        )

    def boolean(self) -> bool:
        """`true` or `false`.

        Raises:
            CourseError: it is something else.
        """
        if self.node.id != "scalar" or self.node.value not in ("true", "false") or self.node.style:
            raise self.error("true or false")
        return bool(self.node.value == "true")

    def decimal(self) -> Decimal:
        """A finite number, exactly as it is written.

        Raises:
            CourseError: it is none.
        """
        try:
            value = Decimal(self.string())
        except InvalidOperation:
            raise self.error("a number") from None
        if not value.is_finite():
            raise self.error("a finite number")
        return value

    def number(self, low: float = -math.inf, high: float = math.inf) -> float:
        """A number from `low` to `high`.

        Raises:
            CourseError: it is none, or lies outside.
        """
        value = float(self.decimal())
        if not low <= value <= high:
            raise self.error(f"a number from {low:g} to {high:g}" if math.isfinite(high) else f"at least {low:g}")
        return value

    def whole(self, least: int = 1) -> int:
        """A whole number, `least` at least.

        Raises:
            CourseError: it is none, or smaller.
        """
        value = self.decimal()
        if value != value.to_integral_value() or value < least:
            raise self.error(f"a whole number, {least} at least")
        return int(value)

    @property
    def is_number(self) -> bool:
        """Whether it is written as a number, not as a string in quotes."""
        try:
            return self.node.id == "scalar" and not self.node.style and Decimal(self.node.value).is_finite()
        except InvalidOperation:
            return False

    def _line_of(self, key: str) -> int:
        return next(int(node.start_mark.line) + 1 for node, _ in self.node.value if node.value == key)


def read(path: Path) -> Entry:
    """The only document of the YAML file at `path`.

    Raises:
        CourseError: the file cannot be read, is not UTF-8 or not YAML, uses aliases, or is empty.
    """
    import yaml

    try:
        data = path.read_bytes()
        text = data[: _MAX_BYTES + 1].decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read as UTF-8 text: {error}") from error
    if len(data) > _MAX_BYTES:
        raise CourseError(f"{path} is larger than {_MAX_BYTES >> 20} MiB; a bank is a short text.")
    try:
        # The one in C, where PyYAML has it, takes a tenth of the time.
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        raise Place(path, mark.line + 1 if mark else 1).error(
            f"this is not YAML ({problem}); a text with `: `, `#` or `?` in it stands in quotes or below `|`."
        ) from error
    if node is None:
        raise CourseError(f"{path} is empty; see docs/quiz.md.")
    return Entry(path, node, "the bank")


def languages(text: Text) -> Iterator[tuple[Language, str]]:
    """The sentence in each language."""
    for language in LANGUAGES:
        yield language, text.to(language)


def unique(entries: Mapping[str, Place], name: str, place: Place, what: str) -> None:
    """Return when `name` is new.

    Raises:
        CourseError: `entries` has it already.
    """
    if name in entries:
        raise place.error(f"two {what} are called {name!r}, the first in line {entries[name].line}; rename one.")


def _shown(node: Any) -> str:
    if node.id == "scalar":
        value = node.value if len(node.value) <= 40 else node.value[:40] + "…"
        return repr(value) if value else "empty"
    return {"mapping": "a mapping", "sequence": "a list"}[node.id]
