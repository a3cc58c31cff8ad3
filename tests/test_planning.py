"""Planning: the simulation obeys the laws of queues, costs come from the journal, and the command says what is enough."""

from __future__ import annotations

import io
import json
import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from autograder.cli import main
from autograder.errors import EngineError, UsageError
from autograder.journal import NAME, Journal, verdicts_in
from autograder.planning import (
    SHAPES,
    Cost,
    Demand,
    Recorded,
    Run,
    Rush,
    Target,
    Workers,
    advise,
    measured,
    read_recorded,
    simulate,
)
from autograder.planning.telling import duration
from autograder.records import Report, Status

from .test_journal import damage


def poisson(seed: int, count: int, rate: float, mean: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Exponential gaps and exponential gradings."""
    random = np.random.default_rng(seed)
    return np.cumsum(random.exponential(1 / rate, count)), random.exponential(mean, count)


def at_work(run: Run) -> int:
    """The most gradings that counted at one moment."""
    moments = sorted([(at, 1) for at in run.begun] + [(at, -1) for at in run.finished])
    return int(np.cumsum([step for _, step in moments]).max())


# --- the simulation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("workers", "load"), [(1, 0.6), (2, 0.8), (8, 0.85)])
def test_mean_time_in_the_queue_is_that_of_erlangs_formula(workers: int, load: float) -> None:
    offered = workers * load
    last = offered**workers / math.factorial(workers) / (1 - load)
    has_to_wait = last / (sum(offered**k / math.factorial(k) for k in range(workers)) + last)
    expected = has_to_wait / (workers * (1 - load))
    # Each run begins with an empty queue, so its beginning is left out.
    means = [simulate(*poisson(seed, 5000, offered), Workers(workers)).queued[1000:].mean() for seed in range(10)]
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    assert abs(np.mean(means) - expected) < 3.7 * error  # 99.5 % of Student's t with 9 degrees of freedom
    assert error < 0.15 * expected


@pytest.mark.parametrize("seed", range(5))
def test_with_more_workers_no_submission_waits_longer(seed: int) -> None:
    arrived, takes = poisson(seed, 400, 3.0)
    runs = [simulate(arrived, takes, Workers(count, start=2)) for count in range(1, 9)]
    for fewer, more in pairwise(runs):
        assert (more.waited <= fewer.waited + 1e-9).all()
    assert runs[0].waited.mean() > 5 * runs[-1].waited.mean()


def test_failing_workers_lose_and_double_nothing() -> None:
    arrived, takes = poisson(3, 3000, 2.0)
    run = simulate(arrived, takes, Workers(4, start=1, between_failures=15, repair=4))
    assert (run.tries - 1).sum() > 50
    assert (run.begun >= arrived).all()
    np.testing.assert_allclose(run.finished - run.begun, takes)
    assert at_work(run) <= 4
    assert run.waited.mean() > simulate(arrived, takes, Workers(4, start=1)).waited.mean()


def test_what_a_failed_worker_leaves_is_begun_again_before_what_came_later() -> None:
    arrived, takes = np.arange(200.0), np.full(200, 3.0)
    run = simulate(arrived, takes, Workers(1, between_failures=20, repair=1))
    assert (run.tries > 1).any()
    assert (np.diff(run.begun) >= 3 - 1e-9).all()


def test_a_worker_starts_before_its_first_grading() -> None:
    run = simulate(np.array([0.0, 1.0]), np.array([2.0, 2.0]), Workers(1, start=10))
    assert run.queued.tolist() == [10, 11]
    assert run.finished.tolist() == [12, 14]
    assert run.longest_queue == 2


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    demand, workers = poisson(5, 300, 2.0), Workers(3, between_failures=20, repair=5)
    runs = [simulate(*demand, workers, seed).finished.tolist() for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_without_submissions_nothing_happens() -> None:
    run = simulate(np.array([]), np.array([]), Workers(2))
    assert run.waited.size == run.longest_queue == 0


def test_without_simpy_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simpy", None)
    with pytest.raises(EngineError, match=r"autograder\[plan\]"):
        simulate(np.array([0.0]), np.array([1.0]), Workers(1))


# --- arrivals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_submissions_come_by_the_law_that_was_named(shape: str) -> None:
    rush = Rush(48, shape, 2)  # type: ignore[arg-type]
    drawn = rush.draw(np.random.default_rng(1), 20_000)
    assert (np.diff(drawn) >= 0).all()
    assert drawn[0] >= -48
    assert drawn[-1] <= 0
    for left in (0.5, 2, 12, 40):
        law = {
            "hyperbolic": math.log1p(left / 2) / math.log1p(24),
            "exponential": math.expm1(-left / 2) / math.expm1(-24),
            "even": left / 48,
        }
        assert (drawn > -left).mean() == pytest.approx(law[shape], abs=0.015)


def test_recorded_times_are_read_as_dates_or_as_hours(tmp_path: Path) -> None:
    file = tmp_path / "times.csv"
    file.write_text("handed in,who\n2026-03-01T23:00:00+01:00,ana\n\n# a remark\n2026-03-02T00:30:00+01:00,benito\n")
    assert read_recorded(file, datetime.fromisoformat("2026-03-01T23:00:00+00:00")) == Recorded((-1.0, 0.5))
    file.write_text("0.25\n-30\n-2.5\n")
    recorded = read_recorded(file, None)
    assert recorded == Recorded((-30.0, -2.5, 0.25))
    assert recorded.hours == 30
    assert Recorded((1.0, 2.0)).hours == 0
    drawn = recorded.draw(np.random.default_rng(0), 1000)
    assert -30 <= drawn.min() < -25
    assert drawn.max() <= 0.25
    assert (drawn > -2.5).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"-3\nsoon\n", "line 2: 'soon' is neither"),
        (b"-3\nnan\n", "line 2: 'nan' is neither"),
        (b"2026-03-01T23:00:00\n", "line 1: dates need the deadline"),
        (b"# none\n\n", "holds no time"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_of_times_that_is_wrong_says_where(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "times.txt"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read_recorded(file, None)


def test_dates_and_deadline_agree_on_having_a_time_zone(tmp_path: Path) -> None:
    file = tmp_path / "times.txt"
    file.write_text("2026-03-01T23:00:00\n")
    with pytest.raises(UsageError, match="time zone"):
        read_recorded(file, datetime.fromisoformat("2026-03-01T23:00:00+00:00"))
    with pytest.raises(UsageError, match="could not be read"):
        read_recorded(tmp_path / "nowhere", None)


# --- advice ----------------------------------------------------------------------------------------------------------


DEMAND = Demand(Rush(24), (Cost("a", (4.0, 6.0)), Cost("b", (20.0,))), students=400, attempts=1.5)


def test_the_smallest_number_that_is_enough_is_found() -> None:
    demand, target, workers = replace(DEMAND, students=2000), Target(60, 90), Workers(0)
    found = advise(demand, target, workers, runs=2)
    assert found.enough is not None
    assert found.enough > 2
    every = advise(demand, target, workers, cores=range(1, found.enough + 2), runs=2)
    assert [row.within(90) <= 60 for row in every.rows] == [False] * (found.enough - 1) + [True] * 2
    assert every.enough == found.enough
    assert found.to_json() == advise(demand, target, workers, runs=2).to_json()
    assert found.to_json() != advise(demand, target, workers, runs=2, seed=1).to_json()


def test_students_hand_in_each_assignment_as_often_as_said() -> None:
    drawn = [DEMAND.draw(0, number) for number in range(20)]
    sizes = [arrived.size for arrived, _ in drawn]
    assert min(sizes) > 800
    assert np.mean(sizes) == pytest.approx(1200, rel=0.02)
    takes = np.concatenate([each for _, each in drawn])
    assert set(takes) == {4.0, 6.0, 20.0}
    assert (takes == 20).mean() == pytest.approx(0.5, abs=0.02)


def test_recorded_submissions_are_played_as_they_were() -> None:
    arrived, takes = Demand(Recorded((-2.0, -0.5, 0.5)), (Cost(None, (1.0,)),), students=None).draw(0)
    assert arrived.tolist() == [0, 5400, 9000]
    assert takes.tolist() == [1, 1, 1]


def test_no_number_of_workers_is_enough_for_what_grading_alone_exceeds() -> None:
    found = advise(DEMAND, Target(5, 95), Workers(0), runs=1)
    assert found.enough is None
    assert found.least == 20


def test_workers_that_fail_before_anything_is_finished_are_refused() -> None:
    with pytest.raises(UsageError, match="hardly ever be finished"):
        advise(DEMAND, Target(60, 95), Workers(0, between_failures=2))


# --- costs -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of 30 gradings of one assignment and one of another; each is written to the disk, so it is made once."""
    folder = tmp_path_factory.mktemp("journal")
    with Journal(folder) as journal:
        for number in range(30):
            journal.keep(f"k{number}", Report("", "04_xor_mlp", Status.GRADED, seconds=4 + number / 10))
        journal.keep("other", Report("", "01_mse", Status.GRADED, seconds=0.5))
    return folder


@pytest.fixture
def graded(journal: Path, tmp_path: Path) -> Path:
    """Results with a copy of `journal`."""
    return shutil.copytree(journal, tmp_path / "results")


def test_costs_are_what_the_journal_says_gradings_took(graded: Path) -> None:
    one, other = measured(graded)
    assert (one.assignment, one.seconds) == ("01_mse", (0.5,))
    assert sorted(other.seconds) == [4 + number / 10 for number in range(30)]
    assert other.mean == pytest.approx(5.45)
    assert measured(graded, ["01_mse"]) == (one,)
    with pytest.raises(UsageError, match="did you mean 01_mse"):
        measured(graded, ["01_msee"])
    assert len(verdicts_in(graded, newest=3)) == 3


def test_looking_at_a_journal_leaves_a_grader_at_work(graded: Path) -> None:
    with Journal(graded) as journal:
        with pytest.raises(EngineError, match="at work"):
            measured(graded)
        journal.keep("new", Report("", "01_mse", Status.GRADED, seconds=1.0))
    assert len(measured(graded, ["01_mse"])[0].seconds) == 2


def test_a_damaged_verdict_is_left_out_and_a_damaged_journal_said(graded: Path) -> None:
    damage(graded, "UPDATE verdicts SET report = ? WHERE key = 'other'", b"{}")
    assert [cost.assignment for cost in measured(graded)] == ["04_xor_mlp"]
    before = (graded / NAME).read_bytes()
    (graded / NAME).write_bytes(b"no journal at all " * 100)
    with pytest.raises(EngineError, match="could not be read as a journal"):
        measured(graded)
    (graded / NAME).write_bytes(before)
    damage(graded, "DELETE FROM verdicts")
    with pytest.raises(UsageError, match="no verdict"):
        measured(graded)


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs `autograder plan …`: its exit code, and what it wrote to both streams, in one line each."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", "plan", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "120")
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, " ".join(said.out.split()), " ".join(said.err.split())

    return run


