"""`results.json`, the form in which Gradescope takes a verdict.

Gradescope knows passed and failed; `unjudged` is told by what is left out. A check that nobody could judge has neither score nor
status, so no points are shown as lost, and its text says that a person will look. The submission's own score is given at the top,
since Gradescope would otherwise refuse a check without one.
"""

from __future__ import annotations

from typing import Any

from autograder.feedback import plain
from autograder.feedback.strings import number, strings
from autograder.gradescope.choices import Choices
from autograder.records import CheckResult, Outcome, Report, Status
from autograder.text import Text

_LONGEST = 4000
"""Characters of one text; sentences of graders are shorter, and a student's class name cannot make them longer."""
_LOST = Text(
    es="Tu entrega no se ha podido juzgar por un fallo nuestro: no es culpa tuya. Lo mirará una persona, que tiene que "
    "intervenir; avisa a tu profesorado si mañana sigue igual.",
    en="Your submission could not be judged because of a fault on our side: it is not yours. A person has to act and will "
    "look at it; tell your instructor if nothing has changed by tomorrow.",
)
_UNSAFE = Text(
    es="No se ha ejecutado nada: a este contenedor le falta una protección. No es culpa tuya, y no te cuesta nada; quien "
    "imparte el curso tiene que arreglar el calificador y volver a ejecutarlo.",
    en="Nothing was run: this container lacks a protection. It is not your fault and costs you nothing; the instructor has to "
    "mend the autograder and run it again.",
)
_KEPT = Text(
    es="Mientras tanto vale la puntuación de tu entrega anterior ({points}).",
    en="Until then the score of your previous submission stands ({points}).",
)
_OPEN = Text(
    es="La puntuación que ves es provisional: cuenta solo lo que ya se ha podido juzgar.",
    en="The score you see is provisional: it counts only what could be judged so far.",
)
_ANSWERS = Text(
    es="Las respuestas con tus palabras las valora una persona; aquí no cuentan todavía.",
    en="Answers in your own words are marked by a person; they do not count here yet.",
)


def of(report: Report, chosen: Choices, kept: float | None = None) -> dict[str, Any]:
    """The results of a submission that was graded or rejected, wholly or in part.

    Args:
        kept: score of the student's previous submission. Where something could not be judged because of us, the score does not
            fall below it; so handing in again never costs a mark by our fault.
    """
    words = strings(chosen.language)
    lines = [f"{words[report.status]}. {words[f'{report.status}_means']}"]
    if report.reason:
        lines.append(f"{words['why']} {report.reason.to(chosen.language)}")
    score = float(report.score)
    if report.status is Status.NEEDS_REVIEW:
        lines.append(_OPEN.to(chosen.language))
        score, remark = _at_least(score, kept, chosen)
        lines += remark
    if report.checks and not report.walls:
        lines.append(f"{words['unwalled']}. {words['unwalled_means']}")
    if report.repairs:
        lines += [f"{words['repairs']}:", *(f"- {repair.to(chosen.language)}" for repair in report.repairs)]
    if any(answer.sha256 for answer in report.answers):
        lines.append(_ANSWERS.to(chosen.language))
    # A file that is no notebook of the assignment is told of at once, so that another can be handed in before the due date.
    visibility = chosen.visibility if report.checks else "visible"
    return _results(score, lines, visibility) | {
        "tests": [_test(check, chosen, words) for check in report.checks],
        "execution_time": round(report.seconds, 2),
        "extra_data": {
            "assignment": report.assignment,
            "grader_sha256": report.grader_sha256,
            "status": report.status.value,
            "submission_sha256": report.submission_sha256,
            "walls": list(report.walls),
        },
    }


def lost(chosen: Choices, kept: float | None = None, *, unsafe: bool = False) -> dict[str, Any]:
    """The results of a submission of which nothing could be judged, by our fault.

    Args:
        kept: score of the student's previous submission.
        unsafe: a wall could not be raised, so nothing was run.
    """
    score, remark = _at_least(0.0, kept, chosen)
    lines = [(_UNSAFE if unsafe else _LOST).to(chosen.language), _OPEN.to(chosen.language), *remark]
    return _results(score, lines, "visible") | {"tests": [], "extra_data": {"status": Status.NEEDS_REVIEW.value}}


def _at_least(score: float, kept: float | None, chosen: Choices) -> tuple[float, list[str]]:
    if kept is None or kept <= score:
        return score, []
    return kept, [_KEPT.to(chosen.language).format(points=number(kept, chosen.language))]


def _results(score: float, lines: list[str], visibility: str) -> dict[str, Any]:
    return {
        "score": score,
        "output": _text("\n\n".join(lines)),
        # Gradescope's own default would read the text as HTML.
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
    }


def _test(check: CheckResult, chosen: Choices, words: dict[str, str]) -> dict[str, Any]:
    """One check: its title and its message, as on the feedback page; neither shows anything of hidden inputs."""
    test: dict[str, Any] = {
        "name": _text(f"{check.task}: {check.title.to(chosen.language)}"),
        "output": _text(check.message.to(chosen.language)),
        "visibility": chosen.visibility,
        "tags": [check.task],
    }
    if check.outcome is Outcome.UNJUDGED:
        points = check.max_points
        waiting = (
            words["open_one"] if points == 1 else words["open_points"].format(points=number(points, chosen.language))
        )
        test["name"] += f" ({words['unjudged']})"
        test["output"] += f"\n{waiting}"
        return test
    return test | {"score": float(check.points), "max_score": float(check.max_points), "status": check.outcome.value}


def _text(text: str) -> str:
    text = plain(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
