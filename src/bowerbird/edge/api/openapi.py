"""The OpenAPI document of this API, as it is committed under docs/reference."""

from typing import Any, Final

from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.http.openapi import About, document

_UUID: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "uuid"}}

PLACES: Final[dict[str, dict[str, Any]]] = {
    "user": {"description": "A handle, an id, or `me`.", "schema": {"type": "string", "minLength": 1}},
    "session": {"description": "A session's id, or `current`.", "schema": {"type": "string", "minLength": 1}},
    "token": {"description": "An access token's id.", **_UUID},
    "board": {"description": "A board's id.", **_UUID},
    "pin": {"description": "A pin's id.", **_UUID},
    "tuning": {"description": "A wish's id.", **_UUID},
    "upload": {"description": "An upload's id.", **_UUID},
    "generation": {"description": "Part of the address.", "schema": {"type": "integer", "minimum": 1}},
    "name": {"description": "Part of the address.", "schema": {"type": "string", "minLength": 1}},
    "rendition": {
        "description": "The width in pixels, or `full`.",
        "schema": {"type": "string", "enum": ["236", "474", "736", "full"]},
    },
    "code": {"description": "The last part of a problem's `type`.", "schema": {"type": "string", "minLength": 1}},
}

_DESCRIPTION: Final = (
    "Boards of links and photos, people who follow each other, and a feed of what they save.\n\n"
    "Lists are `{items, next}`: give `next` as `cursor` to read on. Every error is a problem document (RFC 9457) whose "
    "`type` never changes. Browsers show a session's cookie and must call from the same origin; programs show an "
    "access token as `Authorization: Bearer`. A handle, or `me`, can stand where a person's id does. Reads carry an "
    "ETag; edits may carry it back as If-Match."
)


def openapi() -> dict[str, Any]:
    """Return the document."""
    return document(ROUTES, About(title="Bowerbird", version="1", description=_DESCRIPTION, places=PLACES))
