"""Random calls, lives and deaths do to every log what they do to a list: at least once, and in order."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.ports.log import Offset, Record
from tests.ports.suite import Opener
from tests.support.log_subject import SQLITE, Subject

TOPICS = ("changes", "views")
GROUPS = ("feed", "search")


@dataclass(frozen=True)
class Append:
    topic: str
    times: list[int]


@dataclass(frozen=True)
class Poll:
    group: str
    topic: str
    limit: int


@dataclass(frozen=True)
class Commit:
    group: str
    topic: str
    part: float


@dataclass(frozen=True)
class Seek:
    """`to`: a time, or a part of the topic's length."""

    group: str
    topic: str
    to: int | float


@dataclass(frozen=True)
class Anew:
    """Another reader begins where the last one did not get further."""

    group: str
    topic: str


@dataclass(frozen=True)
class Lost:
    """A poll whose answer does not come."""

    group: str
    topic: str
    limit: int


@dataclass
class Reader:
    """How many records a group has committed, has been given since it was sent anywhere, if it was, and goes on behind.

    `at`: None for a reader that begins, or was sent elsewhere.
    """

    committed: int = 0
    given: int = 0
    sought: bool = False
    at: int | None = None


@dataclass
class Model:
    topics: dict[str, list[Record]] = field(default_factory=lambda: {topic: [] for topic in TOPICS})
    readers: dict[tuple[str, str], Reader] = field(default_factory=dict[tuple[str, str], Reader])

    def reader(self, group: str, topic: str) -> Reader:
        return self.readers.setdefault((topic, group), Reader())

    def poll(self, call: Poll | Lost) -> list[Record]:
        reader = self.reader(call.group, call.topic)
        begin = reader.committed if reader.at is None else reader.at
        found = self.topics[call.topic][begin:][: call.limit]
        reader.given = max(reader.given, begin + len(found))
        if isinstance(call, Poll):
            reader.at = begin + len(found)
        return found

    def commit(self, group: str, topic: str, count: int) -> None:
        reader = self.reader(group, topic)
        if not reader.sought or count <= reader.given:
            reader.committed = max(reader.committed, count)

    def seek(self, group: str, topic: str, count: int) -> None:
        reader = self.reader(group, topic)
        reader.committed = reader.given = count
        reader.sought, reader.at = True, None

    def begin_anew(self, group: str, topic: str) -> None:
        if (topic, group) in self.readers:
            self.readers[topic, group].at = None

    def restart(self) -> None:
        for reader in self.readers.values():
            reader.at, reader.given, reader.sought = None, 0, False


def named(
    call: type[Poll | Lost | Commit | Seek | Anew], *rest: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    return st.builds(call, st.sampled_from(GROUPS), st.sampled_from(TOPICS), *rest)


parts = st.floats(0, 1)
appends = st.builds(Append, st.sampled_from(TOPICS), st.lists(st.integers(0, 20), max_size=5))
polls = named(Poll, st.integers(1, 6))
commits = named(Commit, parts)
seeks = named(Seek, st.integers(0, 21) | parts)
losses = named(Lost, st.integers(1, 6))
programs = st.lists(appends | appends | polls | polls | commits | seeks | losses | named(Anew) | st.none(), max_size=40)


@pytest.mark.parametrize("opener", SQLITE.values(), ids=SQLITE)
@given(program=programs)
@settings(max_examples=80)
async def test_calls_do_what_they_do_to_a_list(opener: Opener[Subject], program: list[object]) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        async with opener(Path(folder)) as subject:
            for call in program:
                await do(subject, model, call)
                await same_logs(subject, model)


async def do(subject: Subject, model: Model, call: object) -> None:
    """Do a call to both; None is another process."""
    match call:
        case Append(topic, times):
            held = model.topics[topic]
            records = [Record(b"key", b"%d" % (len(held) + place), at) for place, at in enumerate(times)]
            held += records
            await subject.log.append(topic, records)
        case Poll(group, topic, limit):
            batch = await subject.poll(limit, 0, group, topic)
            assert [stored.record for stored in batch.records] == model.poll(call)
        case Lost(group, topic, limit):
            batch = await subject.log.poll(group, topic, subject.marks.get((group, topic)), limit, 0)
            assert [stored.record for stored in batch.records] == model.poll(call)
        case Anew(group, topic):
            subject.marks.pop((group, topic), None)
            model.begin_anew(group, topic)
        case Commit(group, topic, part):
            offsets = await first(subject, model, topic, part)
            await subject.log.commit(group, topic, offsets)
            if offsets:
                model.commit(group, topic, offsets[0].number + 1)
        case Seek(group, topic, to):
            await seek(subject, model, group, topic, to)
        case _:
            await subject.restart()
            model.restart()


async def first(subject: Subject, model: Model, topic: str, part: float) -> list[Offset]:
    """Return the offset of the last record in the first part of a topic, if there is one."""
    count = round(part * len(model.topics[topic]))
    return [stored.offset for stored in (await subject.log.read(topic, [], 1000))[:count]][-1:]


async def seek(subject: Subject, model: Model, group: str, topic: str, to: float) -> None:
    records = model.topics[topic]
    match to:
        case int(time):
            await subject.log.seek(group, topic, time)
            later = (place for place, one in enumerate(records) if one.at >= time)
            model.seek(group, topic, next(later, len(records)))
        case part:
            offsets = await first(subject, model, topic, part)
            await subject.log.seek(group, topic, offsets)
            model.seek(group, topic, offsets[0].number + 1 if offsets else 0)


async def same_logs(subject: Subject, model: Model) -> None:
    """Assert that everything is there, in order, and that every group's lag is what is left."""
    for topic, records in model.topics.items():
        stored = await subject.log.read(topic, [], 1000)
        assert [one.record for one in stored] == records
        assert await subject.log.end(topic) == [one.offset for one in stored[-1:]]
    left = {names: len(model.topics[names[0]]) - reader.committed for names, reader in model.readers.items()}
    lags = {(lag.topic, lag.group): lag.records for lag in await subject.log.lag()}
    assert lags == left
