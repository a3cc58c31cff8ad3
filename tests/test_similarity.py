"""Similar answers: what counts as alike, what does not, and what a page about it may say."""

from __future__ import annotations

import random
import re
import time
import zipfile
from collections import Counter
from itertools import combinations
from pathlib import Path

import nbformat
import pytest

from autograder import similarity
from autograder.authoring import read_template
from autograder.course import Course
from autograder.intake import collect
from autograder.similarity import Answers, Comparison, Unread, compare, gather, page, stubs, table
from autograder.similarity._compare import COMMON_COUNT, COMMON_SHARE, MOST, RUN, _Prints
from autograder.similarity._tokens import tokenize
from autograder.similarity.strings import WORDS
from autograder.text import LANGUAGES, Language, Text

from .page import Page

STUB = 'def fit(x, y):\n    """Fits a line."""\n    raise NotImplementedError("fit")\n'
BODY = """\
    w, b, losses = 0.0, 0.0, []
    for epoch in range(200):
        prediction = w * x + b
        error = prediction - y
        losses.append(float(np.mean(error ** 2)))
        w = w - 0.1 * 2 * float(np.mean(error * x))
        b = b - 0.1 * 2 * float(np.mean(error))
    return w, b, losses
"""
RENAMED = """\
    slope, offset, history = 0.0, 0.0, []  # my own idea

    for i in range(200):
        guess = slope*x + offset
        gap = guess-y
        history.append(float(np.mean(gap**2)))
        slope = slope - 0.1*2*float(np.mean(gap*x))
        offset = offset - 0.1*2*float(np.mean(gap))
    return slope, offset, history
"""
OTHER = """\
    design = np.column_stack([x, np.ones_like(x)])
    solution, *_ = np.linalg.lstsq(design, y, rcond=None)
    residual = design @ solution
    while abs(residual - y).max() > 1e-9 and not np.allclose(residual, y):
        solution += np.linalg.pinv(design) @ (y - residual)
        residual = design.dot(solution)
    return solution[0], solution[1], [float(((residual - y) ** 2).sum() / len(y))]
"""


def wrote(student: str, body: str, **more: str) -> Answers:
    head = 'def fit(x, y):\n    """Fits a line."""\n'
    return Answers(student, "90_tiny", {"fit": head + body, **more})


def random_body(seed: int, lines: int = 12) -> str:
    chance = random.Random(seed)
    names = ["np.mean", "np.sum", "len", "float", "np.dot", "abs", "max", "np.exp"]
    signs = ["+", "-", "*", "/", "@", "**", "//"]
    line = "    z = {}(x {} {}) {} {}(y {} {})\n"
    return "".join(
        line.format(
            *(chance.choice(names), chance.choice(signs), chance.randrange(99), chance.choice(signs)),
            *(chance.choice(names), chance.choice(signs), chance.randrange(99)),
        )
        for _ in range(lines)
    )


def compared(*answers: Answers, threshold: float = 0.6) -> Comparison:
    return compare(answers, {"fit": [STUB]}, threshold)


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("loss = w * x", "l = slope*x  # why"),
        ("f('a')", 'f("b c")'),
        ("def f(x):\n    return x", "def g(y):\n\n  return y"),
        ('def f(x):\n    """Doc."""\n    return x', "def f(x):\n    return x"),
        ("a = 'unclosed", "b = 'other"),
    ],
)
def test_what_is_changed_in_passing_makes_no_difference(first: str, second: str) -> None:
    assert tokenize(first).text == tokenize(second).text != ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("np.mean(x)", "np.sum(x)"),
        ("x + 1", "x + 2"),
        ("sum(x)", "max(x)"),
        ("a < b", "a > b"),
        ("if a: b", "while a: b"),
    ],
)
def test_what_a_library_or_the_language_names_does(first: str, second: str) -> None:
    assert tokenize(first).text != tokenize(second).text


@pytest.mark.parametrize("source", ["", "def f(:\n  )", "%%bash\nls $x", "'''", "\ufffd\ud800 = \\", "😀 = 1"])
def test_what_is_no_python_is_read_all_the_same(source: str) -> None:
    tokens = tokenize(source)
    assert len(tokens.text) == len(tokens.spans)


def test_released_lines_are_left_out_and_places_are_those_in_the_source() -> None:
    source = "def fit(x):\n    given = 1\n    own = x  # mine\n    return own\n"
    tokens = tokenize(source, {"def fit(x):", "given = 1"})
    places = tokens.places(0, len(tokens.text), source)
    assert [source[start:end] for start, end in places] == ["own = x", "return own"]


# --- pairs -----------------------------------------------------------------------------------------------------------


def test_a_renamed_copy_is_found_and_an_answer_of_its_own_is_not() -> None:
    found = compared(wrote("ana", BODY), wrote("benito", RENAMED), wrote("carla", OTHER))
    assert [(match.first, match.second, match.overlap) for match in found.matches] == [("ana", "benito", 1.0)]
    assert (found.submissions, found.pairs, found.found) == (3, 3, 1)
    assert found.matches[0].above == pytest.approx(2 / 3)
    assert sum(found.bins) == 3
    assert found.bins[-1] == 1


