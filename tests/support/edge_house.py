"""A house of people, boards and pins in memory, for what the edge alone decides: rules, pages, fragments, addresses.

Its Boards answers `access` and `pins` as the contract says; its Feed proposes every pin, and so leaves all rules to the
edge. Whatever a test does not need is answered with NotFound.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec
from typing_extensions import override

from bowerbird.base.ids import Id, from_text, pack, to_text
from bowerbird.base.world import World
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Access, Board, BoardPins, Boards, Pin, Shown
from bowerbird.contracts.caller import ADMIN, READ, WRITE, Caller
from bowerbird.contracts.feed import Candidate, Feed, Stretch
from bowerbird.contracts.graph import Counts, Graph, Relation
from bowerbird.contracts.identity import Identity, User
from bowerbird.contracts.identity import Shown as Proof
from bowerbird.contracts.insight import Insight, View
from bowerbird.contracts.media import Media, Picture, Served
from bowerbird.contracts.paging import Page
from bowerbird.contracts.problems import NotFound, Unauthenticated
from bowerbird.contracts.safety import Allowance, Safety
from bowerbird.edge.api.api import Api
from bowerbird.edge.api.kit import Deps
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send

KEY = bytes(range(32))
BLOB = b"the bytes of a picture"
AT_ONCE_MAX = 500
"""Things that a service is asked for in one call."""
BLOB_TAG = b'"as the store of blobs has it"'


class Absent:
    """Answers every call that its subclass does not know with NotFound."""

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def absent(*_args: object, **_options: object) -> None:
            raise NotFound(f"nothing answers {name} here")

        return absent


class Still(World):
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.us = 1_800_000_000_000_000

    @override
    def now_us(self) -> int:
        return self.us


class Everything(Absent):
    """All contracts in one, over the same dicts."""

    def __init__(self) -> None:
        self.users: dict[Id, User] = {}
        self.known_boards: dict[Id, Board] = {}
        self.known_pins: dict[Id, Pin] = {}
        self.follows: set[tuple[Id, Id]] = set()
        self.blocked_pairs: set[frozenset[Id]] = set()
        self.roles: dict[tuple[Id, Id], str] = {}
        self.views: list[View] = []
        self.spent: list[tuple[str, bytes]] = []
        self.callers: list[Caller] = []
        self.allowed = True
        self.calls: list[str] = []
        self.hashes: dict[Id, bytes] = {}

    async def authenticate(self, token: str) -> Proof:
        """A token is a person's id as text; `renew:` before it asks for a new one, `admin:` makes an administrator."""
        kind, _, text = token.rpartition(":")
        try:
            person = from_text(text)
        except ValueError:
            raise Unauthenticated("this token is no good") from None
        scopes = READ | WRITE | (ADMIN if kind == "admin" else 0)
        session = pack(1, 1, kinds.SESSION, 1)
        return Proof(person, session, scopes, text if kind == "renew" else "")

    async def spend(self, caller: Caller, budget: str, by: bytes) -> Allowance:
        self.callers.append(caller)
        self.spent.append((budget, by))
        return Allowance(self.allowed, 100, 99 if self.allowed else 0, 30)

    async def people(self, _caller: Caller, ids: Sequence[Id]) -> list[User | None]:
        self.calls.append("people")
        assert len(ids) <= AT_ONCE_MAX
        return [self.users.get(id_) for id_ in ids]

    async def find(self, _caller: Caller, name: str) -> Id:
        for user in self.users.values():
            if user.handle == name.lower():
                return user.id
        raise NotFound("there is no such person", field="user")

    async def counts(self, _caller: Caller, people: Sequence[Id]) -> list[Counts]:
        return [Counts(0, 0) for _ in people]

    async def relations(self, viewer: Id | None, people: Sequence[Id]) -> list[Relation]:
        self.calls.append("relations")
        assert viewer is not None
        return [
            Relation(
                follows=(viewer, person) in self.follows, blocked=frozenset((viewer, person)) in self.blocked_pairs
            )
            for person in people
        ]

    async def blocked(self, viewer: Id | None, people: Sequence[Id]) -> list[bool]:
        self.calls.append("blocked")
        assert len(people) <= AT_ONCE_MAX
        return [viewer is not None and frozenset((viewer, person)) in self.blocked_pairs for person in people]

    async def access(self, caller: Caller, boards: Sequence[Id]) -> list[Access | None]:
        assert len(boards) <= AT_ONCE_MAX
        return [self._access(caller, board) for board in boards]

    async def covers(self, _caller: Caller, boards: Sequence[Id]) -> list[list[Pin]]:
        return [[] for _ in boards]

    async def pins(self, caller: Caller, pins: Sequence[Id]) -> list[Shown | None]:
        self.calls.append("pins")
        assert len(pins) <= AT_ONCE_MAX
        return [self._shown(caller, self.known_pins.get(pin)) for pin in pins]

    async def pin(self, caller: Caller, pin: Id) -> Shown:
        shown = self._shown(caller, self.known_pins.get(pin))
        if shown is None:
            raise NotFound("there is no such pin")
        return shown

    async def of_address(self, pin: Id, generation: int, name: str, viewer: Id | None) -> Pin:
        self.calls.append("of_address")
        shown = self._shown(Caller(person=viewer, scopes=READ), self.known_pins.get(pin))
        if shown is None or shown.access.board.generation != generation or shown.pin.picture_name != name:
            raise NotFound("there is no such picture")
        return shown.pin

    async def pictures(self, _caller: Caller, ids: Sequence[Id]) -> list[Picture | None]:
        """Return pictures of which nothing but the perceptual hash is anything."""
        return [
            Picture(id_, id_, b"", self.hashes[id_], "", 4, 3, "", "", "{}", 1) if id_ in self.hashes else None
            for id_ in ids
        ]

    async def served(self, _caller: Caller, media: Id, rendition: str) -> Served:
        return Served(f"{to_text(media)}/{rendition}", "image/webp", len(BLOB))

    async def home(self, _caller: Caller, before: bytes | None, limit: int) -> Stretch:
        self.calls.append("home")
        return self._stretch(list(self.known_pins.values()), before, limit)

    async def pins_of_person(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Shown]:
        self.calls.append("pins_of_person")
        saved = sorted((pin for pin in self.known_pins.values() if pin.saved_by == person), key=lambda pin: pin.id)
        seen = [shown for pin in reversed(saved) if (shown := self._shown(caller, pin)) is not None]
        later = [shown for shown in seen if after is None or shown.pin.id < after]
        return Page(later[:limit], later[limit - 1].pin.id if len(later) > limit else None)

    async def board_pins(self, caller: Caller, board: Id, after: bytes | None, limit: int) -> BoardPins:
        self.calls.append("board_pins")
        access = self._access(caller, board)
        if access is None:
            raise NotFound("there is no such board")
        live = sorted((pin for pin in self.known_pins.values() if pin.board == board), key=lambda pin: pin.id)
        later = [pin for pin in reversed(live) if not pin.trashed and (after is None or pin.id < after)]
        return BoardPins(access, later[:limit], later[limit - 1].id if len(later) > limit else None)

    async def seen(self, _caller: Caller, views: Sequence[View]) -> None:
        self.views.extend(views)

    def _stretch(self, pins: list[Pin], before: bytes | None, limit: int) -> Stretch:
        ordered = sorted(pins, key=lambda pin: (pin.published_at or 0, pin.id), reverse=True)
        later = [pin for pin in ordered if before is None or _mark(pin) < before]
        taken = later[:limit]
        candidates = [Candidate(pin.published_at or 0, pin.id, pin.board, pin.saved_by or pin.owner) for pin in taken]
        return Stretch(candidates, _mark(taken[-1]) if len(later) > limit else None)

    def _access(self, caller: Caller, id_: Id) -> Access | None:
        board = self.known_boards.get(id_)
        if board is None or board.trashed:
            return None
        role = self.roles.get((id_, caller.person)) if caller.person else None
        if caller.person == board.owner:
            return Access(board, "owner")
        if role is not None:
            return Access(board, "editor" if role == "editor" else "viewer")
        return Access(board, "public") if board.visibility == "public" else None

    def _shown(self, caller: Caller, pin: Pin | None) -> Shown | None:
        access = None if pin is None or pin.trashed else self._access(caller, pin.board)
        return None if pin is None or access is None else Shown(pin, access)


