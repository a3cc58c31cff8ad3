"""Common Cartridge 1.1: the little that Moodle's restore, Canvas and most others all read.

It knows four kinds of question: one choice, several choices, true or false, and a blank. A number becomes a choice between the
right one and those of known mistakes, and each pair of a matching question a choice of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Option, Quiz
from autograder.quiz.formats import qti12
from autograder.quiz.formats.export import (
    Export,
    document,
    element,
    figures,
    identifier,
    pack,
    penalty,
    serialise,
    tags,
)
from autograder.quiz.rendering import html
from autograder.text import Text

if TYPE_CHECKING:
    from lxml.etree import _Element

_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest"
_BASE = "$IMS-CC-FILEBASE$"
_PROFILES = {
    Kind.SINGLE: "cc.multiple_choice.v0p1",
    Kind.MULTIPLE: "cc.multiple_response.v0p1",
    Kind.TRUE_FALSE: "cc.true_false.v0p1",
    Kind.SHORT: "cc.fib.v0p1",
}
_PATTERN = "cc.pattern_match.v0p1"
_CHOSEN = Text(
    es="el número que se escribe: se elige entre el correcto y los de errores conocidos",
    en="writing the number: it is chosen among the right one and those of known mistakes",
)
_SPLIT = Text(es="las parejas juntas: cada una es una pregunta", en="the pairs as one question: each is one by itself")
_ALL = Text(
    es="las partes de los puntos: solo vale la respuesta entera", en="parts of the points: only the whole answer counts"
)
_PARTS = Text(es="las respuestas que valen una parte", en="answers worth a part of the points")
_FIRST = Text(
    es="los comentarios de cada opción salvo el primero", en="the feedback on each choice but the first that is shown"
)
_WILDCARDS = Text(es="los comodines que no están en los dos extremos", en="wildcards that do not stand at both ends")
_POINTS = Text(es="las fracciones de punto", en="fractions of a point")
_HEAVY = Text(es="los puntos por encima de 99", en="points above 99")
_CASE = Text(es="la distinción entre mayúsculas y minúsculas", en="the difference between upper and lower case")
_RIGHT = Text(es="Correcto.", en="Right.")
_OTHER = Text(es="Otro número", en="Another number")
_FEWEST = 3
"""Choices that the cartridge's rules want of a question with one right answer."""
_HEAVIEST = 99
"""Points that the cartridge's rules let a question have."""
_NONE = Text(es="Ninguna de estas", en="None of these")
_WHICH = Text(es="¿Qué le corresponde?", en="What belongs to it?")


def export(quizzes: Sequence[Quiz], course: str) -> Export:
    """A cartridge with an assessment for each bank; variants of a question stand one after the other."""
    files: dict[str, bytes] = {"imsmanifest.xml": serialise(_manifest(quizzes, course))}
    for quiz in quizzes:
        files[_href(quiz)] = serialise(_assessment(quiz))
    files |= {f"{qti12.FIGURES}/{name}": path.read_bytes() for name, path in figures(quizzes).items()}
    return Export.of(pack(files), [loss for quiz in quizzes for item in quiz.items for loss in _losses(item)])


def _ident(quiz: Quiz) -> str:
    return identifier(quiz.name, f"v{quiz.version}", quiz.language)


def _href(quiz: Quiz) -> str:
    return f"{_ident(quiz)}/assessment.xml"


def _title(quiz: Quiz) -> str:
    return f"{quiz.name} v{quiz.version} · {quiz.title}"


