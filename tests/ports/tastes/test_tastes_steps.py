"""What takes several steps may break off behind any of them: it is seen whole or not at all, and can be done again."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bowerbird.ports.records import EngineUnavailable
from tests.ports.tastes.scene import board, by_person, held, on, person, save, sight, thing
from tests.ports.tastes.subject import Subject, Variant
from tests.support.records_subject import Inline

MANY = 900
Call = Callable[[Subject], Awaitable[None]]
Seen = list[int]


async def publish(subject: Subject) -> None:
    await subject.tastes.publish(board(1), public=True)


async def hide(subject: Subject) -> None:
    await subject.tastes.publish(board(1), public=False)


async def forget(subject: Subject) -> None:
    await subject.tastes.forget(person(1))


async def filled(folder: Path, *, public: bool) -> Subject:
    """Return an engine that holds much of one person, some of it on a board, and a little of another."""
    subject = Subject(Variant(executor=Inline), folder)
    await subject.tastes.put([save(number, public=public) for number in range(MANY)], [])
    await subject.tastes.put([save(5000 + number, on=2) for number in range(MANY)], [])
    await subject.tastes.put([save(9000, by=2, public=public), save(9001, by=2, on=2, public=False)], [])
    await subject.tastes.saw([sight(number, 5) for number in range(MANY)])
    return subject


def new_folder(within: Path, number: int) -> Path:
    folder = within / str(number)
    folder.mkdir()
    return folder


async def look(subject: Subject) -> Seen:
    """Return how much of everything there is."""
    tastes = subject.beside
    shown = await tastes.shown(person(1), [thing(number) for number in range(MANY)])
    counts = [len(await held(tastes, range(begin, begin + 1000))) for begin in (0, 5000, 9000)]
    pages = [await by_person(tastes), await on(tastes, 1), await on(tastes, 2)]
    return [*counts, *map(len, pages), sum(one.public for one in pages[1]), sum(shown)]


def give_out_after(subject: Subject, steps: int) -> None:
    """Let the writer do so many steps more."""
    left = iter(range(steps))
    submit = subject.writer.submit

    async def submitted(work: Any, size_bytes: int) -> Any:  # noqa: ANN401 - as the writer's own
        if next(left, None) is None:
            raise EngineUnavailable("on purpose")
        return await submit(work, size_bytes)

    subject.writer.submit = submitted


@pytest.mark.parametrize(("call", "public"), [(publish, False), (hide, True), (forget, True), (forget, False)])
async def test_what_breaks_off_is_whole(call: Call, public: bool, tmp_path: Path) -> None:
    for steps in count():
        subject = await filled(new_folder(tmp_path, steps), public=public)
        before = await look(subject)
        give_out_after(subject, steps)
        broke = True
        with suppress(EngineUnavailable):
            await call(subject)
            broke = False
        await subject.reopen()
        broken = await look(subject)
        await call(subject)
        after = await look(subject)
        assert before != after
        assert broken in (before, after) if broke else broken == after
        subject.audit()
        await subject.close()
        if not broke:
            assert steps > 1
            return


async def test_what_was_left_of_somebody_goes_with_the_next(tmp_path: Path) -> None:
    subject = await filled(tmp_path, public=True)
    give_out_after(subject, 1)
    with pytest.raises(EngineUnavailable):
        await forget(subject)
    await subject.reopen()
    await subject.tastes.forget(person(9))
    subject.audit()
    await subject.close()
