"""Byte streams to a process of the house on this machine, for what is no rpc: HTTP from the page to the API."""

import asyncio

BUFFER_BYTES = 64 << 10
"""What is read ahead of whoever takes it, and about what may wait to be sent."""


async def connect(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to whoever listens at a unix socket; OSError when nobody does, or too many wait there already."""
    return await asyncio.open_unix_connection(path, limit=BUFFER_BYTES)
