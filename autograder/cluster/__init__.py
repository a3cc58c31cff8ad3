"""A class graded by many machines: `dask.distributed` brings submissions to workers, and verdicts back.

    place = Place.of("tls://head:8786", ca, certificate, key)
    with Engine(course) as engine, RemoteGrader(engine, place, tell=print) as grader:
        report = grader.grade(data, "01_mse")

The cluster is trusted: whoever may speak to its scheduler runs code on all of its machines. Students' code never gets there.
"""

from autograder.cluster.certificates import make_certificates
from autograder.cluster.place import Place
from autograder.cluster.remote import RemoteGrader
from autograder.cluster.worker import Offer, work

__all__ = ["Offer", "Place", "RemoteGrader", "make_certificates", "work"]
