"""Readers of what LMSs read, written from their formats' own rules and without a line of the exporters."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

MOODLE_FRACTIONS = [
    *(1, 0.9, 0.8333333, 0.8, 0.75, 0.7, 0.6666667, 0.6, 0.5, 0.4, 0.3333333, 0.3, 0.25, 0.2, 0.1666667, 0.1428571),
    *(0.125, 0.1111111, 0.1, 0.05, 0),
]


@dataclass
class Read:
    """One question as an LMS understands it."""

    name: str
    kind: str
    text: str
    general: str
    answers: list[tuple[str, float, str]]
    """Text, percent, feedback; for numbers the text is (value, tolerance)."""
    more: dict[str, Any] = field(default_factory=dict)


def moodle_fraction(percent: float) -> float:
    """The fraction that Moodle's import takes `percent` for; it refuses others."""
    found = [each for each in MOODLE_FRACTIONS if abs(abs(percent) / 100 - each) < 0.00001]
    assert len(found) == 1, percent
    return round(found[0] * 100, 5) * (-1 if percent < 0 else 1)


# --- Moodle XML ------------------------------------------------------------------------------------------------------


def moodle_xml(content: bytes) -> tuple[list[str], list[Read]]:
    """Categories and questions, as `qformat_xml` reads them."""
    root = ET.fromstring(content)
    assert root.tag == "quiz"
    categories, found = [], []
    for question in root:
        kind = question.attrib["type"]
        if kind == "category":
            categories.append(question.findtext("category/text", ""))
            continue
        text = question.find("questiontext")
        assert text is not None
        assert text.attrib["format"] == "html"
        answers = []
        for answer in question.findall("answer"):
            words: Any = answer.findtext("text", "")
            if kind == "numerical":
                words = (float(words), float(answer.findtext("tolerance", "")))
            percent = moodle_fraction(float(answer.attrib["fraction"]))
            answers.append((words, percent, answer.findtext("feedback/text", "")))
        if kind == "matching":
            answers = [
                (each.findtext("text", ""), 0.0, each.findtext("answer/text", ""))
                for each in question.findall("subquestion")
            ]
        more = {child.tag: child.text for child in question if child.text and child.text.strip()}
        more["tags"] = [tag.text for tag in question.findall("tags/tag/text")]
        more["files"] = {file.attrib["name"]: file.text for file in text.findall("file")}
        name = question.findtext("name/text", "")
        found.append(
            Read(name, kind, text.findtext("text", ""), question.findtext("generalfeedback/text", ""), answers, more)
        )
    return categories, found


# --- GIFT ------------------------------------------------------------------------------------------------------------

_GIFT_WEIGHT = re.compile(r"%-*([0-9]{1,2})\.?([0-9]*)%")
_GIFT_MARKS = {":": "&&058;", "#": "&&035;", "=": "&&061;", "{": "&&123;", "}": "&&125;", "~": "&&126;", "n": "&&010"}


def gift(content: str) -> tuple[list[str], list[Read]]:
    """Categories and questions, as `qformat_gift` reads them: blank lines part questions, placeholders stand for escapes."""
    categories, found = [], []
    for block in re.split(r"\n\s*\n", content.strip()):
        lines = block.split("\n")
        comment = " ".join(line for line in lines if line.strip().startswith("//"))
        text = "\n".join(" " if line.strip().startswith("//") else line for line in lines).strip()
        text = text.replace("\\\\", "&&092;")
        for mark, placeholder in _GIFT_MARKS.items():
            text = text.replace("\\" + mark, placeholder)
        text = text.replace("&&092;", "\\")
        if text.startswith("$CATEGORY:"):
            categories.append(_gift_text(text[10:].strip()))
            continue
        assert text.startswith("::")
        name, text = text[2:].split("::", 1)
        start, finish = text.index("{"), text.index("}")
        assert text.endswith("}")
        inner, _, general = text[start + 1 : finish].strip().rpartition("####")
        question = text[:start].strip()
        assert question.startswith("[html]")
        kind, answers = _gift_answers(inner.strip())
        tags = re.findall(r"\[tag:([^]]*)\]", comment)
        more = {"tags": tags, "idnumber": re.findall(r"\[id:([^]]*)\]", comment)[0]}
        found.append(Read(_gift_text(name), kind, _gift_text(question[6:]), _gift_text(general), answers, more))
    return categories, found


def _gift_answers(text: str) -> tuple[str, list[Any]]:
    if text.startswith("#"):
        found = []
        for each in text[1:].split("=")[1:]:
            weight, answer, feedback = _gift_answer(each.strip(), 100)
            value, tolerance = answer.split(":")
            found.append(((float(value), float(tolerance)), weight, feedback))
        return "numerical", found
    if "~" in text:
        parts = [part.strip() for part in text.replace("=", "~=").split("~")]
        found = [_gift_answer(part.removeprefix("="), 100 if part.startswith("=") else 0) for part in parts if part]
        kind = "multichoice" if "=" in text else "multiresponse"
        return kind, [(answer, weight, feedback) for weight, answer, feedback in found]
    if "=" in text and "->" in text:
        pairs = [part.strip().split("->", 1) for part in text.split("=") if part.strip()]
        return "matching", [(_gift_text(left), 0, _gift_text(right)) for left, right in pairs]
    if text.split("#", 1)[0].strip() in ("T", "TRUE", "F", "FALSE"):
        answer, wrong, right = [*text.split("#", 2), "", ""][:3]
        true = answer.strip() in ("T", "TRUE")
        told = [("true", 100 if true else 0), ("false", 0 if true else 100)]
        return "truefalse", [(word, worth, _gift_text(right if worth else wrong)) for word, worth in told]
    found = [_gift_answer(part.strip(), 100) for part in text.split("=")[1:]]
    return "shortanswer", [(answer, weight, feedback) for weight, answer, feedback in found]


