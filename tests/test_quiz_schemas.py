"""Exports keep to the rules of their formats' schemas, restated in tests/schemas, and those rules can be broken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree, isoschematron

from autograder.quiz.drawing import Quiz, quiz
from autograder.quiz.formats import FORMATS
from autograder.quiz.reading import read_bank
from autograder.text import LANGUAGES, Language

from .quiz_sample import course_export, course_quizzes, sample, write_bank

if TYPE_CHECKING:
    from lxml.etree import _Element

SCHEMAS = Path(__file__).parent / "schemas"
PACKAGES = ("canvas-qti", "cc11", "qti21")
XHTML = "http://www.w3.org/1999/xhtml"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


# --- validation ------------------------------------------------------------------------------------------------------


@cache
def grammar(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / f"{name}.rng"))


@cache
def rules(name: str) -> isoschematron.Schematron:
    return isoschematron.Schematron(etree.parse(SCHEMAS / f"{name}.sch"), store_report=True)


def faults(root: _Element, *schemas: str) -> list[str]:
    """What `root` breaks of `schemas`: a grammar, then rules in Schematron."""
    first, *others = schemas
    found = [] if grammar(first).validate(root) else [entry.message for entry in grammar(first).error_log]
    for name in others:
        if not rules(name).validate(root):
            found += rules(name).validation_report.xpath("//*[local-name() = 'failed-assert']/*/text()")
    return [f"{first}: {fault}" for fault in found]


def schemas_of(form: str, name: str) -> tuple[str, ...]:
    """The schemas that a file of a package is held to."""
    if name == "imsmanifest.xml":
        return {"canvas-qti": "canvas_manifest", "cc11": "cc11_manifest", "qti21": "qti21_manifest"}[form], "manifest"
    if name.endswith("assessment_meta.xml"):
        return ("canvas_meta",)
    return {"canvas-qti": ("qti12",), "cc11": ("cc11_qti", "cc11_qti"), "qti21": ("qti21", "qti21")}[form]


def opened(form: str, content: bytes) -> dict[str, _Element]:
    """The XML of an export by its name in the package; Moodle's is one file."""
    if form == "moodle-xml":
        return {"quiz.xml": etree.fromstring(content)}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")}


def hypertext(form: str, root: _Element) -> Iterator[_Element]:
    """The HTML that stands as text in an export, parsed: whatever is not well-formed raises."""
    if form == "moodle-xml":
        texts = [each.findtext("text") for each in root.iter() if each.get("format") == "html"]
    else:
        texts = [each.text for each in root.iter("{*}mattext") if each.get("texttype") == "text/html"]
    for text in texts:
        yield etree.fromstring(f'<div xmlns="{XHTML}">{text or ""}</div>')


def check(form: str, content: bytes) -> int:
    """Hold every part of an export to its schema; how many parts that were."""
    checked = 0
    for name, root in opened(form, content).items():
        if form != "moodle-xml":
            assert faults(root, *schemas_of(form, name)) == [], name
            checked += 1
        for text in hypertext(form, root):
            assert faults(text, "html") == [], (name, etree.tostring(text))
            checked += 1
    return checked


# --- what is exported ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["moodle-xml", *PACKAGES])
def test_every_bank_of_the_course_is_valid_in_every_format(form: str, language: Language) -> None:
    quizzes = course_quizzes(language)
    assert len(quizzes) >= 8
    assert check(form, course_export(form, language)) > 12 * len(quizzes)


