"""Feedback pages: what a student reads, and what a hostile submission cannot make of it."""

from __future__ import annotations

import base64
import re
import struct
import time
import zlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from autograder import table
from autograder.errors import EngineError
from autograder.feedback import page, plain, write
from autograder.feedback.strings import STRINGS, number
from autograder.records import Cause, Cell, CellRun, CheckResult, Outcome, Output, Report, Role, Status
from autograder.text import LANGUAGES, Language, Text

from .page import Page

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def png(width: int = 4, height: int = 3) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * 3 * 4) * 3
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width: int = 7, height: int = 5) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    comment = b"\xff\xfe" + struct.pack(">H", 5) + b"hey"
    return b"\xff\xd8" + comment + b"\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + b"\xff\xd9"


def encoded(raw: bytes) -> str:
    return base64.encodebytes(raw).decode()


def check(name: str, task: str, outcome: str, points: float = 1.0, message: Text | None = None) -> CheckResult:
    title = Text(f"título {name}", f"title {name}")
    told = message or Text(f"mensaje {name}", f"message {name}")
    return CheckResult(f"01_mse.{name}", task, Outcome(outcome), points, title, told)


def cell(role: str, source: str, *outputs: tuple[str, str], task: str | None = None, problem: str = "") -> CellRun:
    found = tuple(Output(mime, data) for mime, data in outputs)
    return CellRun(Cell("id", Role(role), source, task), found, Text(problem, problem) if problem else None, 0.1)


REPORT = Report(
    "Ana Ruiz",
    "01_mse",
    Status.NEEDS_REVIEW,
    (
        check("shape", "mse", "passed", 2.5),
        check("root", "rmse", "failed"),
        check("empty", "mse", "failed"),
        check("seeds", "curve", "unjudged", 2.0),
    ),
    submission_sha256="5ab" * 20,
    grader_sha256="c0ffee" * 10,
    walls=("landlock", "seccomp"),
    seconds=2.14,
    repairs=(Text("celda restaurada", "cell restored"),),
    cells=(
        cell("text", "# enunciado"),
        cell("setup", "import numpy as np"),
        cell("task", "def mse(a, b):\n    return 1 < 2", ("image/png", encoded(png())), task="mse"),
        cell("check", "grader.check('mse')", task="mse"),
        cell("extra", "print(1)", ("stream/stdout", "uno\n")),
        cell("demo", "plot()", problem="se paró en `plot`"),
    ),
    max_score=6.5,
)


def with_outputs(*outputs: tuple[str, str]) -> Page:
    return Page(page(replace(REPORT, cells=(cell("extra", "1", *outputs),)), "en"))


def hostile() -> Report:
    told = Text(EVIL + f"`{EVIL}`" + "x" * 90_000, EVIL)
    return Report(
        EVIL + "\u202egnp" + "A" * 5000,
        EVIL,
        Status.NEEDS_REVIEW,
        (replace(check("x", EVIL, "failed", message=told), title=told),),
        EVIL,
        EVIL,
        (EVIL,),
        reason=told,
        repairs=(told,),
        cells=(
            cell(
                "task",
                f"'''{EVIL}</code></pre>" + "y = 2\n" * 50_000,
                *[("stream/stdout", EVIL * 4000)] * 60,
                task=EVIL,
            ),
            cell("extra", "", (f'x"{EVIL}', "1"), ("text/html", EVIL + "<h1>x</h1><p id=results>"), problem=EVIL),
            cell(
                "extra", "1", ("image/svg+xml", "<svg onload=alert(1)>"), ("error", f"\x1b[31m{EVIL}\x1b[0m\x00\ud800")
            ),
        ),
        max_score=1.0,
    )


REPORTS = {
    "review": REPORT,
    "graded": replace(REPORT, status=Status.GRADED, checks=REPORT.checks[:1]),
    "rejected": Report("eva", "01_mse", Status.REJECTED, reason=Text("Es un PDF.", "It is a PDF.")),
    "unwalled": replace(REPORT, walls=()),
    "hostile": hostile(),
}


@pytest.fixture(params=[(name, language) for name in REPORTS for language in LANGUAGES], ids="-".join)
def shown(request: pytest.FixtureRequest) -> tuple[Page, Language]:
    name, language = request.param
    return Page(page(REPORTS[name], language, course="Curso", title="")), language


def test_a_page_is_one_well_formed_document_in_its_language(shown: tuple[Page, Language]) -> None:
    parsed, language = shown
    assert parsed.html.startswith("<!DOCTYPE html>")
    assert parsed.all("html") == [{"lang": language}]
    assert len(parsed.all("title")) == len(parsed.all("h1")) == len(parsed.all("main")) == 1
    assert len(parsed.all("header")) == len(parsed.all("footer")) == 1