def _gift_answer(text: str, default: float) -> tuple[float, str, str]:
    weight = default
    if _GIFT_WEIGHT.match(text):
        number, text = text[1:].split("%", 1)
        weight = moodle_fraction(float(number))
    answer, _, feedback = text.partition("#")
    return weight, _gift_text(answer), _gift_text(feedback)


def _gift_text(text: str) -> str:
    for mark, placeholder in _GIFT_MARKS.items():
        text = text.replace(placeholder, "\n" if mark == "n" else mark)
    return text.strip()


# --- QTI 1.2 ---------------------------------------------------------------------------------------------------------

_QTI12 = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


@dataclass
class Item12:
    """One item of QTI 1.2, able to judge a response."""

    name: str
    profile: str
    text: str
    labels: dict[str, dict[str, str]]
    """Response → identifier → HTML."""
    element: ET.Element

    def judge(self, response: Mapping[str, set[str]]) -> tuple[float, list[str]]:
        """Percent and feedback texts for `response`: response identifier → what was given."""
        score, shown = 0.0, []
        for condition in self.element.iter(f"{_QTI12}respcondition"):
            variables = condition.find(f"{_QTI12}conditionvar")
            assert variables is not None
            # Several words in one condition are alternatives there; so Canvas and Moodle write and read them.
            words = {child.tag for child in variables} == {f"{_QTI12}varequal"}
            holds = (any if words else all)(_holds(child, response) for child in variables)
            if not holds:
                continue
            for change in condition.findall(f"{_QTI12}setvar"):
                value = float(change.text or "")
                score = score + value if change.attrib["action"] == "Add" else value
            shown += [each.attrib["linkrefid"] for each in condition.findall(f"{_QTI12}displayfeedback")]
            if condition.attrib["continue"] == "No":
                break
        texts = {
            each.attrib["ident"]: each.findtext(f".//{_QTI12}mattext", "")
            for each in self.element.iter(f"{_QTI12}itemfeedback")
        }
        return score, [texts[each] for each in shown]


def qti12(content: bytes) -> tuple[dict[str, bytes], list[Item12]]:
    """The files of the package, all in its manifest, and the items in order."""
    files = _package(content)
    found = []
    for name, data in files.items():
        if name.endswith(".xml") and b"questestinterop" in data[:200]:
            found += [_item12(each) for each in ET.fromstring(data).iter(f"{_QTI12}item")]
    return files, found


def _item12(element: ET.Element) -> Item12:
    fields = {
        each.findtext(f"{_QTI12}fieldlabel"): each.findtext(f"{_QTI12}fieldentry")
        for each in element.iter(f"{_QTI12}qtimetadatafield")
    }
    labels = {
        response.attrib["ident"]: {
            label.attrib["ident"]: label.findtext(f".//{_QTI12}mattext", "")
            for label in response.iter(f"{_QTI12}response_label")
        }
        for response in element.iter(f"{_QTI12}response_lid")
    }
    text = element.findtext(f"{_QTI12}presentation/{_QTI12}material/{_QTI12}mattext", "")
    return Item12(
        element.attrib["title"], fields.get("cc_profile") or fields["question_type"] or "", text, labels, element
    )


def _holds(test: ET.Element, response: Mapping[str, set[str]]) -> bool:
    kind = test.tag.removeprefix(_QTI12)
    if kind in ("and", "or", "not"):
        inner = [_holds(child, response) for child in test]
        return all(inner) if kind == "and" else any(inner) if kind == "or" else not all(inner)
    if kind == "other":
        return True
    given, wanted = response.get(test.attrib["respident"], set()), test.text or ""
    if kind == "varequal":
        return any(each.lower() == wanted.lower() for each in given) or any(
            _same_number(each, wanted) for each in given
        )
    if kind == "varsubstring":
        return any(wanted.lower() in each.lower() for each in given)
    numbers = [float(each) for each in given]
    return any(each >= float(wanted) - 1e-9 if kind == "vargte" else each <= float(wanted) + 1e-9 for each in numbers)


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


# --- QTI 2.1 ---------------------------------------------------------------------------------------------------------

_QTI21 = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


