"""Times on the wire: microseconds since 1970 as RFC 3339 text in UTC, and back."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_text(us: int) -> str:
    """Return RFC 3339 with six decimals and Z."""
    return (_EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> int:
    """Read RFC 3339 with an offset; anything else is a ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "a time needs its offset from UTC"
        raise ValueError(msg)
    return (moment - _EPOCH) // timedelta(microseconds=1)