def test_headings_never_skip_a_level(shown: tuple[Page, Language]) -> None:
    levels = shown[0].headings()
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_page_holds_no_script_and_loads_nothing(shown: tuple[Page, Language]) -> None:
    parsed = shown[0]
    assert not parsed.all("script", "link", "iframe", "object", "embed", "form", "input", "base", "use")
    for _, attributes in parsed.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
        assert (attributes.get("src") or "data:image/png;base64,").startswith("data:image/")
    policy = next(meta["content"] for meta in parsed.all("meta") if "http-equiv" in meta)
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    assert "url(" not in parsed.html


def test_every_id_is_unique_and_every_link_and_label_leads_to_one(shown: tuple[Page, Language]) -> None:
    parsed = shown[0]
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"] for attributes in parsed.all("a")}
    targets |= {f"#{each['aria-labelledby']}" for _, each in parsed.elements if "aria-labelledby" in each}
    assert targets <= {f"#{each}" for each in ids}
    assert "#results" in targets


def test_every_figure_has_words_and_every_drawn_sign_is_silent(shown: tuple[Page, Language]) -> None:
    assert all(image["alt"] for image in shown[0].all("img"))
    assert all(drawing["aria-hidden"] == "true" for drawing in shown[0].all("svg"))


def test_no_invisible_or_unwritable_character_is_left(shown: tuple[Page, Language]) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown[0].html)


def test_no_page_grows_without_bounds() -> None:
    began = time.monotonic()
    assert len(page(hostile(), "en")) < 2_000_000
    assert time.monotonic() - began < 20


def test_the_score_and_the_open_points_are_said_in_words() -> None:
    text = Page(page(REPORT, "es", course="Curso", title="Error cuadrático")).text
    assert "2,5 de 6,5 puntos" in text
    assert "+ 2 puntos por revisar" in text
    assert "Error cuadrático" in text
    assert "Ana Ruiz" in text


def test_the_bar_shows_what_is_earned_and_what_is_open() -> None:
    widths = [span["style"] for span in Page(page(REPORT, "es")).all("span") if "style" in span]
    assert widths == ["width:38.46%", "width:30.77%"]


def test_tasks_come_in_order_with_their_checks() -> None:
    text = Page(page(REPORT, "en")).text
    places = [text.index(f"title {name}") for name in ("shape", "empty", "root", "seeds")]
    assert places == sorted(places)
    assert all(f"message {name}" in text for name in ("shape", "root", "empty", "seeds"))


@pytest.mark.parametrize(
    ("outcome", "es", "en"),
    [
        ("passed", "Superada · 1 de 1 punto", "Passed · 1 out of 1 point"),
        ("failed", "No superada · 0 de 1 punto", "Not passed · 0 out of 1 point"),
        ("unjudged", "Por revisar · 1 punto por revisar", "To be reviewed · 1 point still to be reviewed"),
    ],
)
def test_an_outcome_is_a_word_and_not_a_colour_alone(outcome: str, es: str, en: str) -> None:
    one = replace(REPORT, checks=(check("shape", "mse", outcome),))
    assert es in Page(page(one, "es")).text
    assert en in Page(page(one, "en")).text


def test_a_review_costs_nothing_and_says_so() -> None:
    assert "A person will look at it, and this costs you nothing" in page(REPORT, "en")


def test_a_rejection_gives_its_reason_and_shows_no_empty_score() -> None:
    parsed = Page(page(REPORTS["rejected"], "es"))
    assert "No se pudo calificar" in parsed.text
    assert "Es un PDF." in parsed.text
    assert "0 de 0" not in parsed.text
    assert "no se ejecutó nada" in parsed.text


def test_a_page_without_walls_says_so_loudly() -> None:
    assert "Run without a sandbox" in page(REPORTS["unwalled"], "en")
    assert "Run without a sandbox" not in page(REPORT, "en")


def test_walls_are_not_missed_where_nothing_ran() -> None:
    stuck = replace(REPORT, walls=(), cells=(), checks=(check("x", "mse", "unjudged"),))
    assert "Run without a sandbox" not in page(stuck, "en")


def test_the_receipt_holds_hashes_walls_and_time() -> None:
    text = Page(page(REPORT, "es")).text
    assert "5ab" * 20 in text
    assert "c0ffeec0ffee" in text
    assert "c0ffee" * 3 not in text
    assert "landlock, seccomp" in text
    assert "2,14 s" in text


