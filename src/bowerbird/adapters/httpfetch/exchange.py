"""One HTTP exchange with a stranger: a GET, and what came of it as a Got. It never raises for what a stranger does."""

import ssl
from collections.abc import Callable
from importlib.metadata import version
from typing import Final

import httpcore
from msgspec.structs import replace

from bowerbird.adapters.httpfetch import body
from bowerbird.adapters.httpfetch.addresses import Reach, Target, parse
from bowerbird.adapters.httpfetch.dial import Budget, Dial, Resolve
from bowerbird.adapters.httpfetch.limits import Failed, FetchLimits, Got, Step
from bowerbird.adapters.httpfetch.page import asks_to_leave_pictures, read_page
from bowerbird.base.sniff import HEAD_BYTES, picture_mime

_PICTURES: Final = {"image/jpeg", "image/png", "image/gif", "image/webp"}
_ACCEPT: Final = {
    "page": "text/html,application/xhtml+xml;q=0.9,image/webp,image/jpeg,image/png,image/gif;q=0.8",
    "picture": "image/webp,image/jpeg,image/png,image/gif",
}
_MOVED: Final = {301, 302, 303, 307, 308}
_REFUSED: Final = {401, 403, 407, 429, 451, 999}
_OK: Final = range(200, 300)
_OVERHEAD_BYTES: Final = 512 << 10
"""What headers, chunk sizes and the like may take besides the body."""


class Exchanger:
    """Runs exchanges one at a time. `clock` returns seconds that never run backwards; `tls` checks certificates."""

    def __init__(self, limits: FetchLimits, tls: ssl.SSLContext, resolve: Resolve, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._tls = tls
        self._resolve = resolve
        self._clock = clock
        self._reach = Reach(limits)
        contact = f"; +{limits.contact_url}" if limits.contact_url else ""
        self._agent = f"Bowerbird/{version('bowerbird')} (link preview{contact})"

    def run(self, step: Step) -> Got:
        """Return what came of it."""
        started = self._clock()
        try:
            got = self._get(step)
        except Failed as failed:
            got = Got(failed.failure, failed.status)
        except (httpcore.TimeoutException, TimeoutError):
            got = Got("timeout")
        except httpcore.ConnectError:  # the handshake, since connecting itself is Dial's
            got = Got("unreachable")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError):
            got = Got("bad-answer")
        return replace(got, took_ms=int((self._clock() - started) * 1000))

    def _get(self, step: Step) -> Got:
        target = parse(step.url, self._limits)
        bytes_max = max(self._limits.page_bytes_max, self._limits.picture_bytes_max) + _OVERHEAD_BYTES
        budget = Budget(self._clock, step.timeout_ms / 1000, bytes_max)
        dial = Dial(self._reach, self._resolve, budget, self._limits.connect_ms / 1000)
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=dial, max_connections=1) as pool,
            pool.stream("GET", url, headers=self._headers(target, step)) as response,
        ):
            return self._read(step, target, response)

    def _headers(self, target: Target, step: Step) -> list[tuple[str, str]]:
        return [
            ("Host", target.authority),
            ("User-Agent", self._agent),
            ("Accept", _ACCEPT[step.want]),
            ("Accept-Encoding", body.ACCEPTED_ENCODINGS),
            ("Connection", "close"),
        ]

    def _read(self, step: Step, target: Target, response: httpcore.Response) -> Got:
        status = response.status
        headers = {_text(name).lower(): _text(value) for name, value in response.headers}
        if status in _MOVED and "location" in headers:
            return Got("", status, moved_to=parse(headers["location"], self._limits, target.href).href)
        if status not in _OK:
            raise Failed("refused-by-site" if status in _REFUSED else "bad-answer", status)
        data = body.read(response.iter_stream(), headers.get("content-encoding", ""), self._limits)
        robots = headers.get("x-robots-tag", "")
        if picture_mime(data[:HEAD_BYTES]) in _PICTURES:
            return Got("refused-by-site", status) if asks_to_leave_pictures(robots) else Got("", status, picture=data)
        content_type = headers.get("content-type", "")
        if step.want == "picture" or not _is_page(content_type, data):
            raise Failed("not-a-page", status)
        return Got("", status, page=read_page(data, content_type, target, robots))


def _text(header: bytes) -> str:
    """Return what a header says: UTF-8 where it is, as browsers read addresses in it, and else Latin-1."""
    try:
        return header.decode()
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _is_page(content_type: str, data: bytes) -> bool:
    mime = content_type.partition(";")[0].strip().lower()
    if mime in {"text/html", "application/xhtml+xml"}:
        return True
    return mime in {"", "text/plain", "application/octet-stream"} and _looks_like_html(data)


def _looks_like_html(data: bytes) -> bool:
    head = data[:512].lstrip(b"\xef\xbb\xbf\t\n\x0c\r ").lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<title", b"<meta", b"<body"))
