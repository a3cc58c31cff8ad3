"""`autograder worker`: one machine of a cluster. A nanny starts the worker's process anew when that dies."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any

from autograder.cluster import tasks
from autograder.cluster.identity import Identity
from autograder.cluster.place import Place
from autograder.course import Limits
from autograder.devices import THIS_MACHINE
from autograder.errors import ClusterError, WallError
from autograder.machine import available_memory, default_jobs
from autograder.sandbox import probe

_START_SECONDS = 120.0
"""For how long a scheduler is looked for, and a worker's process may take to start on a busy machine."""
LOG = "autograder.worker"
_log = logging.getLogger(LOG)


@dataclass(frozen=True)
class Offer:
    """What a machine gives to a cluster."""

    jobs: int
    """Submissions at the same time."""
    memory: int
    """Bytes that those may take together, if each takes all that its limits allow."""
    sandbox: bool = True
    host: str | None = None
    """The address under which the scheduler reaches this machine; by default that of the way to the scheduler."""
    port: int = 0
    """Where the worker listens, and its nanny on the next one; 0 for any that are free."""

    @classmethod
    def of(cls, jobs: int | None = None, memory: int | None = None, **others: Any) -> Offer:
        """As options say; what they leave open is what this machine has free."""
        return cls(jobs or default_jobs(Limits.memory), memory or available_memory(), **others)


def work(place: Place, offer: Offer) -> None:
    """Join a cluster and grade until SIGINT or SIGTERM.

    Raises:
        WallError: a wall cannot be raised on this machine; nothing was joined.
        ClusterError: there is no scheduler, or it is gone.
        UsageError: certificates cannot be used.
    """
    missing = [wall for wall in probe() if wall.mandatory and not wall.holds] if offer.sandbox else []
    if missing:
        raise WallError(
            f"This worker joins no cluster: {missing[0].name} {missing[0].detail.en} {missing[0].remedy.en}"
        )
    asyncio.run(_work(place, offer))


async def _work(place: Place, offer: Offer) -> None:
    # Read by the worker's process as it starts; whoever looks for a fault sets it to "info".
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "critical")
    import dask.config
    from distributed import Nanny

    from autograder.cluster.plugin import Grading

    log_lines()
    dask.config.set(_SETTINGS)
    home = f"{socket.gethostname()}-{os.getpid()}"
    grading = Grading(Identity.here(sandbox=offer.sandbox), offer, home)
    kinds = [kind for kind in (grading.identity.kind, grading.identity.store) if kind]
    # As many as it grades at a time: places on cards are handed out there, by memory.
    cards = {tasks.CARDS: float(offer.jobs)} if THIS_MACHINE.cards() else {}
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    nanny = Nanny(
        place.address,
        nthreads=offer.jobs,
        name=home,
        # What Dask counts is memory of the worker's own process; student processes have limits of their own.
        memory_limit=0,
        resources={**dict.fromkeys(kinds, float(offer.jobs)), tasks.MEMORY: float(offer.memory), **cards},
        security=place.security(),
        host=offer.host if place.encrypted else "127.0.0.1",
        worker_port=offer.port,
        port=offer.port + 1 if offer.port else 0,
        death_timeout=_START_SECONDS,
        # Its pages need no password.
        dashboard_address="127.0.0.1:0",
        plugins=(grading,),
        startup_information={tasks.PLUGIN: grading.card},
    )
    stopped = asyncio.ensure_future(stop.wait())
    ended = asyncio.ensure_future(_life(nanny))
    await asyncio.wait([stopped, ended], return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        _log.info("%s leaves; what it was grading is graded elsewhere", home)
        await nanny.close(timeout=10, reason="told to end")
        ended.cancel()
        return
    stopped.cancel()
    reached = ended.exception() is None
    raise ClusterError(
        f"The scheduler at {place.address} {'has ended' if reached else 'cannot be reached'}: start it"
        f"{'' if reached else ', see that its certificate is of the same CA'}, then give the same command again."
    )


async def _life(nanny: Any) -> None:
    """From the nanny's start to its end."""
    await nanny
    await nanny.finished()


_SETTINGS = {
    # No page of a worker is of use to anybody, and pages need no password.
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.comm.timeouts.connect": f"{_START_SECONDS:g}s",
}


def log_lines() -> None:
    """Our own lines go to stderr, one an event; Dask's own are many, and some tell of tasks' arguments."""
    logging.getLogger("distributed").setLevel(os.environ["DASK_LOGGING__DISTRIBUTED"].upper())
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s autograder worker: %(message)s"))
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
        _log.propagate = False
