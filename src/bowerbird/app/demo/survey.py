"""What of the demo is there already, as its first person sees it: they own, or are shown, every board of it."""

from collections.abc import Sequence

from msgspec import Struct

from bowerbird.app.demo.content import Board, Content, Person
from bowerbird.app.demo.members import Members
from bowerbird.edge.api import resources


class Known(Struct, frozen=True):
    """A board that is there: its id, its pins' ids by title, and with whom it is shared, as far as it was asked."""

    id: str
    pins: dict[str, str]
    shares: set[str]


class Survey(Struct, frozen=True):
    """`boards` by key, `follows` by handle; `silent` have no about line, `faceless` no picture."""

    boards: dict[str, Known]
    follows: dict[str, set[str]]
    silent: set[str]
    faceless: set[str]


async def survey(content: Content, members: Members) -> Survey:
    """Look at everything."""
    found = Survey({}, {}, set(), set())
    viewer = content.people[0].handle
    shared = await members.listed(viewer, "/v1/boards?shared=with-me", resources.BoardList)
    for person in content.people:
        await _look_at(person, viewer, shared, members, found)
    return found


async def know(person: Person, board: Board, seen: resources.Board, members: Members, by: str) -> Known:
    """Return a board with what is on it, as `by` sees it."""
    pins = await members.listed(by, f"/v1/boards/{seen.id}/pins", resources.PinList) if seen.pins else []
    shares: set[str] = set()
    if by == person.handle and board.shares:
        given = await members.ask(by, "GET", f"/v1/boards/{seen.id}/shares", resources.Shares)
        shares = {share.person.handle for share in given.items}
    elif seen.rights in {"viewer", "editor"}:
        shares = {by}
    return Known(seen.id, {pin.title: pin.id for pin in pins}, shares)


async def _look_at(
    person: Person, viewer: str, shared: Sequence[resources.Board], members: Members, found: Survey
) -> None:
    user = await members.ask(viewer, "GET", f"/v1/users/{person.handle}", resources.User)
    if not user.about:
        found.silent.add(person.handle)
    if user.picture is None:
        found.faceless.add(person.handle)
    ties = await members.listed(viewer, f"/v1/users/{person.handle}/following", resources.TieList)
    found.follows[person.handle] = {tie.person.handle for tie in ties}
    public = await members.listed(viewer, f"/v1/users/{person.handle}/boards", resources.BoardList)
    seen = {one.name: one for one in [*public, *shared] if one.owner.handle == person.handle}
    for board in person.boards:
        if board.name in seen:
            found.boards[board.key] = await know(person, board, seen[board.name], members, viewer)
