"""Walls around hostile code: namespaces, Landlock, seccomp, limits and a watchdog, without any privilege where the kernel allows.

    plan = Plan.within(limits, work, libraries())
    if os.fork() == 0:
        run_walled(plan, keep_fds=(1, 2), control_fd=control, body=body)

What each wall is worth where it cannot be raised: `probe` (the command `autograder doctor`).
"""

from autograder.sandbox.plan import MANDATORY, WALLS, Plan, environment, libraries, spare_uid
from autograder.sandbox.probes import Probe, probe
from autograder.sandbox.supervisor import run_walled
from autograder.sandbox.surroundings import Surroundings

__all__ = [
    "MANDATORY",
    "WALLS",
    "Plan",
    "Probe",
    "Surroundings",
    "environment",
    "libraries",
    "probe",
    "run_walled",
    "spare_uid",
]
