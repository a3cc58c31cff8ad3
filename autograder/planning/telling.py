"""A plan in words: what it starts from, a table of cores, and what is enough."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from autograder.feedback.strings import number
from autograder.planning.advice import Advice, Outlook
from autograder.planning.arrivals import Rush, Shape
from autograder.text import Language, Text

if TYPE_CHECKING:
    from rich.table import Table

FEW = 20
"""Gradings below which the costs are said to be uncertain."""
_HEADS = (
    Text(es="núcleos", en="cores"),
    Text(es="espera media", en="mean wait"),
    Text(es="95 % en", en="95% within"),
    Text(es="cola más larga", en="longest queue"),
    Text(es="último resultado tras el plazo", en="last result after the deadline"),
)

_MODELS: dict[Shape, Text] = {
    "hyperbolic": Text(es="prisa hiperbólica", en="a hyperbolic rush"),
    "exponential": Text(es="prisa exponencial", en="an exponential rush"),
    "even": Text(es="por igual, sin prisas", en="evenly, no rush"),
}
_RECORDED = Text(es="como en el archivo", en="as in the file")
_ENDS = (
    (24, Text(es="en las últimas 24 h", en="in the last 24 h")),
    (1, Text(es="en la última hora", en="in the last hour")),
)


def duration(seconds: float, language: Language) -> str:
    """A length of time with its unit, to about two figures: 0.6 s, 12 s, 3.4 min, 26 min, 2.5 h."""
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= size or size == 1:
            value = seconds / size
            return f"{number(round(value, 0 if value >= 10 else 1), language)} {unit}"
    raise AssertionError("seconds are the last unit")


def table(advice: Advice, language: Language) -> Table:
    """A row per number of cores, the first that is enough marked, for `rich` to print."""
    from rich.table import Table

    asked = advice.target.percentile
    made = Table(header_style="bold", expand=False)
    heads = [head.to(language) for head in _HEADS]
    if asked != 95:
        heads.insert(3, _percent(asked, Text(es="en", en="within"), language))
    for head in heads:
        made.add_column(head, justify="right")
    for row in advice.rows:
        cells = [
            str(row.workers),
            duration(row.mean, language),
            duration(row.within(95), language),
            str(row.longest_queue),
            _last(row, language),
        ]
        if asked != 95:
            cells.insert(3, duration(row.within(asked), language))
        made.add_row(*cells, style="bold green" if row.workers == advice.enough else None)
    return made


def basis(advice: Advice, language: Language) -> list[str]:
    """What the plan starts from, a sentence a line."""
    demand, rows = advice.demand, advice.rows
    count = number(round(sum(run.arrived.size for run in rows[0].runs) / len(rows[0].runs)), language)
    lines = []
    if demand.students is None:
        lines.append(Text(es=f"{count} entregas, como se registraron.", en=f"{count} submissions, as recorded."))
    else:
        each = number(demand.attempts * len(demand.costs), language)
        lines.append(
            Text(
                es=f"{demand.students} estudiantes, {each} entregas de cada uno de media: unas {count} por plazo.",
                en=f"{demand.students} students, {each} submissions of each on average: about {count} for a deadline.",
            )
        )
    lines.append(_rush(advice, language))
    for cost in demand.costs:
        mean = duration(cost.mean, language)
        if cost.assignment is None:
            lines.append(Text(es=f"Cada entrega ocupa un núcleo {mean}.", en=f"Each submission takes a core {mean}."))
            continue
        gradings = len(cost.seconds)
        lines.append(
            Text(
                es=f"{cost.assignment}: {mean} de media en {gradings} correcciones medidas.",
                en=f"{cost.assignment}: {mean} on average over {gradings} measured gradings.",
            )
        )
        if gradings < FEW:
            lines[-1] += Text(es="Son pocas para fiarse.", en="These are few to rely on.")
    lasts = advice.workers.between_failures
    if not math.isinf(lasts):
        again = number(round(sum(row.begun_again for row in rows) / sum(len(row.runs) for row in rows), 1), language)
        lines.append(
            Text(
                es=f"Cada núcleo falla cada {duration(lasts, language)} de media y vuelve en "
                f"{duration(advice.workers.repair, language)}; {again} entregas por plazo se corrigen de nuevo por eso.",
                en=f"Each core fails every {duration(lasts, language)} on average and is back after "
                f"{duration(advice.workers.repair, language)}; {again} submissions for a deadline are graded again for it.",
            )
        )
    return [line.to(language) for line in lines]


def verdict(advice: Advice, language: Language) -> str:
    """How many cores are enough, in one sentence, or why none of the numbers is."""
    share = _percent(advice.target.percentile, Text(es="de los resultados", en="of the results"), language)
    wanted = duration(advice.target.seconds, language)
    if advice.enough is not None:
        row = next(row for row in advice.rows if row.workers == advice.enough)
        found = duration(row.within(advice.target.percentile), language)
        if advice.enough == 1:
            start = Text(es="Basta un núcleo", en="1 core is enough")
        else:
            start = Text(es=f"Bastan {advice.enough} núcleos", en=f"{advice.enough} cores are enough")
        return Text(
            es=f"{start.es}: el {share} llega en {found}; se pedían {wanted}.",
            en=f"{start.en}: {share} come within {found}; {wanted} were asked for.",
        ).to(language)
    if advice.least > advice.target.seconds:
        least = duration(advice.least, language)
        return Text(
            es=f"Ningún número de núcleos basta: incluso sin cola, el {share} tarda hasta {least}; se pedían {wanted}.",
            en=f"No number of cores is enough: even without a queue, {share} take up to {least}; {wanted} were asked for.",
        ).to(language)
    return Text(
        es=f"Ninguno de estos números basta para que el {share} llegue en {wanted}.",
        en=f"None of these numbers is enough for {share} to come within {wanted}.",
    ).to(language)


def _rush(advice: Advice, language: Language) -> Text:
    """From when on they come, and how much of it at the end."""
    arrivals, rows = advice.demand.arrivals, advice.rows
    model = _MODELS[arrivals.shape] if isinstance(arrivals, Rush) else _RECORDED
    window = number(round(arrivals.hours, 1), language)
    said = Text(
        es=f"Llegan en las {window} h hasta el plazo ({model.es})",
        en=f"They come within the {window} h up to the deadline ({model.en})",
    )
    left = np.concatenate([row.arrived for row in rows[0].runs]) - rows[0].deadline
    for hours, words in _ENDS:
        if hours < arrivals.hours:
            share = _percent(round(100 * float((left > -hours * 3600).mean())), words, language)
            said = Text(es=f"{said.es}; el {share}", en=f"{said.en}; {share}")
    return Text(f"{said.es}.", f"{said.en}.")


def _last(row: Outlook, language: Language) -> str:
    if row.last <= 0:
        return Text(es="antes", en="before it").to(language)
    return duration(row.last, language)


def _percent(value: float, of: Text, language: Language) -> str:
    """`95 % de …`, `95% of …`."""
    shown = number(value, language)
    return f"{shown} % {of.es}" if language == "es" else f"{shown}% {of.en}"
