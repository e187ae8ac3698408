"""What people type, understood; nothing is wrong."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.contracts.search import QUERY_CHARACTERS_MAX
from bowerbird.services.search.parse import TERMS_MAX, Asked, parse

TYPED = st.text(max_size=300) | st.text(alphabet='ab "-:<>=2026-01saved:by:has:photo東', max_size=80)


def said(asked: Asked) -> list[str]:
    """Return the terms, those quoted in quotes, and those to be without behind a minus."""
    terms = [(" ".join(word.text for word in term.words), term.quoted) for term in asked.terms]
    without = [" ".join(word.text for word in term.words) for term in asked.without]
    return [*(f'"{text}"' if quoted else text for text, quoted in terms), *(f"-{text}" for text in without)]


def us(*day: int) -> int:
    """Return a day's beginning in microseconds."""
    return int(datetime(*day, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("brass lamp", ["brass", "lamp"]),
        ('"brass lamp" old', ['"brass lamp"', "old"]),
        ("lamp -broken", ["lamp", "-broken"]),
        ('lamp -"very broken"', ["lamp", "-very broken"]),
        ("well-made", ["well", "made"]),
        ("-well-made", ["-well made"]),
        ('"brass lamp', ["brass", "lamp"]),
        ('lamp" old', ["lamp", "old"]),
        ('""', []),
        ("- -- :", []),
        ("by: ada", ["by", "ada"]),
        ("-by:ada", ["by", "ada"]),
        ("has:wings", ["has", "wings"]),
        ("saved:yesterday saved:2026-13", ["saved", "yesterday", "saved", "2026", "13"]),
        ("colour:red", ["colour", "red"]),
        ("東京 lamp", ["東京", "lamp"]),
    ],
)
def test_words_phrases_and_what_is_to_be_absent(query: str, terms: list[str]) -> None:
    assert said(parse(query)) == terms


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("by:Ada_L", "by", "ada_l"),
        ("BY:@ada", "by", "ada"),
        ("site:www.Example.COM", "site", "example.com"),
        ("site:bücher.example", "site", "xn--bcher-kva.example"),
        ("has:photo", "has", "photo"),
        ("has:Links", "has", "link"),
        ("board:Lamps", "board", ("lamps",)),
        ('board:"Brass Lamps"', "board", ("brass", "lamps")),
    ],
)
def test_narrowings(query: str, field: str, value: object) -> None:
    asked = parse(f"{query} lamp")
    assert getattr(asked, field) == value
    assert said(asked) == ["lamp"]


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ("saved:2026", us(2026, 1, 1), us(2027, 1, 1)),
        ("saved:2026-02", us(2026, 2, 1), us(2026, 3, 1)),
        ("saved:2024-02-29", us(2024, 2, 29), us(2024, 3, 1)),
        ("saved:>2026-01", us(2026, 2, 1), None),
        ("saved:>=2026-01", us(2026, 1, 1), None),
        ("saved:<2026-01", None, us(2026, 1, 1)),
        ("saved:<=2026-1", None, us(2026, 2, 1)),
        ("saved:>=2025 saved:<2026", us(2025, 1, 1), us(2026, 1, 1)),
    ],
)
def test_times(query: str, since: int | None, until: int | None) -> None:
    asked = parse(query)
    assert (asked.since, asked.until, asked.terms) == (since, until, ())


def test_the_last_word_may_go_on_unless_something_follows() -> None:
    assert parse("brass la").open_end
    assert not parse("brass la ").open_end
    assert not parse('"brass la"').open_end
    assert not parse("brass by:ada").open_end
    assert not parse("").open_end


@given(TYPED)
def test_nothing_is_wrong_and_words_stand_where_they_say(query: str) -> None:
    asked = parse(query)
    places = [(word.start, word.end) for term in (*asked.terms, *asked.without) for word in term.words]
    assert all(0 <= start < end <= min(len(query), QUERY_CHARACTERS_MAX) for start, end in places)
    assert len(asked.terms) <= TERMS_MAX
    assert asked.empty or asked != Asked()


@given(st.lists(st.sampled_from(["lamp", "brass", "été", "東京"]), min_size=1, max_size=TERMS_MAX))
def test_plain_words_are_all_there_in_order(words: list[str]) -> None:
    assert parse(" ".join(words)).sought == " ".join(words).replace("é", "e")