def test_marks_stand_on_what_is_shared_and_on_nothing_released() -> None:
    (match,) = compared(wrote("ana", BODY + "    print('mine')\n"), wrote("benito", RENAMED)).matches
    (passage,) = match.passages
    assert "".join(text for text, _ in passage.first) == wrote("ana", BODY + "    print('mine')\n").tasks["fit"]
    marked = [text for text, mark in passage.first if mark]
    assert "losses.append(float(np.mean(error ** 2)))" in " ".join(marked)
    for left_out in ("def fit", "Fits a line", "mine"):
        assert left_out not in "".join(marked)
    assert "my own idea" not in "".join(text for text, mark in passage.second if mark)


def test_the_untouched_stub_and_short_answers_are_not_compared() -> None:
    stub = Answers("ana", "90_tiny", {"fit": STUB})
    short = "    return float(np.mean((x - y) ** 2))\n"
    found = compared(stub, Answers("benito", "90_tiny", {"fit": STUB}), wrote("carla", short), wrote("diego", short))
    assert (found.pairs, found.matches, found.median, found.high) == (0, (), 0.0, 0.0)


def test_what_most_of_the_class_writes_counts_for_nobody() -> None:
    same = [wrote(f"s{number}", BODY + random_body(number)) for number in range(12)]
    own = compared(*same)
    assert own.pairs == 66
    assert own.high < 0.05
    few = compared(*same[:3])
    assert few.median > 0.25
    copied = compared(*same, wrote("copy", RENAMED + random_body(3)))
    assert [(match.first, match.second) for match in copied.matches] == [("s3", "copy")]
    assert copied.matches[0].above > 0.98


def test_a_copied_task_shows_beside_many_that_were_not() -> None:
    first = wrote("ana", BODY, other=random_body(1))
    second = wrote("benito", RENAMED, other=random_body(2))
    found = compared(first, second, threshold=0.2)
    assert [passage.task for passage in found.matches[0].passages] == ["fit"]
    assert compared(first, second, threshold=0.9).matches == ()


def test_pairs_are_counted_as_by_comparing_each_with_each() -> None:
    chance = random.Random(5)
    pool = [random_body(seed, 4) for seed in range(25)]
    answers = [
        wrote(f"s{n}", pool[0] + "".join(chance.sample(pool, 6)), more="".join(chance.sample(pool, 9)))
        for n in range(14)
    ]
    prints = _Prints(answers, {})
    shared, sizes = prints.shared(), prints.sizes()
    runs = [{name: own_runs(source) for name, source in one.tasks.items()} for one in answers]
    times = {name: Counter(run for each in runs for run in each[name]) for name in ("fit", "more")}
    limit = max(COMMON_COUNT, COMMON_SHARE * len(answers))
    own = [{name: {run for run in found if times[name][run] <= limit} for name, found in each.items()} for each in runs]
    assert sizes.tolist() == [sum(map(len, each.values())) for each in own]
    for first, second in combinations(range(len(answers)), 2):
        assert shared[first, second] == sum(len(own[first][name] & own[second][name]) for name in ("fit", "more"))
    assert any(count > limit for each in times.values() for count in each.values())


def own_runs(source: str) -> set[str]:
    text = tokenize(source).text
    return {text[at : at + RUN] for at in range(len(text) - RUN + 1)}


def test_what_a_class_wrote_may_be_more_than_one_block() -> None:
    body = random_body(1, 400)
    found = compared(wrote("ana", body), wrote("benito", body))
    assert found.matches[0].overlap == 1.0
    assert found.matches[0].runs > 4_000


