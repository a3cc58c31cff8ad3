"""Each wall, tried from inside by a real process."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import MANDATORY, WALLS, Plan, environment, libraries, seccomp, system

sys.path.insert(0, os.path.dirname(__file__))
from sandbox_inside import AS_ROOT, inside, kernel_without, outcome, work_folder

CHECKOUT = Path(__file__).resolve().parents[1]


def syscall(name, *arguments):
    return outcome(system.call, name, *arguments)


def test_every_wall_of_this_machine_stands_and_is_reported_before_anything_runs():
    result = inside(lambda: "ran")
    assert result.events[0]["event"] == "walls"
    assert set(result.events[0]["walls"]) == set(WALLS) - {"user_namespace" if AS_ROOT else "uid"}
    assert result.events[0]["missing"] == {}
    assert result.value == "ran"
    assert result.event("exit")["status"] == 0


# --- files


@pytest.mark.parametrize(
    "path",
    [
        "/etc/shadow",
        "/etc/hostname",
        str(CHECKOUT / "solutions"),
        str(CHECKOUT / "course_config.py"),
        "/home",
        "/var/log",
        "/root",
    ],
)
def test_files_outside_the_plan_cannot_be_read(path):
    assert inside(lambda: outcome(os.open, path, os.O_RDONLY)).value in ("ENOENT", "EACCES")


def test_another_submission_is_out_of_reach():
    other = work_folder()
    Path(other, "answer.txt").write_text("mine")
    os.chmod(other, 0o777)
    assert inside(lambda: [outcome(os.listdir, other), outcome(open, f"{other}/answer.txt")]).value == [
        "ENOENT",
        "ENOENT",
    ]


def test_only_the_work_folder_and_temporary_folders_can_be_written():
    def body():
        places = (".", os.environ["TMPDIR"], os.environ["HOME"], "/tmp", "/dev/shm")
        good = [outcome(Path(place, "x").write_text, "x") for place in places]
        closed = ("/", "/etc", "/usr", "/usr/lib", "/dev", "/proc", "/proc/sys/kernel", "/run", "/var/tmp", sys.prefix)
        return good, [outcome(Path(place, "x").write_text, "x") for place in closed]

    good, closed = inside(body).value
    assert set(good) == {"done"}
    assert "done" not in closed


def test_libraries_cannot_be_changed():
    def body():
        return [
            outcome(os.truncate, os.__file__, 0),
            outcome(os.chmod, os.__file__, 0o777),
            outcome(os.unlink, os.__file__),
        ]

    assert "done" not in inside(body).value


def test_no_device_but_the_harmless_ones_exists():
    def body():
        made = outcome(os.mknod, "disk", 0o60660, os.makedev(254, 0))
        return made, [outcome(open, path, "wb") for path in ("/dev/null", "/dev/zero")]

    made, null = inside(body).value
    assert made in ("EPERM", "EACCES")
    assert null == ["done", "done"]
    assert (
        inside(
            lambda: [
                os.path.exists(p) for p in ("/dev/vda", "/dev/mem", "/dev/kmsg", "/dev/tty", "/dev/pts", "/dev/fuse")
            ]
        ).value
        == [False] * 6
    )


def test_files_placed_in_the_work_folder_become_the_students():
    work = work_folder()
    Path(work, "data").mkdir(mode=0o700)
    Path(work, "data", "in.txt").write_text("hello")
    Path(work, "data", "in.txt").chmod(0o600)
    assert inside(lambda: Path("data/in.txt").read_text(), work=work).value == "hello"


def test_a_second_name_of_a_file_elsewhere_is_not_given_away():
    work = work_folder()
    elsewhere = Path(work).parent / "gradebook"
    elsewhere.write_text("secret")
    elsewhere.chmod(0o600)
    os.link(elsewhere, Path(work, "link"))
    os.symlink(elsewhere, Path(work, "symlink"))
    before = elsewhere.stat().st_uid
    inside(lambda: None, work=work)
    assert elsewhere.stat().st_uid == before


# --- network


FAMILIES = sorted({int(value) for name, value in vars(socket).items() if name.startswith("AF_") and value > 1})


def test_no_socket_but_a_unix_socket_can_be_made():
    def body():
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW)
        return [(f, k, got) for f in FAMILIES for k in kinds if (got := outcome(socket.socket, f, k)) != "EPERM"]

    assert inside(body).value == []


def test_junk_above_the_family_does_not_slip_past_the_filter():
    assert inside(lambda: syscall("socket", (1 << 32) | socket.AF_INET, socket.SOCK_STREAM, 0)).value == "EPERM"


def test_unix_sockets_in_the_work_folder_work_and_those_outside_are_out_of_reach():
    outside = socket.socket(socket.AF_UNIX)
    abstract = socket.socket(socket.AF_UNIX)
    path = os.path.join(os.path.dirname(work_folder()), "s")
    outside.bind(path)
    outside.listen()
    os.chmod(path, 0o777)
    name = f"\0walled-{os.getpid()}"
    abstract.bind(name)
    abstract.listen()

    def body():
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind("s")
            server.listen()
            client.connect("s")
            own = outcome(server.accept)
        return [
            own,
            outcome(socket.socket(socket.AF_UNIX).connect, path),
            outcome(socket.socket(socket.AF_UNIX).connect, name),
        ]

    with outside, abstract:
        own, by_path, by_name = inside(body).value
    assert own == "done"
    assert by_path == "ENOENT"
    assert by_name in ("EPERM", "ECONNREFUSED")


# --- other processes


def test_it_is_process_2_of_its_own_small_world():
    def body():
        return os.getpid(), os.getppid(), sorted(int(name) for name in os.listdir("/proc") if name.isdigit())

    assert inside(body).value == [2, 0, [2]]


def test_signals_reach_nobody_outside():
    def body():
        targets = (1, parent, -1)
        return [outcome(os.kill, target, signal.SIGKILL) for target in targets]

    parent = os.getpid()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        assert inside(body).value == ["EPERM", "ESRCH", "ESRCH"]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_killing_its_parent_kills_itself_only():
    assert inside(lambda: os.kill(os.getppid(), signal.SIGKILL)).event("exit")["signal"] == signal.SIGKILL


FORBIDDEN = {
    "ptrace": (16, 1, 0, 0),
    "process_vm_readv": (1, 0, 0, 0, 0, 0),
    "process_vm_writev": (1, 0, 0, 0, 0, 0),
    "pidfd_getfd": (0, 0, 0),
    "kcmp": (1, 2, 0, 0, 0),
    "mount": (b"none", b"/tmp", b"tmpfs", 0, None),
    "umount2": (b"/tmp", 2),
    "pivot_root": (b".", b"."),
    "chroot": (b".",),
    "open_tree": (-100, b"/", 1),
    "fsopen": (b"tmpfs", 0),
    "bpf": (0, None, 0),
    "perf_event_open": (None, 0, -1, -1, 0),
    "userfaultfd": (0,),
    "io_uring_setup": (8, None),
    "keyctl": (0, 0, 0),
    "add_key": (b"user", b"x", b"x", 1, -1),
    "open_by_handle_at": (0, None, 0),
    "name_to_handle_at": (-100, b".", None, None, 0),
    "setns": (0, 0),
    "personality": (0x0040000,),
    "reboot": (0, 0, 0, None),
    "init_module": (None, 0, b""),
    "clock_settime": (0, None),
    "syslog": (10, None, 0),
    "ioctl": (0, 0x5412, None),
}


def test_the_dangerous_system_calls_are_refused():
    def body():
        flags = {
            f"unshare {bit:#x}": syscall("unshare", bit)
            for bit in (system.CLONE_NEWUSER, system.CLONE_NEWNS, system.CLONE_NEWPID)
        }
        flags["clone new user"] = syscall("clone", system.CLONE_NEWUSER | 17, None, None, None, None)
        return {**flags, **{name: syscall(name, *arguments) for name, arguments in FORBIDDEN.items()}}

    assert {name: got for name, got in inside(body).value.items() if got != "EPERM"} == {}


def test_calls_that_hide_memory_or_flags_look_unknown():
    names = ("clone3", "memfd_create", "memfd_secret", "shmget", "msgget", "mq_open")
    assert set(inside(lambda: [syscall(name, 0, 0, 0) for name in names]).value) == {"ENOSYS"}


def test_calls_newer_than_the_table_look_unknown():
    def body():
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall(ctypes.c_long(system.NEWEST + 1), 0, 0, 0)
        return errno.errorcode[ctypes.get_errno()]

    assert inside(body).value == "ENOSYS"


@pytest.mark.skipif(system.MACHINE != "x86_64", reason="only x86_64 has a second calling convention")
def test_the_x32_convention_kills():
    result = inside(lambda: ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39)))
    assert result.event("exit")["signal"] == signal.SIGSYS


def test_the_filter_binds_threads_and_programs_started_inside():
    def body():
        import threading

        seen = []
        thread = threading.Thread(target=lambda: seen.append(outcome(socket.socket, socket.AF_INET)))
        thread.start()
        thread.join()
        code = "import socket; socket.socket(socket.AF_INET)"
        child = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
        return seen[0], child.stderr.splitlines()[-1]

    assert inside(body).value == ["EPERM", "PermissionError: [Errno 1] Operation not permitted"]


# --- privileges


def test_it_has_no_privilege_and_finds_none():
    def body():
        status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
        ids = status["Uid"].split() + status["Gid"].split()
        caps = [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
        tried = [outcome(os.setuid, 0), outcome(os.setgid, 0), outcome(os.nice, -5)]
        return "0" in ids, caps, status["NoNewPrivs"].strip(), status["Seccomp"].strip(), tried

    as_root, caps, no_new_privs, seccomp, tried = inside(body).value
    assert not as_root
    assert caps == [0] * 5
    assert (no_new_privs, seccomp) == ("1", "2")
    assert "done" not in tried


@pytest.mark.skipif(not AS_ROOT, reason="only root can give each child a uid of its own")
def test_each_child_of_root_has_its_own_uid():
    first, second = inside(os.getuid).value, inside(os.getuid).value
    assert first != second
    assert 0 not in (first, second)
    assert inside(lambda: [os.getuid(), os.getgid(), os.getgroups()], uid=54_000).value == [54_000, 54_000, []]


def test_limits_are_set_and_cannot_be_raised():
    def body():
        r = resource
        kinds = (r.RLIMIT_CORE, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_NPROC, r.RLIMIT_DATA)
        raised = [outcome(r.setrlimit, kind, (r.RLIM_INFINITY, r.RLIM_INFINITY)) for kind in kinds]
        return [r.getrlimit(kind)[0] for kind in kinds[:4]], raised, r.getrlimit(r.RLIMIT_AS)[0]

    limits, raised, space = inside(body, file_size=1000, processes=100, files=300).value
    assert limits == [0, 1000, 300, 141]
    assert "done" not in raised
    assert space == -1


# --- what is inherited


def test_every_inherited_descriptor_is_closed():
    inherited = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]
    os.dup2(inherited[0], 777, inheritable=True)
    result = inside(lambda: [sorted(os.listdir("/proc/self/fd"), key=int), os.read(0, 10).decode()])
    for descriptor in (*inherited, 777):
        os.close(descriptor)
    opened, stdin = result.value
    assert opened[:3] == ["0", "1", "2"]
    assert len(opened) == 5  # the answer's pipe, and the listing itself
    assert stdin == ""


def test_programs_started_inside_get_no_descriptor_of_ours():
    code = "import os; print(sorted(os.listdir('/proc/self/fd')))"

    def run():
        command = [sys.executable, "-I", "-c", code]
        return subprocess.run(command, capture_output=True, text=True, close_fds=False).stdout

    assert inside(run).value.strip() == "['0', '1', '2', '3']"


def test_a_secret_in_the_environment_is_nowhere_to_be_found():
    work = work_folder()
    script = f"""
