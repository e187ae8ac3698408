"""From the peer's rows to what its response models read: dicts, which pydantic checks and writes in Rust."""

import base64
import hashlib
import hmac
import time
from typing import Any, Final

from bench.peers.pins.models import Board, Pin, User
from bench.peers.pins.security import SECRET

STEP_S: Final = 900


def entry(pin: Pin, me: User, *, follows: bool) -> dict[str, Any]:
    """Return a pin in a feed."""
    why = {"reason": "follows", "person": person(pin.saver)} if follows else None
    why = why or {"reason": "shared_board", "board": board(pin.board)}
    rights = "public" if follows and pin.board.visibility == "public" else "viewer"
    return {"pin": one(pin, pin.board, pin.saver, me, rights), "why": why}


def one(pin: Pin, on: Board, saver: User, me: User, rights: str) -> dict[str, Any]:
    """Return a pin."""
    return {
        "id": pin.id,
        "url": pin.url or None,
        "title": pin.title,
        "note": pin.note,
        "alt": pin.alt,
        "site": pin.site,
        "description": pin.description,
        "details": pin.details,
        "failure": pin.failure,
        "picture": _picture(pin, on, me) if pin.picture_name else None,
        "version": pin.version,
        "created_at": pin.created_at,
        "updated_at": pin.updated_at,
        "board": board(on),
        "rights": rights,
        "saved_by": person(saver),
    }


def board(on: Board) -> dict[str, Any]:
    """Return a board in brief."""
    return {"id": on.id, "owner": on.owner_id, "name": on.name, "visibility": on.visibility}


def person(user: User) -> dict[str, Any]:
    """Return somebody in brief."""
    stem = f"/media/people/{user.id}/{user.picture_name}"
    picture = _sources(stem, "") if user.picture_name else None
    return {"id": user.id, "handle": user.handle, "name": user.name, "picture": picture}


def _picture(pin: Pin, on: Board, me: User) -> dict[str, Any]:
    stem = f"/media/{pin.id}/{on.generation}/{pin.picture_name}"
    return {
        "src": _sources(stem, "" if on.visibility == "public" else _signature(stem, me)),
        "width": pin.width,
        "height": pin.height,
        "color": pin.color,
        "thumbhash": pin.thumbhash,
        "alt": pin.alt or pin.title,
    }


def _sources(stem: str, query: str) -> dict[str, str]:
    widths = ("236", "474", "736", "full")
    return {width if width == "full" else f"w{width}": f"{stem}/{width}{query}" for width in widths}


def _signature(stem: str, me: User) -> str:
    """Return what lets one person see a private picture for a while."""
    expiry = (int(time.time()) // STEP_S + 2) * STEP_S
    digest = hmac.digest(SECRET.encode(), f"{stem}\n{me.id}\n{expiry}".encode(), hashlib.sha256)
    return f"?v={me.id}&e={expiry}&s={base64.urlsafe_b64encode(digest[:16]).rstrip(b'=').decode()}"
