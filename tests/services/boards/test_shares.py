"""Sharing boards: roles, leaving, blocks, and the invitations that follow the shares."""

from random import Random

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, BoardChange, NewPin
from bowerbird.contracts.caller import NOBODY, Caller
from bowerbird.contracts.kinds import USER
from bowerbird.contracts.problems import Exists, Forbidden, Invalid, NotFound, Unavailable
from bowerbird.ports.records import EngineUnavailable
from bowerbird.services.boards.outcomes import Changed
from bowerbird.services.boards.store import INVITATION, SHARE
from tests.support.boards_house import House, as_


async def _rights(house: House, person: Id, board: Board) -> str | None:
    [access] = await house.boards.access(as_(person), [board.id])
    return access.rights if access else None


async def _with_me(house: House, person: Id) -> list[tuple[Id, str]]:
    page = await house.boards.shared_with_me(as_(person), None, 100)
    return [(access.board.id, access.rights) for access in page.items]


async def _members(house: House, person: Id, board: Board) -> list[tuple[Id, str]]:
    return [(share.person, share.role) for share in await house.boards.shares(as_(person), board.id)]


async def test_sharing_and_taking_back(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.hear()
    given = await house.boards.share(as_(ada), board.id, ben, "viewer")
    assert (given.board, given.person, given.owner, given.role, given.version) == (board.id, ben, ada, "viewer", 1)
    assert await house.boards.share(as_(ada), board.id, ben, "viewer") == given
    assert await _rights(house, ben, board) == "viewer"
    assert await _with_me(house, ben) == [(board.id, "viewer")]
    raised = await house.boards.share(as_(ada), board.id, ben, "editor")
    assert (raised.role, raised.version, raised.created_at) == ("editor", 2, given.created_at)
    assert await _with_me(house, ben) == [(board.id, "editor")]
    await house.boards.unshare(as_(ada), board.id, ben)
    await house.boards.unshare(as_(ada), board.id, ben)
    assert await _rights(house, ben, board) is None
    assert await _with_me(house, ben) == []
    assert await _members(house, ada, board) == []
    again = await house.boards.share(as_(ada), board.id, ben, "viewer")
    assert again.version == 4
    assert again.created_at > given.created_at
    events = [event for event in await house.hear() if event.envelope.type == "share_changed"]
    assert [(event.body.role, event.envelope.version) for event in events] == [
        ("viewer", 1),
        ("editor", 2),
        ("", 3),
        ("viewer", 4),
    ]
    assert events[0].body == given


async def test_leaving(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await house.board(ada, "private")
    for person in (ben, cid):
        await house.boards.share(as_(ada), board.id, person, "editor")
    with pytest.raises(Forbidden):
        await house.boards.unshare(as_(ben), board.id, cid)
    await house.boards.unshare(as_(ben), board.id, ben)
    await house.boards.unshare(as_(ben), board.id, ben)
    assert await _rights(house, ben, board) is None
    assert await _with_me(house, ben) == []
    assert await _members(house, ada, board) == [(cid, "editor")]


async def test_who_may_be_given_what(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await house.board(ada)
    for role in ("", "owner", "public", "Editor"):
        with pytest.raises(Invalid) as caught:
            await house.boards.share(as_(ada), board.id, ben, role)
        assert caught.value.field == "role"
    with pytest.raises(Invalid) as caught:
        await house.boards.share(as_(ada), board.id, ada, "viewer")
    assert caught.value.field == "user"
    await house.graph.block(as_(ben), ada)
    for person in (ben, house.clock.new_id(USER, 3)):
        with pytest.raises(NotFound) as missing:
            await house.boards.share(as_(ada), board.id, person, "viewer")
        assert missing.value.detail == "there is no such person"
    with pytest.raises(Forbidden):
        await house.boards.share(as_(cid), board.id, cid, "editor")
    with pytest.raises(NotFound):
        await house.boards.unshare(as_(ada), board.id, cid)


async def test_who_may_know_with_whom_it_is_shared(house: House) -> None:
    ada, ben, cid, dan = [await house.person() for _ in range(4)]
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    await house.boards.share(as_(ada), board.id, cid, "editor")
    for person in (ada, ben, cid):
        assert await _members(house, person, board) == [(cid, "editor"), (ben, "viewer")]
    for caller in (as_(dan), NOBODY):
        with pytest.raises(Forbidden):
            await house.boards.shares(caller, board.id)
    await house.graph.block(as_(ben), cid)
    assert await _members(house, ben, board) == [(ben, "viewer")]
    assert await _members(house, cid, board) == [(cid, "editor")]
    assert await _members(house, ada, board) == [(cid, "editor"), (ben, "viewer")]


async def test_at_most_a_hundred(house: House) -> None:
    ada = await house.person()
    people = [await house.person() for _ in range(101)]
    board = await house.board(ada, "private")
    for number, person in enumerate(people[:100]):
        await house.boards.share(as_(ada), board.id, person, ("viewer", "editor")[number % 2])
    with pytest.raises(Invalid) as caught:
        await house.boards.share(as_(ada), board.id, people[100], "viewer")
    assert caught.value.field == "user"
    await house.boards.share(as_(ada), board.id, people[0], "editor")
    await house.boards.unshare(as_(ada), board.id, people[1])
    await house.boards.share(as_(ada), board.id, people[100], "viewer")
    assert len(await house.boards.shares(as_(ada), board.id)) == 100


async def test_a_role_outranks_being_public(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    assert await _rights(house, ben, board) == "public"
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    assert await _rights(house, ben, board) == "viewer"
    await house.boards.unshare(as_(ada), board.id, ben)
    assert await _rights(house, ben, board) == "public"
    assert await _with_me(house, ben) == []


async def test_shared_with_me_page_by_page(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    shared: list[Id] = []
    for number in range(7):
        board = await house.board(ada, "private")
        await house.boards.share(as_(ada), board.id, ben, ("viewer", "editor")[number % 2])
        shared.append(board.id)
    found: list[Id] = []
    after: bytes | None = None
    while True:
        page = await house.boards.shared_with_me(as_(ben), after, 2)
        found += [access.board.id for access in page.items]
        if (after := page.next) is None:
            break
    assert found == shared[::-1]


async def test_a_persons_boards_as_others_see_them(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    made = [await house.board(ada, ("public", "private", "private")[number % 3]) for number in range(12)]
    for board in made[1::3]:
        await house.boards.share(as_(ada), board.id, ben, "viewer")
    for board in made[2::3]:
        await house.boards.share(as_(ada), board.id, ben, "editor")
        await house.boards.unshare(as_(ada), board.id, ben)
    trashed = await house.board(ada, "private")
    await house.boards.share(as_(ada), trashed.id, ben, "editor")
    await house.boards.delete(as_(ada), trashed.id)
    seen_by = {
        ada: made,
        ben: [board for number, board in enumerate(made) if number % 3 != 2],
        cid: made[::3],
        None: made[::3],
    }
    for person, expected in seen_by.items():
        found: list[Id] = []
        after: bytes | None = None
        pages = 0
        while True:
            page = await house.boards.of_person(as_(person), ada, after, 2)
            found += [access.board.id for access in page.items]
            pages += 1
            if (after := page.next) is None:
                break
        assert found == [board.id for board in expected[::-1]]
        assert pages == -(-len(expected) // 2), "a page tells of nothing that is not shown"
    await house.graph.block(as_(ada), cid)
    page = await house.boards.of_person(as_(cid), ada, None, 2)
    assert (page.items, page.next) == ([], None)


async def test_a_block_ends_what_was_shared_both_ways(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    ours, theirs = await house.board(ada, "private"), await house.board(ben, "private")
    await house.boards.share(as_(ada), ours.id, ben, "editor")
    await house.boards.share(as_(ben), theirs.id, ada, "viewer")
    await house.graph.block(as_(ada), ben)
    assert await _rights(house, ben, ours) is None
    assert await _rights(house, ada, theirs) is None
    await house.settle()
    await house.graph.unblock(as_(ada), ben)
    await house.settle()
    assert await _rights(house, ben, ours) is None
    assert await _rights(house, ada, theirs) is None
    assert await _members(house, ada, ours) == []


async def test_a_block_heard_of_late_leaves_what_was_shared_after_it(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    before, after = await house.board(ada, "private"), await house.board(ada, "private")
    await house.boards.share(as_(ada), before.id, ben, "viewer")
    await house.graph.block(as_(ada), ben)
    await house.graph.unblock(as_(ada), ben)
    await house.boards.share(as_(ada), after.id, ben, "viewer")
    await house.settle(Random(7))
    assert await _rights(house, ben, before) is None
    assert await _rights(house, ben, after) == "viewer"


async def test_a_share_that_met_a_block_ends(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")

    async def block() -> None:
        await house.graph.block(as_(ben), ada)
        await house.settle()

    house.records.before_commit.append(block)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.settle()
    await house.graph.unblock(as_(ben), ada)
    assert await _members(house, ada, board) == []
    assert await _rights(house, ben, board) is None
    assert await _with_me(house, ben) == []


async def test_a_share_that_met_half_a_block_ends(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")

    async def cut_off() -> None:
        raise EngineUnavailable("behind the blocker's side, as planned")

    async def cut_off_next() -> None:
        house.records.before_commit.append(cut_off)

    house.records.before_commit.append(cut_off_next)
    with pytest.raises(Unavailable):
        await house.graph.block(as_(ben), ada)
    await house.settle()
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.settle()
    await house.graph.unblock(as_(ben), ada)
    assert await _members(house, ada, board) == []
    assert await _with_me(house, ben) == []


async def test_a_share_given_while_a_block_was_on_its_way_ends(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")

    async def share() -> None:
        await house.boards.share(as_(ada), board.id, ben, "editor")
        await house.settle()

    house.records.before_commit.append(share)
    await house.graph.block(as_(ben), ada)
    await house.settle()
    await house.graph.unblock(as_(ben), ada)
    assert await _members(house, ada, board) == []
    assert await _with_me(house, ben) == []


async def test_the_consumer_brings_an_invitation_that_a_crash_left_out(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    await house.records.commit([INVITATION.delete((ben, board.id))])
    assert await _with_me(house, ben) == []
    await house.settle()
    assert await _with_me(house, ben) == [(board.id, "viewer")]


@pytest.mark.parametrize("seed", range(5))
async def test_shares_heard_of_twice_and_in_no_order(house: House, seed: int) -> None:
    ada, ben = await house.person(), await house.person()
    board, other = await house.board(ada, "private"), await house.board(ada, "private")
    for role in ("viewer", "editor", "", "editor", "viewer", ""):
        for one in (board, other):
            if role:
                await house.boards.share(as_(ada), one.id, ben, role)
            else:
                await house.boards.unshare(as_(ada), one.id, ben)
    await house.boards.share(as_(ada), other.id, ben, "editor")
    await house.settle(Random(seed))
    rows = await house.records.scan(INVITATION, "", (ben,))
    assert {(row.board, row.role) for row in rows} == {(board.id, ""), (other.id, "editor")}
    assert await _with_me(house, ben) == [(other.id, "editor")]


async def test_an_older_share_does_not_replace_a_later_invitation(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    first = await house.boards.share(as_(ada), board.id, ben, "viewer")
    second = await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.store.project(first)
    assert [row.role for row in await house.records.get(INVITATION, [(ben, board.id)]) if row] == ["editor"]
    await house.records.commit([INVITATION.patch((ben, board.id), {"version": 1, "role": "viewer"})])
    third = replace(second, version=3, role="viewer")
    house.records.before_commit.append(lambda: house.store.project(third))
    with pytest.raises(Changed):
        await house.store.project(second)
    assert [row.version for row in await house.records.get(INVITATION, [(ben, board.id)]) if row] == [3]


async def test_an_orphaned_invitation_shows_nothing(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    private, public = await house.board(ada, "private"), await house.board(ada)
    for board in (private, public):
        await house.boards.share(as_(ada), board.id, ben, "viewer")
        await house.records.commit([SHARE.delete((board.id, ben))])
    assert await _with_me(house, ben) == []
    [only] = (await house.boards.of_person(as_(ben), ada, None, 10)).items
    assert (only.board.id, only.rights) == (public.id, "public")
    assert await house.boards.access(as_(ben), [private.id]) == [None]


async def test_a_block_ends_however_many_shares(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    boards = [await house.board(ada, "private") for _ in range(120)]
    for board in boards:
        await house.boards.share(as_(ada), board.id, ben, "viewer")
    await house.graph.block(as_(ada), ben)
    await house.settle()
    await house.graph.unblock(as_(ada), ben)
    assert await house.boards.access(as_(ben), [board.id for board in boards]) == [None] * 120


async def test_a_former_editor_changes_nothing(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = (await house.boards.save_pin(as_(ben), board.id, NewPin(url="https://example.org/"))).pin
    await house.boards.unshare(as_(ada), board.id, ben)
    with pytest.raises(Forbidden):
        await house.boards.delete_pin(as_(ben), pin.id)
    with pytest.raises(Forbidden):
        await house.boards.save_pin(as_(ben), board.id, NewPin(url="https://example.org/2"))
    await house.boards.change(as_(ada), board.id, BoardChange(visibility="private"))
    with pytest.raises(NotFound):
        await house.boards.delete_pin(as_(ben), pin.id)


async def test_a_token_that_only_reads_leaves_nothing(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    with pytest.raises(Forbidden):
        await house.boards.unshare(Caller(person=ben, scopes=1), board.id, ben)


async def test_a_link_that_somebody_saved_whom_a_block_hides(house: House) -> None:
    ada, eve, cid = [await house.person() for _ in range(3)]
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    for editor in (eve, cid):
        await house.boards.share(as_(ada), board.id, editor, "editor")
    new = NewPin(url="https://example.org/bread")
    await house.boards.save_pin(as_(cid), board.id, replace(new, note="for my eyes"))
    await house.graph.block(as_(cid), eve)
    with pytest.raises(Exists) as refused:
        await house.boards.save_pin(as_(eve), board.id, new)
    assert refused.value.field == "url"
    assert not (await house.boards.save_pin(as_(ada), board.id, new)).created
