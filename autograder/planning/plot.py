"""Waiting times around a deadline as a picture, a line for each number of cores."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.planning.advice import Advice, Outlook
from autograder.planning.telling import duration
from autograder.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 160
_TICKS = (0.1, 0.3, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 3 * 3600, 10 * 3600, 30 * 3600, 100 * 3600)
"""Seconds at which the axis of waits has a line."""
_MARGIN = 0.04
"""Of the hours shown, on both sides."""
_TITLE = Text(es="Cuánto se espera el resultado", en="How long results are waited for")
_WAIT = Text(es="espera media,\nsegún la hora de entrega", en="mean wait,\nby the hour of handing in")
_OPEN = Text(es="entregas sin resultado", en="submissions without a result")
_TIME = Text(es="horas respecto al plazo", en="hours from the deadline")
_DEADLINE = Text(es="plazo", en="deadline")
_WANTED = Text(es="lo pedido", en="asked for")


def plot(advice: Advice, language: Language) -> bytes:
    """A PNG: above the mean wait by the hour of handing in, below how many wait for a result, also after the deadline.

    Shows the hours in which waiting differs from grading alone with the fewest cores, at least two, and until the last result.
    """
    # Without pyplot there is no window, no global state and nothing to close.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    first, last = _hours_shown(advice)
    edges = np.linspace(first, last, _BINS + 1)
    colours = _colours(len(advice.rows))
    for place, (row, colour) in enumerate(zip(advice.rows, colours, strict=True)):
        label = _cores(row.workers, language)
        style = {
            "color": colour,
            "label": label,
            "linewidth": 2.6 if row.workers == advice.enough else 1.6,
            "zorder": 3 + place,
        }
        middle, waits = _waits(row, edges)
        above.plot(middle, waits, **style)
        below.plot(edges, _open(row, edges), **style)
    above.axhline(
        advice.target.seconds, color="0.35", linestyle="--", linewidth=1.2, label=_WANTED.to(language), zorder=2
    )
    above.set_title(_TITLE.to(language), loc="left", fontweight="bold")
    above.set_ylabel(_WAIT.to(language))
    below.set_ylabel(_OPEN.to(language))
    below.set_xlabel(_TIME.to(language))
    for axes in (above, below):
        _dress(axes, language)
    _time_axis(above, language)
    below.set_ylim(bottom=0)
    above.set_xlim(first, last)
    beside: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "xytext": (5, -4), "textcoords": "offset points"}
    above.annotate(_DEADLINE.to(language), (0, 1), va="top", color="0.35", **beside)
    # Outside: where inside there is room depends on the plan.
    figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    content = io.BytesIO()
    # No date and no version in it: the same plan gives the same bytes.
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _dress(axes: Axes, language: Language) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.axvline(0, color="0.35", linewidth=1.2, zorder=2)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    point = "," if language == "es" else "."
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace(".", point).replace("-", "−")))


def _time_axis(axes: Axes, language: Language) -> None:
    """Waits from seconds to hours: what is enough and what is not differ by powers of ten."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(_TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value, language)))


def _colours(count: int) -> list[tuple[float, float, float, float]]:
    """From dark to light by rising number of cores, told apart without seeing colours and on paper."""
    from matplotlib import colormaps

    return [colormaps["viridis"](share) for share in np.linspace(0, 0.85, count)]


def _cores(count: int, language: Language) -> str:
    many = Text(es=f"{count} núcleos", en=f"{count} cores")
    return (many if count > 1 else Text(es="1 núcleo", en="1 core")).to(language)


def _hours_shown(advice: Advice) -> tuple[float, float]:
    """From when to when it is worth looking, in hours after the deadline."""
    slowest = advice.rows[0]
    last = max(max(row.last for row in advice.rows) / 3600, 0.0)
    late = max(float(run.arrived.max()) for run in slowest.runs) / 3600 - slowest.deadline / 3600
    queued = np.concatenate([run.arrived[run.queued > advice.least] for run in slowest.runs])
    opening = min(float(run.arrived.min()) for run in slowest.runs)
    begins = ((np.percentile(queued, 5) if queued.size else np.inf) - slowest.deadline) / 3600
    first = max(min(begins, -2.0), (opening - slowest.deadline) / 3600)
    last = max(last, late, first + 0.1)
    margin = _MARGIN * (last - first)
    return first - margin, last + margin


def _waits(row: Outlook, edges: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middles of bins in hours, and the mean wait in seconds of what was handed in there; bins without any are left out."""
    at = np.concatenate([run.arrived for run in row.runs]) / 3600 - row.deadline / 3600
    waited = np.concatenate([run.waited for run in row.runs])
    counts, _ = np.histogram(at, edges)
    sums, _ = np.histogram(at, edges, weights=waited)
    some = counts > 0
    return ((edges[:-1] + edges[1:]) / 2)[some], sums[some] / counts[some]


def _open(row: Outlook, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many submissions had been handed in and had no result at each of these hours, on average over the deadlines."""
    at = edges * 3600 + row.deadline
    counts = [
        np.searchsorted(run.arrived, at, "right") - np.searchsorted(np.sort(run.finished), at, "right")
        for run in row.runs
    ]
    return np.mean(counts, axis=0)
