"""Hidden tests, solutions, other submissions, secrets, the memory of whoever graded before."""

from __future__ import annotations

from .case import RIGHT, Case


def _reads(name: str, violation: str, source: str) -> Case:
    """A right submission with a cell that prints what it could find."""
    return Case(name, violation, 10.0, extra=f"import contextlib, glob, os, subprocess, sys\n{source.strip()}\n")


CASES = (
    _reads("file_of_another", "a file of another student is read by its path", "print(open('SECRET').read())"),
    _reads(
        "by_a_shell",
        "a program that the notebook starts reads it",
        "print(subprocess.run(['cat', 'SECRET'], capture_output=True, text=True).stdout)",
    ),
    _reads(
        "by_a_link",
        "a link in the work folder leads to it",
        "os.symlink('SECRET', 'link')\nprint(open('link').read())",
    ),
    _reads(
        "by_a_hard_link",
        "a second name in the work folder leads to it",
        "os.link('SECRET', 'name')\nprint(open('name').read())",
    ),
    _reads(
        "by_proc_root",
        "another process's root folder leads to it",
        "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "    with contextlib.suppress(OSError):\n"
        "        print(open(f'/proc/{pid}/root/' + 'SECRET').read())\n",
    ),
    _reads(
        "environment",
        "a secret in the grader's environment is read",
        "print(os.environ.get('COURSE_SECRET'))\nprint(subprocess.run(['env'], capture_output=True, text=True).stdout)",
    ),
    _reads(
        "environment_of_others",
        "the environment of another process is read",
        "for path in glob.glob('/proc/*/environ'):\n"
        "    with contextlib.suppress(OSError):\n"
        "        print(open(path, 'rb').read().replace(b'\\0', b'\\n').decode(errors='replace'))\n",
    ),
    _reads(
        "first_environment",
        "the environment that the process was started with is still in its memory",
        "import ctypes\n"
        "for pid in ('self', str(os.getppid()), '1'):\n"
        "    with contextlib.suppress(OSError):\n"
        "        print(open(f'/proc/{pid}/environ', 'rb').read().decode(errors='replace'))\n",
    ),
    _reads(
        "hidden_tests_on_disk",
        "the hidden tests lie where the submission can read them",
        "for base in ('.', '..', '/tmp', '/var/tmp', '/home', '/root', '/srv', '/opt', '/autograder'):\n"
        "    for folder, _, names in os.walk(base):\n"
        "        if 'site-packages' in folder or folder.count('/') > 12:\n"
        "            continue\n"
        "        for name in names:\n"
        "            if name.endswith(('.py', '.ipynb', '.json', '.yml', '.zip')):\n"
        "                with contextlib.suppress(OSError):\n"
        "                    text = open(os.path.join(folder, name), errors='ignore').read(1 << 20)\n"
        "                    if 'label-nobody' + '-may-see' in text:\n"
        "                        print('label-nobody' + '-may-see')\n",
    ),
    _reads(
        "hidden_tests_in_memory",
        "the hidden tests are in the memory of the process that runs the submission",
        "needle = b'label-nobody' + b'-may-see'\n"
        "for line in open('/proc/self/maps'):\n"
        "    ends, mode = line.split()[:2]\n"
        "    start, end = (int(part, 16) for part in ends.split('-'))\n"
        "    if mode.startswith('rw') and end - start < 1 << 28:\n"
        "        with contextlib.suppress(OSError, OverflowError), open('/proc/self/mem', 'rb') as memory:\n"
        "            memory.seek(start)\n"
        "            found = memory.read(end - start)\n"
        "            at = found.find(needle)\n"
        "            while at >= 0:\n"
        "                around = found[max(0, at - 60):at + 60]\n"
        "                # Not this cell's own source, where the word is in two parts.\n"
        "                if b'SECRET_LABEL' in around or b'hidden_' in around:\n"
        "                    print(around.decode(errors='replace'))\n"
        "                at = found.find(needle, at + 1)\n",
    ),
    _reads(
        "parents_memory",
        "the memory of the process that forked this one is read",
        "with open(f'/proc/{os.getppid()}/mem', 'rb') as memory:\n"
        "    for line in open(f'/proc/{os.getppid()}/maps'):\n"
        "        start = int(line.split('-')[0], 16)\n"
        "        memory.seek(start)\n"
        "        print(memory.read(16))\n"
        "        print(open('SECRET').read())\n",
    ),
    _reads(
        "open_descriptors",
        "a file that the grader holds open is read by its descriptor",
        "for number in range(3, 256):\n"
        "    with contextlib.suppress(OSError):\n"
        "        os.lseek(number, 0, 0)\n"
        "        print(os.read(number, 1 << 20).decode(errors='replace'))\n",
    ),
    _reads(
        "users_of_the_machine",
        "the machine's password hashes are read",
        "print(open('/etc/shadow').read() and open('SECRET').read())",
    ),
    _reads(
        "siblings",
        "folders of other submissions can be listed",
        "found = [path for path in glob.glob('../*') + glob.glob('../../*/*') if 'sibling' in path]\n"
        "print(found and open('SECRET').read())\n"
        "for path in glob.glob(os.path.join(os.path.dirname('SECRET'), '*')):\n"
        "    print(open(path).read())",
    ),
    _reads(
        "history",
        "hidden tests stand in the history of the shell",
        "shell = get_ipython()\n"
        "for found in (shell.user_ns.get('In'), shell.user_ns.get('_ih'), shell.history_manager.input_hist_raw):\n"
        "    print([text for text in found or [] if 'hidden' not in text])\n",
    ),
    _reads(
        "by_proc_cwd",
        "another process's working folder leads out",
        "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "    for way in ('cwd', 'fd/3', 'fd/4', 'fd/5'):\n"
        "        with contextlib.suppress(OSError):\n"
        "            print(open(f'/proc/{pid}/{way}/' + '../' * 12 + 'SECRET').read())\n",
    ),
    Case(
        "tests_by_the_stack",
        "an answer reads the hidden test that calls it",
        10.0,
        {
            "mse": "import linecache, sys\nSEEN = []\n\n"
            + RIGHT["mse"].replace(
                "def mse(a, b):\n",
                "def mse(a, b):\n"
                "    frame = sys._getframe()\n"
                "    while frame is not None:\n"
                "        SEEN.extend(linecache.getlines(frame.f_code.co_filename, frame.f_globals))\n"
                "        SEEN.extend(text for text in frame.f_code.co_consts if isinstance(text, str))\n"
                "        SEEN.extend(text for text in frame.f_globals.values() if isinstance(text, str))\n"
                "        frame = frame.f_back\n",
            )
        },
        extra="print([text for text in SEEN if 'label-' + 'nobody' in text])\n",
    ),
)
