"""What the pages are held against: a raw ASGI application that checks the same token and answers the same bytes.

Started by granian itself, as its manual says; `BENCH_RAW` names a file with an Answers.
"""

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from bowerbird.services.identity.session_token import KeyRing
from bowerbird.services.identity.settings import IdentitySettings


class Answers(Struct, frozen=True):
    """The secret that signs tokens, for how long they are good, and each token's answers by path."""

    secret: bytes
    good_s: int
    pages: dict[str, dict[str, tuple[list[tuple[bytes, bytes]], bytes]]]


App = Callable[[dict[str, Any], object, Callable[[dict[str, Any]], Awaitable[None]]], Awaitable[None]]

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"


def make() -> App:
    """Return the application."""
    answers = msgspec.msgpack.decode(Path(os.environ["BENCH_RAW"]).read_bytes(), type=Answers)
    ring = KeyRing.of(answers.secret, IdentitySettings())

    async def app(scope: dict[str, Any], _receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        token = ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                token = value[7:].decode("latin-1")
        now_us = time.time_ns() // 1000
        proof = ring.verify(token, now_us)
        if proof is None or now_us - proof.issued_at > answers.good_s * 1_000_000:
            await send({"type": _START, "status": 401, "headers": []})
            await send({"type": _BODY, "body": b"", "more_body": False})
            return
        headers, body = answers.pages[token][scope["path"]]
        await send({"type": _START, "status": 200, "headers": headers})
        await send({"type": _BODY, "body": body, "more_body": False})

    return app
