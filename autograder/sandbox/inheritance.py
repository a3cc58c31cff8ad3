"""What a process inherits from a fork and should not keep."""

from __future__ import annotations

import contextlib
import os
import signal
import stat

from autograder.sandbox import system
from autograder.sandbox.plan import Plan, spare_uid
from autograder.sandbox.raising import Unraised


def calm() -> None:
    """Leave the terminal, and drop the handlers that the warm parent may have set."""
    with contextlib.suppress(PermissionError):  # already the first of a session
        os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def descriptors(keep: tuple[int, ...], *ours: int) -> None:
    """Close all but these; 0, 1 and 2 are /dev/null unless kept."""
    system.close_all_but({*keep, *ours})
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in {0, 1, 2} - {*keep, *ours}:
        os.dup2(null, descriptor, inheritable=True)
    if null > 2:
        os.close(null)
    # Programs that student code starts get 0, 1 and 2 and nothing else.
    for descriptor in {0, 1, 2, *keep, *ours}:
        os.set_inheritable(descriptor, descriptor <= 2)


def owner(plan: Plan) -> int:
    """Whom student code runs as; the work folder, with what the trusted side put into it, becomes theirs."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(plan.tmp, 0o700)
        if os.geteuid() != 0 or not plan.sandbox:
            return os.geteuid()
        uid = spare_uid(os.getpid()) if plan.uid is None else plan.uid
        if uid == 0:
            raise Unraised("uid", "the plan says root")
        for _, folders, files, here in os.fwalk(plan.work):
            os.fchown(here, uid, uid)
            for name in (*folders, *files):
                info = os.stat(name, dir_fd=here, follow_symlinks=False)
                # A second name elsewhere would give away what is known by it.
                if stat.S_ISREG(info.st_mode) and info.st_nlink == 1:
                    os.chown(name, uid, uid, dir_fd=here, follow_symlinks=False)
        return uid
    except OSError as error:
        raise Unraised("uid", str(error)) from error
