"""The session's cookie: read from a request, set and cleared in a response."""

from typing import Final

from bowerbird.edge.http.asgi import Header

SESSION: Final = "bowerbird_session"
_NAME: Final = SESSION.encode()


def session_of(cookie: bytes) -> str | None:
    """Return the token in a Cookie header; where the name stands twice, the first."""
    for pair in cookie.split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name == _NAME and value:
            return value.decode("latin-1")
    return None


def set_session(token: str, age_s: int, *, secure: bool) -> Header:
    """Return the header that gives a browser the token for so long; an empty token takes the cookie away."""
    parts = [f"{SESSION}={token}", "Path=/", f"Max-Age={age_s if token else 0}", "HttpOnly", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    return b"set-cookie", "; ".join(parts).encode()
