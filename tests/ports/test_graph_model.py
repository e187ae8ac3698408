"""Random follows, in any order and more than once, do to every engine what they do to a dictionary."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.ports.graph import Edge
from tests.ports.suite import Opener
from tests.support.views_subject import SQLITE, Subject

PEOPLE = [Id(number.to_bytes(16, "big")) for number in range(4)]

Pair = tuple[Id, Id]


@dataclass(frozen=True)
class Word:
    """That a pair stands since `at`, or (None) that it does not."""

    pair: Pair
    at: int | None
    version: int


@dataclass(frozen=True)
class Clear:
    person: Id


@dataclass
class Model:
    """The last word on each pair, and who is gone."""

    words: dict[Pair, Word] = field(default_factory=dict[Pair, Word])
    cleared: set[Id] = field(default_factory=set[Id])

    def hear(self, word: Word) -> bool:
        known = self.words.get(word.pair)
        if self.cleared & set(word.pair) or (known is not None and known.version >= word.version):
            return False
        self.words[word.pair] = word
        return True

    def clear(self, person: Id) -> None:
        self.cleared.add(person)
        self.words = {pair: word for pair, word in self.words.items() if person not in pair}

    def members(self, map_name: str, person: Id) -> list[Edge]:
        whose, who = (0, 1) if map_name == "following" else (1, 0)
        edges = [
            Edge(word.pair[who], word.at, word.version)
            for word in self.words.values()
            if word.at is not None and word.pair[whose] == person
        ]
        return sorted(edges, key=lambda edge: (edge.at, edge.person), reverse=True)


people = st.sampled_from(PEOPLE)
words = st.builds(Word, st.tuples(people, people), st.none() | st.integers(0, 3), st.integers(0, 5))
calls = st.lists(words | words | words | words | st.builds(Clear, people) | st.none(), max_size=30)


@pytest.mark.parametrize("opener", SQLITE.values(), ids=SQLITE)
@given(program=calls, limit=st.integers(1, 4))
@settings(max_examples=80)
async def test_calls_do_what_they_do_to_a_dictionary(
    opener: Opener[Subject], program: list[Word | Clear | None], limit: int
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        async with opener(Path(folder)) as subject:
            for call in program:
                await do(subject, model, call)
                await same_maps(subject, model, limit)
            subject.audit()


async def do(subject: Subject, model: Model, call: Word | Clear | None) -> None:
    """Do a call to both; None opens the engine again."""
    match call:
        case Word((follower, followee), at, version):
            graph = subject.graph
            heard = (
                graph.remove(follower, followee, version) if at is None else graph.put(follower, followee, at, version)
            )
            assert await heard == model.hear(call)
        case Clear(person):
            await subject.graph.clear(person)
            model.clear(person)
        case None:
            await subject.reopen()


async def same_maps(subject: Subject, model: Model, limit: int) -> None:
    """Assert that both maps are the same, however they are asked."""
    for map_name in ("following", "followers"):
        expected = [model.members(map_name, person) for person in PEOPLE]
        assert await subject.graph.counts(map_name, PEOPLE) == [len(edges) for edges in expected]
        for person, edges in zip(PEOPLE, expected, strict=True):
            assert await subject.graph.members(map_name, person, None, 1000) == edges
            after = edges[:1]
            rest = await subject.graph.members(map_name, person, after[0] if after else None, limit)
            assert rest == edges[len(after) :][:limit]
            found = {edge.person for edge in edges}
            assert await subject.graph.contains(map_name, person, PEOPLE) == [one in found for one in PEOPLE]
