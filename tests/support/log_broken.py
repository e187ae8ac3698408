"""Logs broken on purpose, one defect each, with the check that must catch it."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from typing_extensions import override

from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.ports.log import Batch, Lag, Mark, Offset, Parked, Record, Stored
from bowerbird.ports.records import EngineUnavailable
from tests.support.defects import Defect
from tests.support.log_subject import Subject, Variant, open_sqlite

_PUT = "INSERT OR REPLACE INTO reader (topic, name, done) VALUES (?, ?, ?)"


class AcknowledgedTooEarly(SqliteLog):
    """Answers before the records are durable, and so also when they never will be."""

    @override
    async def append(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        try:
            return await super().append(topic, records)
        except EngineUnavailable:
            return [Offset(0, number) for number in range(len(records))]


class OneTopic(SqliteLog):
    """Keeps all topics in one."""

    @override
    async def append(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        await super().append("changes", records)
        return await super().append("views", records)


class BeginsAtTheEnd(SqliteLog):
    """Shows a new group only what is appended after its first poll."""

    @override
    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        if (group, topic) not in self._places and self._file.done(group, topic) < 0:
            await self.seek(group, topic, await self.end(topic))
        return await super().poll(group, topic, mark, limit, wait_ms)


class HoldsOnToMarks(SqliteLog):
    """Takes a mark for good although its group was sent elsewhere since."""

    @override
    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        place = self._places.get((group, topic))
        if mark is not None and place is not None:
            mark = Mark(place.sent, self.behind_which(mark, place.given))
        return await super().poll(group, topic, mark, limit, wait_ms)

    def behind_which(self, mark: Mark, given: int) -> list[Offset]:  # noqa: ARG002 - for who takes that instead
        return mark.after


class RemembersForItsReaders(HoldsOnToMarks):
    """Goes on behind what it gave out last, whatever of it came to its reader."""

    @override
    def behind_which(self, mark: Mark, given: int) -> list[Offset]:
        return [Offset(0, given)]


class PollCommits(SqliteLog):
    """Takes what was handed out for handled: at most once."""

    @override
    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        batch = await super().poll(group, topic, mark, limit, wait_ms)
        await self.commit(group, topic, [stored.offset for stored in batch.records[-1:]])
        return batch


class DeafWhileItWaits(SqliteLog):
    """Hears nothing of what is appended while it waits (and gives up early, so that the check ends)."""

    @override
    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        batch = await super().poll(group, topic, mark, limit, 0)
        if not batch.records and wait_ms:
            await asyncio.sleep(0.05)
        return batch


class CommitGoesBack(SqliteLog):
    """Remembers the last commit and not the highest."""

    @override
    async def commit(self, group: str, topic: str, offsets: Sequence[Offset]) -> None:
        if offsets:
            await self._write(_PUT, (topic, group, min(offsets[-1].number, self._file.end(topic))))


class StaleCommits(SqliteLog):
    """Takes a commit of what was polled before a seek for one of what was polled since."""

    @override
    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        await super().seek(group, topic, to)
        self._places[group, topic].given = self._file.end(topic)


class SeekInMemory(SqliteLog):
    """Sends a group back in this process alone."""

    @override
    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        committed = self._file.done(group, topic)
        await super().seek(group, topic, to)
        place = self._places[group, topic]
        place.to = place.given
        await self._write(_PUT, (topic, group, committed))


class SeekBehindTheTime(SqliteLog):
    """Leaves out what was appended at the very time."""

    @override
    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        await super().seek(group, topic, to + 1 if isinstance(to, int) else to)


class ParksAgain(SqliteLog):
    """Keeps the last reason and the last time of a record that is parked twice."""

    @override
    async def park(self, group: str, topic: str, stored: Stored, reason: str) -> None:
        await self.unpark(group, topic, stored.offset)
        await super().park(group, topic, stored, reason)


class EverybodysParked(SqliteLog):
    """Shows a group what others gave up on."""

    @override
    async def parked(self, group: str | None, limit: int) -> list[Parked]:
        return await super().parked(None, limit)


class ForgetsIdleGroups(SqliteLog):
    """Tells the lag only of groups that committed."""

    @override
    async def lag(self) -> list[Lag]:
        return [lag for lag in await super().lag() if self._file.done(lag.group, lag.topic) >= 0]


def _broken(log: type[SqliteLog], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_sqlite, Variant(log=log)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "acknowledged too early": _broken(AcknowledgedTooEarly, "an_engine_that_cannot_write_acknowledges_nothing"),
    "one topic": _broken(OneTopic, "topics_do_not_mix"),
    "begins at the end": _broken(BeginsAtTheEnd, "a_group_reads_from_the_beginning_and_on"),
    "remembers for its readers": _broken(RemembersForItsReaders, "a_poll_whose_answer_was_lost_finds_the_same_again"),
    "holds on to marks": _broken(HoldsOnToMarks, "a_group_is_sent_behind_an_offset"),
    "poll commits": _broken(PollCommits, "a_new_process_begins_behind_what_was_committed"),
    "deaf while it waits": _broken(DeafWhileItWaits, "a_poll_wakes_for_what_is_appended"),
    "commit goes back": _broken(CommitGoesBack, "a_commit_does_not_go_back"),
    "stale commits": _broken(StaleCommits, "what_was_polled_before_a_seek_is_not_committed_after_it"),
    "seek in memory": _broken(SeekInMemory, "where_a_group_is_sent_it_is_in_another_life_too"),
    "seek behind the time": _broken(SeekBehindTheTime, "a_group_is_sent_to_a_time"),
    "parks again": _broken(ParksAgain, "what_a_group_gives_up_on_is_kept_once"),
    "everybody's parked": _broken(EverybodysParked, "what_a_group_gives_up_on_is_kept_once"),
    "forgets idle groups": _broken(ForgetsIdleGroups, "lag_counts_what_waits_and_tells_its_age"),
}
