"""The lists of followers, of followed and of blocked people, a page at a time."""

from collections.abc import Sequence

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.graph import Tie
from bowerbird.contracts.paging import Page
from bowerbird.contracts.problems import NotFound
from bowerbird.services.graph import model
from bowerbird.services.graph.kit import Kit
from bowerbird.services.graph.relations import relations


async def followers(kit: Kit, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Tie]:
    """As the contract's `followers`; the system sees all that the map holds."""
    await _must_see(kit, caller, person)
    wanted = model.page_limit(limit)
    marks = await kit.store.followers(person, model.read_mark(after), wanted)
    return await _page(kit, caller, marks, wanted)


async def following(kit: Kit, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Tie]:
    """As the contract's `following`, from the rows; the system sees all of them."""
    await _must_see(kit, caller, person)
    wanted = model.page_limit(limit)
    rows = await kit.store.followees(person, model.read_mark(after), wanted)
    return await _page(kit, caller, [model.Mark(row.created_at, row.followee) for row in rows], wanted)


async def blocks(kit: Kit, caller: Caller, after: bytes | None, limit: int) -> Page[Tie]:
    """As the contract's `blocks`."""
    person = caller.signed_in()
    wanted = model.page_limit(limit)
    rows = await kit.store.blocks_made(person, model.read_mark(after), wanted)
    users = await kit.identity.people(caller, [row.other for row in rows])
    ties = [Tie(row.other, row.created_at) for row, user in zip(rows, users, strict=True) if user]
    last = model.Mark(rows[-1].created_at, rows[-1].other) if len(rows) == wanted else None
    return Page(ties, last and model.write_mark(last))


async def _must_see(kit: Kit, caller: Caller, person: Id) -> None:
    """Refuse with NotFound when the person is gone or blocked from the caller."""
    if caller.system:
        return
    [user] = await kit.identity.people(caller, [person])
    [relation] = await relations(kit, caller.reader(), [person])
    if user is None or relation.blocked:
        raise NotFound("there is no such person", field="user")


async def _page(kit: Kit, caller: Caller, marks: Sequence[model.Mark], wanted: int) -> Page[Tie]:
    """Return those whom the caller may see; a page may be short, and its mark is that of the last read."""
    shown = [Id(mark.person) for mark in marks]
    if not caller.system and shown:
        users = await kit.identity.people(caller, shown)
        stand = await relations(kit, caller.reader(), shown)
        marks_seen = [
            mark
            for mark, user, relation in zip(marks, users, stand, strict=True)
            if user is not None and not relation.blocked
        ]
    else:
        marks_seen = list(marks)
    ties = [Tie(Id(mark.person), mark.at) for mark in marks_seen]
    return Page(ties, model.write_mark(marks[-1]) if len(marks) == wanted else None)
