"""The session's cookie: read from a request, set and cleared in a response.

Behind TLS its name begins with `__Host-`, with which a browser takes it over https alone and from this very host: no
neighbour under the same domain, and nobody on the line, can slip in a cookie of theirs.
"""

from typing import Final

from bowerbird.edge.http.asgi import Header

SESSION: Final = "bowerbird_session"


def _name(*, secure: bool) -> str:
    return f"__Host-{SESSION}" if secure else SESSION


def session_of(cookie: bytes, *, secure: bool) -> str | None:
    """Return the token in a Cookie header; where the name stands twice, the first."""
    wanted = _name(secure=secure).encode()
    for pair in cookie.split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name == wanted and value:
            return value.decode("latin-1")
    return None


def set_session(token: str, age_s: int, *, secure: bool) -> Header:
    """Return the header that gives a browser the token for so long; an empty token takes the cookie away."""
    name, age_s = _name(secure=secure), age_s if token else 0
    parts = [f"{name}={token}", "Path=/", f"Max-Age={age_s}", "HttpOnly", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    return b"set-cookie", "; ".join(parts).encode()
