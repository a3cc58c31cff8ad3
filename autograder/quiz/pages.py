"""Quizzes as pages that need no network: a preview to proof-read them, and a sheet to print for a class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz
from autograder.quiz.figures import data_uri
from autograder.quiz.prose import written
from autograder.quiz.rendering import html, plain
from autograder.text import Language, Text

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_HERE = Path(__file__).parent
STRINGS = {
    "preview": Text(es="Revisión de cuestionarios", en="Quiz preview"),
    "sheet": Text(es="Cuestionario", en="Quiz"),
    "contents": Text(es="Bancos", en="Banks"),
    "questions": Text(es="preguntas", en="questions"),
    "parameterised": Text(es="con parámetros", en="parameterised"),
    "version": Text(es="versión", en="version"),
    "seed": Text(es="semilla", en="seed"),
    "points": Text(es="puntos", en="points"),
    "point": Text(es="punto", en="point"),
    "penalty": Text(es="penalización", en="penalty"),
    "fixed": Text(es="orden fijo", en="fixed order"),
    "case": Text(es="distingue mayúsculas", en="case-sensitive"),
    "worth": Text(es="Vale", en="Worth"),
    "answer": Text(es="Respuesta", en="Answer"),
    "feedback": Text(es="Comentario", en="Feedback"),
    "mistake": Text(es="Error", en="Mistake"),
    "left": Text(es="Esto", en="This"),
    "right": Text(es="va con", en="goes with"),
    "nothing": Text(es="(nada)", en="(nothing)"),
    "explanation": Text(es="Explicación", en="Explanation"),
    "name": Text(es="Nombre", en="Name"),
    "date": Text(es="Fecha", en="Date"),
    "key": Text(es="Soluciones", en="Answer key"),
    "true": Text(es="Verdadero", en="True"),
    "false": Text(es="Falso", en="False"),
    "single": Text(es="Marca una.", en="Mark one."),
    "multiple": Text(es="Marca todas las correctas.", en="Mark all that are right."),
    "true_false": Text(es="Marca una.", en="Mark one."),
    "numeric": Text(es="Escribe un número.", en="Write a number."),
    "short": Text(es="Escribe una palabra.", en="Write a word."),
    "matching": Text(es="Escribe junto a cada número su letra.", en="Write the letter that belongs to each number."),
    "kind_single": Text(es="elección única", en="single choice"),
    "kind_multiple": Text(es="elección múltiple", en="multiple choice"),
    "kind_true_false": Text(es="verdadero o falso", en="true or false"),
    "kind_numeric": Text(es="número", en="number"),
    "kind_short": Text(es="palabra", en="word"),
    "kind_matching": Text(es="parejas", en="matching"),
}  # fmt: skip


def preview(quizzes: Sequence[Quiz]) -> str:
    """Everything about every question: fractions, feedback, mistakes, tags; variants one below the other."""
    return _render("preview.html", quizzes)


def sheet(quizzes: Sequence[Quiz]) -> str:
    """The questions to be answered on paper, then the answers on a page of their own."""
    return _render("sheet.html", quizzes)


def answers(item: Item) -> str:
    """What a key says about an arranged item, in Markdown: `b`, `a, c`, `3 ± 0.01`, `1–b, 2–a`."""
    language = item.language
    match item.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return ", ".join(
                letter for letter, option in zip(ascii_lowercase, item.options, strict=False) if option.correct
            )
        case Kind.TRUE_FALSE:
            return STRINGS["true" if item.options[0].correct else "false"].to(language)
        case Kind.NUMERIC:
            answer = item.accepted[0]
            return f"{answer.shown} ± {written(answer.tolerance, language)}" if answer.tolerance else answer.shown
        case Kind.SHORT:
            return ", ".join(f"`{each.pattern}`" for each in item.typed if each.fraction == 100)
    letters = dict(zip(item.rights(), ascii_lowercase, strict=False))
    return ", ".join(f"{number}–{letters[right]}" for number, (_, right) in enumerate(item.pairs, 1))


def _render(name: str, quizzes: Sequence[Quiz]) -> str:
    from markupsafe import Markup

    language = quizzes[0].language

    def rich(markdown: str) -> Markup:
        # The renderer escapes HTML in Markdown, so what it makes is ours.
        return Markup(html(markdown, "mathml"))

    return _template(name).render(
        lang=language,
        t={key: text.to(language) for key, text in STRINGS.items()},
        quizzes=quizzes,
        md=rich,
        plain=plain,
        n=lambda value: written(int(value) if value == int(value) else value, language),
        source=data_uri,
        answers=answers,
        lower=ascii_lowercase,
        kinds=_counted(quizzes, language),
    )


def _counted(quizzes: Sequence[Quiz], language: Language) -> dict[str, str]:
    """What the preview's table of contents says of each bank."""
    found = {}
    for quiz in quizzes:
        firsts = [variants[0] for variants in quiz.variants().values()]
        drawn = sum(item.seed is not None for item in firsts)
        words = f"{len(firsts)} {STRINGS['questions'].to(language)}"
        found[quiz.name] = f"{words}, {drawn} {STRINGS['parameterised'].to(language)}" if drawn else words
    return found


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["css"] = Markup((_HERE / "pages.css").read_text(encoding="utf-8"))
    return environment.get_template(name)
