"""Exports are read back by other hands: the same questions, answers, fractions and feedback, and the same marks."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz, quiz
from autograder.quiz.formats import FORMATS
from autograder.quiz.reading import read_bank
from autograder.quiz.rendering import html, plain
from autograder.text import LANGUAGES, Language

from . import lms
from .quiz_sample import SVG, course_export, course_quizzes, responses, sample, worth, write_bank

MOODLE = {
    Kind.SINGLE: "multichoice",
    Kind.MULTIPLE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.NUMERIC: "numerical",
    Kind.SHORT: "shortanswer",
    Kind.MATCHING: "matching",
}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Quiz:
    return sample(tmp_path_factory.mktemp("bank"))


def expected(item: Item) -> list[tuple[object, float, str]]:
    """The answers of `item` as Moodle holds them."""
    if item.kind is Kind.NUMERIC:
        return [
            ((round(each.value, 10), round(each.tolerance, 10)), each.fraction, html(each.feedback))
            for each in item.accepted
        ]
    if item.kind is Kind.SHORT:
        return [(each.pattern, each.fraction, html(each.feedback)) for each in item.typed]
    if item.kind is Kind.MATCHING:
        pairs = [*item.pairs, *(("", right) for right in item.extra)]
        return [(html(left), 0, plain(right)) for left, right in pairs]
    texts = ["true", "false"] if item.kind is Kind.TRUE_FALSE else [html(option.text) for option in item.options]
    return [(text, option.fraction, html(option.feedback)) for text, option in zip(texts, item.options, strict=True)]


def check_moodle(items: list[Item], read: list[lms.Read], *, responses_told_apart: bool) -> None:
    assert [each.name for each in read] == [item.name for item in items]
    for item, each in zip(items, read, strict=True):
        assert each.text.startswith(html(item.text)), item.name
        assert each.general == html(item.feedback)
        assert each.answers == expected(item), item.name
        kind = MOODLE[item.kind]
        assert each.kind == ("multiresponse" if responses_told_apart and item.kind is Kind.MULTIPLE else kind)
        assert each.more["idnumber"] == item.idnumber
        assert each.more["tags"] == [item.bank, *item.tags]


# --- Moodle XML ------------------------------------------------------------------------------------------------------


def test_moodle_xml_reads_back_the_same(sampled: Quiz) -> None:
    categories, read = lms.moodle_xml(FORMATS["moodle-xml"]([sampled], "a course").content)
    check_moodle(list(sampled.items), read, responses_told_apart=False)
    # A slash within a name is doubled; the version keeps a new bank from mixing with the old one.
    path = "$course$/top/a course/90_sample v3 · Sample: A//B"
    assert categories == [f"{path}/mean_square", path]
    by_name = {each.name.split(".")[1].split(" ")[0]: each.more for each in read}
    assert by_name["mean_square"]["defaultgrade"] == "2"
    assert by_name["mean_square"]["penalty"] == "0.3333333"
    assert (by_name["laws"]["penalty"], by_name["training_accuracy"]["penalty"]) == ("0.1000000", "1.0000000")
    assert (by_name["nabla"]["single"], by_name["laws"]["single"]) == ("true", "false")
    assert (by_name["nabla"]["shuffleanswers"], by_name["laws"]["shuffleanswers"]) == ("true", "false")
    assert by_name["activation"]["usecase"] == "0"


def test_moodle_xml_keeps_to_what_moodle_accepts(sampled: Quiz) -> None:
    root = ET.fromstring(FORMATS["moodle-xml"]([sampled], "c").content)
    fractions = {answer.attrib["fraction"] for answer in root.iter("answer") if "fraction" in answer.attrib}
    assert {"33.33333", "100", "-100"} <= fractions
    words = [answer.findtext("text") for answer in root.findall("question[@type='truefalse']/answer")]
    assert words == ["true", "false"]
    idnumbers = [each.text for each in root.iter("idnumber")]
    assert len(set(idnumbers)) == len(idnumbers)


def test_moodle_xml_carries_formulas_for_mathjax_and_the_figure(sampled: Quiz) -> None:
    _, read = lms.moodle_xml(FORMATS["moodle-xml"]([sampled], "c").content)
    nabla = next(each for each in read if "nabla" in each.name)
    assert r"\(w \leftarrow w - \eta\nabla L\)" in nabla.text
    assert 'src="@@PLUGINFILE@@/curve.svg" alt="A &quot;curve&quot;"' in nabla.text
    assert base64.b64decode(nabla.more["files"]["curve.svg"]).decode() == SVG
    assert nabla.general == r"It descends: \(\nabla L &lt; 0\) &amp; &lt;b&gt;"


def test_moodle_xml_writes_numbers_with_a_point_in_spanish_too(tmp_path: Path) -> None:
    _, read = lms.moodle_xml(FORMATS["moodle-xml"]([sample(tmp_path, "es")], "c").content)
    assert all(each.answers[0][0][1] == 0.01 for each in read if each.kind == "numerical")


# --- GIFT ------------------------------------------------------------------------------------------------------------


def test_gift_reads_back_the_same(sampled: Quiz) -> None:
    categories, read = lms.gift(FORMATS["gift"]([sampled], "a course").content.decode())
    check_moodle(list(sampled.items), read, responses_told_apart=True)
    assert categories[-1] == "$course$/top/a course/90_sample v3 · Sample: A//B"


def test_gift_doubles_backslashes_and_writes_line_breaks_as_letters(sampled: Quiz) -> None:
    text = FORMATS["gift"]([sampled], "c").content.decode()
    assert r"\\eta\\nabla L" in text
    assert r"\~ \= \# \{x\} \: \\ \:\:" in text
    # The blank line of the program in it would end the question.
    assert r"d \= \{&quot;a&quot;\: 1\}  \# \~ \= \# \{ \} \:\n\nw -\= 0.5" in text
    # Weights of three digits would be read as part of the answer.
    assert "%100%" not in text
    assert "%-99.99999%" in text


# --- QTI -------------------------------------------------------------------------------------------------------------


def response12(item: Item, read: lms.Item12, response: object) -> dict[str, set[str]]:
    """`response` in the identifiers of an item of QTI 1.2."""
    if item.kind is Kind.MATCHING:
        assert isinstance(response, tuple)
        of = {ident: {text: label for label, text in labels.items()} for ident, labels in read.labels.items()}
        return {ident: {of[ident][plain(given)]} for ident, given in zip(of, response, strict=True)}
    if item.options:
        picked = response if isinstance(response, frozenset) else {response}
        labels = {text: label for label, text in read.labels["response1"].items()}
        return {"response1": {labels[html(item.options[each].text)] for each in picked if isinstance(each, int)}}
    return {"response1": {str(response)}}


CANVAS = {
    Kind.SINGLE: "multiple_choice_question",
    Kind.MULTIPLE: "multiple_answers_question",
    Kind.TRUE_FALSE: "true_false_question",
    Kind.NUMERIC: "numerical_question",
    Kind.SHORT: "short_answer_question",
    Kind.MATCHING: "matching_question",
}


def check_canvas(items: list[Item], read: list[lms.Item12]) -> None:
    assert [each.name for each in read] == [item.name for item in items]
    for item, each in zip(items, read, strict=True):
        assert each.profile == CANVAS[item.kind]
        assert each.text.startswith(html(item.text))
        for response in responses(item):
            score, told = each.judge(response12(item, each, response))
            assert html(item.feedback) in told
            right = worth(item, response)
            if item.kind is Kind.MATCHING:
                assert score == pytest.approx(right, abs=0.05)
            elif item.kind is Kind.SHORT:
                whole = [one.pattern.replace("*", "").lower() for one in item.typed if one.fraction == 100]
                assert score == (100 if str(response).lower() in whole else 0), (item.name, response)
            else:
                # All or nothing; what is lost is told.
                assert score == (100 if right == 100 else 0), (item.name, response)
            if item.kind in (Kind.SINGLE, Kind.TRUE_FALSE):
                assert isinstance(response, int)
                assert html(item.options[response].feedback) in told


def test_canvas_package_judges_as_the_bank_does(sampled: Quiz) -> None:
    files, read = lms.qti12(FORMATS["canvas-qti"]([sampled], "c").content)
    check_canvas(list(sampled.items), read)
    assert files["figures/90_sample_curve.svg"].decode() == SVG
    assert "%24IMS-CC-FILEBASE%24/figures/90_sample_curve.svg" in next(
        each.text for each in read if "nabla" in each.name
    )
    meta = ET.fromstring(files["i_90_sample_v3_en/assessment_meta.xml"])
    told = {child.tag.split("}")[1]: child.text for child in meta}
    assert told["title"] == "90_sample v3 · Sample: A/B"
    # One of the variants counts: 2 + 5 · 1.
    assert told["points_possible"] == "7"


def test_canvas_picks_one_of_the_variants(sampled: Quiz) -> None:
    files, _ = lms.qti12(FORMATS["canvas-qti"]([sampled], "c").content)
    assessment = files["i_90_sample_v3_en/i_90_sample_v3_en.xml"].decode()
    assert assessment.count("<selection_number>1</selection_number>") == 1
    assert "<points_per_item>2</points_per_item>" in assessment


def check_cartridge(items: list[Item], read: list[lms.Item12]) -> None:
    of = {item.name: item for item in items}
    parts: dict[str, list[lms.Item12]] = {}
    for each in read:
        parts.setdefault(each.name, []).append(each)
    assert list(parts) == list(of)
    for name, found in parts.items():
        item = of[name]
        profiles = {each.profile for each in found}
        if item.kind is Kind.MATCHING:
            assert len(found) == len(item.pairs)
            for each, (_, right) in zip(found, item.pairs, strict=True):
                for ident, text in each.labels["response1"].items():
                    assert each.judge({"response1": {ident}})[0] == 100 * (text == html(right))
        elif item.kind is Kind.NUMERIC:
            assert profiles == {"cc.multiple_choice.v0p1"}
            labels = found[0].labels["response1"]
            assert len(labels) >= 3
            for ident, text in labels.items():
                score, told = found[0].judge({"response1": {ident}})
                assert score == 100 * (text == item.accepted[0].shown)
                known = [html(one.feedback) for one in item.accepted if one.shown == text and one.fraction == 0]
                assert not known or known[0] in told
        elif item.options:
            for response in responses(item):
                score, told = found[0].judge(response12(item, found[0], response))
                assert score == (100 if worth(item, response) == 100 else 0)
                assert told[0] == html(item.feedback)
        else:
            assert profiles <= {"cc.fib.v0p1", "cc.pattern_match.v0p1"}
            bare = next(each.pattern for each in item.typed if each.fraction == 100).replace("*", "")
            assert found[0].judge({"response1": {bare}})[0] == 100
            assert found[0].judge({"response1": {"something else"}})[0] == 0


def test_cartridge_judges_as_the_bank_does(sampled: Quiz) -> None:
    files, read = lms.qti12(FORMATS["cc11"]([sampled], "c").content)
    check_cartridge(list(sampled.items), read)
    manifest = files["imsmanifest.xml"].decode()
    assert "<schema>IMS Common Cartridge</schema>" in manifest
    assert "<schemaversion>1.1.0</schemaversion>" in manifest


def test_cartridge_keeps_to_its_rules_and_moodles(sampled: Quiz) -> None:
    _, read = lms.qti12(FORMATS["cc11"]([sampled], "c").content)
    for each in read:
        element = each.element
        namespace = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
        shown = {one.attrib["linkrefid"] for one in element.iter(f"{namespace}displayfeedback")}
        assert shown == {one.attrib["ident"] for one in element.iter(f"{namespace}itemfeedback")}
        assert all(len(labels) >= (2 if "true_false" in each.profile else 3) for labels in each.labels.values())
        conditions = list(element.iter(f"{namespace}respcondition"))
        # Moodle takes all feedback under continue="Yes" for the general one, and a second condition on a choice for its score.
        assert [one.attrib["continue"] for one in conditions] == ["Yes", *["No"] * (len(conditions) - 1)]
        asked = [one.text for one in element.findall(f".//{namespace}conditionvar/{namespace}varequal")]
        assert len(set(asked)) == len(asked)
        if each.profile == "cc.multiple_response.v0p1":
            right = element.findall(f".//{namespace}and/{namespace}varequal")
            assert len(right) == 3
            assert all(one.attrib["case"] == "Yes" for one in right)
        if each.profile == "cc.true_false.v0p1":
            assert list(each.labels["response1"]) == ["true", "false"]


def check_qti21(items: list[Item], read: list[lms.Item21]) -> None:
    assert [each.name for each in read] == [item.name for item in items]
    for item, each in zip(items, read, strict=True):
        assert each.maximum == item.points
        for response in responses(item):
            score, told = each.judge(response21(item, response))
            assert score == pytest.approx(item.points * max(0, worth(item, response)) / 100, abs=1e-6), (
                item.name,
                response,
            )
            assert len(told) >= 1


def response21(item: Item, response: object) -> object:
    if item.kind is Kind.MATCHING:
        assert isinstance(response, tuple)
        rights = item.rights()
        return {f"l{number} r{rights.index(given) + 1}" for number, given in enumerate(response, 1)}
    if item.options:
        picked = response if isinstance(response, frozenset) else {response}
        return {f"c{each + 1}" for each in picked if isinstance(each, int)}
    return response


def test_qti21_package_judges_exactly_as_the_bank_does(sampled: Quiz) -> None:
    files, read = lms.qti21(FORMATS["qti21"]([sampled], "c").content)
    check_qti21(list(sampled.items), read)
    assert files["items/figures/90_sample_curve.svg"].decode() == SVG
    by_name = {each.name.split(".")[1]: each for each in read}
    assert by_name["laws"].judge({"c1", "c4"})[1] == ["Three.", "Yes, 1.", "No, 4."]
    assert by_name["activation"].judge("RELU") == (0, ["The sigmoid.", "That one goes inside."])
    assert by_name["activation"].judge("a*b") == (0.5, ["The sigmoid.", "Star."])
    assert by_name["partners"].choices()["l2"] == "b"


def test_qti21_selects_one_of_the_variants_and_shows_formulas_as_mathml(sampled: Quiz) -> None:
    files, read = lms.qti21(FORMATS["qti21"]([sampled], "c").content)
    test = files["i_90_sample_v3_en.xml"].decode()
    assert test.count('<selection select="1"/>') == 1
    nabla = next(each for each in read if "nabla" in each.name)
    assert len(list(nabla.root.iter("{http://www.w3.org/1998/Math/MathML}math"))) == 3


# --- losses ----------------------------------------------------------------------------------------------------------


def test_what_a_format_cannot_carry_is_told_once_per_question(sampled: Quiz) -> None:
    told = {
        name: {(loss.question.split(".")[1], loss.what.en) for loss in export([sampled], "c").losses}
        for name, export in FORMATS.items()
    }
    assert told["moodle-xml"] == set()
    lost = {("mean_square", "tags"), ("laws", "the penalty for each try")}
    assert told["qti21"] == lost
    assert lost <= told["canvas-qti"]
    assert lost <= told["cc11"]
    assert {name for name, what in told["gift"]} == {"mean_square", "laws"}
    assert ("mean_square", "wider bands worth a part of the points") in told["canvas-qti"]
    assert ("nabla", "answers worth a part of the points") in told["canvas-qti"]
    assert ("activation", "feedback on known wrong words") in told["canvas-qti"]
    assert ("laws", "the fixed order of this question's choices") in told["canvas-qti"]
    assert ("partners", "the pairs as one question: each is one by itself") in told["cc11"]
    assert ("laws", "parts of the points: only the whole answer counts") in told["cc11"]


def test_the_account_of_what_is_lost_has_a_line_for_each_question_in_the_language_of_the_file(sampled: Quiz) -> None:
    made = FORMATS["cc11"]([sampled], "c")
    lines = made.account("cc11", "es")
    assert lines[0] == (
        "90_sample.mean_square pierde en cc11: las etiquetas; "
        "el número que se escribe: se elige entre el correcto y los de errores conocidos."
    )
    assert made.account("cc11", "en")[-1] == (
        "90_sample.partners loses in cc11: the pairs as one question: each is one by itself."
    )
    assert len(lines) == len({loss.question for loss in made.losses})


WORDS = """
version: 1
title: a
questions:
  - id: q
    kind: short
    points: 1.5
    case_sensitive: true
    text: t
    feedback: f
    answers:
      - {text: "*Drop*", fraction: 100, feedback: g}
      - {text: "a*z", fraction: 100, feedback: h}
  - id: c
    kind: single
    text: t
    feedback: f
    shuffle: false
    penalty: 0.5
    choices:
      - {text: a, correct: true, feedback: f}
      - {text: b, mistake: m, fraction: 50, feedback: f}
      - {text: c, mistake: m, feedback: f}
  - id: n
    kind: numeric
    text: t
    feedback: f
    answer: 3
    tolerance: 0
    wrong: [{value: 4, mistake: m, feedback: f}]
  - id: p
    kind: matching
    text: t
    feedback: f
    pairs: [{left: a, right: $x$}, {left: b, right: y}, {left: c, right: z}]