def _manifest(quizzes: Sequence[Quiz], course: str) -> _Element:
    from lxml import etree

    names = {None: _PACKAGE, "lomimscc": _LOM}
    ident = identifier(course, "cartridge")
    root = etree.Element(etree.QName(_PACKAGE, "manifest"), {"identifier": ident}, nsmap=names)
    about = element(root, "metadata")
    element(about, "schema", "IMS Common Cartridge")
    element(about, "schemaversion", "1.1.0")
    lom = etree.SubElement(about, etree.QName(_LOM, "lom"))
    element(element(element(lom, "general"), "title"), "string", course, language=quizzes[0].language)
    organizations = element(root, "organizations")
    organization = element(organizations, "organization", identifier="organization", structure="rooted-hierarchy")
    top = element(organization, "item", identifier="root")
    resources = element(root, "resources")
    for quiz in quizzes:
        entry = element(top, "item", identifier=f"{_ident(quiz)}_item", identifierref=_ident(quiz))
        element(entry, "title", _title(quiz))
        kind = "imsqti_xmlv1p2/imscc_xmlv1p1/assessment"
        resource = element(resources, "resource", identifier=_ident(quiz), type=kind)
        element(resource, "file", href=_href(quiz))
        for name in figures([quiz]):
            element(resource, "dependency", identifierref=identifier(name))
    for name in figures(quizzes):
        href = f"{qti12.FIGURES}/{name}"
        resource = element(resources, "resource", identifier=identifier(name), type="webcontent", href=href)
        element(resource, "file", href=href)
    return root


def _assessment(quiz: Quiz) -> _Element:

    root = document("questestinterop", qti12.NAMESPACE)
    assessment = element(root, "assessment", ident=_ident(quiz), title=_title(quiz))
    fields = {"cc_profile": "cc.exam.v0p1", "qmd_assessmenttype": "Examination", "qmd_scoretype": "Percentage"}
    qti12.metadata(assessment, {**fields, "cc_maxattempts": "unlimited"})
    section = element(assessment, "section", ident="root_section")
    for item in quiz.items:
        for suffix, simple in _simplified(item):
            _question(section, simple, identifier(item.idnumber, item.language) + suffix)
    return root


def _simplified(item: Item) -> Iterator[tuple[str, Item]]:
    """`item` as one of the four kinds, with what tells its parts apart."""
    if item.kind is Kind.NUMERIC:
        yield "", replace(item, kind=Kind.SINGLE, options=tuple(_offered(item)), shuffle=True)
    elif item.kind is Kind.MATCHING:
        for number, (left, right) in enumerate(item.pairs, 1):
            options = [Option(each, 100.0 * (each == right), each == right, None, "") for each in item.rights()]
            if len(options) < _FEWEST:
                options.append(Option(_NONE.to(item.language), 0.0, False, None, ""))
            text = f"{item.text}\n\n{left}\n\n{_WHICH.to(item.language)}"
            points = item.points / len(item.pairs)
            yield f"_{number}", replace(item, kind=Kind.SINGLE, text=text, options=tuple(options), points=points)
    else:
        yield "", item.arranged()


def _offered(item: Item) -> Iterator[Option]:
    answer, *others = (each for each in item.accepted if each.fraction in (0, 100))
    found = [Option(answer.shown, 100.0, True, None, _RIGHT.to(item.language))]
    found += [Option(each.shown, 0.0, False, each.mistake, each.feedback) for each in others]
    # In order of size, so that the right one does not always stand first where an LMS does not shuffle.
    sizes = {each.shown: each.value for each in reversed(item.accepted)}
    yield from sorted(found, key=lambda option: sizes[option.text])
    if len(found) < _FEWEST:
        yield Option(_OTHER.to(item.language), 0.0, False, None, "")


def _question(section: _Element, item: Item, ident: str) -> None:
    question = element(section, "item", ident=ident, title=item.name)
    wild = item.kind is Kind.SHORT and any(_piece(each.pattern) for each in item.typed if each.fraction == 100)
    fields = {"cc_profile": _PATTERN if wild else _PROFILES[item.kind]}
    # Whole numbers only, and Moodle reads 0 as no points at all.
    weight = min(max(1, round(item.points)), _HEAVIEST)
    qti12.metadata(element(question, "itemmetadata"), fields | {"cc_weighting": str(weight)})
    presentation = element(question, "presentation")
    qti12.material(presentation, qti12.question_html(item, _BASE))
    texts = (_short if item.kind is Kind.SHORT else _choice)(item, presentation, question)
    qti12.feedback(question, {qti12.GENERAL: item.feedback, **texts})


