"""Same origin: a browser's write by cookie counts only when the page that makes it is Bowerbird's own.

Current browsers say so in Sec-Fetch-Site (over https and on localhost); the others name the page's Origin. A program
without either shows a token instead of a cookie.
"""

from collections.abc import Mapping

_OWN = {b"same-origin", b"none"}


def is_own(headers: Mapping[bytes, bytes], own_origin: str) -> bool:
    """Say whether a write may rely on a cookie; `own_origin` "" stands for the host that the request names."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in _OWN
    origin = headers.get(b"origin")
    if origin is None:
        return b"cookie" not in headers
    if own_origin:
        return origin == own_origin.encode()
    scheme, _, host = origin.partition(b"://")
    return scheme in {b"http", b"https"} and host != b"" and host == headers.get(b"host")