"""


def test_wildcards_case_and_a_single_wrong_number_find_their_place(tmp_path: Path) -> None:
    drawn = quiz(read_bank(write_bank(tmp_path, WORDS), "90_words"), "en")
    made = {name: export([drawn], "c") for name, export in FORMATS.items()}
    _, read = lms.qti12(made["cc11"].content)
    assert read[0].profile == "cc.pattern_match.v0p1"
    assert [read[0].judge({"response1": {typed}})[0] for typed in ("noDropNo", "az", "else")] == [100, 100, 0]
    # The cartridge's rules want three choices.
    assert list(read[2].labels["response1"].values()) == ["3", "4", "Another number"]
    _, exact = lms.qti21(made["qti21"].content)
    judged = [exact[0].judge(typed)[0] for typed in ("Drop", "drop", "aBz", "aB")]
    assert judged == [1.5, 0, 1.5, 0]
    assert [exact[2].judge(typed)[0] for typed in (3.0, 3.001)] == [1, 0]
    lost = {name: {loss.what.en for loss in export.losses} for name, export in made.items()}
    assert lost["gift"] == {
        "the points: GIFT knows 1 only",
        "the difference between upper and lower case",
        "the fixed order of the choices",
        "the penalty for each try",
        "right sides are plain text: formulas are read as TeX",
    }
    assert lost["moodle-xml"] == {"right sides are plain text: formulas are read as TeX"}
    assert "wildcards: only the word without them counts" in lost["canvas-qti"]
    assert {"fractions of a point", "wildcards that do not stand at both ends"} < lost["cc11"]


# --- the course ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_course_reads_back_the_same_from_every_format(language: Language) -> None:
    quizzes = course_quizzes(language)
    assert quizzes
    items = [item for quiz in quizzes for item in quiz.items]
    made = {}
    for name, export in FORMATS.items():
        made[name] = course_export(name, language)
        assert export(quizzes, "course").content == made[name]
    check_moodle(items, lms.moodle_xml(made["moodle-xml"])[1], responses_told_apart=False)
    check_moodle(items, lms.gift(made["gift"].decode())[1], responses_told_apart=True)
    check_canvas(items, lms.qti12(made["canvas-qti"])[1])
    check_cartridge(items, lms.qti12(made["cc11"])[1])
    check_qti21(items, lms.qti21(made["qti21"])[1])
    for name in ("canvas-qti", "cc11", "qti21"):
        assert zipfile.ZipFile(io.BytesIO(made[name])).namelist()[0] == "imsmanifest.xml"
