"""Planning for a deadline: what submissions cost, when they come, and how long they wait for how many workers."""

from autograder.planning.advice import Advice, Demand, Outlook, Target, advise
from autograder.planning.arrivals import SHAPES, Recorded, Rush, Shape, read_recorded
from autograder.planning.costs import Cost, measured
from autograder.planning.simulation import Run, Workers, simulate

__all__ = [
    "SHAPES",
    "Advice",
    "Cost",
    "Demand",
    "Outlook",
    "Recorded",
    "Run",
    "Rush",
    "Shape",
    "Target",
    "Workers",
    "advise",
    "measured",
    "read_recorded",
    "simulate",
]
