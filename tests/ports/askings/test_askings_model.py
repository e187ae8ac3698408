"""Random calls do to the engine what they do to a dictionary: all that can be read is the same."""

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.ports.askings import CHANGES_MAX, Asking
from tests.ports.askings.scene import person
from tests.ports.askings.subject import Subject, Variant, open_here
from tests.support.records_subject import Inline

# Few of everything, so that calls meet each other.
PEOPLE = [person(number) for number in range(5)]
QUERIES = ["a", "ab", "abc", "abd", "a b", "b"]
PREFIXES = sorted({query[:end] for query in QUERIES for end in range(1, len(query) + 1)} | {"c"})

VARIANTS = {"sqlite": Variant(), "sqlite-few-queries": Variant(executor=Inline, queries_kept=2)}


@dataclass(frozen=True)
class Note:
    askings: list[Asking]


@dataclass(frozen=True)
class Forget:
    person: Id


@dataclass(frozen=True)
class Expire:
    before_us: int


Call = Note | Forget | Expire | None


@st.composite
def askings(draw: st.DrawFn) -> Asking:
    """Draw an asking; different queries are asked at different times, or the order of one's newest is open."""
    query = draw(st.integers(0, len(QUERIES) - 1))
    at = draw(st.integers(0, 7)) * len(QUERIES) + query
    return Asking(draw(st.sampled_from(PEOPLE)), QUERIES[query], at)


CALLS = st.lists(
    st.one_of(
        st.builds(Note, st.lists(askings(), max_size=12)),
        st.builds(Note, st.lists(askings(), max_size=12)),
        st.builds(Forget, st.sampled_from(PEOPLE)),
        st.builds(Expire, st.integers(0, 8 * len(QUERIES))),
        st.none(),
    ),
    max_size=12,
)


@dataclass
class Model:
    kept: int
    asked: dict[Id, dict[str, int]] = field(default_factory=dict[Id, dict[str, int]])
    gone: set[Id] = field(default_factory=set[Id])

    def note(self, call: Note) -> None:
        for one in call.askings:
            if one.person not in self.gone:
                mine = self.asked.setdefault(one.person, {})
                mine[one.query] = max(mine.get(one.query, 0), one.at)
        for mine in self.asked.values():
            for query in sorted(mine, key=mine.__getitem__, reverse=True)[self.kept :]:
                del mine[query]

    def forget(self, call: Forget) -> None:
        self.gone.add(call.person)
        self.asked.pop(call.person, None)

    def expire(self, call: Expire) -> int:
        old = [(who, query) for who, mine in self.asked.items() for query in mine if mine[query] < call.before_us]
        for who, query in old:
            del self.asked[who][query]
        return len(old)

    def begun(self, prefix: str, people_min: int) -> list[str]:
        people = Counter(query for mine in self.asked.values() for query in mine if query.startswith(prefix))
        told = [query for query, count in people.items() if count >= people_min]
        return sorted(told, key=lambda query: (-people[query], query))


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@settings(max_examples=60)
@given(calls=CALLS)
async def test_the_same_can_be_read(variant: Variant, calls: list[Call]) -> None:
    model = Model(variant.queries_kept)
    with tempfile.TemporaryDirectory() as folder:
        async with open_here(variant, Path(folder)) as subject:
            for call in calls:
                await do(subject, model, call)
                for people_min in (2, 3):
                    for prefix in PREFIXES:
                        found = await subject.beside.begun(prefix, people_min, 100)
                        assert found == model.begun(prefix, people_min)
            subject.audit()


async def do(subject: Subject, model: Model, call: Call) -> None:
    """Do a call to both; None opens the engine again."""
    match call:
        case Note():
            await subject.askings.note(call.askings)
            model.note(call)
        case Forget():
            await subject.askings.forget(call.person)
            model.forget(call)
        case Expire():
            assert await subject.askings.expire(call.before_us, CHANGES_MAX) == model.expire(call)
        case None:
            await subject.reopen()
