import asyncio
from pathlib import Path

from bowerbird.app.demo import wanted
from bowerbird.app.demo.line import OPENING, Line, Portrait
from bowerbird.app.demo.wanted import Wanted
from tests.support import demo_small

PHOTOS = wanted.photos(demo_small.content())
PERSON = demo_small.content().people[0]


def there(*photos: Wanted) -> dict[str, Path]:
    return {one.photo: Path(one.title) for one in photos}


async def drained(line: Line) -> list[object]:
    found: list[object] = []
    while (taken := await line.take()) is not None:
        found.append(taken[0])
    return found


async def test_pictures_go_in_as_their_photos_arrive() -> None:
    line = Line(PHOTOS)
    waiting = asyncio.create_task(line.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    line.arrive(there(PHOTOS[3]))
    assert await waiting == (PHOTOS[3], Path(PHOTOS[3].title))


async def test_in_their_order_once_all_are_there() -> None:
    line = Line(PHOTOS)
    line.arrive(there(*reversed(PHOTOS)))
    line.close([])
    assert await drained(line) == PHOTOS


async def test_what_is_not_to_be_had_is_dropped_but_a_face_is_drawn() -> None:
    line = Line([Portrait(PERSON), *PHOTOS])
    line.arrive(there(*PHOTOS[1:]))
    assert line.lacking() == 1
    assert line.close([]) == 1
    assert await drained(line) == [Portrait(PERSON), *PHOTOS[1:]]


async def test_only_an_opening_number_goes_in_before_it_is_known_what_there_is() -> None:
    many = [
        Wanted(owner="a", board=PHOTOS[0].board, title=str(n), alt="", note="", look="", photo=str(n))
        for n in range(OPENING + 5)
    ]
    line = Line(many)
    line.arrive(there(*many))
    for _ in range(OPENING):
        await line.take()
    waiting = asyncio.create_task(line.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    line.close([])
    assert await waiting == (many[OPENING], Path(str(OPENING)))


async def test_everybody_who_waits_learns_of_the_end() -> None:
    line = Line([])
    waiting = [asyncio.create_task(line.take()) for _ in range(3)]
    await asyncio.sleep(0)
    line.close([])
    assert await asyncio.gather(*waiting) == [None, None, None]
