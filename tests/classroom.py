"""A class made up for tests: every status, every cause, names in many scripts, and some that attack the page."""

from __future__ import annotations

from autograder.records import OUR_FAULT, Cause, Cell, CellRun, CheckResult, Outcome, Output, Report, Role, Status
from autograder.text import Text

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>'\"&"
NAMES = ("Ana Ruiz", "Íñigo Ñuño", "李小龍", "أحمد علي", "Ольга", "දීපා", "=cmd|'/c calc'!A1", EVIL, "\u202egnp.\x1b[31m")
TASKS = {"mse": 3.0, "fit_line_by_descent": 4.0, "min_max_scale": 3.0}
LOST = Text("La entrega se ha perdido; la mirará una persona.", "The submission was lost; a person will look at it.")
NO_NOTEBOOK = Text("Es un PDF; entrega el `.ipynb`.", "It is a PDF; hand in the `.ipynb`.")


def check(
    task: str,
    outcome: str,
    number: int = 0,
    *,
    points: float = 1.0,
    hint: str | None = None,
    cause: Cause | None = None,
    assignment: str = "01_mse",
) -> CheckResult:
    """One result of a check called after its task; its sentences name what they are about."""
    said = Text(f"confusión {hint}", f"misconception {hint}") if hint else Text("mensaje", "message")
    title = Text(f"Pide `{task}` {number}", f"Asks for `{task}` {number}")
    return CheckResult(
        f"{assignment}.{task}_{number}", task, Outcome(outcome), points, title, said, hint=hint, cause=cause
    )


def submission(
    student: str,
    outcomes: dict[str, tuple[str, str | None, Cause | None]] | None = None,
    *,
    assignment: str = "01_mse",
    status: Status | None = None,
    walls: tuple[str, ...] = ("landlock", "seccomp"),
) -> Report:
    """A submission that passed every task but those named: outcome, hint and cause of the first of its two checks."""
    checks = []
    for task, points in TASKS.items():
        outcome, hint, cause = (outcomes or {}).get(task, ("passed", None, None))
        first = check(task, outcome, 1, points=points - 1, hint=hint, cause=cause, assignment=assignment)
        rest = "failed" if cause else "passed"
        checks += [first, check(task, rest, 2, cause=cause, assignment=assignment)]
    unjudged = any(each.outcome is Outcome.UNJUDGED for each in checks)
    return Report(
        student,
        assignment,
        status or (Status.NEEDS_REVIEW if unjudged else Status.GRADED),
        tuple(checks),
        submission_sha256="5ab" * 20,
        grader_sha256="c0ffee" * 10,
        walls=walls,
        reason=OUR_FAULT if unjudged else None,
        faults=(f"lost at {EVIL}",) if unjudged else (),
        cells=(CellRun(Cell("a", Role.TASK, "def mse(a, b): ...", "mse"), (Output("text/plain", "1.0"),)),),
        max_score=10.0,
    )


def rejected(student: str, assignment: str = "01_mse", reason: Text = NO_NOTEBOOK) -> Report:
    """A file that was no notebook."""
    return Report(student, assignment, Status.REJECTED, reason=reason, max_score=10.0 if assignment else 0.0)


def lost(student: str, assignment: str = "01_mse") -> Report:
    """A submission that we lost before any check was announced."""
    return Report(student, assignment, Status.NEEDS_REVIEW, reason=LOST, faults=("OSError: gone",))


def classroom() -> list[Report]:
    """Everything at once, in two assignments and one file that could not be told which it is of."""
    reports = [submission(name) for name in NAMES]
    undone = dict.fromkeys(TASKS, ("failed", None, Cause.NOT_DONE))
    reports += [
        submission("half", {"mse": ("failed", "half", None), "min_max_scale": ("failed", None, None)}),
        submission("half too", {"mse": ("failed", "half", None)}),
        submission("root", {"mse": ("failed", "root", None)}),
        submission("undone", undone),
        *(submission(cause.value, {"mse": ("failed", None, cause)}) for cause in Cause),
        submission("open", {"mse": ("unjudged", None, None), "fit_line_by_descent": ("unjudged", None, None)}),
        submission("open too", {"mse": ("unjudged", None, None)}),
        lost("lost"),
        rejected("pdf"),
        rejected("who", ""),
        submission("Ana Ruiz", assignment="02_next"),
        submission("half", {"mse": ("failed", "half", None)}, assignment="02_next"),
        rejected("pdf", "02_next"),
    ]
    return reports


def crowd(size: int) -> list[Report]:
    """`size` students, each of whom fails something else."""
    causes: list[tuple[str, str | None, Cause | None]] = [
        ("passed", None, None),
        ("failed", "half", None),
        ("failed", None, Cause.NOT_DONE),
        ("unjudged", None, None),
    ]
    return [
        submission(
            f"student {number:04}",
            {task: causes[(number >> 2 * at) % 4] for at, task in enumerate(TASKS)},
        )
        for number in range(size)
    ]