@dataclass
class Item21:
    """One item of QTI 2.1, able to judge a response."""

    name: str
    root: ET.Element

    @property
    def maximum(self) -> float:
        """Points for a right answer."""
        return float(
            self.root.findtext(
                f"{_QTI21}outcomeDeclaration[@identifier='MAXSCORE']/{_QTI21}defaultValue/{_QTI21}value", ""
            )
        )

    def choices(self) -> dict[str, str]:
        """Identifier → text of everything to choose from."""
        kinds = (f"{_QTI21}simpleChoice", f"{_QTI21}simpleAssociableChoice")
        return {each.attrib["identifier"]: _inner(each) for each in self.root.iter() if each.tag in kinds}

    def judge(self, response: Any) -> tuple[float, list[str]]:
        """Points and feedback texts; `response` is a set of identifiers or pairs, a number, or a string."""
        outcomes: dict[str, Any] = {"SCORE": 0.0, "FEEDBACK": []}
        processing = self.root.find(f"{_QTI21}responseProcessing")
        assert processing is not None
        self._run(processing, response, outcomes)
        shown = [
            each
            for each in self.root.findall(f"{_QTI21}modalFeedback")
            if each.attrib["identifier"] in outcomes["FEEDBACK"]
        ]
        return outcomes["SCORE"], [_inner(each) for each in shown]

    def _run(self, rules: ET.Element, response: Any, outcomes: dict[str, Any]) -> None:
        for rule in rules:
            kind = rule.tag.removeprefix(_QTI21)
            if kind == "setOutcomeValue":
                outcomes[rule.attrib["identifier"]] = self._value(rule[0], response)
            elif kind == "responseCondition":
                for branch in rule:
                    test = branch.tag != f"{_QTI21}responseElse"
                    if not test or self._value(branch[0], response):
                        self._run(list_element(branch, skip=int(test)), response, outcomes)
                        break
            else:
                raise AssertionError(kind)

    def _value(self, node: ET.Element, response: Any) -> Any:
        kind = node.tag.removeprefix(_QTI21)
        if kind == "variable":
            return response
        if kind == "baseValue":
            return float(node.text or "") if node.attrib["baseType"] == "float" else node.text
        if kind == "correct":
            values = [each.text for each in self.root.findall(f".//{_QTI21}correctResponse/{_QTI21}value")]
            return set(values)
        if kind == "multiple":
            found: list[str] = []
            for child in node:
                value = self._value(child, response)
                found += sorted(value) if isinstance(value, set) else [value]
            return found
        if kind == "match":
            first, second = (self._value(child, response) for child in node)
            return first == second
        if kind == "mapResponse":
            mapping = self.root.find(f".//{_QTI21}mapping")
            assert mapping is not None
            entries = {each.attrib["mapKey"]: float(each.attrib["mappedValue"]) for each in mapping}
            total = sum(entries.get(each, float(mapping.attrib["defaultValue"])) for each in response)
            return min(max(total, float(mapping.attrib["lowerBound"])), float(mapping.attrib["upperBound"]))
        first, *rest = (self._value(child, response) for child in node)
        if kind == "equal":
            if node.attrib["toleranceMode"] == "exact":
                return first == rest[0]
            below, above = map(float, node.attrib["tolerance"].split())
            return rest[0] - below <= first <= rest[0] + above
        if kind == "stringMatch":
            return first == rest[0] if node.attrib["caseSensitive"] == "true" else first.lower() == rest[0].lower()
        assert kind == "patternMatch", kind
        return re.fullmatch(node.attrib["pattern"], first) is not None


def qti21(content: bytes) -> tuple[dict[str, bytes], list[Item21]]:
    """The files of the package, all in its manifest, and the items in the order of its tests."""
    files = _package(content)
    found = []
    for _name, data in files.items():
        if b"<assessmentTest" in data[:200]:
            for reference in ET.fromstring(data).iter(f"{_QTI21}assessmentItemRef"):
                root = ET.fromstring(files[reference.attrib["href"]])
                assert root.attrib["identifier"] == reference.attrib["identifier"]
                found.append(Item21(root.attrib["title"], root))
    return files, found


def list_element(parent: ET.Element, skip: int) -> ET.Element:
    """The children of `parent` from `skip` on, as an element."""
    rest = ET.Element("rest")
    rest.extend(list(parent)[skip:])
    return rest


def _inner(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


# --- packages --------------------------------------------------------------------------------------------------------


def _package(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    manifest = ET.fromstring(files["imsmanifest.xml"])
    listed = {each.attrib["href"] for each in manifest.iter() if each.tag.endswith("}file")}
    assert listed == files.keys() - {"imsmanifest.xml"}
    names = [each.attrib["identifier"] for each in manifest.iter() if each.tag.endswith("}resource")]
    assert len(set(names)) == len(names)
    wanted = {each.attrib["identifierref"] for each in manifest.iter() if "identifierref" in each.attrib}
    assert wanted <= set(names)
    for name, data in files.items():
        if name.endswith(".xml"):
            _unique_identifiers(name, ET.fromstring(data))
    return files


def _unique_identifiers(name: str, root: ET.Element) -> None:
    items = [each.attrib["ident"] for each in _items(root)]
    assert len(set(items)) == len(items), name


def _items(root: ET.Element) -> Iterator[ET.Element]:
    yield from root.iter(f"{_QTI12}item")
