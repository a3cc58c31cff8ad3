"""The class page: what a teacher reads of a class, and what no student can make of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import time
import tracemalloc
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from autograder.errors import EngineError
from autograder.feedback import class_page, stem, write, write_class_page
from autograder.records import Cause, Report
from autograder.text import LANGUAGES, Language, Text

from .classroom import EVIL, NAMES, classroom, crowd, lost, rejected, submission
from .page import Page

CLASSES = {
    "everything": classroom(),
    "nobody": [],
    "one": [submission("ana")],
    "one rejected": [rejected("ana")],
    "one lost": [lost("ana")],
    "unknown": [rejected("ana", "")],
    "unwalled": [submission("ana", walls=())],
}


def shown(*reports: Report, language: Language = "en") -> Page:
    return Page(class_page(reports, language, course="Curso", titles={"01_mse": "Error, scale"}))


@pytest.fixture(params=[(name, language) for name in CLASSES for language in LANGUAGES], ids="-".join)
def parsed(request: pytest.FixtureRequest) -> Page:
    name, language = request.param
    return shown(*CLASSES[name], language=language)


def test_the_only_script_is_ours_and_the_policy_lets_no_other_run(parsed: Page) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", parsed.html, re.DOTALL)
    policy = next(meta["content"] for meta in parsed.all("meta") if "http-equiv" in meta)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not parsed.all("link", "iframe", "object", "embed", "form", "input", "base", "use", "img")
    assert not [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")]
    assert "url(" not in parsed.html


def test_names_are_data_whatever_their_script() -> None:
    page = shown(*classroom())
    assert EVIL in page.text
    for name in NAMES[:-1]:
        assert name in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page.html)


def test_every_link_leads_to_the_feedback_page_that_is_written(tmp_path: Path) -> None:
    reports = classroom()
    write(reports, tmp_path / "feedback", "es")
    write_class_page(reports, tmp_path / "index.html", "es")
    links = {link["href"] for link in Page((tmp_path / "index.html").read_text(encoding="utf-8")).all("a")}
    files = {unquote(link) for link in links if link and not link.startswith("#")}
    assert files == {f"feedback/{stem(report)}.html" for report in reports}
    assert all((tmp_path / file).is_file() for file in files)


def test_a_class_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="could not be written"):
        write_class_page([], tmp_path / "file" / "index.html", "es")


def test_what_waits_for_a_person_comes_first_with_its_reason_and_our_faults() -> None:
    text = shown(*classroom()).text
    turn = text[text.index("Your turn") : text.index("Distribution of marks")]
    for words in (
        "open too",
        "2 points still to be reviewed",
        "The submission was lost",
        "OSError: gone",
        "It is a PDF",
    ):
        assert words in turn
    assert "Assignment unknown" in turn
    assert turn.index("To be reviewed") < turn.index("Rejected files")


def test_equal_reasons_are_said_once() -> None:
    text = shown(*[rejected(f"s{number}") for number in range(30)]).text
    assert text.count("It is a PDF") == 1
    assert "and 18 more" in text


def test_nothing_to_do_is_said() -> None:
    assert "Nothing: every submission could be read and judged." in shown(submission("ana")).text
    assert "Nothing has been handed in." in shown().text


def test_totals_count_submissions_and_people() -> None:
    page = shown(submission("ana"), submission("ana", assignment="02_next"), rejected("eva"), language="es")
    assert " ".join(page.text.split()).count("3 entregas 2 estudiantes 2 calificadas 0 por revisar 1 rechazada") == 1


def test_no_walls_are_told_loudly() -> None:
    assert "Run with --no-sandbox: 1." in shown(submission("ana", walls=()), submission("eva")).text
    assert "--no-sandbox" not in shown(submission("ana"), lost("eva")).text


def test_the_distribution_is_drawn_and_told_in_words() -> None:
    zero = dict.fromkeys(("mse", "fit_line_by_descent", "min_max_scale"), ("failed", None, Cause.NOT_DONE))
    page = shown(
        submission("a"), submission("b"), submission("c", zero), submission("d", {"mse": ("unjudged", None, None)})
    )
    (chart,) = [svg for svg in page.all("svg") if svg.get("role") == "img"]
    assert chart["aria-labelledby"] == "a-1-title a-1-desc"
    assert "0 to 1: 1; 8 to 9: 1; 9 to 10: 2" in page.text
    bars = [bar for bar in page.all("rect") if bar.get("class") in ("settled", "waiting")]
    assert [(bar["class"], bar["height"]) for bar in bars] == [
        ("settled", "58.00"),
        ("waiting", "56.50"),
        ("settled", "116.00"),
    ]


def test_checks_are_ranked_by_those_who_tried_with_their_misconceptions() -> None:
    half, undone = ("failed", "half", None), ("failed", None, Cause.NOT_DONE)
    page = shown(
        submission("a", {"mse": half}),
        submission("b", {"mse": half, "min_max_scale": ("failed", None, None)}),
        submission("c", {"mse": ("failed", "root", None)}),
        submission("d", {"fit_line_by_descent": undone}),
    )
    text = " ".join(page.text.split())
    fails = text[text.index("Where it fails") : text.index("Who is stuck")]
    assert re.search(r"mse · 3 of 4 fail 2 × misconception half half 1 × misconception root root", fails)
    assert fails.index("3 of 4 fail") < fails.index("min_max_scale · 1 of 4 fail")
    assert "1 × Wrong result, no misconception recognised" in fails
    assert "fit_line" not in fails
    assert "Everybody who tried passed the other checks (4)." in fails


def test_who_left_a_stub_ran_too_long_or_ended_the_process_is_named_with_the_task() -> None:
    named = {cause: ("failed", None, cause) for cause in Cause}
    text = " ".join(shown(*(submission(cause.value, {"mse": named[cause]}) for cause in Cause)).text.split())
    stuck = text[text.index("Who is stuck") : text.index("Points of every student")]
    for words in ("Left undone not_done mse", "Takes too long timed_out mse", "Ends its own process died mse"):
        assert words in stuck
    assert "raised" not in stuck


def test_the_table_has_a_row_for_everybody_and_marks_by_task() -> None:
    page = shown(
        submission("ana", {"mse": ("failed", None, Cause.TIMED_OUT)}), rejected("eva"), lost("luis"), language="es"
    )
    cells = [cell for cell in page.all("td") if "data-v" in cell]
    assert [cell["data-v"] for cell in cells] == ["7.0", "0.0", "4.0", "3.0", *[""] * 8]
    assert {"title": "Tarda demasiado"} in page.all("abbr")
    assert "rechazada" in page.text[page.text.index("Puntos por estudiante y tarea") :]


def test_a_report_from_the_journal_gives_the_same_page() -> None:
    reports = classroom()
    again = [Report.from_dict(json.loads(json.dumps(asdict(replace(report, cells=()))))) for report in reports]
    assert class_page(again, "es") == class_page(reports, "es")


def test_the_order_of_assignments_is_that_of_their_names_and_one_needs_no_overview() -> None:
    page = shown(submission("ana", assignment="02_next"), submission("ana"))
    assert page.text.index("Error, scale") < page.text.index("02_next")
    assert "The whole class" in page.text
    assert "The whole class" not in shown(submission("ana")).text


def test_a_title_may_be_missing() -> None:
    assert "01_mse" in class_page([submission("ana")], "en")


def test_thousands_of_students_make_a_page_that_opens_and_no_report_is_kept() -> None:
    class_page(crowd(4), "en")
    began = time.monotonic()
    reports = crowd(3000)
    tracemalloc.start()
    html = class_page(iter(reports), "en")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(html) < 3000 * 1200
    assert peak < 60 << 20
    assert time.monotonic() - began < 30


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_the_script_sorts_upwards_first_and_leaves_empty_rows_below() -> None:
    source = (Path(__file__).parent.parent / "autograder" / "feedback" / "class.js").read_text(encoding="utf-8")
    done = subprocess.run(["node", "-e", SORTING % json.dumps(source)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        ["b 9", "c 10", "a"],
        ["c 10", "b 9", "a"],
        ["a", "b 9", "c 10"],
    ]


SORTING = """
const cell = (text, v) => ({ dataset: v === undefined ? {} : { v }, textContent: text });
const head = () => ({
  childNodes: [], attributes: {}, append(button) { this.button = button; },
  getAttribute(name) { return this.attributes[name] ?? null; },
  setAttribute(name, value) { this.attributes[name] = value; },
  removeAttribute(name) { delete this.attributes[name]; },
});
const rows = [["a", ""], ["c", "10"], ["b", "9"]].map(([name, v]) => ({ cells: [cell(name), cell(v, v)] }));
const body = { rows, append(...sorted) { this.rows = sorted; } };
const heads = [head(), head()];
globalThis.document = {
  documentElement: { lang: "es" },
  querySelectorAll: () => [{ tHead: { rows: [{ cells: heads }] }, tBodies: [body] }],
  createElement: () => ({ append() {}, addEventListener(kind, act) { this.click = act; } }),
};
eval(%s);
const seen = [];
for (const at of [1, 1, 0]) {
  heads[at].button.click();
  seen.push(body.rows.map((row) => row.cells.map((c) => c.textContent).join(" ").trim()));
}
console.log(JSON.stringify(seen));
"""


def test_reasons_are_in_the_language_of_the_page() -> None:
    reason = Text("razón propia", "own reason")
    assert "razón propia" in shown(rejected("ana", reason=reason), language="es").text
    assert "own reason" in shown(rejected("ana", reason=reason), language="en").text
