"""Asking the server for one cell of the matrix, and what must be so in whatever it answers."""

import re
from http.client import HTTPConnection

from tests.security.cast import Cast, Scene
from tests.security.plain import Got
from tests.security.table import Actor, Row, rights

_VOLATILE = {"date", "x-request-id"}
_REFUSED = 400
_RENEWED = re.compile(r"bbs1\.[\w.-]+")
"""A session's token, which is another one each time that one is renewed."""


class Asker:
    """One connection to the server, with no memory for cookies; `count` is how often something was asked."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.count = 0
        self._http = HTTPConnection(cast.server.base_url.removeprefix("http://"), timeout=30)

    def ask(
        self, row: Row, actor: Actor, state: str, scene: Scene | None, method: str = "", **more: str
    ) -> tuple[Got, str]:
        """Send a row's request by an actor; return the answer, and all of it as text in which names stand for ids."""
        values = self.cast.values(actor, scene, state)
        headers = {**self.cast.headers(actor, state), **more}
        body = row.body
        for name, value in values.items():
            body = body.replace(f"{{{name}}}", value)
        if body:
            headers["content-type"] = "application/json"
        self._http.request(method or row.method, row.path.format(**values), body.encode() or None, headers)
        got = Got(self._http.getresponse())
        self.count += 1
        return got, _told(got, values)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


def _told(answer: Got, values: dict[str, str]) -> str:
    """Return status, headers and body, with names in the place of ids, and without what differs every time."""
    headers = sorted((name, value) for name, value in answer.pairs if name not in _VOLATILE)
    text = _RENEWED.sub("<token>", f"{answer.status}\n{headers}\n{answer.text}")
    text = text.replace(answer.headers["x-request-id"], "")
    for name, value in values.items():
        if len(value) > len("stranger"):
            text = text.replace(value, f"<{name}>")
    return text


def leaks(row: Row, actor: Actor, state: str, scene: Scene, answer: Got) -> list[str]:
    """Return what an answer gives away, by its words or by how it lets itself be kept."""
    found: list[str] = []
    everything = f"{answer.pairs} {answer.text}"
    for thing, told in (("board", scene.board_told), ("pin", scene.pin_told)):
        hidden = rights(actor, state, thing) in {"-", "bin"}
        restores = row.who in {"keeps", "throws"} and rights(actor, state, row.about) == "bin"
        if hidden and not restores and told in everything and row.about != "-":
            found.append(f"shows the {thing}'s texts")
    return [*found, *_keeping(row, answer)]


def _keeping(row: Row, answer: Got) -> list[str]:
    """Return what is wrong with how caches may keep an answer."""
    caching, vary = answer.headers.get("cache-control", ""), answer.headers.get("vary", "")
    if answer.status >= _REFUSED:
        right = caching == "no-store" and "etag" not in answer.headers
        return [] if right else [f"a refusal that can be kept: {caching}"]
    if row.path.startswith("/media"):
        return [] if caching == "public, max-age=31536000, immutable" else [f"kept as {caching}"]
    wrong = [] if re.match(r"private, no-cache\Z|no-store\Z", caching) else [f"can be kept: {caching}"]
    return wrong if {"cookie", "authorization"} <= set(vary.split(", ")) else [*wrong, f"varies by {vary!r} alone"]
