"""How far a long command is, told on standard error: one line that changes on a terminal, else a line a step."""

import sys
from typing import Final, Self

import click

from bowerbird.base.world import World

_TERMINAL_S: Final = 0.1
_LINES_S: Final = 5.0


class Progress:
    """Call it, within its block, with what is being done, how much of it is, and how much there is (0: unknown)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._terminal = sys.stderr.isatty()
        self._said = ""
        self._next_s = 0.0

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        now_s = self._world.monotonic_s()
        if what == self._said and now_s < self._next_s:
            return
        self._said, self._next_s = what, now_s + (_TERMINAL_S if self._terminal else _LINES_S)
        line = f"{what}: {done:,} of {total:,}" if total else what
        click.echo(f"\r\033[K{line}" if self._terminal else line, err=True, nl=not self._terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the line for what comes."""
        if self._terminal and self._said:
            click.echo("\r\033[K", err=True, nl=False)
