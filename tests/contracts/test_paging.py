"""How lists go on: page by page to their ends, and, whatever becomes of their order, with nothing twice."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.contracts.paging import RANKED_MAX, Mark, Page, pages, read_mark
from bowerbird.contracts.problems import Invalid


def thing(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


async def read(mark: bytes | None) -> Page[int]:
    """Return a page of the numbers below 5, two at a time."""
    start = 0 if mark is None else mark[0]
    return Page(list(range(start, min(start + 2, 5))), bytes([start + 2]) if start + 2 < 5 else None)


@pytest.mark.parametrize(("pages_max", "found"), [(None, 5), (0, 0), (1, 2), (2, 4), (3, 5), (9, 5)])
async def test_a_list_is_read_to_its_end_or_to_a_bound(pages_max: int | None, found: int) -> None:
    assert [item async for page in pages(read, pages_max=pages_max) for item in page.items] == list(range(found))


@given(
    st.lists(st.integers(0, 3000).map(thing), unique=True, max_size=RANKED_MAX + 50),
    st.integers(1, 100),
    st.randoms(use_true_random=False),
)
def test_every_item_comes_once_whatever_becomes_of_the_order(things: list[Id], limit: int, chance: Random) -> None:
    mark, found = read_mark(None, 7), list[Id]()
    while True:
        chance.shuffle(things)
        rest = mark.unseen(things)
        page = rest[:limit]
        found += page
        after = mark.after(page, more=len(rest) > limit)
        if after is None:
            break
        mark = read_mark(after, 9)
        assert mark.start == 7
    assert len(found) == len(set(found)) >= min(len(things), RANKED_MAX)


def test_pages_end_when_enough_has_come() -> None:
    things = [thing(number) for number in range(2 * RANKED_MAX)]
    assert read_mark(None, 0).room == RANKED_MAX
    after = read_mark(None, 0).after(things[: RANKED_MAX - 1], more=True)
    assert after is not None
    last = read_mark(after, 0)
    assert last.room == 1
    assert last.after(last.unseen(things)[:1], more=True) is None


def test_no_mark_is_longer_than_a_cursor_may_be() -> None:
    after = Mark(1 << 60).after([thing(number) for number in range(RANKED_MAX - 1)], more=True)
    assert after is not None
    assert (len(after) + 16) * 4 / 3 < 2500


@pytest.mark.parametrize("data", [b"", b"x", b"\x92\x01\xc4\x01", b"\x92\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xc4\x00"])
def test_a_mark_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_mark(data, 0)
    assert caught.value.field == "cursor"
