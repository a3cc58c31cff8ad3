"""The parts of QTI 1.2 that Canvas and Common Cartridge share: items, their choices, conditions and feedback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from autograder.quiz.drawing import Item
from autograder.quiz.formats.export import element, figure_name
from autograder.quiz.rendering import html

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
RESPONSE = "response1"
GENERAL = "general_fb"
FIGURES = "figures"
"""Folder of the figures in a package."""


def metadata(parent: _Element, fields: Mapping[str, str]) -> None:
    """`qtimetadata` with `fields`, in their order."""
    group = element(parent, "qtimetadata")
    for label, entry in fields.items():
        field = element(group, "qtimetadatafield")
        element(field, "fieldlabel", label)
        element(field, "fieldentry", entry)


def material(parent: _Element, content: str) -> None:
    """HTML as QTI 1.2 carries it: as text that is marked as HTML."""
    element(element(parent, "material"), "mattext", content, texttype="text/html")


def question_html(item: Item, base: str) -> str:
    """The question's text and figure; `base` is how the LMS names the root of the package."""
    image = ""
    if item.figure:
        image = f'<p><img src="{base}/{FIGURES}/{escape(figure_name(item))}" alt="{escape(item.figure_alt)}" /></p>'
    return html(item.text) + image


def choices(presentation: _Element, options: Iterable[tuple[str, str]], *, several: bool, shuffle: bool | None) -> None:
    """A `response_lid` with `options`, (identifier, HTML); `shuffle` is left unsaid when it is `None`."""
    response = element(presentation, "response_lid", ident=RESPONSE, rcardinality="Multiple" if several else "Single")
    attributes = {} if shuffle is None else {"shuffle": "Yes" if shuffle else "No"}
    render = element(response, "render_choice", **attributes)
    for ident, content in options:
        material(element(render, "response_label", ident=ident), content)


def blank(presentation: _Element, **attributes: str) -> None:
    """A `response_str` with one line to write on."""
    response = element(presentation, "response_str", ident=RESPONSE, rcardinality="Single")
    element(element(response, "render_fib", **attributes), "response_label", ident="answer1")


def processing(item: _Element) -> _Element:
    """`resprocessing` with SCORE from 0 to 100."""
    group = element(item, "resprocessing")
    element(element(group, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    return group


def condition(group: _Element, *, goes_on: bool) -> _Element:
    """A `respcondition`; its `conditionvar` is its first child."""
    found = element(group, "respcondition", **{"continue": "Yes" if goes_on else "No"})
    element(found, "conditionvar")
    return found


def variables(found: _Element) -> _Element:
    """The `conditionvar` of a condition."""
    return found[0]


def equals(parent: _Element, value: str, *, response: str = RESPONSE, case: bool = False) -> None:
    """The response is `value`."""
    attributes = {"case": "Yes"} if case else {}
    element(parent, "varequal", value, respident=response, **attributes)


def score(found: _Element, value: str = "100", action: str = "Set") -> None:
    """What a condition earns."""
    element(found, "setvar", value, action=action, varname="SCORE")


def shows(found: _Element, feedback: str) -> None:
    """The feedback that a condition shows."""
    element(found, "displayfeedback", feedbacktype="Response", linkrefid=feedback)


def general(group: _Element) -> None:
    """The question's own feedback, whatever was answered. Stands first: a condition that ends the search would hide it."""
    found = condition(group, goes_on=True)
    element(variables(found), "other")
    shows(found, GENERAL)


def feedback(item: _Element, texts: Mapping[str, str]) -> None:
    """The texts that conditions show: name → Markdown."""
    for ident, markdown in texts.items():
        material(element(element(item, "itemfeedback", ident=ident), "flow_mat"), html(markdown))