import os, sys
sys.path[:0] = [{str(CHECKOUT)!r}, {str(CHECKOUT / "tests")!r}]
from sandbox_inside import inside, outcome
def body():
    seen = []
    for pid in os.listdir("/proc"):
        for name in ("environ", "cmdline"):
            try: seen.append(open(f"/proc/{{pid}}/{{name}}", "rb").read().decode(errors="replace"))
            except OSError: pass
    import ctypes
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    return "".join(seen), dict(os.environ), str(getenv(b"COURSE_TOKEN"))
print(inside(body, work={work!r}).value)
"""
    command = [sys.executable, "-c", script]
    shown = subprocess.run(
        command, env={**os.environ, "COURSE_TOKEN": "hunter2"}, capture_output=True, text=True, check=True
    ).stdout
    assert "OPENBLAS_NUM_THREADS" in shown
    assert "hunter2" not in shown


def test_the_environment_is_an_allow_list_with_everything_in_the_work_folder():
    plan = Plan(work="/w", read=())
    assert environment(plan, {"EXTRA": "1"})["EXTRA"] == "1"
    assert {key: environment(plan)[key] for key in ("HOME", "KERAS_HOME", "TMPDIR")} == {
        "HOME": "/w",
        "KERAS_HOME": "/w/.keras",
        "TMPDIR": "/w/tmp",
    }


def test_temporary_files_lie_in_the_work_folder_whatever_the_parent_had_chosen():
    tempfile.gettempdir()

    def body():
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(b"x")
        os.replace(file.name, "moved")
        return os.path.dirname(file.name) == os.environ["TMPDIR"], os.path.exists(outside.name)

    # Not that /tmp is that folder: it is one of its own where Python itself is installed below /tmp.
    with tempfile.NamedTemporaryFile(dir="/tmp") as outside:
        assert inside(body).value == [True, False]


def test_processes_started_by_python_itself_work():
    def body():
        import multiprocessing

        with multiprocessing.Pool(2) as pool:
            return pool.map(abs, [-1, -2])

    assert inside(body).value == [1, 2]


# --- when a wall is missing


def test_without_landlock_nothing_runs():
    result = inside(lambda: "ran", before=kernel_without("landlock_create_ruleset", code=errno.ENOSYS))
    assert result.value is None
    assert [event["event"] for event in result.events] == ["wall_error"]
    assert result.events[0]["wall"] == "landlock"
    assert "not implemented" in result.events[0]["why"]


def test_a_wall_that_the_plan_demands_is_mandatory():
    result = inside(lambda: "ran", before=kernel_without("unshare"), required=frozenset({"net_namespace"}))
    assert result.value is None
    assert result.events[0] == {
        "event": "wall_error",
        "wall": "net_namespace",
        "why": "[Errno 1] Operation not permitted: 'unshare'",
        "missing": result.events[0]["missing"],
    }


def test_where_namespaces_are_forbidden_the_mandatory_walls_stand_alone():
    def body():
        parent = os.getppid()
        return {
            "read": outcome(os.open, "/etc/shadow", os.O_RDONLY),
            "write": outcome(Path("/var/tmp/x").write_text, "x"),
            "own": outcome(Path("x").write_text, "x"),
            "parent": outcome(os.kill, parent, signal.SIGKILL),
            "limits": outcome(resource.prlimit, parent, resource.RLIMIT_CPU, (100, 100)),
            "own limits": outcome(resource.prlimit, 0, resource.RLIMIT_CPU, (100, 100)),
            "priority": outcome(os.setpriority, os.PRIO_PROCESS, parent, 10),
            "inet": outcome(socket.socket, socket.AF_INET),
            "environ": outcome(os.open, f"/proc/{parent}/environ", os.O_RDONLY),
            "connect": outcome(socket.socket(socket.AF_UNIX).connect, "s"),
        }

    result = inside(body, before=kernel_without("unshare"), read=("/usr",))
    stands = result.event("walls")["walls"]
    assert set(stands) == MANDATORY | ({"uid"} if AS_ROOT else set())
    assert set(result.event("walls")["missing"]) == set(WALLS) - set(stands) - (
        {"user_namespace"} if AS_ROOT else {"uid"}
    )
    assert result.value == {
        "read": "EACCES",
        "write": "EACCES",
        "own": "done",
        "parent": "EPERM",
        "limits": "EPERM",
        "own limits": "done",
        "priority": "EPERM",
        "inet": "EPERM",
        "environ": "EACCES",
        "connect": "EPERM",
    }
    assert result.event("exit")["status"] == 0


@pytest.mark.parametrize("call", ["fsopen", "open_tree", "mount_setattr", "move_mount", "pivot_root"])
def test_a_minimal_root_that_fails_half_way_leaves_the_other_walls_whole(call):
    def body():
        own = Path("x").write_text("x")
        return (
            own,
            outcome(os.listdir, "/usr"),
            outcome(open, "/etc/shadow"),
            outcome(open, "/proc/1/cmdline"),
            os.getcwd() == os.environ["HOME"],
        )

    work = work_folder()
    result = inside(body, work=work, before=kernel_without(call), read=("/usr",))
    assert list(result.event("walls")["missing"]) == ["minimal_root"]
    assert "pid_namespace" in result.event("walls")["walls"]
    assert result.value == [1, "done", "EACCES", "EACCES", True]
    assert Path(work, "x").exists()


def test_libraries_that_the_student_could_not_read_are_named_before_anything_runs(tmp_path):
    closed = tmp_path / "closed"
    (closed / "lib").mkdir(parents=True)
    closed.chmod(0o700)
    if not AS_ROOT:
        pytest.skip("a user can always open a folder of their own")
    result = inside(lambda: "ran", before=kernel_without("unshare"), read=("/usr", str(closed / "lib")))
    assert result.value is None
    assert result.events[0]["wall"] == "read"
    assert str(closed / "lib") in result.events[0]["why"]


def test_where_neither_namespaces_nor_scopes_exist_the_filter_keeps_signals_inside():
    # An older Landlock (version 5) cannot be had by refusing a call, so the filter is tried by itself.
    def body():
        parent, me = os.getppid(), os.getpid()
        system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.install(seccomp.program(alone=False, scoped=False, own_root=False, pid=me))
        return [outcome(os.kill, pid, 0) for pid in (parent, -1, 1, me, 0)] + [
            outcome(signal.raise_signal, signal.SIGCHLD)
        ]

    assert inside(body, sandbox=False).value == ["EPERM", "EPERM", "EPERM", "done", "done", "done"]


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user owns the folder")
def test_a_work_folder_behind_a_closed_one_is_named_before_anything_runs():
    work = work_folder()
    os.chmod(os.path.dirname(work), 0o700)
    result = inside(lambda: "ran", work=work, before=kernel_without("unshare"), read=("/usr",))
    assert result.value is None
    assert result.events[0]["wall"] == "work"
    assert inside(lambda: "ran", work=work).value == "ran"  # the minimal root has no such folder above


def test_without_a_sandbox_no_wall_is_claimed():
    result = inside(lambda: os.getcwd(), sandbox=False)
    assert result.event("walls")["walls"] == []
    assert result.event("exit")["status"] == 0


@pytest.mark.skipif(not AS_ROOT, reason="already an ordinary user")
def test_the_same_walls_stand_for_an_ordinary_user():
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(CHECKOUT)]
    files = [__file__, __file__.replace("_walls", "_watch")]
    degraded = [sys.executable, str(CHECKOUT / "tests" / "degraded.py"), "user", "--"]
    run = subprocess.run(
        [*degraded, *command, *files, "-k", "not libraries_of_the_course"], capture_output=True, text=True, cwd="/"
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    assert " passed" in run.stdout


# --- the plan


def test_a_plan_survives_json():
    plan = Plan(work="/w", read=("/usr",), required=frozenset({"seccomp"}), uid=7, devices=("/dev/nvidia0",))
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("change", [{"work": "/"}, {"work": "w"}, {"required": frozenset({"moat"})}])
def test_a_plan_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValueError):
        Plan(**{"work": "/w", "read": (), **change})


def test_a_plan_with_an_unknown_key_is_refused():
    with pytest.raises(ValueError, match="wings"):
        Plan.from_json({"work": "/w", "read": [], "wings": 2})


def test_libraries_hold_the_interpreter_and_not_the_course():
    assert any(os.path.realpath(sys.executable).startswith(path + "/") for path in libraries())
    assert not any(str(CHECKOUT / "solutions").startswith(path + "/") for path in libraries())
