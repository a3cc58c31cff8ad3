"""Out of the walls: sockets, signals, other processes, namespaces, and what would outlive the run."""

from __future__ import annotations

from .case import Case

_LEAVE = """
import os
open(os.path.join("SPOT", "escaped"), "w").write("x")
"""


def _proves(name: str, violation: str, attempt: str) -> Case:
    """A right submission that tries to get out, and says so outside when it could."""
    indented = "\n".join(f"    {line}" for line in attempt.strip().splitlines())
    source = f"import ctypes, os, signal, socket, subprocess, sys\ntry:\n{indented}\n"
    # A wall is proven broken by the secret's text, which nobody else could print.
    source += (
        "except BaseException as error:\n    print('refused', type(error).__name__)\nelse:\n    print('GOT', OUT)\n"
    )
    return Case(name, violation, 10.0, extra="OUT = ''\n" + source)


_SLEEPER = "subprocess.Popen(['sleep', 'TOKEN'], start_new_session=True)"

CASES = (
    _proves("daemon", "a process started in a session of its own goes on after the run", _SLEEPER),
    _proves(
        "double_fork",
        "an orphan of an orphan goes on after the run",
        """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', 'TOKEN'])
    os._exit(0)
""",
    ),
    _proves(
        "deaf_daemon",
        "a process that ignores every signal goes on after the run",
        """
if os.fork() == 0:
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    os.execvp('sleep', ['sleep', 'TOKEN'])
""",
    ),
    _proves(
        "nohup_shell",
        "a shell's background job goes on after the run",
        "subprocess.run('nohup sleep TOKEN >/dev/null 2>&1 &', shell=True)",
    ),
    _proves(
        "listening_socket",
        "the network is within reach",
        """
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(('127.0.0.1', 0))
server.listen()
open(os.path.join('SPOT', 'listening'), 'w').write('x')
""",
    ),
    _proves(
        "kill_everybody",
        "other processes of the machine can be signalled: the grader dies",
        """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.kill(-1, signal.SIGTERM)
""",
    ),
    _proves(
        "kill_parent",
        "the process that grades can be killed",
        "os.kill(os.getppid(), signal.SIGKILL)",
    ),
    _proves(
        "stop_parent",
        "the process that grades can be stopped",
        "os.kill(os.getppid(), signal.SIGSTOP)",
    ),
    _proves(
        "ptrace",
        "another process can be traced",
        """
if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0:
    open(os.path.join('SPOT', 'traced'), 'w').write('x')
""",
    ),
    _proves(
        "new_user_namespace",
        "a namespace with all capabilities can be entered",
        """
if ctypes.CDLL(None).unshare(0x10000000 | 0x00020000) == 0:
    open(os.path.join('SPOT', 'namespace'), 'w').write('x')
""",
    ),
    _proves(
        "mount",
        "a file system can be mounted over the work folder",
        """
if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0:
    open(os.path.join('SPOT', 'mounted'), 'w').write('x')
""",
    ),
    _proves(
        "chroot_up",
        "the root folder can be left",
        """
here = os.open('.', os.O_RDONLY)
os.mkdir('jail')
os.chroot('jail')
os.fchdir(here)
for _ in range(40):
    os.chdir('..')
os.chroot('.')
OUT = open('SECRET').read()
""",
    ),
    _proves(
        "become_root",
        "another user's rights can be taken",
        """
os.setresuid(0, 0, 0)
OUT = open('SECRET').read()
""",
    ),
    _proves(
        "setuid_program",
        "a program with another user's rights works",
        """
subprocess.run(['su', '-c', 'touch SPOT/su'], stdin=subprocess.DEVNULL, timeout=5, check=True)
""",
    ),
    _proves(
        "raise_limits",
        "limits can be raised again",
        """
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
handles = [os.open('/dev/null', os.O_RDONLY) for _ in range(60_000)]
open(os.path.join('SPOT', 'limits'), 'w').write('x')
""",
    ),
)
