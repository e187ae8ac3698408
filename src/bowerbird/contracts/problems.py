"""Problems: every answer that is not a success, typed, safe to show, and the same on every wire.

The edge gives each code its HTTP status; the sentence says what is wrong and never names what the caller may not know.
"""

from typing import ClassVar


class Problem(Exception):  # noqa: N818 - it is an answer, named as RFC 9457 names it
    """`code` is stable; `field` names the input at fault ("" if none); `retry_after_s`: 0 if waiting is no use."""

    code: ClassVar[str] = "problem"

    def __init__(self, detail: str, field: str = "", retry_after_s: int = 0) -> None:
        super().__init__(detail, field, retry_after_s)
        self.detail = detail
        self.field = field
        self.retry_after_s = retry_after_s


class Invalid(Problem):
    """The input breaks a rule that the sentence states."""

    code = "invalid"


class Unauthenticated(Problem):
    """Nobody is signed in, or the credentials are wrong or no longer good."""

    code = "unauthenticated"


class Forbidden(Problem):
    """The caller may see the thing but not do this with it."""

    code = "forbidden"


class NotFound(Problem):
    """There is no such thing, or the caller may not know that there is."""

    code = "not-found"


class Exists(Problem):
    """Something of that name is there already."""

    code = "exists"


class Stale(Problem):
    """The thing was changed since the version that the caller named."""

    code = "stale"


class Refused(Problem):
    """The input is well-formed but cannot be accepted (a picture that is none, an expired upload)."""

    code = "refused"


class Throttled(Problem):
    """Too many attempts; `retry_after_s` says when the next is welcome."""

    code = "throttled"


class Unavailable(Problem):
    """An engine or a service cannot answer now; nothing was changed, or it is said that it may have been."""

    code = "unavailable"


PROBLEMS: dict[str, type[Problem]] = {
    kind.code: kind
    for kind in (
        Invalid,
        Unauthenticated,
        Forbidden,
        NotFound,
        Exists,
        Stale,
        Refused,
        Throttled,
        Unavailable,
    )
}
"""Every problem by its code, for wires that carry the code."""