HARD = r"""
version: 1
title: "Everything & <more>"
questions:
  - id: text
    kind: single
    text: |-
      # Head

      A [link](https://example.org/a?b=1&c=2 "its title"), ![a picture](figures/x.png "its title"), **bold *and* leaning**,\
      `code & <b>`, <b>no HTML</b>, ***

      > quoted
      >
      > - in it

      3. three
      4. four

         loose

      | left | right |
      |:-----|------:|
      | 1    | $x^2$ |

      | only | head |
      |------|------|

      ---

      $$\sum_{i=1}^{n} \frac{\sqrt[3]{x_i}}{\hat{y}_i} \to \begin{pmatrix} 1 & -2 \\ 0 & 1 \end{pmatrix}, \quad
      f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}$$

      ```python
      a = "<&>"
      ```
    feedback: "$\\lim_{x \\to 0} \\left( \\mathbf{W}^\\top \\mathbb{E}[X] \\right)$."
    figure: curve.svg
    figure_alt: '"<&>"'
    points: 120
    choices:
      - {text: "| a |\n|---|\n| b |", correct: true, feedback: "- a\n- b"}
      - {text: "$\\underbrace{a + b}_{c}$ & `x`", mistake: m, feedback: "```\nx\n```"}
      - {text: "1. one", mistake: m, feedback: "> q"}
  - id: piece
    kind: short
    text: t
    feedback: f
    points: 0.2
    answers: [{text: "*embedding*", fraction: 100, feedback: g}, {text: "*dense*", fraction: 0, mistake: m, feedback: h}]
  - id: pieces
    kind: short
    text: t
    feedback: f
    case_sensitive: true
    answers:
      - {text: "*Drop*", fraction: 100, feedback: g}
      - {text: one, fraction: 100, feedback: g}
      - {text: two, fraction: 100, feedback: g}
      - {text: three, fraction: 0, mistake: m, feedback: g}
  - id: two_rights
    kind: matching
    text: t
    feedback: f
    pairs: [{left: a, right: x}, {left: b, right: x}, {left: c, right: y}]
  - id: exact
    kind: numeric
    text: t
    feedback: f
    answer: -0.5
    tolerance: 0
    wrong: [{value: 4, mistake: m, feedback: f}]
"""


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Quiz:
    return quiz(read_bank(write_bank(tmp_path_factory.mktemp("hard"), HARD), "91_hard"), "en")


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Quiz:
    return sample(tmp_path_factory.mktemp("bank"))


@pytest.mark.parametrize("form", ["moodle-xml", *PACKAGES])
def test_everything_that_markdown_can_write_is_valid_in_every_format(form: str, hard: Quiz, sampled: Quiz) -> None:
    assert check(form, FORMATS[form]([sampled, hard], "a course: 1").content) > 10


def test_qti21_aligns_tables_and_leaves_out_what_qti_has_not(hard: Quiz) -> None:
    item = opened("qti21", FORMATS["qti21"]([hard], "c").content)["items/i_91_hard_text_v1_en.xml"]
    body = item.find("{*}itemBody/{*}div")
    assert body is not None
    assert [each.tag.split("}")[1] for each in body.iter("{*}thead", "{*}tbody")] == ["thead", "tbody", "tbody"]
    assert [each.get("align") for each in body.iterfind(".//{*}td")] == ["left", "right"]
    link = body.find(".//{*}a")
    assert link is not None
    assert dict(link.attrib) == {"href": "https://example.org/a?b=1&c=2"}
    assert not body.xpath("//@style | //@start")


def test_cartridge_keeps_its_weights_and_choices_within_the_rules_and_says_so(hard: Quiz) -> None:
    made = FORMATS["cc11"]([hard], "c")
    root = opened("cc11", made.content)["i_91_hard_v1_en/assessment.xml"]
    weights = root.xpath("//*[local-name() = 'fieldlabel'][. = 'cc_weighting']/following-sibling::*/text()")
    assert weights == ["99", "1", "1", "1", "1", "1", "1"]
    assert ("91_hard.text", "points above 99") in {(loss.question, loss.what.en) for loss in made.losses}
    # Two right sides are too few choices.
    question = first(root, "item[@title='91_hard.two_rights']")
    assert sorted(each.text or "" for each in question.iterfind(".//{*}response_label//{*}mattext")) == [
        "None of these",
        "x",
        "y",
    ]


def test_cartridge_asks_for_pieces_of_words_one_by_one_and_for_a_whole_word(hard: Quiz) -> None:
    root = opened("cc11", FORMATS["cc11"]([hard], "c").content)["i_91_hard_v1_en/assessment.xml"]
    asked = {
        item.get("title"): [
            [(etree.QName(test).localname, test.text) for test in found.iterfind("{*}conditionvar/*")]
            for found in item.iterfind(".//{*}respcondition")
            if found.find("{*}setvar") is not None
        ]
        for item in root.iter("{*}item")
    }
    # Moodle reads one answer of each condition, and the rules want one whole word.
    assert asked["91_hard.piece"] == [[("varequal", "embedding")], [("varsubstring", "embedding")]]
    assert asked["91_hard.pieces"] == [[("varequal", "one")], [("varequal", "two")], [("varsubstring", "Drop")]]


