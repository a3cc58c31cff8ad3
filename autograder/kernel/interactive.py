"""IPython's shell without a terminal and without Jupyter: what cells show is recorded, and nothing is kept on disk."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.kernel.capture import MIMES, Recorder

# IPython leaves these to its first shell. Every submission's shell is its process's first, so they are imported before the fork.
for _name in (
    "application",
    "completer",
    "completerlib",
    "logger",
    "magics.ast_mod",
    "magics.execution",
    "magics.namespace",
    "magics.pylab",
    "oinspect",
):
    with contextlib.suppress(ImportError):
        importlib.import_module(f"IPython.core.{_name}")

CELL_PREFIX = "cell:"
"""Code of cell `x` is compiled under the file name `cell:x`, so a traceback can be led back to it."""


class _Compiler(CachingCompiler):
    cell = ""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"{CELL_PREFIX}{self.cell}"


class _Publisher(DisplayPublisher):
    recorder: Recorder

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        self.recorder.display(data)

    def clear_output(self, wait: bool = False) -> None:
        self.recorder.clear()


class _Hook(DisplayHook):
    recorder: Recorder

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.recorder.display(format_dict)

    def finish_displayhook(self) -> None:
        pass


class Shell(InteractiveShell):
    """An interactive shell whose cells run by request."""

    recorder: Recorder
    failure: BaseException | None = None

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.recorder.error("\n".join(stb))

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **kwargs: Any) -> None:
        self.failure = exc_tuple[1] if exc_tuple and exc_tuple[1] else sys.exc_info()[1]
        super().showtraceback(exc_tuple, *args, **kwargs)

    def ask_exit(self) -> None:
        # What `exit()` and `quit` call; the cell stops there, and the notebook goes on.
        raise SystemExit

    def enable_gui(self, gui: Any = None) -> None:
        # `%matplotlib inline` asks for none, and the base class raises even then.
        pass

    def system(self, cmd: str) -> None:
        # IPython's default opens a pseudo-terminal, which the walls do not hand out.
        self.system_raw(self.var_expand(cmd, depth=1))

    def init_history(self) -> None:
        super().init_history()
        if self.history_manager is not None:
            self.history_manager.enabled = False


def find_backends() -> None:
    """Let matplotlib look for its backends among all that is installed, which the first `%matplotlib inline` of a process does."""
    if "matplotlib" in sys.modules:
        with contextlib.suppress(ImportError):
            from matplotlib.backends.registry import backend_registry

            backend_registry.list_all()


def start_shell(recorder: Recorder) -> Shell:
    """The process's only shell; what its cells show goes to `recorder`."""
    for cls in (_Publisher, _Hook, Shell):
        cls.recorder = recorder
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autocall = 0
    shell = Shell.instance(
        config=config,
        display_pub_class=_Publisher,
        displayhook_class=_Hook,
        compiler_class=_Compiler,
        user_ns={"__name__": "__main__"},
    )
    assert shell.display_formatter is not None
    shell.display_formatter.active_types = list(MIMES)
    if "matplotlib" in sys.modules:
        with contextlib.suppress(Exception):
            shell.enable_matplotlib("inline")
    return shell
