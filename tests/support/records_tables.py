"""The tables on which the records suite works: every type of value, every kind of index, and a key of two columns."""

from msgspec import Struct

from bowerbird.base.ids import SHARDS, Id
from bowerbird.base.world import World
from bowerbird.ports.records import Outgoing
from bowerbird.ports.tables import Index, Table

NOTE, OWNER, EVENT = 1, 2, 3

WORLD = World()


class Note(Struct, frozen=True):
    id: Id
    owner: Id
    place: int = 0
    title: str = ""
    weight: float = 0.0
    body: bytes | None = None
    due: int | None = None
    topic: str | None = None


class Place(Struct, frozen=True):
    owner: Id
    name: str
    visits: int = 0


NOTES = Table(
    "note",
    Note,
    ("id",),
    {
        "by_place": Index(("owner", "place")),
        "by_due": Index(("owner", "due")),
        "topics": Index(("owner", "topic"), unique=True),
        "due": Index(("due",), sweep=True),
    },
)
PLACES = Table("place", Place, ("owner", "name"))
UNDECLARED = Table("elsewhere", Place, ("owner", "name"))
TABLES = (NOTES, PLACES)


def new_owner(shard: int = 0) -> Id:
    """Return an id on a shard, new in every test."""
    return WORLD.new_id(OWNER, shard)


def owners_everywhere(count: int) -> list[Id]:
    """Return owners whose shards are spread evenly, so that every server has some."""
    return [new_owner(number * SHARDS // count) for number in range(count)]


def note_id(owner: Id) -> Id:
    """Return the id of a new note on the owner's shard."""
    return WORLD.new_id(NOTE, (owner[6] & 0x0F) << 8 | owner[7])


def new_note(owner: Id, place: int = 0, *, title: str = "", due: int | None = None, topic: str | None = None) -> Note:
    """Return a note of the owner that nothing else is like."""
    return Note(note_id(owner), owner, place, title, 0.5, None, due, topic)


def event(owner: Id, data: bytes = b"") -> Outgoing:
    """Return an event in the owner's order."""
    return Outgoing(WORLD.new_id(EVENT, 0), owner, "noted", data)
