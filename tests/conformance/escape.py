"""Out of the walls: sockets, signals, other processes, namespaces, and what would outlive the run."""

from __future__ import annotations

from .case import PROOF, Case


def _proves(name: str, violation: str, attempt: str) -> Case:
    """A right submission that tries to get out, and calls `proof` when it could."""
    indented = "\n".join(f"    {line}" for line in attempt.strip().splitlines())
    source = (
        "import ctypes, os, signal, socket, subprocess, sys\n\n"
        # In two parts, so that this source, shown somewhere, is no proof.
        f"def proof(text=''):\n    print('-'.join(({PROOF!r}, 'TOKEN')), text)\n\n"
        f"try:\n{indented}\nexcept BaseException as error:\n    print('refused', type(error).__name__)\n"
    )
    return Case(name, violation, 10.0, extra=source)


def _socket(name: str, family: int, kind: str = "SOCK_RAW") -> Case:
    return _proves(
        f"socket_{name}",
        f"a socket of the family {name} can be had",
        f"socket.socket({family}, socket.{kind}).close()\nproof()",
    )


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
proof()
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
    proof()
""",
    ),
    _proves(
        "new_user_namespace",
        "a namespace with all capabilities can be entered",
        """
if ctypes.CDLL(None).unshare(0x10000000 | 0x00020000) == 0:
    proof()
""",
    ),
    _proves(
        "mount",
        "a file system can be mounted over the work folder",
        """
if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0:
    proof()
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
proof(open('SECRET').read())
""",
    ),
    _proves(
        "become_root",
        "another user's rights can be taken",
        """
os.setresuid(0, 0, 0)
proof(open('SECRET').read())
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
proof()
""",
    ),
    _socket("ipv4_datagram", 2, "SOCK_DGRAM"),
    _socket("ipv6", 10, "SOCK_STREAM"),
    _socket("netlink", 16),
    _socket("packet", 17),
    _socket("bluetooth", 31),
    _socket("kernel_cryptography", 38, "SOCK_SEQPACKET"),
    _socket("virtual_machine", 40, "SOCK_STREAM"),
    _proves(
        "kill_by_handle",
        "the process that grades can be killed by a handle instead of its number",
        "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), signal.SIGKILL)",
    ),
    _proves(
        "namespace_of_another",
        "the namespaces of another process can be entered",
        """
for kind in ('user', 'mnt', 'net', 'pid', 'ipc'):
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            handle = os.open(f'/proc/{pid}/ns/{kind}', os.O_RDONLY)
        except OSError:
            continue
        if os.readlink(f'/proc/{pid}/ns/{kind}') != os.readlink(f'/proc/self/ns/{kind}'):
            if ctypes.CDLL(None).setns(handle, 0) == 0:
                proof()
        os.close(handle)
""",
    ),
    _proves(
        "memory_by_system_call",
        "the memory of the process that grades can be read without a file",
        """
class Span(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]

data = ctypes.create_string_buffer(64)
here = Span(ctypes.addressof(data), 64)
parent = os.getppid()
start = int(open(f'/proc/{parent}/maps').read(16).split('-')[0], 16) if parent else 0x400000
there = Span(start, 64)
if ctypes.CDLL(None).process_vm_readv(parent, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) == 64:
    proof()
""",
    ),
)
