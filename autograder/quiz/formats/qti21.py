"""QTI 2.1: a package of items and one test for each bank; formulas as MathML, as the standard has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz
from autograder.quiz.formats.export import (
    Export,
    decimal,
    document,
    element,
    figure_name,
    figures,
    identifier,
    pack,
    penalty,
    serialise,
    tags,
)
from autograder.quiz.formats.qti12 import FIGURES
from autograder.quiz.rendering import html

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_XML = "http://www.w3.org/XML/1998/namespace"
_RESPONSE, _SCORE, _FEEDBACK = "RESPONSE", "SCORE", "FEEDBACK"
_GENERAL = "general"
_NOT_QTI = ("start", "title")
"""Attributes of Markdown's HTML that QTI's has not: where a list begins to count, what a link is called."""
_ALIGNED = "text-align:"
"""The one style that Markdown writes, of cells; QTI has an attribute for it."""


def export(quizzes: Sequence[Quiz], course: str) -> Export:
    """A zip; variants of a question are a section of the test from which one is selected."""
    files: dict[str, bytes] = {"imsmanifest.xml": serialise(_manifest(quizzes, course))}
    for quiz in quizzes:
        files[_test_href(quiz)] = serialise(_test(quiz))
        for item in quiz.items:
            # An item is mixed text: indenting it would put spaces into sentences.
            files[_item_href(item)] = _flat(_item(item))
    files |= {f"items/{FIGURES}/{name}": path.read_bytes() for name, path in figures(quizzes).items()}
    items = [item for quiz in quizzes for item in quiz.items]
    return Export.of(pack(files), [loss for item in items for loss in (*tags(item), *penalty(item))])


def _ident(item: Item) -> str:
    return identifier(item.idnumber, item.language)


def _item_href(item: Item) -> str:
    return f"items/{_ident(item)}.xml"


def _test_ident(quiz: Quiz) -> str:
    return identifier(quiz.name, f"v{quiz.version}", quiz.language)


def _test_href(quiz: Quiz) -> str:
    return f"{_test_ident(quiz)}.xml"


def _manifest(quizzes: Sequence[Quiz], course: str) -> _Element:

    ident = identifier(course, "qti21")
    root = document("manifest", _PACKAGE, {"identifier": ident})
    about = element(root, "metadata")
    element(about, "schema", "QTIv2.1 Package")
    element(about, "schemaversion", "1.0.0")
    element(root, "organizations")
    resources = element(root, "resources")
    for quiz in quizzes:
        test = element(
            resources, "resource", identifier=_test_ident(quiz), type="imsqti_test_xmlv2p1", href=_test_href(quiz)
        )
        element(test, "file", href=_test_href(quiz))
        for item in quiz.items:
            element(test, "dependency", identifierref=_ident(item))
        for item in quiz.items:
            href = _item_href(item)
            resource = element(resources, "resource", identifier=_ident(item), type="imsqti_item_xmlv2p1", href=href)
            element(resource, "file", href=href)
            if item.figure:
                element(resource, "file", href=f"items/{FIGURES}/{figure_name(item)}")
    return root


# --- the test --------------------------------------------------------------------------------------------------------


def _test(quiz: Quiz) -> _Element:

    title = f"{quiz.name} v{quiz.version} · {quiz.title}"
    attributes = {"identifier": _test_ident(quiz), "title": title}
    root = document("assessmentTest", NAMESPACE, attributes)
    _outcome(root, _SCORE, 0.0)
    part = element(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    element(part, "itemSessionControl", maxAttempts="0", showFeedback="true")
    section = _section(part, "questions", quiz.title)
    for name, variants in quiz.variants().items():
        group = section
        if len(variants) > 1:
            group = _section(section, f"one_of_{name}", name)
            element(group, "selection", select="1")
        for item in variants:
            element(group, "assessmentItemRef", identifier=_ident(item), href=_item_href(item))
    total = element(element(root, "outcomeProcessing"), "setOutcomeValue", identifier=_SCORE)
    element(element(total, "sum"), "testVariables", variableIdentifier=_SCORE)
    return root


def _section(parent: _Element, ident: str, title: str) -> _Element:
    return element(parent, "assessmentSection", identifier=ident, title=title, visible="true")


# --- an item ---------------------------------------------------------------------------------------------------------


def _item(item: Item) -> _Element:
    from lxml import etree

    attributes = {"identifier": _ident(item), "title": item.name, "adaptive": "false", "timeDependent": "false"}
    attributes[str(etree.QName(_XML, "lang"))] = item.language
    root = document("assessmentItem", NAMESPACE, attributes)
    declaration, interaction, processing, texts = _PARTS[item.kind](item)
    root.append(declaration)
    _outcome(root, _SCORE, 0.0, normalMaximum=decimal(item.points))
    _outcome(root, "MAXSCORE", item.points)
    element(root, "outcomeDeclaration", identifier=_FEEDBACK, cardinality="multiple", baseType="identifier")
    body = element(root, "itemBody")
    body.append(_rich("div", item.text))
    if item.figure:
        source = f"{FIGURES}/{escape(figure_name(item))}"
        body.append(_parsed(f'<p><img src="{source}" alt="{escape(item.figure_alt)}"/></p>'))
    body.append(interaction)
    group = element(root, "responseProcessing")
    for rule in processing:
        group.append(rule)
    for ident, markdown in {_GENERAL: item.feedback, **texts}.items():
        shown = _rich("modalFeedback", markdown)
        shown.attrib.update({"outcomeIdentifier": _FEEDBACK, "identifier": ident, "showHide": "show"})
        root.append(shown)
    return root


_Made = tuple["_Element", "_Element", list["_Element"], Mapping[str, str]]


def _choices(item: Item) -> _Made:
    several = item.kind is Kind.MULTIPLE
    options = {f"c{number}": option for number, option in enumerate(item.options, 1)}
    right = [ident for ident, option in options.items() if option.correct]
    worth = {ident: item.points * option.fraction / 100 for ident, option in options.items() if option.fraction}
    declaration = _response("multiple" if several else "single", "identifier", right, worth, item.points)
    interaction = _new(
        "choiceInteraction",
        responseIdentifier=_RESPONSE,
        shuffle="true" if item.shuffle and item.kind is not Kind.TRUE_FALSE else "false",
        maxChoices="0" if several else "1",
    )
    for ident, option in options.items():
        choice = _rich("simpleChoice", option.text)
        choice.set("identifier", ident)
        interaction.append(choice)
    return declaration, interaction, _mapped(item, told=True), {i: option.feedback for i, option in options.items()}


def _matching(item: Item) -> _Made:
    ends = {right: f"r{number}" for number, right in enumerate(item.rights(), 1)}
    pairs = [f"l{number} {ends[right]}" for number, (_, right) in enumerate(item.pairs, 1)]
    share = item.points / len(pairs)
    declaration = _response("multiple", "directedPair", pairs, dict.fromkeys(pairs, share), item.points)
    interaction = _new(
        "matchInteraction",
        responseIdentifier=_RESPONSE,
        shuffle="true" if item.shuffle else "false",
        maxAssociations=str(len(pairs)),
    )
    lefts = {f"l{number}": left for number, (left, _) in enumerate(item.pairs, 1)}
    # Several things may have the same partner, so a right side takes any number.
    for most, texts in (("1", lefts), ("0", {ident: right for right, ident in ends.items()})):
        side = element(interaction, "simpleMatchSet")
        for ident, markdown in texts.items():
            choice = _rich("simpleAssociableChoice", markdown)
            choice.attrib.update({"identifier": ident, "matchMax": most})
            side.append(choice)
    return declaration, interaction, _mapped(item, told=False), {}


def _numeric(item: Item) -> _Made:
    cases = []
    for each in item.accepted:
        exact = not each.tolerance
        width = {} if exact else {"tolerance": f"{decimal(each.tolerance)} {decimal(each.tolerance)}"}
        test = _new("equal", toleranceMode="exact" if exact else "absolute", **width)
        element(test, "variable", identifier=_RESPONSE)
        element(test, "baseValue", decimal(each.value), baseType="float")
        cases.append((test, each.fraction, each.feedback))
    return _written(item, "float", decimal(item.accepted[0].value), cases)


def _short(item: Item) -> _Made:
    cases = []
    for each in item.typed:
        if "*" in each.pattern:
            test = _new("patternMatch", pattern=_regular(each.pattern, item.case_sensitive))
            element(test, "variable", identifier=_RESPONSE)
        else:
            test = _new("stringMatch", caseSensitive="true" if item.case_sensitive else "false")
            element(test, "variable", identifier=_RESPONSE)
            element(test, "baseValue", each.pattern, baseType="string")
        cases.append((test, each.fraction, each.feedback))
    right = next(each.pattern for each in item.typed if each.fraction == 100)
    return _written(item, "string", right.replace("*", ""), cases)


_PARTS = {
    Kind.SINGLE: _choices,
    Kind.MULTIPLE: _choices,
    Kind.TRUE_FALSE: _choices,
    Kind.NUMERIC: _numeric,
    Kind.SHORT: _short,
    Kind.MATCHING: _matching,
}


# --- responses and what becomes of them ------------------------------------------------------------------------------


def _response(
    cardinality: str, base: str, right: Sequence[str], worth: Mapping[str, float] | None = None, most: float = 0
) -> _Element:
    declaration = _new("responseDeclaration", identifier=_RESPONSE, cardinality=cardinality, baseType=base)
    correct = element(declaration, "correctResponse")
    for value in right:
        element(correct, "value", value)
    if worth is not None:
        mapping = element(declaration, "mapping", lowerBound="0", upperBound=decimal(most), defaultValue="0")
        for key, share in worth.items():
            element(mapping, "mapEntry", mapKey=key, mappedValue=decimal(share))
    return declaration


def _mapped(item: Item, *, told: bool) -> list[_Element]:
    """Everything for the right answer, so that thirds add up to a whole; what the mapping says for any other."""
    condition = _new("responseCondition")
    whole = element(condition, "responseIf")
    match = element(whole, "match")
    element(match, "variable", identifier=_RESPONSE)
    element(match, "correct", identifier=_RESPONSE)
    _set_score(whole, item.points)
    other = element(element(condition, "responseElse"), "setOutcomeValue", identifier=_SCORE)
    element(other, "mapResponse", identifier=_RESPONSE)
    feedback = _new("setOutcomeValue", identifier=_FEEDBACK)
    shown = element(feedback, "multiple")
    element(shown, "baseValue", _GENERAL, baseType="identifier")
    if told:
        # Feedback bears the name of its choice.
        element(shown, "variable", identifier=_RESPONSE)
    return [condition, feedback]


def _written(item: Item, base: str, right: str, cases: list[tuple[_Element, float, str]]) -> _Made:
    """A blank whose cases are tried in order."""
    interaction = _new("p")
    element(interaction, "textEntryInteraction", responseIdentifier=_RESPONSE, expectedLength="20")
    condition = _new("responseCondition")
    texts: dict[str, str] = {}
    for number, (test, fraction, feedback) in enumerate(cases, 1):
        branch = element(condition, "responseIf" if number == 1 else "responseElseIf")
        branch.append(test)
        _set_score(branch, item.points * fraction / 100)
        ident = f"a{number}" if feedback else None
        _set_feedback(branch, ident)
        if ident:
            texts[ident] = feedback
    _set_feedback(element(condition, "responseElse"), None)
    return _response("single", base, [right]), interaction, [condition], texts


def _set_score(parent: _Element, value: float) -> None:
    element(element(parent, "setOutcomeValue", identifier=_SCORE), "baseValue", decimal(value), baseType="float")


def _set_feedback(parent: _Element, ident: str | None) -> None:
    shown = element(element(parent, "setOutcomeValue", identifier=_FEEDBACK), "multiple")
    for each in filter(None, (_GENERAL, ident)):
        element(shown, "baseValue", each, baseType="identifier")


def _outcome(parent: _Element, ident: str, default: float, **attributes: str) -> None:
    outcome = element(
        parent, "outcomeDeclaration", identifier=ident, cardinality="single", baseType="float", **attributes
    )
    element(element(outcome, "defaultValue"), "value", decimal(default))


def _regular(pattern: str, case_sensitive: bool) -> str:
    """`*igmoid*` as the regular expression of XML Schema, which always matches the whole and knows no flags."""

    def one(letter: str) -> str:
        if not case_sensitive and letter.lower() != letter.upper():
            return f"[{letter.lower()}{letter.upper()}]"
        return f"\\{letter}" if letter in r".\?*+{}()[]|^$-" else letter

    parts = re.split(r"(\\\*|\*)", pattern)
    return "".join({"*": ".*", "\\*": "\\*"}.get(part) or "".join(map(one, part)) for part in parts)


# --- elements --------------------------------------------------------------------------------------------------------


def _new(name: str, **attributes: str) -> _Element:
    return document(name, NAMESPACE, attributes)


def _rich(name: str, markdown: str) -> _Element:
    return _parsed(f"<{name}>{html(markdown, 'mathml')}</{name}>")


def _parsed(xhtml: str) -> _Element:
    from lxml import etree

    root = etree.fromstring(xhtml.replace(">", f' xmlns="{NAMESPACE}">', 1))
    for found in root.iter():
        for name in _NOT_QTI:
            found.attrib.pop(name, None)
        if style := found.attrib.pop("style", None):
            found.set("align", str(style).removeprefix(_ALIGNED))
    return root


def _flat(root: _Element) -> bytes:
    from lxml import etree

    etree.cleanup_namespaces(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