def test_own_cells_are_open_locked_ones_folded_and_public_checks_left_out() -> None:
    parsed = Page(page(REPORT, "es"))
    assert "grader.check" not in parsed.text
    assert "enunciado" not in parsed.text
    assert "import numpy as np" in parsed.text
    folded = parsed.all("details")
    assert [("open" in each) for each in folded] == [False, True]
    assert "Esta celda no terminó: se paró en plot" in parsed.text


def test_code_is_highlighted_and_escaped() -> None:
    html = page(REPORT, "es")
    assert '<span class="k">def</span>' in html
    assert '<span class="o">&lt;</span>' in html


def test_a_task_leads_to_its_cell() -> None:
    parsed = Page(page(REPORT, "es"))
    assert {"href": "#cell-3"} in parsed.all("a")
    assert "Tu celda de la tarea mse" in parsed.text


def test_a_page_shows_no_check_ids_and_no_hint_names() -> None:
    named = replace(REPORT, checks=(replace(REPORT.checks[1], hint="secret_hint"),))
    html = page(named, "en")
    assert "01_mse.root" not in html
    assert "secret_hint" not in html


def test_a_png_and_a_jpeg_are_shown_with_their_measures() -> None:
    images = with_outputs(("image/png", encoded(png())), ("image/jpeg", encoded(jpeg()))).all("img")
    assert [(image["width"], image["height"]) for image in images] == [("4", "3"), ("7", "5")]
    source = images[0]["src"]
    assert source is not None
    assert base64.b64decode(source.removeprefix("data:image/png;base64,")) == png()


