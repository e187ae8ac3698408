"""SQL put to a file directly, where a test looks behind the adapter."""

from collections.abc import Sequence
from typing import Any

import apsw


def rows(connection: apsw.Connection, text: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run SQL and return all rows."""
    return list[tuple[Any, ...]](connection.execute(text, values))  # pyright: ignore[reportUnknownMemberType] - apsw's stub wants Python 3.12's Buffer
