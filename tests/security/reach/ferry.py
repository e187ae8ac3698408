"""The way to an island and back: starts one, with the package as it is or as somebody spoiled it, and asks it."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from tests.security.reach.island import Ask, Told
from tests.support.spoiled import ROOT

_APART: Final = ("unshare", "--map-root-user", "--net", "--mount")


class Ferry:
    """Carries asks over, one after the other."""

    def __init__(self, out: IO[bytes], back: IO[bytes]) -> None:
        self._out, self._back = out, back

    def ask(self, ask: Ask) -> Told:
        """Return what the island tells; fail when it is no more."""
        self._out.write(msgspec.json.encode(ask) + b"\n")
        self._out.flush()
        line = self._back.readline()
        assert line, "the island is gone; does this kernel grant user, network and mount namespaces?"
        return msgspec.json.decode(line, type=Told)


@contextmanager
def island(folder: Path, tree: Path | None = None) -> Generator[Ferry]:
    """Open an island whose package is that of a tree, or the installed one."""
    command = [*_APART, sys.executable, "-m", "tests.security.reach.island", str(folder), str(tree or "-")]
    there = {**os.environ, "PYTHONPATH": str(tree or "")}
    with subprocess.Popen(command, cwd=ROOT, env=there, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Ferry(process.stdin, process.stdout)
        process.stdin.close()
        process.stdout.read()