@pytest.mark.parametrize(
    "data",
    [
        "%%%",
        "ñ",
        encoded(b""),
        encoded(b"GIF89a" + b"\0" * 40),
        encoded(b"\x89PNG\r\n\x1a\n"),
        encoded(b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
        encoded(png()[:20]),
        encoded(png(100_000, 100_000)),
        encoded(png(0, 3)),
        encoded(jpeg(60_000, 60_000)),
        encoded(b"\xff\xd8\xff\xd9"),
        encoded(jpeg()[:12]),
        encoded(png() + b"\0" * (4 << 20)),
        "A" * (7 << 20),
        encoded(png()) + '"><script>',
    ],
)
def test_an_image_that_is_none_is_told_not_shown(data: str) -> None:
    parsed = with_outputs(("image/png", data))
    assert not parsed.all("img")
    assert "There was an image here that cannot be shown" in parsed.text


def test_images_have_a_budget() -> None:
    big = encoded(png() + b"\0" * (3 << 20))
    assert len(with_outputs(*[("image/png", big)] * 4).all("img")) == 2


def test_html_tables_are_kept_without_what_is_dangerous() -> None:
    parsed = with_outputs(
        ("text/html", '<style>p{}</style><table onclick="x" class="verdict"><tr><td colspan="2">0.25</td></tr></table>')
    )
    assert parsed.all("table") == [{}]
    assert parsed.all("td") == [{"colspan": "2"}]
    assert "p{}" not in parsed.text


def test_text_stands_in_for_html_and_drawings_beside_it() -> None:
    parsed = with_outputs(("text/html", "<table><tr><td>rich</td></tr></table>"), ("text/plain", "plain value"))
    assert "plain value" in parsed.text
    assert not parsed.all("table")


def test_html_beyond_the_budget_is_told_not_shown() -> None:
    wide = "<p>" + "x" * 90_000 + "</p>"
    assert with_outputs(*[("text/html", wide)] * 6).text.count("an output of type text/html here") == 2


def test_a_drawing_that_cannot_be_checked_is_told_not_shown() -> None:
    assert "an output of type image/svg+xml here" in with_outputs(("image/svg+xml", "<svg/>")).text


def test_the_repr_of_a_figure_is_left_out_beside_the_figure() -> None:
    label = ("text/plain", "<Figure size 640x480 with 1 Axes>")
    assert "Figure size" not in with_outputs(("image/png", encoded(png())), label).text
    assert "Figure size" in with_outputs(label).text


def test_blank_outputs_leave_no_frame() -> None:
    assert "Output" not in with_outputs(("stream/stdout", "\n\x1b[0m\n")).text


def test_long_output_is_cut_in_the_middle_and_says_so() -> None:
    text = with_outputs(("stream/stdout", "start" + "x" * 200_000 + "end")).text
    assert "start" in text
    assert "xend" in text
    assert "192008 characters are left out here" in text


def test_a_page_out_of_room_still_says_what_it_leaves_out() -> None:
    cells = tuple(cell("extra", "z" * 30_000) for _ in range(30))
    text = Page(page(replace(REPORT, cells=cells), "en")).text
    assert text.count("10000 characters are left out here") == 20
    assert text.count("30000 characters are left out here") == 10


def test_too_many_outputs_and_cells_are_counted() -> None:
    cells = tuple(cell("extra", "1", *[("text/plain", "1")] * 43) for _ in range(203))
    text = Page(page(replace(REPORT, cells=cells), "en")).text
    assert "3 more outputs of this cell" in text
    assert "3 more cells of this notebook" in text


def test_an_empty_cell_is_said_to_be_empty() -> None:
    assert "This cell is empty." in page(replace(REPORT, cells=(cell("task", "", task="mse"),)), "en")


def test_a_name_of_nothing_visible_becomes_a_dash() -> None:
    assert "<bdi>—</bdi>" in page(replace(REPORT, student="\u202e\x1b[0m "), "es")


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("a\x1b[1;31mb\x1b[0m", "ab"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;unfinished", ""),
        ("\x9b31mred", "red"),
        (" 10%\r 50%\r100%\r\nnext\r", "100%\nnext"),
        ("a\x00\x08b\tc", "ab\tc"),
        ("abc\u202edef\u2066\u200b\ufeff", "abcdef"),
        ("line\u2028line", "line\nline"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("\ud800x", "x"),
        ("\x1b\x1b[[31mx", "31mx"),
    ],
)
def test_plain_text_is_what_a_person_sees(raw: str, seen: str) -> None:
    assert plain(raw) == seen


def test_hostile_escapes_take_no_long_time() -> None:
    began = time.monotonic()
    for part in ("\x1b]", "\x1b[", "\x1b[1", "\x9d", "\r", "\x1b "):
        plain(part * 300_000)
    assert time.monotonic() - began < 10


def test_every_string_exists_in_both_languages_with_the_same_places() -> None:
    for name, text in STRINGS.items():
        assert text.es.strip(), name
        assert text.en.strip(), name
        assert sorted(re.findall(r"{\w+}", text.es)) == sorted(re.findall(r"{\w+}", text.en)), name


def test_every_string_is_used() -> None:
    package = Path(table.__file__).parent
    files = [package / "table.py", *(package / "feedback").glob("*.html"), *(package / "feedback").glob("_*.py")]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    composed = {f"{status}{ending}" for status in Status for ending in ("", "_means")} | {f"short_{s}" for s in Status}
    composed |= {str(outcome) for outcome in Outcome} | {f"cell_{role}" for role in Role}
    composed |= {f"cause_{cause}" for cause in Cause}
    composed |= {f"{name}_one" for name in STRINGS if f"{name}_one" in STRINGS}
    assert [name for name in STRINGS if name not in composed and not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize(
    ("value", "es", "en"),
    [(7.0, "7", "7"), (7.5, "7,5", "7.5"), (0.125, "0,12", "0.12"), (100, "100", "100")],
)
def test_numbers_follow_the_language(value: float, es: str, en: str) -> None:
    assert (number(value, "es"), number(value, "en")) == (es, en)


def test_pages_are_written_under_safe_names(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "pages"
    reports = [replace(REPORT, student=name) for name in ("ana", "../../etc/passwd", "Ana", "\ud800/\x00")]
    reports.append(replace(reports[0], assignment="02_other"))
    pages = write(reports, folder, "es", course="Curso", titles={"01_mse": "Error cuadrático"})
    assert len(pages) == 5
    assert pages["ana", "01_mse"] == folder / "ana.01_mse.html"
    assert sorted(pages.values()) == sorted(folder.iterdir())
    assert "Error cuadrático" in pages["ana", "01_mse"].read_text(encoding="utf-8")
    assert "02_other" in pages["ana", "02_other"].read_text(encoding="utf-8")


def test_a_page_replaces_the_older_one_and_follows_no_link(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (tmp_path / "ana.01_mse.html").symlink_to(secret)
    (path,) = write([replace(REPORT, student="ana")], tmp_path, "es").values()
    assert secret.read_text() == "mine"
    assert not path.is_symlink()
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match=r"could not be written \(Not a directory\)"):
        write([REPORT], tmp_path / "file" / "pages", "es")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "ana.01_mse.html").mkdir()
    with pytest.raises(EngineError, match="directory"):
        write([replace(REPORT, student="ana")], tmp_path, "es")
    assert [path.name for path in tmp_path.iterdir()] == ["ana.01_mse.html"]
