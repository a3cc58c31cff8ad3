"""Canvas: a QTI 1.2 package with Canvas's own question types, one quiz for each bank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz
from autograder.quiz.formats import qti12
from autograder.quiz.formats.export import (
    Export,
    decimal,
    document,
    element,
    figures,
    identifier,
    pack,
    penalty,
    plain_rights,
    serialise,
    tags,
)
from autograder.quiz.rendering import html, plain
from autograder.text import Text

if TYPE_CHECKING:
    from lxml.etree import _Element

_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
_BASE = "%24IMS-CC-FILEBASE%24"
"""The package's root, as Canvas writes it."""
_TYPES = {
    Kind.SINGLE: "multiple_choice_question",
    Kind.MULTIPLE: "multiple_answers_question",
    Kind.TRUE_FALSE: "true_false_question",
    Kind.NUMERIC: "numerical_question",
    Kind.SHORT: "short_answer_question",
    Kind.MATCHING: "matching_question",
}
_PARTS = Text(es="las respuestas que valen una parte", en="answers worth a part of the points")
_BANDS = Text(es="las bandas de tolerancia que valen una parte", en="wider bands worth a part of the points")
_NUMBERS = Text(es="los comentarios a números equivocados", en="feedback on known wrong numbers")
_WORDS = Text(es="los comentarios a palabras equivocadas", en="feedback on known wrong words")
_WILDCARDS = Text(
    es="los comodines: solo vale la palabra escrita sin ellos", en="wildcards: only the word without them counts"
)
_CASE = Text(es="la distinción entre mayúsculas y minúsculas", en="the difference between upper and lower case")
_OWN_RULE = Text(
    es="el reparto de puntos: Canvas resta por cada opción equivocada lo mismo que suma por una correcta",
    en="the shares: Canvas takes off for each wrong choice as much as a right one adds",
)
_ORDER = Text(es="el orden fijo de las opciones de esta pregunta", en="the fixed order of this question's choices")


def export(quizzes: Sequence[Quiz], course: str) -> Export:
    """A zip for Canvas's import "QTI .zip file". Variants of a question are a group from which Canvas picks one."""
    files: dict[str, bytes] = {"imsmanifest.xml": serialise(_manifest(quizzes, course))}
    for quiz in quizzes:
        ident = _ident(quiz)
        files[f"{ident}/{ident}.xml"] = serialise(_assessment(quiz))
        files[f"{ident}/assessment_meta.xml"] = serialise(_meta(quiz))
    files |= {f"{qti12.FIGURES}/{name}": path.read_bytes() for name, path in figures(quizzes).items()}
    return Export.of(pack(files), [loss for quiz in quizzes for item in quiz.items for loss in _losses(item)])


def _ident(quiz: Quiz) -> str:
    return identifier(quiz.name, f"v{quiz.version}", quiz.language)


def _item_ident(item: Item) -> str:
    return identifier(item.idnumber, item.language)


def _manifest(quizzes: Sequence[Quiz], course: str) -> _Element:

    root = document("manifest", _PACKAGE, {"identifier": identifier(course, "manifest")})
    about = element(root, "metadata")
    element(about, "schema", "IMS Content")
    element(about, "schemaversion", "1.1.3")
    element(root, "organizations")
    resources = element(root, "resources")
    for quiz in quizzes:
        ident = _ident(quiz)
        resource = element(resources, "resource", identifier=ident, type="imsqti_xmlv1p2")
        element(resource, "file", href=f"{ident}/{ident}.xml")
        element(resource, "dependency", identifierref=f"{ident}_meta")
        kind = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
        href = f"{ident}/assessment_meta.xml"
        meta = element(resources, "resource", identifier=f"{ident}_meta", type=kind, href=href)
        element(meta, "file", href=href)
    for name in figures(quizzes):
        href = f"{qti12.FIGURES}/{name}"
        resource = element(resources, "resource", identifier=identifier(name), type="webcontent", href=href)
        element(resource, "file", href=href)
    return root


def _meta(quiz: Quiz) -> _Element:

    ident = _ident(quiz)
    points = sum(variants[0].points for variants in quiz.variants().values())
    root = document("quiz", _CANVAS, {"identifier": ident})
    element(root, "title", _title(quiz))
    element(root, "description")
    # Canvas shuffles all questions of a quiz or none.
    element(root, "shuffle_answers", "true" if all(item.shuffle for item in quiz.items) else "false")
    element(root, "scoring_policy", "keep_highest")
    element(root, "quiz_type", "practice_quiz")
    element(root, "points_possible", decimal(points))
    element(root, "show_correct_answers", "true")
    element(root, "allowed_attempts", "-1")
    element(root, "available", "false")
    return root


def _title(quiz: Quiz) -> str:
    return f"{quiz.name} v{quiz.version} · {quiz.title}"


def _assessment(quiz: Quiz) -> _Element:

    root = document("questestinterop", qti12.NAMESPACE)
    assessment = element(root, "assessment", ident=_ident(quiz), title=_title(quiz))
    qti12.metadata(assessment, {"cc_maxattempts": "unlimited"})
    section = element(assessment, "section", ident="root_section")
    for name, variants in quiz.variants().items():
        group = section if len(variants) == 1 else _group(section, name, variants[0])
        for item in variants:
            _question(group, item.arranged())
    return root


def _group(section: _Element, name: str, first: Item) -> _Element:
    group = element(section, "section", ident=f"{_item_ident(first)}_group", title=name)
    selection = element(element(group, "selection_ordering"), "selection")
    element(selection, "selection_number", "1")
    element(element(selection, "selection_extension"), "points_per_item", decimal(first.points))
    return group


