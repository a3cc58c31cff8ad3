"""What every format makes: a file, and an account of what it could not carry."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz
from autograder.quiz.reading import PENALTY
from autograder.quiz.rendering import is_plain
from autograder.text import Language, Text

if TYPE_CHECKING:
    from lxml.etree import _Element

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a package: the first that zip can write, so that equal content gives equal bytes."""
_LOSES = Text(es="pierde en", en="loses in")


@dataclass(frozen=True)
class Loss:
    """Something that a question has and a format has not."""

    question: str
    what: Text


@dataclass(frozen=True)
class Export:
    """A file for an LMS."""

    content: bytes
    losses: tuple[Loss, ...]

    @classmethod
    def of(cls, content: bytes, losses: Iterable[tuple[Item, Text]]) -> Export:
        """`content` with `losses`, each told once per question however many variants it has."""
        told = dict.fromkeys(Loss(f"{item.bank}.{item.id}", what) for item, what in losses)
        return cls(content, tuple(told))

    def account(self, form: str, language: Language) -> list[str]:
        """A line for each question that loses something in `form`."""
        lost: dict[str, list[str]] = {}
        for loss in self.losses:
            lost.setdefault(loss.question, []).append(loss.what.to(language))
        return [f"{question} {_LOSES.to(language)} {form}: {'; '.join(what)}." for question, what in lost.items()]


PLAIN_RIGHT = Text(
    es="las opciones de la derecha son texto sin formato: las fórmulas se leen en TeX",
    en="right sides are plain text: formulas are read as TeX",
)


_TAGS = Text(es="las etiquetas", en="tags")
_PENALTY = Text(es="la penalización por intento", en="the penalty for each try")


def tags(item: Item) -> Iterator[tuple[Item, Text]]:
    """The loss of formats without tags."""
    if item.tags:
        yield item, _TAGS


def penalty(item: Item) -> Iterator[tuple[Item, Text]]:
    """The loss of formats that take nothing off for another try: told where a question has a penalty of its own."""
    if item.kind is not Kind.TRUE_FALSE and abs(item.penalty - PENALTY) > 1e-4:
        yield item, _PENALTY


def plain_rights(item: Item) -> Iterator[tuple[Item, Text]]:
    """The loss of formats whose right sides of a matching question are entries of a menu."""
    if not all(is_plain(right) for right in (*(right for _, right in item.pairs), *item.extra)):
        yield item, PLAIN_RIGHT


def identifier(*parts: object) -> str:
    """A name that XML and file systems accept, the same every time: `i_01_mse_worked_mse_v1`."""
    text = "_".join(str(part) for part in parts)
    return "i_" + "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in text)


def figures(quizzes: Iterable[Quiz]) -> dict[str, Path]:
    """The figures of all items by the name they get in a package."""
    return {figure_name(item): item.figure for quiz in quizzes for item in quiz.items if item.figure}


def figure_name(item: Item) -> str:
    """The name of an item's figure in a package, unique among all banks."""
    assert item.figure is not None
    return f"{item.bank}_{item.figure.name}"


def decimal(value: float) -> str:
    """`value` as every format reads it: a point, no exponent, no more digits than it has."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def document(tag: str, namespace: str | None = None, attributes: Mapping[str, str] | None = None) -> _Element:
    """A new root, whose namespace needs no prefix."""
    from lxml import etree

    return etree.Element(etree.QName(namespace, tag), attributes, nsmap={None: namespace} if namespace else None)


def element(parent: _Element, tag: str, text: str | None = None, /, **attributes: str) -> _Element:
    """A new last child of `parent`, in its namespace."""
    from lxml import etree

    new = etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, tag), attributes)
    new.text = text
    return new


def serialise(root: _Element) -> bytes:
    """`root` as a file."""
    from lxml import etree

    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files`, by path, in their order; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
