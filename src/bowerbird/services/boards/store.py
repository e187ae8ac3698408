"""The rows of boards, pins, shares and invitations, and their events; the only file of the service that touches ports.

What a verb read and decided on is part of its unit's conditions, so a unit is done or meets one of `outcomes`.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from bowerbird.base.ids import Id, shard_of
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.world import World
from bowerbird.contracts import events
from bowerbird.contracts.boards import Access, Board, Invitation, Pin, Share
from bowerbird.contracts.caller import Caller, Once
from bowerbird.contracts.kinds import REQUEST
from bowerbird.contracts.problems import Invalid, Unavailable
from bowerbird.ports import once
from bowerbird.ports.keys import Keys
from bowerbird.ports.records import Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Insert, Key, Op, Row, Table, Value
from bowerbird.services.boards import model
from bowerbird.services.boards.outcomes import Changed, Copied, Repeated, Taken


class Departure(Struct, frozen=True):
    """Somebody whose account is deleted, and whose boards and traces on others' boards are looked for from `at` on.

    `last`: 1 when nothing was found, and only what was under way at that time may still be to come.
    """

    person: Id
    at: int
    last: int = 0


BOARD: Final = Table(
    "board",
    Board,
    key=("id",),
    indexes={
        "owner": Index(("owner", "trashed", "created_at")),
        "shown": Index(("owner", "trashed", "visibility", "created_at")),
        "trash": Index(("owner", "trashed", "deleted_at")),
        "purge": Index(("deleted_at",), sweep=True),
    },
)
PIN: Final = Table(
    "pin",
    Pin,
    key=("id",),
    indexes={
        "board": Index(("board", "trashed", "position")),
        "link": Index(("board", "live_link"), unique=True),
        "cover": Index(("board", "trashed", "published_at")),
        "saver": Index(("board", "saved_by")),
        "trash": Index(("owner", "trashed", "deleted_at")),
        "purge": Index(("deleted_at",), sweep=True),
    },
)
SHARE: Final = Table("share", Share, key=("board", "person"), indexes={"role": Index(("board", "role", "created_at"))})
INVITATION: Final = Table(
    "invitation",
    Invitation,
    key=("person", "board"),
    indexes={"role": Index(("person", "role", "created_at")), "host": Index(("person", "owner"))},
)
DEPARTURE: Final = Table("board_departure", Departure, key=("person",), indexes={"age": Index(("at",), sweep=True)})

TABLES: Final[tuple[Table[Any], ...]] = (BOARD, PIN, SHARE, INVITATION, DEPARTURE)


@contextmanager
def _engine() -> Generator[None]:
    try:
        yield
    except EngineUnavailable as error:
        raise Unavailable("boards cannot be read or written now", retry_after_s=1) from error


class Store:
    """Reads see what was committed before they began; writes are whole units."""

    def __init__(self, records: Records, keys: Keys, world: World) -> None:
        self._records = records
        self._keys = keys
        self._world = world

    async def boards(self, ids: Sequence[Id]) -> list[Board | None]:
        """Return board rows in the order of their ids, in whatever state."""
        return await self._get(BOARD, [(id_,) for id_ in ids])

    async def pins(self, ids: Sequence[Id]) -> list[Pin | None]:
        """Return pin rows in the order of their ids, in whatever state."""
        return await self._get(PIN, [(id_,) for id_ in ids])

    async def shares(self, boards: Sequence[Id], person: Id) -> list[Share | None]:
        """Return a person's share rows for boards, in their order; a role of "" is none."""
        return await self._get(SHARE, [(board, person) for board in boards])

    async def share(self, board: Id, person: Id) -> Share | None:
        """Return one share row."""
        return (await self.shares([board], person))[0]

    async def boards_of(self, owner: Id, after: model.Mark | None, limit: int) -> list[Board]:
        """Return a person's boards, newest first."""
        return await self._newest(BOARD, "owner", (owner, 0), after, limit)

    async def public_boards_of(self, owner: Id, after: model.Mark | None, limit: int) -> list[Board]:
        """Return a person's public boards, newest first."""
        return await self._newest(BOARD, "shown", (owner, 0, "public"), after, limit)

    async def trashed_boards(self, owner: Id, after: model.Mark | None, limit: int) -> list[Board]:
        """Return a person's deleted boards, latest deleted first."""
        return await self._newest(BOARD, "trash", (owner, 1), after, limit)

    async def trashed_pins(self, owner: Id, after: model.Mark | None, limit: int) -> list[Pin]:
        """Return the deleted pins of a person's boards, latest deleted first; moved ones come last of all."""
        return await self._newest(PIN, "trash", (owner, 1), after, limit)

    async def pins_of(self, board: Id, after: model.Mark | None, limit: int) -> list[Pin]:
        """Return a board's pins, newest first."""
        return await self._newest(PIN, "board", (board, 0), after, limit)

    async def published_pins_of(self, board: Id, limit: int) -> list[Pin]:
        """Return a board's published pins, latest published first."""
        rows = await self._newest(PIN, "cover", (board, 0), None, limit)
        return [row for row in rows if row.published_at is not None]

    async def all_pins_of(self, board: Id, limit: int) -> list[Pin]:
        """Return some of a board's pins, the deleted and the moved among them."""
        return await self._newest(PIN, "board", (board,), None, limit)

    async def pins_saved_by(self, board: Id, person: Id, limit: int, before: Id | None = None) -> list[Pin]:
        """Return the pins that a person saved to a board, in whatever state, by id, last first."""
        behind = None if before is None else (board, person, before)
        with _engine():
            return await self._records.scan(PIN, "saver", (board, person), after=behind, limit=limit, newest_first=True)

    async def pin_of_link(self, board: Id, link: Id) -> Pin | None:
        """Return the pin that shows a link on a board."""
        rows = await self._newest(PIN, "link", (board, link), None, 1)
        return rows[0] if rows else None

    async def members(self, board: Id, role: str, limit: int) -> list[Share]:
        """Return shares of a board that give a role, latest first."""
        return await self._newest(SHARE, "role", (board, role), None, limit)

    async def all_shares_of(self, board: Id, limit: int) -> list[Share]:
        """Return some of a board's share rows, those without a role among them."""
        return await self._newest(SHARE, "", (board,), None, limit)

    async def invitations(self, person: Id, role: str, after: model.Mark | None, limit: int) -> list[Invitation]:
        """Return a person's invitations of a role, latest first."""
        return await self._newest(INVITATION, "role", (person, role), after, limit)

    async def invitations_from(self, person: Id, owner: Id, after: Id | None, limit: int) -> list[Invitation]:
        """Return a person's invitations by an owner, those without a role among them, by board, last first."""
        behind = None if after is None else (person, owner, after)
        return await self._scan(INVITATION, "host", (person, owner), behind, limit)

    async def all_invitations_of(self, person: Id, limit: int) -> list[Invitation]:
        """Return some of a person's invitations, those without a role among them."""
        return await self._newest(INVITATION, "", (person,), None, limit)

    async def expired_boards(self, upto_us: int, limit: int) -> list[Board]:
        """Return boards deleted at or before a time, longest deleted first."""
        return await self._due(BOARD, "purge", upto_us, limit)

    async def expired_pins(self, upto_us: int, limit: int) -> list[Pin]:
        """Return pins deleted at or before a time, longest deleted first."""
        return await self._due(PIN, "purge", upto_us, limit)

    async def departures(self, limit: int) -> list[Departure]:
        """Return those whose traces are to be looked for by now, longest due first."""
        return await self._due(DEPARTURE, "age", self._world.now_us(), limit)

    async def first_result(self, request: Once | None, near: Id) -> Id | None:
        """Return what a request made when it was first carried out, on the shard of `near`; Invalid if it differs."""
        if request is None:
            return None
        with _engine():
            found = await once.answered(self._records, REQUEST, shard_of(near), request.key)
        if found is not None and found.request != request.request:
            raise Invalid("this Idempotency-Key was used with another request", field="Idempotency-Key")
        return None if found is None else found.result

    async def add_board(self, caller: Caller, board: Board) -> None:
        """Put a new board. Repeated."""
        await self._commit(caller, [BOARD.insert(board)], [("board_created", board)], (caller.once, board.id))

    async def set_board(self, caller: Caller, type_: str, old: Board, new: Board) -> None:
        """Write a board's next version."""
        await self.set_boards(caller, type_, [(old, new)])

    async def set_boards(self, caller: Caller, type_: str, changes: Sequence[tuple[Board, Board]]) -> None:
        """Write the next versions of boards of one owner."""
        ops = [BOARD.patch((old.id,), _difference(old, new), {"version": old.version}) for old, new in changes]
        await self._commit(caller, ops, [(type_, new) for _old, new in changes])

    async def add_pin(self, caller: Caller, access: Access, pin: Pin, request: Once | None = None) -> None:
        """Put a new pin on a board that the caller may change. Taken, Repeated, Copied."""
        ops = [*_standing(caller, access), PIN.insert(pin), *_counts(None, pin)]
        changes = [(type_, pin) for type_ in model.saved_events(pin)]
        await self._commit(caller, ops, changes, (request, pin.id))

    async def set_pin(
        self, caller: Caller, types: Sequence[str], old: Pin, new: Pin, standing: Sequence[Access] = ()
    ) -> None:
        """Write a pin's next version, while the caller's rights to the boards of `standing` hold. Taken."""
        ops: list[Op] = [op for access in standing for op in _standing(caller, access)]
        ops += [PIN.patch((old.id,), _difference(old, new), {"version": old.version}), *_counts(old, new)]
        await self._commit(caller, ops, [(type_, new) for type_ in types])

    async def set_savers(self, caller: Caller, changes: Sequence[tuple[Pin, Pin]]) -> None:
        """Write the next versions of pins of one board that stay where they are."""
        ops = [PIN.patch((old.id,), _difference(old, new), {"version": old.version}) for old, new in changes]
        await self._commit(caller, ops, [("pin_changed", new) for _old, new in changes])

    async def set_share(self, caller: Caller, old: Share | None, new: Share) -> None:
        """Write a share's next version, and for a new role require that the board is there."""
        ops: list[Op] = [BOARD.require((new.board,), {"trashed": 0})] if new.role else []
        ops.append(SHARE.insert(new) if old is None else SHARE.replace(new, {"version": old.version}))
        await self._commit(caller, ops, [("share_changed", new)])

    async def project(self, share: Share) -> None:
        """Bring a share to the shard of its person, unless a later one is there."""
        new = Invitation(share.person, share.board, share.owner, share.role, share.version, share.created_at)
        old = (await self._get(INVITATION, [INVITATION.key_of(new)]))[0]
        if old is None:
            await self._commit_silently([INVITATION.insert(new)])
        elif old.version <= new.version and old != new:
            await self._commit_silently([INVITATION.replace(new, {"version": old.version, "role": old.role})])

    async def note_saver(self, person: Id, board: Board) -> None:
        """Note that pins of somebody who was never invited are on a board, so that their name is found there."""
        if (await self._get(INVITATION, [(person, board.id)]))[0] is None:
            trace = Invitation(person, board.id, board.owner, "", 0, self._world.now_us())
            await self._commit_silently([INVITATION.insert(trace, if_absent=True)])

    async def forget_invitation(self, person: Id, board: Id) -> None:
        """Remove an invitation."""
        await self._commit_silently([INVITATION.delete((person, board))])

    async def purge_pins(self, caller: Caller, pins: Sequence[Pin]) -> None:
        """Remove pin rows of one shard for ever."""
        ops = [PIN.delete((pin.id,), {"version": pin.version}) for pin in pins]
        await self._commit(caller, ops, [("pin_purged", pin) for pin in pins])

    async def purge_share(self, board: Id, person: Id) -> None:
        """Remove a share row for ever; nobody hears of it, since its board or its person goes."""
        await self._commit_silently([SHARE.delete((board, person))])

    async def begin_purge(self, board: Board) -> Board:
        """Return an expired board's next version, which no event tells of: whoever read the former restores nothing."""
        await self._commit_silently(
            [BOARD.patch((board.id,), {"version": board.version + 1}, {"version": board.version})]
        )
        return replace(board, version=board.version + 1)

    async def purge_board(self, caller: Caller, board: Board) -> None:
        """Remove a board's row for ever."""
        ops = [BOARD.delete((board.id,), {"version": board.version})]
        await self._commit(caller, ops, [("board_purged", board)])

    async def departure(self, person: Id) -> Departure:
        """Return the note that somebody's account is deleted, made if there is none."""
        new = Departure(person, self._world.now_us())
        await self._commit_silently([DEPARTURE.insert(new, if_absent=True)])
        return (await self._get(DEPARTURE, [(person,)]))[0] or new

    async def put_off_departure(self, person: Id, at_us: int) -> None:
        """Note that nothing of somebody was found, and that a last look is due at a time."""
        with suppress(Changed):
            await self._commit_silently([DEPARTURE.patch((person,), {"at": at_us, "last": 1}, {"last": 0})])

    async def end_departure(self, person: Id) -> None:
        """Note that nothing of somebody is left to remove."""
        await self._commit_silently([DEPARTURE.delete((person,))])

    async def _get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        if not keys:
            return []
        with _engine():
            return await self._records.get(table, keys)

    async def _newest(
        self, table: Table[Row], index: str, prefix: Key, after: model.Mark | None, limit: int
    ) -> list[Row]:
        return await self._scan(table, index, prefix, None if after is None else (*prefix, after.at, after.id), limit)

    async def _scan(self, table: Table[Row], index: str, prefix: Key, behind: Key | None, limit: int) -> list[Row]:
        with _engine():
            return await self._records.scan(table, index, prefix, after=behind, limit=limit, newest_first=True)

    async def _due(self, table: Table[Row], index: str, upto_us: int, limit: int) -> list[Row]:
        with _engine():
            return await self._records.sweep(table, index, upto_us, limit)

    async def _commit(
        self,
        caller: Caller,
        ops: Sequence[Op],
        changes: Sequence[tuple[str, Struct]],
        answer: tuple[Once | None, Id] | None = None,
    ) -> None:
        """Commit a unit with its events, and with what it answers a request with. Changed, Taken, Copied, Repeated."""
        request, made = answer or (None, None)
        claims = [] if request is None or made is None else [self._claim(request, made)]
        try:
            with _engine():
                await self._records.commit([*claims, *ops], await self._sealed(caller, changes))
        except Conflict as conflict:
            raise await self._refusal(conflict, request, made) from conflict

    async def _refusal(self, conflict: Conflict, request: Once | None, made: Id | None) -> Exception:
        if conflict.table == once.ANSWERED.name and made is not None:
            first = await self.first_result(request, made)
            return Changed() if first is None else Repeated(first)
        if conflict.index == "link":
            return Taken()
        return Copied() if conflict.table == PIN.name and conflict.reason == "exists" else Changed()

    async def _commit_silently(self, ops: Sequence[Op]) -> None:
        with _engine():
            try:
                await self._records.commit(ops)
            except Conflict as conflict:
                raise Changed from conflict

    def _claim(self, request: Once, made: Id) -> Insert:
        now_us = self._world.now_us()
        return once.claim(REQUEST, shard_of(made), request.key, request.request, made, now_us)

    async def _sealed(self, caller: Caller, changes: Sequence[tuple[str, Struct]]) -> list[Outgoing]:
        """Return the events; nobody but the house changes anything of an erased owner, and says only what goes."""
        keys = await self._keys.get([events.owner_of(type_, body) for type_, body in changes])
        if not caller.system and None in keys:
            raise model.no_board()
        sealed = [
            events.outgoing(self._world, caller, type_, body, key)
            for (type_, body), key in zip(changes, keys, strict=True)
            if key is not None
        ]
        gone = [change for change, key in zip(changes, keys, strict=True) if key is None]
        return sealed + await self._remains([(type_, body) for type_, body in gone if type_ in model.GOINGS])

    async def _remains(self, changes: Sequence[tuple[str, Struct]]) -> list[Outgoing]:
        if not changes:
            return []
        key = (await self._keys.get([events.LINKS]))[0] or await self._keys.create(events.LINKS)
        return [events.remains(self._world, type_, model.bare(body), key) for type_, body in changes]


def _standing(caller: Caller, access: Access) -> list[Op]:
    """Return the conditions under which a caller may change what is on a board."""
    ops: list[Op] = [BOARD.require((access.board.id,), {"trashed": 0})]
    if access.rights == "editor" and caller.person is not None:
        ops.append(SHARE.require((access.board.id, caller.person), {"role": "editor"}))
    return ops


def _counts(old: Pin | None, new: Pin) -> list[Op]:
    """Return what a pin's change does to the numbers of pins on boards."""
    before = None if old is None or old.trashed else old.board
    after = None if new.trashed else new.board
    if before == after:
        return []
    steps = ((before, -1), (after, 1))
    return [BOARD.patch((board,), {}, add={"pins": step}) for board, step in steps if board is not None]


def _difference(old: Struct, new: Struct) -> Mapping[str, Value]:
    """Return the columns in which two versions of a row differ."""
    before = asdict(old)
    return {name: value for name, value in asdict(new).items() if value != before[name]}
