"""Waiting for what sets no event: the doing of another task or thread, or of another process."""

import asyncio
from collections.abc import Callable
from typing import Final

LONG_S: Final = 60.0
"""How long anything may take that has no time of its own."""


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds; TimeoutError when it never does."""
    async with asyncio.timeout(LONG_S):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
