"""One suite a port: checks written against the port alone, run on every adapter, and shown to catch broken ones.

A check is an async function that is handed a subject (the port's objects, freshly opened and empty) and asserts.
An opener is a function from an empty folder to an async context manager that yields such a subject.

    suite = Suite[Subject]()

    @suite.check
    async def a_row_comes_back(subject: Subject) -> None: ...

    @suite.on({"sqlite-1": open_one, "sqlite-4": open_four})
    async def test_records(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
        await run(opener, check, tmp_path)

    @pytest.mark.parametrize(("opener", "name"), BROKEN)
    async def test_a_broken_adapter_is_caught(opener: Opener[Subject], name: str, tmp_path: Path) -> None:
        assert await suite.catches(name, opener, tmp_path)
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Generic, TypeVar

import pytest

Subject = TypeVar("Subject")
Check = Callable[[Subject], Awaitable[None]]
Opener = Callable[[Path], AbstractAsyncContextManager[Subject]]

CHECK_S_MAX = 60


class Suite(Generic[Subject]):
    """The checks of one port, by name, in the order in which they stand in the file; `parts` are taken in first."""

    def __init__(self, *parts: "Suite[Subject]") -> None:
        self.checks: dict[str, Check[Subject]] = {}
        for part in parts:
            for check in part.checks.values():
                self.check(check)

    def check(self, function: Check[Subject]) -> Check[Subject]:
        """Add a check under its function's name."""
        name = function.__name__
        assert name not in self.checks, f"two checks are called {name}"
        self.checks[name] = function
        return function

    def on(self, adapters: Mapping[str, Opener[Subject]]) -> pytest.MarkDecorator:
        """Return the mark that runs a test once for each adapter and check, given as `opener` and `check`."""
        pairs = [
            pytest.param(opener, check, id=f"{adapter}-{name}")
            for adapter, opener in adapters.items()
            for name, check in self.checks.items()
        ]
        return pytest.mark.parametrize(("opener", "check"), pairs)

    async def catches(self, name: str, opener: Opener[Subject], folder: Path) -> bool:
        """Return whether the check of that name fails on what the opener opens."""
        try:
            await run(opener, self.checks[name], folder)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever goes wrong has caught the adapter
            return True
        return False


async def run(opener: Opener[Subject], check: Check[Subject], folder: Path) -> None:
    """Run one check on a fresh subject; a check that hangs fails."""
    async with asyncio.timeout(CHECK_S_MAX), opener(folder) as subject:
        await check(subject)