# --- that the rules can be broken ------------------------------------------------------------------------------------


def first(root: _Element, name: str) -> _Element:
    """The first element at the path `name`, `root` itself if it is called so."""
    if etree.QName(root).localname == name:
        return root
    found = root.find(f".//{{*}}{name}")
    assert found is not None, name
    return found


def without(name: str, attribute: str) -> Callable[[_Element], object]:
    return lambda root: first(root, name).attrib.pop(attribute)


def setting(name: str, attribute: str, value: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, name)
        assert found.get(attribute) != value
        found.set(attribute, value)

    return change


def moved_last(name: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, name)
        parent = found.getparent()
        assert parent is not None
        assert found.getnext() is not None
        parent.append(found)

    return change


def removed(name: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, name)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def emptied(name: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, name)
        assert len(found)
        for each in found:
            found.remove(each)

    return change


def added(parent: str, name: str, **attributes: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, parent)
        etree.SubElement(found, etree.QName(etree.QName(found).namespace, name), attributes)

    return change


def twice(name: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, name)
        found.addnext(etree.fromstring(etree.tostring(found, with_tail=False)))

    return change


def saying(name: str, text: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        found = first(root, name)
        assert found.text != text
        found.text = text

    return change


def field(label: str, entry: str) -> Callable[[_Element], object]:
    def change(root: _Element) -> None:
        for each in root.iter("{*}fieldlabel"):
            if each.text == label:
                following = each.getnext()
                assert following is not None
                assert following.text != entry
                following.text = entry
                return
        raise AssertionError(label)

    return change


CANVAS = "i_90_sample_v3_en/i_90_sample_v3_en.xml"
META = "i_90_sample_v3_en/assessment_meta.xml"
CARTRIDGE = "i_90_sample_v3_en/assessment.xml"
MANIFEST = "imsmanifest.xml"
ITEM = "items/i_90_sample_nabla_v3_en.xml"
WORDS = "items/i_90_sample_activation_v3_en.xml"
PARTNERS = "items/i_90_sample_partners_v3_en.xml"
TEST = "i_90_sample_v3_en.xml"

BROKEN: list[tuple[str, str, str, Callable[[_Element], object]]] = [
    # QTI 1.2
    ("canvas-qti", CANVAS, "metadata after the question", moved_last("itemmetadata")),
    ("canvas-qti", CANVAS, "score after feedback", moved_last("conditionvar")),
    ("canvas-qti", CANVAS, "a question without a name", without("item", "ident")),
    ("canvas-qti", CANVAS, "feedback of nothing", without("displayfeedback", "linkrefid")),
    ("canvas-qti", CANVAS, "an answer to nothing", without("varequal", "respident")),
    ("canvas-qti", CANVAS, "a cardinality that is none", setting("response_lid", "rcardinality", "Several")),
    ("canvas-qti", CANVAS, "an action that is none", setting("setvar", "action", "Increase")),
    ("canvas-qti", CANVAS, "yes in lower case", setting("respcondition", "continue", "yes")),
    ("canvas-qti", CANVAS, "no variable", removed("decvar")),
    ("canvas-qti", CANVAS, "a condition on nothing", removed("other")),
    ("canvas-qti", CANVAS, "an unknown element", added("item", "hint")),
    ("canvas-qti", CANVAS, "an unknown attribute", setting("mattext", "format", "html")),
    # Canvas's own
    ("canvas-qti", META, "no title", removed("title")),
    ("canvas-qti", META, "two titles", twice("title")),
    ("canvas-qti", META, "an unknown setting", added("quiz", "colour")),
    ("canvas-qti", META, "a policy that is none", saying("scoring_policy", "keep_average")),
    ("canvas-qti", META, "attempts without end, in words", saying("allowed_attempts", "unlimited")),
    ("canvas-qti", META, "a quiz without a name", without("quiz", "identifier")),
    ("canvas-qti", MANIFEST, "files after dependencies", moved_last("file")),
    ("canvas-qti", MANIFEST, "a resource without a type", without("resource", "type")),
    ("canvas-qti", MANIFEST, "a name with a space", setting("manifest", "identifier", "a b")),
    ("canvas-qti", MANIFEST, "a name twice", twice("resource")),
    # The cartridge
    ("cc11", CARTRIDGE, "an assessment without a title", without("assessment", "title")),
    ("cc11", CARTRIDGE, "a section in a section", added("section", "section", ident="x")),
    ("cc11", CARTRIDGE, "points that are added", setting("setvar", "action", "Add")),
    ("cc11", CARTRIDGE, "another variable", setting("decvar", "varname", "POINTS")),
    ("cc11", CARTRIDGE, "a type the profile has not", setting("decvar", "vartype", "Scientific")),
    ("cc11", CARTRIDGE, "feedback of no type", without("displayfeedback", "feedbacktype")),
    ("cc11", CARTRIDGE, "a comparison the profile has not", added("conditionvar", "vargte", respident="response1")),
    ("cc11", CARTRIDGE, "two sections", twice("section")),
    ("cc11", CARTRIDGE, "a name twice", twice("item")),
    ("cc11", CARTRIDGE, "a kind of assessment that is none", field("qmd_assessmenttype", "Exam")),
    ("cc11", CARTRIDGE, "attempts that are none", field("cc_maxattempts", "many")),
    ("cc11", CARTRIDGE, "a field of another name", saying("fieldlabel", "profile")),
    ("cc11", CARTRIDGE, "a profile that is none", field("cc_profile", "cc.survey.v0p1")),
    ("cc11", CARTRIDGE, "a weight with a fraction", field("cc_weighting", "1.5")),
    ("cc11", CARTRIDGE, "no weight at all", field("cc_weighting", "0")),
    ("cc11", CARTRIDGE, "too few choices", removed("response_label")),
    ("cc11", CARTRIDGE, "feedback that nothing shows", removed("displayfeedback")),
    ("cc11", CARTRIDGE, "feedback that is not there", setting("displayfeedback", "linkrefid", "elsewhere")),
    ("cc11", CARTRIDGE, "several answers of one", setting("response_lid", "rcardinality", "Multiple")),
    ("cc11", CARTRIDGE, "another response", setting("response_lid", "ident", "elsewhere")),
    ("cc11", MANIFEST, "another version", saying("schemaversion", "1.2.0")),
    ("cc11", MANIFEST, "no description", removed("lom")),
    ("cc11", MANIFEST, "an item without a title", removed("organization//{*}item/{*}title")),
    ("cc11", MANIFEST, "another structure", setting("organization", "structure", "hierarchical")),
    ("cc11", MANIFEST, "Canvas's type of resource", setting("resource", "type", "imsqti_xmlv1p2")),
    ("cc11", MANIFEST, "an assessment with an address", setting("resource", "href", "x.xml")),
    ("cc11", MANIFEST, "an assessment of no file", removed("file")),
    ("cc11", MANIFEST, "something that is not there", setting("dependency", "identifierref", "elsewhere")),
    ("cc11", MANIFEST, "something twice", twice("dependency")),
    # QTI 2.1
    ("qti21", ITEM, "the body before what is declared", moved_last("responseDeclaration")),
    ("qti21", ITEM, "an item that says nothing of time", without("assessmentItem", "timeDependent")),
    ("qti21", ITEM, "an item without a title", without("assessmentItem", "title")),
    ("qti21", ITEM, "a language that is none", setting("assessmentItem", LANGUAGE, "in English")),
    ("qti21", ITEM, "a truth in words", setting("assessmentItem", "adaptive", "no")),
    ("qti21", ITEM, "a type that is none", setting("responseDeclaration", "baseType", "choice")),
    ("qti21", ITEM, "a cardinality that is none", setting("responseDeclaration", "cardinality", "many")),
    ("qti21", ITEM, "a mapping of nothing", emptied("mapping")),
    ("qti21", ITEM, "a choice without a name", without("simpleChoice", "identifier")),
    ("qti21", ITEM, "a choice twice", twice("simpleChoice")),
    ("qti21", ITEM, "a response that is not declared", setting("choiceInteraction", "responseIdentifier", "OTHER")),
    ("qti21", ITEM, "an outcome that is not declared", setting("setOutcomeValue", "identifier", "POINTS")),
    ("qti21", ITEM, "feedback that is neither shown nor hidden", without("modalFeedback", "showHide")),
    ("qti21", ITEM, "feedback before the body", moved_last("itemBody")),
    ("qti21", ITEM, "one thing that matches", removed("match/{*}correct")),
    ("qti21", ITEM, "a condition without an if", removed("responseIf")),
    ("qti21", ITEM, "a style", setting("itemBody/{*}div", "style", "color: red")),
    ("qti21", ITEM, "a script", added("itemBody", "script")),
    ("qti21", ITEM, "a figure without a description", without("img", "alt")),
    ("qti21", ITEM, "a paragraph in a paragraph", added("p", "p")),
    ("qti21", ITEM, "a fraction of one part", removed("mfrac/{*}*")),
    ("qti21", ITEM, "a formula that scripts", added("math", "mscript")),
    ("qti21", WORDS, "a case that is not told", without("stringMatch", "caseSensitive")),
    ("qti21", WORDS, "a value without a type", without("baseValue", "baseType")),
    ("qti21", WORDS, "a length in words", setting("textEntryInteraction", "expectedLength", "long")),
    ("qti21", PARTNERS, "one side of two", removed("simpleMatchSet")),
    ("qti21", PARTNERS, "a partner without a limit", without("simpleAssociableChoice", "matchMax")),
    ("qti21", TEST, "outcomes first", moved_last("testPart")),
    ("qti21", TEST, "a way through that is none", setting("testPart", "navigationMode", "free")),
    ("qti21", TEST, "a section that says not if it is seen", without("assessmentSection", "visible")),
    ("qti21", TEST, "an item from nowhere", without("assessmentItemRef", "href")),
    ("qti21", TEST, "a section whose name has a space", setting("assessmentSection", "identifier", "a b")),
    ("qti21", TEST, "an item twice", twice("assessmentItemRef")),
    ("qti21", TEST, "a part without sections", removed("assessmentSection")),
    ("qti21", MANIFEST, "a type that is none", setting("resource", "type", "imsqti_item_xmlv2p2")),
    ("qti21", MANIFEST, "another schema", saying("schema", "QTIv2.2 Package")),
    ("qti21", MANIFEST, "an address that is not among the files", setting("resource", "href", "other.xml")),
    ("qti21", MANIFEST, "no organizations", removed("organizations")),
]


@pytest.fixture(scope="module")
def exported(sampled: Quiz) -> dict[str, dict[str, _Element]]:
    return {form: opened(form, FORMATS[form]([sampled], "c").content) for form in PACKAGES}


@pytest.mark.parametrize(
    ("form", "name", "change"), [pytest.param(f, n, c, id=f"{f}: {what}") for f, n, what, c in BROKEN]
)
def test_a_broken_export_is_found(
    form: str, name: str, change: Callable[[_Element], object], exported: dict[str, dict[str, _Element]]
) -> None:
    # A copy in memory would keep libxml2's idea of which names were seen already.
    root = etree.fromstring(etree.tostring(exported[form][name]))
    assert faults(root, *schemas_of(form, name)) == []
    change(root)
    assert faults(root, *schemas_of(form, name)) != []


@pytest.mark.parametrize(
    "text",
    [
        "<p><p>a</p></p>",
        "<script>a</script>",
        "<p onclick='x'>a</p>",
        "<img src='a'/>",
        "<ul><p>a</p></ul>",
        "<table><thead><tr><th>a</th></tr></thead></table>",
    ],
)
def test_html_that_markdown_would_not_write_is_found(text: str) -> None:
    assert faults(etree.fromstring(f'<div xmlns="{XHTML}">{text}</div>'), "html") != []
