"""The usual service: FastAPI, SQLAlchemy 2 with asyncio, pydantic 2, on Bowerbird's data and by Bowerbird's rules.

Run as FastAPI's manual says for production: uvicorn with uvloop and httptools, a process a core, no access log, behind
whatever ends TLS. Responses have response models, which FastAPI has pydantic write in Rust; its manual advises against
orjson since. It does less than Bowerbird beside: no rate limits, no ETags, no events, no fan-out, no views.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Response, status

from bench.peers.pins import present, queries, schemas
from bench.peers.pins.database import Reading, engines
from bench.peers.pins.saving import save_pin
from bench.peers.pins.security import CurrentUser

Limit = Annotated[int, Query(ge=1, le=100)]


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    yield
    for engine in engines():
        await engine.dispose()


app = FastAPI(lifespan=_lifespan)


@app.get("/v1/feed", response_model=schemas.FeedPage)
async def get_feed(me: CurrentUser, session: Reading, cursor: str | None = None, limit: Limit = 25) -> dict[str, Any]:
    """Show a page of one's feed."""
    found = await queries.feed(session, me.id, _mark(cursor), limit + 1)
    page = found[:limit]
    last = page[-1][0] if len(found) > limit else None
    cursor = queries.write_mark(last.published_at, last.id) if last and last.published_at else None
    return {"items": [present.entry(pin, me, follows=follows) for pin, follows in page], "next": cursor}


@app.get("/v1/boards/{board}/pins", response_model=schemas.PinList)
async def list_pins(
    me: CurrentUser, session: Reading, board: str, cursor: str | None = None, limit: Limit = 25
) -> dict[str, Any]:
    """Show a page of a board."""
    seen = await queries.visible_board(session, me.id, board)
    if seen is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    on, rights = seen
    found = await queries.board_pins(session, me.id, board, _mark(cursor), limit + 1)
    page = found[:limit]
    next_ = queries.write_mark(page[-1].position, page[-1].id) if len(found) > limit else None
    return {"items": [present.one(pin, on, pin.saver, me, rights) for pin in page], "next": next_}


@app.post("/v1/boards/{board}/pins", status_code=status.HTTP_201_CREATED, response_model=schemas.Pin)
async def post_pin(
    me: CurrentUser, session: Reading, board: str, new: schemas.NewPin, response: Response
) -> dict[str, Any]:
    """Save an address, or a pin that one sees, to a board."""
    pin, on, rights, created = await save_pin(session, me, board, new)
    if not created:
        response.status_code = status.HTTP_200_OK
    return present.one(pin, on, me, me, rights)


def _mark(cursor: str | None) -> queries.Mark | None:
    try:
        return queries.read_mark(cursor)
    except ValueError:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "this cursor is not one of this list") from None
