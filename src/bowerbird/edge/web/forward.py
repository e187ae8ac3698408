"""What of a request and of an answer is passed on between browser and API: all but what belongs to one connection."""

from typing import Any, Final

import h11

from bowerbird.edge.http.asgi import Header, Scope

_HOP: Final = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
"""Headers of one connection (RFC 9110, 7.6.1); those that Connection names belong to them."""
_FORWARDED: Final = b"x-forwarded-for"
_BY_PROXIES: Final = {_FORWARDED, b"x-forwarded-proto"}


def request_of(scope: Scope, proxies: int) -> h11.Request:
    """Return the request as the API is asked it; h11.LocalProtocolError when it cannot be written down.

    The API counts this process as one more proxy: it is told, behind what proxies in front said (nobody is believed
    where there are none, `proxies` 0), from whom the request came.
    """
    given: list[Header] = list(scope["headers"])
    headers = [(name, value) for name, value in _kept(given) if proxies or name not in _BY_PROXIES]
    hops = [value for name, value in headers if name == _FORWARDED]
    client = scope.get("client")
    peer = str(client[0]).encode() if client else b""
    headers = [header for header in headers if header[0] != _FORWARDED]
    headers.append((_FORWARDED, b", ".join([*hops, peer])))
    if not any(name == b"host" for name, _ in headers):
        headers.append((b"host", b""))
    if any(name == b"transfer-encoding" for name, _ in given):
        headers.append((b"transfer-encoding", b"chunked"))
    headers.append((b"connection", b"close"))
    return h11.Request(method=scope["method"], target=_target(scope), headers=headers)


def returned(headers: list[Header]) -> list[Header]:
    """Return the headers of the API's answer as the browser is given them; the server in front names itself."""
    return [header for header in _kept(headers) if header[0] != b"server"]


def _kept(headers: list[Header]) -> list[Header]:
    named = {word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",")}
    return [header for header in headers if header[0] not in _HOP and header[0] not in named]


def _target(scope: Scope) -> bytes:
    """Return path and query as they were sent."""
    raw: Any = scope.get("raw_path")
    path: bytes = raw or scope["path"].encode()
    query: bytes = scope["query_string"]
    return b"%b?%b" % (path, query) if query else path
