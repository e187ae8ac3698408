"""What was acknowledged outlives a process that is killed at any of its writes; what was not is there whole, or not."""

import asyncio
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from bowerbird.adapters.usearch import manifest as manifests
from bowerbird.adapters.usearch.journal import PUT, RECORD
from bowerbird.adapters.usearch.manifest import journal_path, rows_path
from bowerbird.adapters.usearch.upkeep import Sizes
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import DIMENSIONS, Picture
from tests.ports.vectors.vectors_kills import FLUSHES, NOBODY_DIES, STEPS, VARIANT, Model, forked, step, unflushed
from tests.ports.vectors.vectors_pictures import MINE, SPACE, YOURS, found, picture, put, some_id, spot
from tests.ports.vectors.vectors_subject import NEVER, Subject, Variant
from tests.support.records_subject import Inline

Kept = dict[Id, tuple[bool, bool, int]]
"""By pin: whether it is public, whether it is in MINE, and how many bytes its views have."""


@pytest.mark.parametrize("half", [False, True], ids=["before", "half"])
def test_a_process_that_is_killed_at_any_write_loses_nothing(
    half: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FLUSHES:
        monkeypatch.setattr(os, name, unflushed)
    states = asyncio.run(_states())
    acknowledged, writes = forked(tmp_path / "whole", NOBODY_DIES, half=half)
    assert acknowledged == STEPS
    assert writes is not None
    assert writes > 40
    for nth in range(1, writes + 1):
        folder = tmp_path / str(nth)
        acknowledged, finished = forked(folder, nth, half=half)
        assert finished is None
        asyncio.run(_is_as_acknowledged(folder, acknowledged, states))
        shutil.rmtree(folder)


async def _is_as_acknowledged(folder: Path, acknowledged: int, states: list[Kept]) -> None:
    subject = Subject(VARIANT, folder)
    try:
        kept = await _kept(subject)
        applied = await subject.vectors.applied(SPACE)
        if acknowledged == STEPS and not applied:
            assert kept == {}, "it was dropped"
            return
        done = applied[0].number + 1 if applied else 0
        assert done in {acknowledged, acknowledged + 1}
        if done > acknowledged:
            assert kept == states[done]
        for pin, is_ in kept.items():
            assert is_ in {states[done].get(pin), states[min(done + 1, STEPS)].get(pin)}
        assert {*kept} >= {*states[done]} & {*states[min(done + 1, STEPS)]}
        await subject.settled()
        subject.audit()
        for number in range(done, STEPS):
            await step(subject.vectors, Model(), number)
        await subject.settled()
        assert await _kept(subject) == states[STEPS]
        subject.audit()
    finally:
        await subject.close()


async def _states() -> list[Kept]:
    """Return what is there after each number of steps."""

    class Deaf:
        async def nothing(self, *_: object, **__: object) -> None:
            return

        put = move = remove = nothing

    model, states = Model(), list[Kept]([{}])
    for number in range(STEPS):
        await step(Deaf(), model, number)  # pyright: ignore[reportArgumentType] - the model alone is wanted
        states.append({pin: _what(one) for pin, one in model.pictures.items()})
    return states


def _what(one: Picture) -> tuple[bool, bool, int]:
    return one.public, one.partition == MINE, len(one.views)


async def _kept(subject: Subject) -> Kept:
    """Return what is there, as a reader finds it by looking for each pin where it must be."""
    kept: Kept = {}
    pins = [some_id(pin) for pin in range(40)]
    for pin, views in zip(pins, await subject.beside.views(SPACE, pins), strict=True):
        if views is None:
            assert await found(subject.beside, spot(_number(pin)), 1, 0.9, partitions=[MINE, YOURS]) == []
            continue
        mine, yours, public = [
            await found(subject.beside, spot(_number(pin)), 1, 0.9, public=public, partitions=partitions)
            for public, partitions in ((False, [MINE]), (False, [YOURS]), (True, []))
        ]
        assert sorted(mine + yours) == [_number(pin)]
        kept[pin] = bool(public), bool(mine), len(views)
    return kept


def _number(pin: Id) -> int:
    return int.from_bytes(pin, "big")


async def test_a_power_cut_leaves_the_beginning_of_what_was_written(tmp_path: Path) -> None:
    """Of what was not brought to the disk, rows may be lost though the records that name them are not."""
    variant = Variant(executor=Inline, sizes=NEVER)
    subject = Subject(variant, tmp_path)
    await put(subject.vectors, [picture(pin) for pin in range(50)])
    await subject.reopen()
    for pin in range(50, 100):
        await subject.vectors.put(SPACE, [picture(pin, public=pin % 2 > 0)], [Offset(0, pin)])
    # What a killed process leaves: it neither syncs nor closes.
    folder = tmp_path / SPACE
    journal = journal_path(folder, 0)
    records = np.frombuffer(journal.read_bytes(), RECORD)
    (lost,) = [one for one in records if one["kind"] == PUT and one["pin"].tobytes() == some_id(80)]
    with rows_path(folder, int(lost["file"])).open("r+b") as rows:
        rows.seek(int(lost["row"]) * DIMENSIONS)
        rows.write(bytes(DIMENSIONS))
    again = Subject(variant, tmp_path)
    assert await again.vectors.applied(SPACE) == [Offset(0, 79)]
    assert sorted(await found(again.vectors, spot(1), partitions=[YOURS])) == list(range(80))
    await again.vectors.put(SPACE, [picture(200)])
    assert await found(again.vectors, spot(200), 1, 0.9) == [200]
    await again.close()
    await subject.close()


async def test_a_graph_that_is_not_whole_is_made_anew(tmp_path: Path) -> None:
    subject = Subject(VARIANT, tmp_path)
    await put(subject.vectors, [picture(pin) for pin in range(60)])
    await subject.settled()
    await subject.close()
    (graph,) = (tmp_path / SPACE).glob("graph-*")
    graph.write_bytes(graph.read_bytes()[:-100])
    again = Subject(VARIANT, tmp_path)
    assert (await again.vectors.counts(SPACE)).fresh == 60
    assert sorted(await found(again.vectors, spot(1))) == list(range(60))
    await again.vectors.put(SPACE, [])
    await again.settled()
    assert (await again.vectors.counts(SPACE)).fresh == 0
    assert sorted(await found(again.vectors, spot(1))) == list(range(60))
    await again.close()


async def test_what_another_version_wrote_is_left_alone(tmp_path: Path) -> None:
    subject = Subject(VARIANT, tmp_path)
    await put(subject.vectors, [picture(1)])
    await subject.close()
    folder = tmp_path / SPACE
    manifests.write(folder, manifests.Manifest(format=manifests.FORMAT + 1))
    with pytest.raises(EngineUnavailable, match="another version"):
        Subject(VARIANT, tmp_path)
    assert journal_path(folder, 0).exists()


async def test_while_too_much_waits_for_a_graph_nothing_is_put(tmp_path: Path) -> None:
    subject = Subject(Variant(executor=Inline, sizes=NEVER), tmp_path)
    await put(subject.vectors, [picture(pin) for pin in range(60)])
    await subject.close()
    again = Subject(Variant(sizes=Sizes(fresh_min=8, waiting_max=50)), tmp_path)
    with pytest.raises(EngineUnavailable, match="wait"):
        await again.vectors.put(SPACE, [picture(100)])
    # That it was refused is what has graphs made, for nothing else might.
    await again.settled()
    assert (await again.vectors.counts(SPACE)).fresh == 0
    await again.vectors.put(SPACE, [picture(100)])
    assert sorted(await found(again.vectors, spot(1))) == [*range(60), 100]
    await again.close()