def _mark(pin: Pin) -> bytes:
    return (pin.published_at or 0).to_bytes(8, "big") + pin.id


class House:
    """The contracts, the API over them, and short ways to fill them; `eyes` is vision and recommend, `index` search."""

    def __init__(
        self, settings: EdgeSettings | None = None, eyes: Absent | None = None, index: Absent | None = None
    ) -> None:
        self.world = Still()
        self.all = Everything()
        self._made = 0
        contracts: Any = self.all
        nothing: Any = Absent()
        seeing: Any = eyes or nothing
        finding: Any = index or nothing
        self.api = Api(
            Deps(
                identity=cast("Identity", contracts),
                boards=cast("Boards", contracts),
                graph=cast("Graph", contracts),
                media=cast("Media", contracts),
                feed=cast("Feed", contracts),
                insight=cast("Insight", contracts),
                search=finding,
                vision=seeing,
                recommend=seeing,
                send_blob=send_blob,
                ready=self.reasons,
                metrics=self.metrics,
                settings=settings or EdgeSettings(),
                world=self.world,
            ),
            cast("Safety", contracts),
            KEY,
        )
        self.missing: list[str] = []

    async def reasons(self) -> list[str]:
        return self.missing

    async def metrics(self) -> bytes:
        return b"bowerbird_things 1\n"

    def user(self, handle: str) -> User:
        made = User(id=self._id(kinds.USER), handle=handle, name=handle.title(), created_at=1, updated_at=1)
        self.all.users[made.id] = made
        return made

    def board(self, owner: User, visibility: str = "public") -> Board:
        made = Board(
            id=self._id(kinds.BOARD),
            owner=owner.id,
            name="Herons",
            description="",
            visibility=visibility,
            created_at=1,
            updated_at=1,
        )
        self.all.known_boards[made.id] = made
        return made

    def pin(self, board: Board, saver: User | None, *, published: bool = True) -> Pin:
        self._made += 1
        made = Pin(
            id=self._id(kinds.PIN),
            board=board.id,
            owner=board.owner,
            saved_by=saver.id if saver else None,
            media=self._id(kinds.MEDIA),
            url="https://example.org/heron",
            title=f"Heron {self._made}",
            picture_name="namenamenamenamename22",
            width=736,
            height=900,
            color="#446688",
            thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI",
            position=1,
            published_at=self._made if published else None,
            created_at=1,
            updated_at=1,
        )
        self.all.known_pins[made.id] = made
        return made

    def change_board(self, board: Board, **changes: object) -> None:
        old = self.all.known_boards[board.id]
        self.all.known_boards[board.id] = msgspec.structs.replace(old, version=old.version + 1, **changes)

    def change_pin(self, pin: Pin, **changes: object) -> None:
        self.all.known_pins[pin.id] = msgspec.structs.replace(self.all.known_pins[pin.id], **changes)

    def picture_of_person(self, user: User, name: str) -> User:
        made = msgspec.structs.replace(user, picture=self._id(kinds.MEDIA), picture_name=name)
        self.all.users[user.id] = made
        return made

    def _id(self, kind: int) -> Id:
        return self.world.new_id(kind, 7)


async def send_blob(scope: Scope, _receive: Receive, send: Send, served: Served, headers: list[Header]) -> None:
    """Send the same bytes for every blob, unless whoever asks has them."""
    known = (b"if-none-match", BLOB_TAG) in scope["headers"]
    length = (b"content-length", str(served.length).encode())
    about = [(b"etag", BLOB_TAG), *([] if known else [(b"content-type", served.mime.encode()), length])]
    await send({"type": "http.response.start", "status": 304 if known else 200, "headers": [*headers, *about]})
    await send({"type": "http.response.body", "body": b"" if known else BLOB, "more_body": False})


def token_of(user: User) -> str:
    """Return the token that proves a person here."""
    return to_text(user.id)