def test_only_the_most_alike_are_told_and_all_are_counted() -> None:
    # Pairs that share one answer each, in groups of two to stay below what counts as common.
    answers = [wrote(f"s{number:03}", random_body(number // 2)) for number in range(2 * MOST + 20)]
    found = compared(*answers)
    assert (found.found, len(found.matches)) == (MOST + 10, MOST)


def test_a_large_class_takes_seconds() -> None:
    answers = [wrote(f"s{number:04}", BODY + random_body(number)) for number in range(400)]
    began = time.monotonic()
    found = compared(*answers)
    assert found.pairs == 400 * 399 // 2
    assert time.monotonic() - began < 30


def test_nobody_is_a_class_too() -> None:
    assert compared().matches == ()
    assert compared(wrote("ana", BODY)).pairs == 0


# --- reading what was handed in --------------------------------------------------------------------------------------


def test_answers_come_from_folders_and_zips_and_what_cannot_be_read_is_told(
    tiny_course: Course, tmp_path: Path
) -> None:
    template = read_template(tiny_course.assignment("90_tiny"), "en")
    whole = nbformat.writes(template.reference({"mse": "def mse(a, b):\n    return 1\u200b"}))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ana.ipynb").write_text(whole)
    (folder / "eva.ipynb").write_text("this is no notebook")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("benito/90_tiny/90_tiny.ipynb", whole)
        archive.writestr("luis/90_tiny/essay.pdf", "%PDF")
    handed = collect([folder, tmp_path / "more.zip"], tiny_course.names, None)
    answers, unread = gather(tiny_course, handed)
    assert [(one.student, one.assignment) for one in answers] == [("ana", "90_tiny"), ("benito", "90_tiny")]
    assert set(answers[0].tasks) == {"mse", "scale"}
    assert answers[0].tasks["mse"] == "def mse(a, b):\n    return 1"
    assert [one.student for one in unread] == ["eva", "luis"]


def test_a_notebook_of_something_else_is_told(tiny_course: Course, tmp_path: Path) -> None:
    (tmp_path / "ana.ipynb").write_text(
        nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
    )
    answers, unread = gather(tiny_course, collect([tmp_path], tiny_course.names, "90_tiny"))
    assert answers == []
    assert "90_tiny" in unread[0].reason.en


def test_two_files_of_one_student_are_told_apart(tiny_course: Course, tmp_path: Path) -> None:
    template = read_template(tiny_course.assignment("90_tiny"), "en")
    for name in ("first", "second"):
        path = tmp_path / "ana" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(nbformat.writes(template.reference()))
    answers, _ = gather(tiny_course, collect([tmp_path], tiny_course.names, None))
    assert len({one.student for one in answers}) == len(answers) > 0


def test_stubs_are_those_of_both_languages(tiny_course: Course) -> None:
    found = stubs(tiny_course, "90_tiny")
    assert {task: len(sources) for task, sources in found.items()} == {"mse": 2, "scale": 2}
    assert "NotImplementedError" in found["mse"][0]


# --- pages and tables ------------------------------------------------------------------------------------------------

EVIL = "</pre><script>alert(1)</script>\x1b[31m\u202e"
CLASS = [
    wrote("ana", BODY),
    wrote(EVIL, RENAMED + "    '</code><img src=x onerror=alert(1)>'\n"),
    wrote("carla", OTHER),
]
UNREAD = [Unread(EVIL, Text("Es un PDF.", "It is a PDF."))]


def shown(found: list[Comparison], language: Language) -> Page:
    return Page(page(found, UNREAD, language, threshold=0.6, course="Curso", titles={"90_tiny": "Tiny"}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_both_sides_as_data_and_accuses_nobody(language: Language) -> None:
    parsed = shown([compared(*CLASS)], language)
    assert parsed.all("html") == [{"lang": language}]
    assert not parsed.all("script", "img", "link", "iframe")
    assert len(parsed.all("pre")) == 2
    assert parsed.all("mark")
    assert "alert(1)" in parsed.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", parsed.html)
    for name in ("no_accusation", "innocent", "cause_short", "cause_source", "cause_together"):
        assert WORDS[name].to(language) in parsed.text
    assert "100" in parsed.text


def test_what_is_usual_is_said_where_there_are_pairs_enough_to_know() -> None:
    few = shown([compared(*CLASS)], "en")
    assert "too few pairs" in few.text
    assert not few.all("svg")
    assert "of the pairs" not in few.text
    many = shown([compared(*(wrote(f"s{number}", random_body(number // 2)) for number in range(8)))], "en")
    assert "The pair in the middle shares 0%" in many.text
    assert "more than 86% of the pairs" in many.text
    assert [svg["role"] for svg in many.all("svg")] == ["img"]


def test_no_pair_and_too_many_pairs_are_said() -> None:
    assert "No pair shares as much." in shown([compared(wrote("ana", BODY), wrote("eva", OTHER))], "en").text
    answers = [wrote(f"s{number:03}", random_body(number // 2, 6)) for number in range(2 * MOST + 2)]
    assert f"The {MOST} most alike are shown, of {MOST + 1}." in shown([compared(*answers)], "en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_holds_pairs_baseline_and_what_was_left_out(language: Language) -> None:
    import io

    from rich.console import Console

    screen = io.StringIO()
    crowd = [wrote(f"s{number}", random_body(number // 2)) for number in range(8)]
    Console(file=screen, width=200).print(table([compared(*CLASS), compared(*crowd)], UNREAD, language))
    text = screen.getvalue()
    assert "\x1b[31m" not in text
    assert re.search(r"ana +│ .*script.*100", text)
    assert re.search(r"s0 +│ s1 +│ +100\W%? │ +86", text)
    assert WORDS["unread"].to(language) in text
    assert " ".join(WORDS["no_accusation"].to(language).split()) in " ".join(text.split())


def test_every_word_exists_in_both_languages_with_the_same_places_and_is_used() -> None:
    folder = Path(similarity.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in [*folder.glob("_*.py"), *folder.glob("*.html")])
    for name, text in WORDS.items():
        assert text.es.strip(), name
        assert text.en.strip(), name
        assert sorted(re.findall(r"{\w+}", text.es)) == sorted(re.findall(r"{\w+}", text.en)), name
        assert re.search(rf"\b{name}\b", source), name
