"""What keeps a page wide: pure rules over pins and their pictures' hashes."""

from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base import pdq
from bowerbird.base.ids import Id, pack
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Access, Board, Pin, Shown
from bowerbird.edge.api.wide import OF_ONE_SAVER_MAX, Pictured, different, wide

OWNER = pack(1, 1, kinds.USER, 1)
BOARD = Board(pack(1, 1, kinds.BOARD, 1), OWNER, "Herons", "", "public", 1, 1)
BLANK = b""


def saver(number: int) -> Id:
    return pack(1, 1, kinds.USER, 100 + number)


def pictured(number: int, by: Id | None, phash: bytes = BLANK) -> Pictured:
    pin = Pin(pack(1, 1, kinds.PIN, number), BOARD.id, OWNER, by, 1, 1, 1)
    return Pictured(Shown(pin, Access(BOARD, "public")), phash)


def photograph(number: int, slip: int = 0) -> bytes:
    """Return the hash of one of many photographs that have nothing in common, some bits off."""
    whole = (b"\x01" * 32, b"\xf0" * 32, b"\xcc" * 16 + b"\x33" * 16, b"\x0f\xff" * 16)[number]
    return (int.from_bytes(whole) ^ ((1 << slip) - 1)).to_bytes(32)


photographs = st.one_of(st.just(BLANK), st.builds(photograph, st.integers(0, 3), st.integers(0, 40)))
pins = st.lists(
    st.builds(
        pictured,
        st.integers(1, 1000),
        st.one_of(st.none(), st.integers(0, 3).map(saver)),
        photographs,
    ),
    max_size=25,
)


def test_the_first_of_a_photograph_stays() -> None:
    one, copy, other = (
        pictured(number, saver(number), phash)
        for number, phash in enumerate((photograph(1), photograph(1, pdq.SAME_BITS_MAX), photograph(2)))
    )
    assert different([one, copy, other], []) == [one, other]
    assert different([copy, other], [one]) == [other]
    assert wide([copy, one], []) == [copy]


def test_what_is_a_bit_too_far_is_another_photograph() -> None:
    one, other = pictured(1, None, photograph(1)), pictured(2, None, photograph(1, pdq.SAME_BITS_MAX + 1))
    assert different([one, other], []) == [one, other]


def test_of_one_saver_a_page_has_three() -> None:
    ada = [pictured(number, saver(1)) for number in range(5)]
    ben = [pictured(10 + number, saver(2)) for number in range(2)]
    assert wide([*ada, *ben], []) == [*ada[:OF_ONE_SAVER_MAX], *ben]
    assert wide(ada, ada[:2]) == ada[:1]
    assert different(ada, []) == ada


def test_those_whose_account_is_no_more_are_not_one_person() -> None:
    left = [pictured(number, None) for number in range(5)]
    assert wide(left, []) == left


def test_a_copy_is_shown_where_its_original_had_no_room() -> None:
    ada = [pictured(number, saver(1)) for number in range(OF_ONE_SAVER_MAX)]
    original, copy = pictured(8, saver(1), photograph(1)), pictured(9, saver(2), photograph(1))
    assert wide([*ada, original, copy], []) == [*ada, copy]


@given(pins, pins)
def test_every_page_is_wide_and_loses_nothing_else(further: list[Pictured], page: list[Pictured]) -> None:
    there = wide(page, [])
    kept = wide(further, there)
    whole = [*there, *kept]
    assert _in_order(kept, further)
    assert wide(whole, []) == whole, "what is wide stays as it is"
    for place, one in enumerate(whole):
        assert not any(pdq.same(one.phash, other.phash) for other in whole[:place])
    for number in range(4):
        assert sum(one.shown.pin.saved_by == saver(number) for one in whole) <= OF_ONE_SAVER_MAX
    for one in further:
        if one not in kept:
            crowd = [other for other in whole if other.shown.pin.saved_by == one.shown.pin.saved_by]
            assert len(crowd) == OF_ONE_SAVER_MAX or any(pdq.same(one.phash, other.phash) for other in whole)


@given(pins)
def test_a_page_is_the_same_in_one_piece_or_two(further: list[Pictured]) -> None:
    for half in (0, len(further) // 2, len(further)):
        first = wide(further[:half], [])
        assert [*first, *wide(further[half:], first)] == wide(further, [])


def _in_order(kept: list[Pictured], further: list[Pictured]) -> bool:
    rest = iter(further)
    return all(one in rest for one in kept)