def _question(section: _Element, item: Item) -> None:
    question = element(section, "item", ident=_item_ident(item), title=item.name)
    fields = {
        "question_type": _TYPES[item.kind],
        "points_possible": decimal(item.points),
        "original_answer_ids": ",".join(_number(index) for index in range(len(item.options) or len(item.typed))),
        "assessment_question_identifierref": f"{_item_ident(item)}_ref",
    }
    qti12.metadata(element(question, "itemmetadata"), fields)
    presentation = element(question, "presentation")
    qti12.material(presentation, qti12.question_html(item, _BASE))
    texts = _WRITERS[item.kind](item, presentation, question)
    qti12.feedback(question, {qti12.GENERAL: item.feedback, **texts})


def _number(index: int) -> str:
    # Canvas keeps answer ids only when they are numbers.
    return str(1001 + index)


def _choice(item: Item, presentation: _Element, question: _Element) -> dict[str, str]:
    several = item.kind is Kind.MULTIPLE
    options = [(_number(index), option) for index, option in enumerate(item.options)]
    qti12.choices(
        presentation, [(ident, html(option.text)) for ident, option in options], several=several, shuffle=None
    )
    group = qti12.processing(question)
    qti12.general(group)
    for ident, _ in options:
        found = qti12.condition(group, goes_on=True)
        qti12.equals(qti12.variables(found), ident)
        qti12.shows(found, f"{ident}_fb")
    found = qti12.condition(group, goes_on=False)
    right = element(qti12.variables(found), "and") if several else qti12.variables(found)
    for ident, option in options:
        if option.correct:
            qti12.equals(right, ident)
        elif several:
            qti12.equals(element(right, "not"), ident)
    qti12.score(found)
    return {f"{ident}_fb": option.feedback for ident, option in options}


def _numeric(item: Item, presentation: _Element, question: _Element) -> dict[str, str]:
    qti12.blank(presentation, fibtype="Decimal")
    group = qti12.processing(question)
    qti12.general(group)
    answer = item.accepted[0]
    found = qti12.condition(group, goes_on=False)
    either = element(qti12.variables(found), "or")
    qti12.equals(either, decimal(answer.value))
    both = element(either, "and")
    element(both, "vargte", decimal(answer.value - answer.tolerance), respident=qti12.RESPONSE)
    element(both, "varlte", decimal(answer.value + answer.tolerance), respident=qti12.RESPONSE)
    qti12.score(found)
    return {}


def _short(item: Item, presentation: _Element, question: _Element) -> dict[str, str]:
    qti12.blank(presentation)
    group = qti12.processing(question)
    qti12.general(group)
    texts = {}
    right = [(_number(index), each) for index, each in enumerate(item.typed) if each.fraction == 100]
    for ident, each in right:
        found = qti12.condition(group, goes_on=True)
        qti12.equals(qti12.variables(found), _bare(each.pattern))
        qti12.shows(found, f"{ident}_fb")
        texts[f"{ident}_fb"] = each.feedback
    found = qti12.condition(group, goes_on=False)
    for _, each in right:
        qti12.equals(qti12.variables(found), _bare(each.pattern))
    qti12.score(found)
    return texts


def _matching(item: Item, presentation: _Element, question: _Element) -> dict[str, str]:
    labels = {right: _number(100 + index) for index, right in enumerate(item.rights())}
    for index, (left, _) in enumerate(item.pairs):
        response = element(presentation, "response_lid", ident=f"response_{_number(index)}")
        qti12.material(response, html(left))
        render = element(response, "render_choice")
        for right, ident in labels.items():
            label = element(render, "response_label", ident=ident)
            element(element(label, "material"), "mattext", plain(right))
    group = qti12.processing(question)
    qti12.general(group)
    for index, (_, right) in enumerate(item.pairs):
        found = qti12.condition(group, goes_on=True)
        qti12.equals(qti12.variables(found), labels[right], response=f"response_{_number(index)}")
        qti12.score(found, f"{100 / len(item.pairs):.2f}", "Add")
    return {}


_WRITERS = {
    Kind.SINGLE: _choice,
    Kind.MULTIPLE: _choice,
    Kind.TRUE_FALSE: _choice,
    Kind.NUMERIC: _numeric,
    Kind.SHORT: _short,
    Kind.MATCHING: _matching,
}


def _bare(pattern: str) -> str:
    """A pattern without its wildcards, and with its stars as they are typed."""
    return pattern.replace("\\*", "\0").replace("*", "").replace("\0", "*")


def _losses(item: Item) -> Iterator[tuple[Item, Text]]:
    yield from tags(item)
    yield from penalty(item)
    match item.kind:
        case Kind.SINGLE:
            if any(option.fraction for option in item.options if not option.correct):
                yield item, _PARTS
        case Kind.MULTIPLE:
            yield item, _OWN_RULE
        case Kind.NUMERIC:
            yield item, _NUMBERS
            if any(0 < each.fraction < 100 for each in item.accepted):
                yield item, _BANDS
        case Kind.SHORT:
            if any(each.fraction < 100 for each in item.typed):
                yield item, _WORDS
            if any(0 < each.fraction < 100 for each in item.typed):
                yield item, _PARTS
            if any("*" in each.pattern.replace("\\*", "") for each in item.typed if each.fraction == 100):
                yield item, _WILDCARDS
            if item.case_sensitive:
                yield item, _CASE
        case Kind.MATCHING:
            yield from plain_rights(item)
    if not item.shuffle:
        yield item, _ORDER