CLASS = ("--students", 300, "--deadline-hours", 24)


def test_the_command_says_how_many_cores_are_enough(plan: Callable, graded: Path, tmp_path: Path) -> None:
    options = (*CLASS, "--out", graded, "--assignment", "04_xor_mlp", "--wait-minutes", 2, "--percentile", 90)
    file = tmp_path / "plan.json"
    code, said, _ = plan(*options, "--json", file)
    found = json.loads(file.read_text())
    assert code == 0
    assert f"{found['enough']} cores are enough: 90% of the results come within" in said or found["enough"] == 1
    assert "04_xor_mlp: 5.5 s on average over 30 measured gradings." in said
    assert "300 students, 2 submissions of each on average" in said
    assert "They come within the 24 h up to the deadline (a hyperbolic rush); 2" in said
    assert found["costs"] == [{"assignment": "04_xor_mlp", "gradings": 30, "mean_seconds": 5.45}]
    assert found["enough"] in [row["cores"] for row in found["rows"]]
    again = tmp_path / "again.json"
    plan(*options, "--json", again)
    assert again.read_bytes() == file.read_bytes()
    _, spanish, _ = plan(*options, "--lang", "es", "--failure-hours", 1)
    assert "5,5 s de media en 30 correcciones medidas" in spanish
    assert "falla cada 1 h de media" in spanish
    assert "90 % de los resultados llega en" in spanish