def _choice(item: Item, presentation: _Element, question: _Element) -> dict[str, str]:
    several = item.kind is Kind.MULTIPLE
    # Moodle knows the two answers of true and false by these names.
    names = ["true", "false"] if item.kind is Kind.TRUE_FALSE else [f"c{n}" for n in range(1, len(item.options) + 1)]
    options = list(zip(names, item.options, strict=True))
    qti12.choices(
        presentation, [(name, html(option.text)) for name, option in options], several=several, shuffle=item.shuffle
    )
    group = qti12.processing(question)
    qti12.general(group)
    texts = {f"{name}_fb": option.feedback for name, option in options if option.feedback}
    if several:
        found = qti12.condition(group, goes_on=False)
        every = element(qti12.variables(found), "and")
        for name, option in options:
            # Without case="Yes" Moodle finds no right answer.
            qti12.equals(every if option.correct else element(every, "not"), name, case=True)
        qti12.score(found)
    for name, option in options:
        # Moodle takes what is shown under continue="Yes" for general feedback, and the last condition on a choice for
        # its score: so each has one condition, and it ends the search.
        found = qti12.condition(group, goes_on=False)
        qti12.equals(qti12.variables(found), name)
        if option.correct and not several:
            qti12.score(found)
        if f"{name}_fb" in texts:
            qti12.shows(found, f"{name}_fb")
        elif not option.correct or several:
            group.remove(found)
    return texts


def _short(item: Item, presentation: _Element, question: _Element) -> dict[str, str]:
    qti12.blank(presentation)
    group = qti12.processing(question)
    qti12.general(group)
    right = [each.pattern for each in item.typed if each.fraction == 100]
    pieces = [piece for piece in map(_piece, right) if piece]
    # The cartridge's rules want a whole word too: a piece is one that its pattern lets pass.
    words = [_bare(pattern) for pattern in right if not _piece(pattern)] or pieces[:1]
    # Where there are pieces Moodle reads one answer of each condition, otherwise all.
    for alternatives in [[word] for word in words] if pieces else [words]:
        found = qti12.condition(group, goes_on=False)
        for word in alternatives:
            qti12.equals(qti12.variables(found), word, case=item.case_sensitive)
        qti12.score(found)
    for piece in pieces:
        found = qti12.condition(group, goes_on=False)
        element(qti12.variables(found), "varsubstring", piece, respident=qti12.RESPONSE)
        qti12.score(found)
    texts = {}
    for number, each in enumerate(item.typed, 1):
        if each.fraction == 0 and "*" not in each.pattern:
            found = qti12.condition(group, goes_on=False)
            qti12.equals(qti12.variables(found), each.pattern)
            qti12.shows(found, f"a{number}_fb")
            texts[f"a{number}_fb"] = each.feedback
    return texts


def _piece(pattern: str) -> str:
    """What a word has to contain, where the pattern is `*piece*`; else nothing."""
    inner = pattern[1:-1]
    whole = len(pattern) > 2 and pattern.startswith("*") and pattern.endswith("*") and "*" not in inner
    return inner if whole and not inner.endswith("\\") else ""


def _bare(pattern: str) -> str:
    return pattern.replace("\\*", "\0").replace("*", "").replace("\0", "*")


def _losses(item: Item) -> Iterator[tuple[Item, Text]]:
    yield from tags(item)
    yield from penalty(item)
    match item.kind:
        case Kind.NUMERIC:
            yield item, _CHOSEN
        case Kind.MATCHING:
            yield item, _SPLIT
        case Kind.MULTIPLE:
            yield item, _ALL
            yield item, _FIRST
        case Kind.SINGLE:
            if any(option.fraction for option in item.options if not option.correct):
                yield item, _PARTS
        case Kind.SHORT:
            if any(0 < each.fraction < 100 for each in item.typed):
                yield item, _PARTS
            if any("*" in each.pattern.replace("\\*", "") and not _piece(each.pattern) for each in item.typed):
                yield item, _WILDCARDS
            if item.case_sensitive:
                yield item, _CASE
    if item.points != round(item.points):
        yield item, _POINTS
    if item.points > _HEAVIEST:
        yield item, _HEAVY
