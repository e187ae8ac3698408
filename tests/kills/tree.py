"""A whole Bowerbird under watch: started, killed in part or whole, and started again on the same data."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from seccompy.notify import Listener

from tests.kills import launch
from tests.kills.watch import Moment, Rule, Watch, go_on, kill
from tests.support.server import answers, environment, free_port, stop

SERVE: Final = ("-c", "from bowerbird.app.cli import main; main()", "serve")
READY_S: Final = 60.0
_LOOK_S: Final = 0.01
_UNLIMITED: Final = {"safety_sign_in_limit": "0", "safety_sign_in_address_limit": "0"}


class Tree:
    """`bowerbird serve` on a folder, with every write going by `rule`, which may be set at any time.

    With `disk_bytes` the data folder is a disk of that size, which nobody else sees, and which is lost with the tree.
    """

    def __init__(self, folder: Path, disk_bytes: int = 0, **settings: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.rule: Rule = go_on
        self.starts = 0
        self._disk_bytes = disk_bytes
        self._env = environment(self.data, self.port, {**_UNLIMITED, **settings})
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: Watch | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.rule = go_on
        process = self._process
        if process is None:
            return
        if kind is not None:
            self.kill()
        else:
            stop(process)
            self._gone()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Return the supervisor."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start a supervisor, and the watch over it."""
        ours, theirs = socket.socketpair()
        with ours, theirs, self.log.open("ab") as output:
            argv = [*self._on_disk(), sys.executable, launch.__file__, str(theirs.fileno()), *SERVE]
            self._process = subprocess.Popen(
                argv, env=self._env, stdout=output, stderr=output, pass_fds=[theirs.fileno()]
            )
            theirs.close()
            _, descriptors, _, _ = socket.recv_fds(ours, 64, 1)
        self.starts += 1
        self._watch = Watch(Listener(descriptors[0]), self.data, self._by_rule)

    def _on_disk(self) -> list[str]:
        """Return the beginning of a command that runs where the data folder is a disk of its own, if it is to be."""
        if not self._disk_bytes:
            return []
        self.data.mkdir()
        mount = f'mount -t tmpfs -o size={self._disk_bytes} tmpfs "$0" && exec "$@"'
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(self.data)]

    @property
    def disk(self) -> Path:
        """Return the data folder as the tree sees it."""
        return Path(f"/proc/{self.process.pid}/root{self.data}")

    def _by_rule(self, moment: Moment) -> int:
        return self.rule(moment)

    def pids(self) -> dict[str, int]:
        """Return the processes of the tree that live, without hands: supervisor, core, edge-1, ..."""
        pid = self.process.pid
        found = {"supervisor": pid}
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            return found
        for child in children:
            try:
                surroundings = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            names = [word.partition(b"=")[2] for word in surroundings if word.startswith(b"BOWERBIRD_PROCESS=")]
            if names:
                found[names[0].decode()] = int(child)
        return found

    def kill(self) -> None:
        """Kill every process of the tree at once, and return when they are gone."""
        for pid in self.pids().values():
            kill(pid)
        self._gone()

    def _gone(self) -> None:
        self.process.wait(READY_S)
        if self._watch is not None:
            self._watch.join()
        self._process = self._watch = None

    def ended(self, within_s: float) -> bool:
        """Return whether the supervisor ended within that time, and with it the rest of the tree."""
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        self._gone()
        return True

    def is_ready(self) -> bool:
        """Return whether it answers that it can do its work."""
        return answers(self.disk if self._disk_bytes else self.data, self.base_url)

    def wait_until_ready(self) -> float:
        """Return how many seconds it took until it answered."""
        began = time.monotonic()
        while not self.is_ready():
            assert self.process.poll() is None, f"the supervisor ended:\n{self.words()}"
            assert time.monotonic() < began + READY_S, f"it did not become ready:\n{self.words()}"
            time.sleep(_LOOK_S)
        return time.monotonic() - began

    def words(self) -> str:
        """Return the last of what the processes said."""
        return self.log.read_text(errors="replace")[-5000:]