def test_the_command_says_when_nothing_is_enough(plan: Callable) -> None:
    code, said, _ = plan(*CLASS, "--seconds", 90, "--wait-minutes", 1)
    assert code == 1
    assert "No number of cores is enough: even without a queue, 95% of the results take up to 1.5 min" in said
    code, said, _ = plan(*CLASS, "--seconds", 90, "--wait-minutes", 2, "--cores", "1,2-3")
    assert code == 1
    assert "None of these numbers is enough" in said


def test_the_command_plays_an_earlier_deadline(plan: Callable, tmp_path: Path) -> None:
    file = tmp_path / "times.txt"
    file.write_text("\n".join(f"2026-03-01T23:{minute:02}:00" for minute in range(60)))
    options = ("--arrivals", file, "--deadline", "2026-03-01T23:59", "--seconds", 90)
    code, said, _ = plan(*options, "--start-seconds", 0, "--wait-minutes", 3)
    assert code == 0
    assert "60 submissions, as recorded." in said
    assert "2 cores are enough: 95% of the results come within 1.5 min" in said
    _, said, _ = plan(*options, "--students", 500)
    assert "500 students" in said


def test_few_gradings_are_said_to_be_few(plan: Callable, graded: Path) -> None:
    _, said, _ = plan(*CLASS, "--out", graded)
    assert "01_mse: 0.5 s on average over 1 measured gradings. These are few to rely on." in said


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "--students and --deadline-hours"),
        (CLASS, 2, "There is no journal.db in results"),
        ((*CLASS, "--seconds", 1, "--assignment", "a"), 2, "--seconds and --assignment"),
        ((*CLASS, "--seconds", 1, "--arrivals", "a"), 2, "--arrivals and --deadline-hours"),
        ((*CLASS, "--seconds", 1, "--deadline", "2026-03-01T23:59"), 2, "--arrivals"),
        ((*CLASS, "--seconds", 1, "--cores", "4-2"), 2, "'4-2' is no number of cores"),
        ((*CLASS, "--seconds", 1, "--cores", "1-99"), 2, "give 20 at most"),
        ((*CLASS, "--seconds", 0), 2, "--seconds"),
    ],
)
def test_wrong_usage_is_one_sentence(
    plan: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple, code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended, _, said = plan(*arguments)
    assert ended == code
    assert words in said


def test_a_grader_at_work_is_said_in_one_sentence(plan: Callable, graded: Path) -> None:
    with Journal(graded):
        code, _, said = plan(*CLASS, "--out", graded)
    assert code == 1
    assert said.startswith("autograder: A grader is at work on")


def test_the_plot_is_a_picture_with_a_line_for_each_number_of_cores(plan: Callable, tmp_path: Path) -> None:
    from matplotlib.image import imread

    pictures = {}
    for language in ("en", "es"):
        file = tmp_path / f"{language}.png"
        options = ("--students", 3000, "--deadline-hours", 24, "--seconds", 5, "--cores", "2-4", "--lang", language)
        plan(*options, "--runs", 1, "--plot", file)
        pictures[language] = file.read_bytes()
        assert pictures[language].startswith(b"\x89PNG")
        pixels = np.round(imread(io.BytesIO(pictures[language]))[:, :, :3] * 255)
        assert min(pixels.shape[:2]) > 500
        shades, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
        coloured = (np.ptp(shades, axis=1) > 60) & (counts > 400)
        assert coloured.sum() >= 3
    assert pictures["en"] != pictures["es"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.61, "0,6 s"), (12.4, "12 s"), (204, "3,4 min"), (1560, "26 min"), (9000, "2,5 h")]
)
def test_lengths_of_time_have_two_figures_and_a_unit(seconds: float, words: str) -> None:
    assert duration(seconds, "es") == words
    assert duration(seconds, "en") == words.replace(",", ".")


def test_a_plot_without_any_queue_can_be_drawn() -> None:
    from autograder.planning.plot import plot as draw

    quiet = replace(DEMAND, students=2)
    assert draw(advise(quiet, Target(60, 95), Workers(0), runs=1), "en").startswith(b"\x89PNG")
