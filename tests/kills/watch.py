"""Stands between a tree of processes and the kernel: hears of each call that writes, and lets it be, or not.

By seccomp's user notification. It sees what the C code of SQLite does as well as what Python does, in every process of
the tree, files and sockets alike, in the order in which it happens; the caller waits, so that a kill hits it exactly
there; and a call may be answered with an error, as a full disk would. It needs neither root nor a compiler nor a line
in the product. The other ways lack something: ptrace (strace) is slow, and not there or not allowed everywhere; a
preloaded library needs a compiler; a layer below SQLite sees neither blobs nor sockets.
"""

import contextlib
import errno
import os
import re
import select
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seccompy.errors import SeccompError
from seccompy.notify import Listener, Notification, RespFlag
from seccompy.syscalls import syscall_name

GO_ON: Final = 0
DEAD: Final = -1
"""What a rule answers for a call whose process it has killed."""

_BY_PATH: Final = {"rename": 1, "link": 1, "unlink": 0, "mkdir": 0, "rmdir": 0}
"""Calls whose argument of that number is the path of what appears or goes."""
_BY_FOLDER_AND_PATH: Final = {"renameat": 3, "renameat2": 3, "linkat": 3, "unlinkat": 1, "mkdirat": 1, "openat": 1}
_PATH_BYTES_MAX: Final = 4096
_LOOK_MS: Final = 100


@dataclass(frozen=True)
class Moment:
    """A call about to happen: by which process, its name, and on what (a path within the folder, "socket", "pipe")."""

    process: str
    pid: int
    call: str
    on: str

    @property
    def counts(self) -> bool:
        """Whether it changes the data folder, or sends something to somebody."""
        return not self.on.startswith("elsewhere")


Rule = Callable[[Moment], int]
"""Returns GO_ON, DEAD, or the number of the error with which the call fails. It runs in the watch's thread."""


def go_on(_moment: Moment) -> int:
    """Let everything happen: the rule while nobody dies and nothing fails."""
    return GO_ON


class Watch:
    """Watches over one tree, with the data in `folder`, until its last process has ended."""

    def __init__(self, listener: Listener, folder: Path, rule: Rule) -> None:
        self._listener = listener
        self._folder = f"{folder}/"
        self._rule = rule
        self._names: dict[tuple[int, str], str] = {}
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Return once no process is left; raises what went wrong here."""
        self._thread.join(30)
        assert not self._thread.is_alive(), "a process of the tree lives on"
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._listener.fileno(), select.POLLIN)
        with self._listener:
            try:
                while not (events := _events(poll)) & select.POLLHUP:
                    if events & select.POLLIN:
                        self._answer_one()
            except BaseException as error:  # noqa: BLE001 - the thread of the test raises it
                self.failure = error

    def _answer_one(self) -> None:
        # Whoever was killed meanwhile has no call under way any more.
        with _unless_gone():
            asked = self._listener.recv()
            verdict = self._rule(self._moment(asked))
            if verdict == GO_ON:
                self._listener.respond(asked.id, flags=RespFlag.CONTINUE)
            elif verdict != DEAD:
                self._listener.respond(asked.id, error=verdict)

    def _moment(self, asked: Notification) -> Moment:
        pid = _process_of(asked.pid)
        # Between its fork and its exec a process is called as its parent.
        command = _text(f"/proc/{pid}/cmdline")
        name = self._names.get((pid, command)) or _name_of(pid, command)
        self._names[pid, command] = name
        call = syscall_name(asked.nr)
        return Moment(name, pid, call, self._on(asked, call))

    def _on(self, asked: Notification, call: str) -> str:
        if call in _BY_PATH:
            return self._within(_path_at(asked.pid, asked.args[_BY_PATH[call]]))
        if call in _BY_FOLDER_AND_PATH:
            return self._within(_path_at(asked.pid, asked.args[_BY_FOLDER_AND_PATH[call]]))
        try:
            link = str(Path(f"/proc/{asked.pid}/fd/{asked.args[0]}").readlink())
        except OSError:
            return "pipe"  # a hand lets nobody look; all that it can write to is its pipe
        if link.startswith(("socket:", "pipe:")):
            return link.partition(":")[0]
        return self._within(link)

    def _within(self, path: str) -> str:
        if path.startswith(self._folder):
            return path.removeprefix(self._folder)
        return "." if path == self._folder[:-1] else f"elsewhere {path}"


def _events(poll: select.poll) -> int:
    return sum(event for _, event in poll.poll(_LOOK_MS))


@contextlib.contextmanager
def _unless_gone():  # noqa: ANN202 - a context manager
    """Let pass that the process asked about is gone."""
    try:
        yield
    except SeccompError as error:
        if error.errno not in {errno.ENOENT, errno.EINTR, errno.EAGAIN}:
            raise
    except ProcessLookupError:
        return


def _process_of(thread: int) -> int:
    found = re.search(r"^Tgid:\s*(\d+)", _text(f"/proc/{thread}/status"), re.MULTILINE)
    if found is None:
        raise ProcessLookupError
    return int(found[1])


def _name_of(pid: int, command: str) -> str:
    """Return core, edge-1, ...; pixels or network for hands; supervisor for what started them."""
    for part, name in (("adapters.pillow", "pixels"), ("adapters.httpfetch", "network")):
        if part in command:
            return name
    found = re.search(r"(?:^|\0)BOWERBIRD_PROCESS=([^\0]*)", _text(f"/proc/{pid}/environ"))
    return found[1] if found else "supervisor"


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        raise ProcessLookupError from None
    except PermissionError:
        return ""


def _path_at(thread: int, address: int) -> str:
    try:
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - unbuffered, and no file
            memory.seek(address)
            # What lies behind the path may end with its page.
            data = memory.read(min(_PATH_BYTES_MAX, -address % 4096 or 4096))
            if b"\0" not in data:
                data += memory.read(_PATH_BYTES_MAX)
    except (FileNotFoundError, ProcessLookupError):
        raise ProcessLookupError from None
    return data.partition(b"\0")[0].decode(errors="replace")


def kill(pid: int) -> None:
    """Kill a process at once, if it is there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
