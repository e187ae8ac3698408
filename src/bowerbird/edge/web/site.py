"""The page over HTTP: the shell at every address of the page, assets under their own, with the browser's guards."""

import re
from pathlib import Path
from typing import Final

from bowerbird.contracts.problems import NotFound
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send
from bowerbird.edge.http.etags import is_known
from bowerbird.edge.http.problem import MethodNotAllowed
from bowerbird.edge.web.assets import Asset, form_for, read_assets
from bowerbird.edge.web.refuse import ALWAYS, refuse

_OK: Final = 200
_NOT_MODIFIED: Final = 304

ASSETS: Final = Path(__file__).parent / "assets"

POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    b"font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_GUARDS: Final[tuple[Header, ...]] = (
    (b"content-security-policy", POLICY),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
_SHELL_AGE: Final = b"no-cache"
_HASHED_AGE: Final = b"public, max-age=31536000, immutable"
_NAMED_AGE: Final = b"public, max-age=3600"

_ID: Final = r"[0-9a-fA-F-]{36}"
PLACE: Final = re.compile(
    rf"/|/(lens|search|sign-in|sign-up|trash)/?|/boards(/shared)?/?|/ideas(/topics)?/?|/(board|pin)/{_ID}/?"
    r"|/@[A-Za-z0-9_]{3,30}(/(pins|followers|following))?/?"
    r"|/settings(/(appearance|tuning|security|tokens|blocked|account))?/?"
)
"""The addresses that the page knows, as ui/src/lib/router/places.ts has them; at others it says so."""

_MISSING: Final = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>Bowerbird</title><h1>The page is not built yet</h1>"
    b"<p>Run <code>make run</code>, which builds it, or <code>npm run build</code> in <code>ui/</code>, and start "
    b"Bowerbird anew. The API works without it: see <a href=/docs>/docs</a>."
)


class Web:
    """An ASGI application; `folder` holds what `npm run build` in ui/ made, and is read here, once."""

    def __init__(self, folder: Path = ASSETS) -> None:
        self._assets = read_assets(folder)
        self._shell = self._assets.pop("/index.html", None)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        asked: dict[bytes, bytes] = dict(scope["headers"])
        if scope["method"] not in {"GET", "HEAD"}:
            await refuse(scope, send, MethodNotAllowed(b"GET, HEAD"))
        elif asset := self._assets.get(path):
            age = _HASHED_AGE if path.startswith("/assets/") else _NAMED_AGE
            await _send_asset(scope, send, _OK, asset, asked, [(b"cache-control", age)])
        elif path.startswith("/assets/"):
            await refuse(scope, send, NotFound("the page has no such file"))
        elif self._shell is None:
            headers = [*_GUARDS, (b"cache-control", b"no-store"), (b"content-type", b"text/html; charset=utf-8")]
            await _send(scope, send, 503, headers, _MISSING)
        else:
            status = _OK if PLACE.fullmatch(path) else 404
            await _send_asset(scope, send, status, self._shell, asked, [*_GUARDS, (b"cache-control", _SHELL_AGE)])


async def _send_asset(
    scope: Scope, send: Send, status: int, asset: Asset, asked: dict[bytes, bytes], headers: list[Header]
) -> None:
    form = form_for(asset, asked.get(b"accept-encoding", b""))
    headers.append((b"vary", b"accept-encoding"))
    headers.append((b"etag", form.tag))
    if status == _OK and is_known(form.tag, asked.get(b"if-none-match")):
        await _send(scope, send, _NOT_MODIFIED, headers)
        return
    headers.append((b"content-type", asset.mime))
    if form.coding:
        headers.append((b"content-encoding", form.coding))
    await _send(scope, send, status, headers, form.body)


async def _send(scope: Scope, send: Send, status: int, headers: list[Header], body: bytes = b"") -> None:
    length = [] if status == _NOT_MODIFIED else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*ALWAYS, *headers, *length]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})
