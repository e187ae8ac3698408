"""The registries' ordinary clients, run as whoever runs the demo would run them: with their settings, within a time."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from bowerbird.base.processes import Processes


class NotHad(Exception):  # noqa: N818 - it names what happened
    """Something could not be had; the sentence says what and why."""


class Clients(Struct, frozen=True):
    """Runs programs of the machine, each in a session of its own, so that all it started ends with it."""

    processes: Processes

    async def run(self, argv: Sequence[str], folder: Path, timeout_s: float) -> bytes:
        """Run a program in a folder and return what it printed. NotHad when it fails or takes too long."""
        env = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "LC_ALL": "C.UTF-8"}
        try:
            process = await self.processes.start_piped(argv, env, str(folder))
        except OSError as error:
            raise NotHad(f"{_name(argv)} cannot be started") from error
        try:
            async with asyncio.timeout(timeout_s):
                printed, _ = await process.communicate()
        except TimeoutError as error:
            raise NotHad(f"{_name(argv)} took longer than {timeout_s:.0f} s") from error
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if process.returncode:
            raise NotHad(f"{_name(argv)} ended with code {process.returncode}")
        return printed

    def find(self, name: str) -> str:
        """Return where a program is: beside this Python, else on the machine's path. NotHad."""
        beside = Path(sys.executable).parent / name
        found = str(beside) if os.access(beside, os.X_OK) else shutil.which(name)
        if found is None:
            raise NotHad(f"there is no {name} here")
        return found

    async def find_pip(self, folder: Path, timeout_s: float) -> list[str]:
        """Return how to call pip: this Python's, the one that set this environment up, or the machine's. NotHad."""
        tools = Path(sys.prefix).parent / ".tools" / "uv" / "bin" / "python"
        named = [shutil.which(name) for name in ("python3", "python3.11")]
        for python in dict.fromkeys([sys.executable, str(tools), *filter(None, named)]):
            with suppress(NotHad):
                await self.run([python, "-m", "pip", "--version"], folder, timeout_s)
                return [python, "-m", "pip"]
        raise NotHad("there is no pip here")


def _name(argv: Sequence[str]) -> str:
    """Return what a program is called, with the word that says what it was to do."""
    words = [Path(argv[0]).name, *(word for word in argv[1:] if not word.startswith("-"))]
    return " ".join(words[:2])
