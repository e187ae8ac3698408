"""Where a save's CPU time goes: the whole site in one process, by thread, until its answer and behind it.

First saves are answered while nothing moves their events; then relay and groups work all of it off. The way between an
edge and core is not in it, a call and its answer: see `bench.micro_rpc`.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import uvloop

from bench.data import Known, Size, open_site
from bench.filled import filled
from bench.layers import ask
from bowerbird.app.site import Site as Asgi
from bowerbird.app.site import whole

SIZE: Final = Size(people=400, pins=16_000, known=200, followees=50, others_follow=50, fans=100)
SAVES: Final = 500
SIDE_BY_SIDE: Final = 32
ROUNDS: Final = 3


def main() -> None:
    """Fill a folder, and save in it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        uvloop.run(_measure(folder / "data", filled(folder, SIZE)))


async def _measure(data: Path, known: Known) -> None:
    opened = open_site(data)
    engines = opened.core.engines
    site = whole(opened.house.services, engines, opened.settings, bytes(32), opened.world)
    try:
        for number in range(ROUNDS):
            with _told(f"{number}: until the answer"):
                await _save(site, known)
            with _told(f"{number}: behind it"):
                async with opened.running():
                    await opened.settled()
    finally:
        await engines.close()


async def _save(site: Asgi, known: Known) -> None:
    """Save a photo once more, to the boards of many people in turn."""
    waiting = islice(cycle(known.savers), SAVES)

    async def lane() -> None:
        for one in waiting:
            await ask(site, f"/v1/boards/{one.board}/pins", one.token, b'{"pin_id":"%s"}' % one.photo.encode())

    await asyncio.gather(*(lane() for _ in range(SIDE_BY_SIDE)))


@contextmanager
def _told(what: str) -> Generator[None]:
    """Print what each save took meanwhile: of the whole process, and of each of its threads, the event loop's first."""
    before, began = _threads(), time.process_time()
    yield
    used = Counter(_threads())
    used.subtract(before)
    whole_us = (time.process_time() - began) * 1e6
    threads = " + ".join(f"{ns / 1000 / SAVES:.0f}" for _, ns in sorted(used.items()) if ns / 1000 / SAVES > 1)
    print(f"{what:<24} {whole_us / SAVES:7.0f} us of CPU a save = {threads}")


def _threads() -> dict[int, int]:
    """Return the nanoseconds that each thread of this process has used."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(task.name): int((task / "schedstat").read_text().split()[0]) for task in tasks}


if __name__ == "__main__":
    main()
