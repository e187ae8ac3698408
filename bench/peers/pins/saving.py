"""The peer's write: a pin saved to a board, durably; checks first, then a transaction as short as can be."""

import base64
import hashlib
import uuid
from datetime import UTC, datetime

from fastapi import HTTPException, status
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bench.peers.pins.database import writing
from bench.peers.pins.models import Board, Link, Pin, User
from bench.peers.pins.queries import visible_board, visible_pin
from bench.peers.pins.schemas import NewPin

COPIED = (
    *("link_id", "url", "title", "note", "alt", "site", "description", "details", "failure"),
    *("picture_name", "width", "height", "color", "thumbhash"),
)


async def save_pin(session: AsyncSession, me: User, board: str, new: NewPin) -> tuple[Pin, Board, str, bool]:
    """Return the pin, its board, one's rights there, and whether the pin is new."""
    found = await visible_board(session, me.id, board)
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    on, rights = found
    if rights not in {"owner", "editor"}:
        raise HTTPException(status.HTTP_403_FORBIDDEN)
    now = datetime.now(UTC).replace(tzinfo=None)
    values = {
        "id": str(uuid.uuid4()),
        "board_id": board,
        "saved_by_id": me.id,
        "version": 1,
        "position": now,
        "created_at": now,
        "updated_at": now,
        **await _content(session, me, new, now),
    }
    async with writing() as transaction, transaction.begin():
        if new.url is not None:
            digest = hashlib.sha256(new.url.strip().encode()).digest()
            url_hash = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            link = {"id": str(uuid.UUID(bytes=digest[:16])), "url_hash": url_hash, "original_url": new.url.strip()}
            await transaction.execute(insert(Link).values(**link).on_conflict_do_nothing())
            values["link_id"] = link["id"]
        put = insert(Pin).values(**values).on_conflict_do_nothing().returning(Pin.id)
        if await transaction.scalar(put) is None:
            kept = select(Pin).where(Pin.board_id == board, Pin.link_id == values["link_id"])
            return (await transaction.scalars(kept)).one(), on, rights, False
        count = update(Board).where(Board.id == board, Board.deleted_at.is_(None)).values(pins=Board.pins + 1)
        if await transaction.scalar(count.returning(Board.id)) is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND)
    return Pin(**values), on, rights, True


async def _content(session: AsyncSession, me: User, new: NewPin, now: datetime) -> dict[str, object]:
    if (new.url is None) == (new.pin_id is None):
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "give exactly one of url and pin_id")
    if new.pin_id is None:
        empty = dict.fromkeys(COPIED, "") | {"width": 0, "height": 0, "details": "pending"}
        return {**empty, "url": (new.url or "").strip(), "title": new.title or "", "published_at": None}
    source = await visible_pin(session, me.id, new.pin_id)
    if source is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    copied = {name: getattr(source, name) for name in COPIED}
    return {**copied, "title": new.title or source.title, "published_at": now}
