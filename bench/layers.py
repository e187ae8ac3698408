"""Where a page's microseconds go: the whole site in this process, asked without a server, watched by a sampling signal.

For the feed page and the board page, remembered and made anew, the CPU time of a request and how it is divided between
the steps of the pipeline; a sample counts for the innermost step that is under way. The processor's caches are warm,
as they are not in a server that shares its cores with others: there the same work takes up to twice as long.
"""

import signal
import time
from collections import Counter
from itertools import cycle
from pathlib import Path
from types import FrameType
from typing import Final

import uvloop

from bench.data import Known, open_site
from bowerbird.app.site import Site as Asgi
from bowerbird.app.site import whole
from bowerbird.edge.http.asgi import Message, Scope

SECONDS: Final = 4.0
SAMPLE_S: Final = 0.0005
BATCH: Final = 50
LINES: Final = 25
BOARDS: Final = 200

STEPS: Final = {
    ("router.py", "_identify"): "token: signature, person's row",
    ("router.py", "_spend"): "limits",
    ("router.py", "_request"): "query, cursor's decoding, request",
    ("router.py", "_response"): "headers, ETag",
    ("router.py", "_send"): "sending",
    ("record.py", "note"): "metrics, log",
    ("door.py", "enter"): "admission",
    ("admission.py", "end"): "admission",
    ("pages.py", "of"): "the page remembered, and whether it holds",
    ("pages.py", "key_of"): "the page remembered, and whether it holds",
    ("exchange.py", "__init__"): "exchange",
    ("exchange.py", "check_size"): "exchange",
    ("feed.py", "skeleton"): "skeleton: ids of the timeline",
    ("pins.py", "skeleton"): "skeleton: the board's pins, with its rights",
    ("pins.py", "hydrate_page"): "hydrate: the rest",
    ("store.py", "pins"): "hydrate: pin rows",
    ("store.py", "boards"): "hydrate: board rows",
    ("store.py", "shares"): "hydrate: share rows",
    ("store.py", "follows"): "hydrate: follow rows",
    ("store.py", "blocks"): "hydrate: block rows",
    ("store.py", "users"): "hydrate: people's rows",
    ("feed.py", "hydrate_pins"): "hydrate: the rest",
    ("feed.py", "rules"): "rules",
    ("pins.py", "rules"): "rules",
    ("feed.py", "present_page"): "present",
    ("pins.py", "present_page"): "present",
    ("hydrate.py", "cursor_to"): "cursor's sealing",
    ("feed.py", "_note"): "view noted",
    ("pins.py", "_note"): "view noted",
    ("router.py", "__call__"): "router: the rest",
}


class Watch:
    """Samples the stack while the processor works for this process."""

    def __init__(self) -> None:
        self.steps: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.total = 0

    def sample(self, _number: int, frame: FrameType | None) -> None:
        self.total += 1
        if frame is not None:
            code = frame.f_code
            self.lines[f"{'/'.join(code.co_filename.split('/')[-3:])}:{frame.f_lineno} {code.co_name}"] += 1
        while frame is not None:
            step = STEPS.get((frame.f_code.co_filename.rpartition("/")[2], frame.f_code.co_name))
            if step is not None:
                self.steps[step] += 1
                return
            frame = frame.f_back
        self.steps["the harness"] += 1


async def ask(site: Asgi, path: str, token: str, body: bytes = b"") -> bytes:
    """Send one request straight into the application, a POST if it has a body; return the answer's."""
    pieces: list[bytes] = []

    async def send(message: Message) -> None:
        pieces.append(message.get("body", b""))
        assert message.get("status", 200) // 100 == 2, message  # noqa: PLR2004 - HTTP's own

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    where, _, query = path.partition("?")
    scope: Scope = {
        "type": "http",
        "method": "POST" if body else "GET",
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost:8000"),
            (b"accept", b"application/json"),
            *([(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))] if body else []),
            (b"authorization", b"Bearer " + token.encode()),
        ],
        "client": ("127.0.0.1", 50_000),
        "state": {},
    }
    await site(scope, receive, send)
    return b"".join(pieces)


def measure(folder: Path, known: Known) -> str:
    """Return both pages' steps as Markdown, remembered and made anew."""
    return "\n".join(
        [
            uvloop.run(_pages(folder, known, "remembered")),
            uvloop.run(_pages(folder, known, "made anew", http__pages_bytes_max=0)),
        ]
    )


async def _pages(folder: Path, known: Known, how: str, **options: object) -> str:
    opened = open_site(folder / "data", **options)
    engines = opened.core.engines
    site = whole(opened.house.services, engines, opened.settings, bytes(32), opened.world)
    readers = cycle(known.readers)
    pages = {
        "feed": [("/v1/feed", one.token) for one in known.readers],
        "board": [(f"/v1/boards/{board}/pins", next(readers).token) for board in known.boards[:BOARDS]],
    }
    try:
        return "\n".join([await _page(site, f"{name}, {how}", paths) for name, paths in pages.items()])
    finally:
        await engines.close()


async def _page(site: Asgi, name: str, paths: list[tuple[str, str]]) -> str:
    for path, token in paths * 3:
        await ask(site, path, token)
    us = await _cost(site, paths)
    watch = await _watched(site, paths)
    size = len(await ask(site, *paths[0]))
    lines = [f"\n## {name}: {us:.0f} us of CPU a request, {size} bytes\n", "| us | step |", "|---:|---|"]
    lines += [f"| {us * count / watch.total:.1f} | {step} |" for step, count in watch.steps.most_common()]
    lines += ["", "| us | line |", "|---:|---|"]
    lines += [f"| {us * count / watch.total:.1f} | `{line}` |" for line, count in watch.lines.most_common(LINES)]
    return "\n".join(lines)


async def _cost(site: Asgi, paths: list[tuple[str, str]]) -> float:
    """Return CPU microseconds a request, undisturbed: of many batches one that only one in twenty falls short of."""
    costs: list[float] = []
    until = time.process_time() + SECONDS / 2
    while time.process_time() < until:
        before = time.process_time()
        await _batch(site, paths, len(costs))
        costs.append((time.process_time() - before) / BATCH * 1e6)
    return sorted(costs)[len(costs) // 20]


async def _watched(site: Asgi, paths: list[tuple[str, str]]) -> Watch:
    watch, number = Watch(), 0
    signal.signal(signal.SIGPROF, watch.sample)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_S, SAMPLE_S)
    until = time.process_time() + SECONDS
    while time.process_time() < until:
        await _batch(site, paths, number)
        number += 1
    signal.setitimer(signal.ITIMER_PROF, 0)
    return watch


async def _batch(site: Asgi, paths: list[tuple[str, str]], number: int) -> None:
    for place in range(BATCH):
        await ask(site, *paths[(number * BATCH + place) % len(paths)])
