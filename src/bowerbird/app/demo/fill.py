"""One run of the demo: who is missing joins and settles in, then pictures go in; what is there is left alone."""

import asyncio
from typing import Final

from bowerbird.app.demo.content import Content
from bowerbird.app.demo.members import Members
from bowerbird.app.demo.pictures import Gather, Place, put_in, save_again
from bowerbird.app.demo.progress import Progress
from bowerbird.app.demo.settle import join, settle
from bowerbird.app.demo.survey import survey

_AT_ONCE: Final = 3
"""People who settle in at once."""


async def fill(content: Content, members: Members, gather: Gather, progress: Progress) -> None:
    """Bring everything about that is missing. `api.DemoFailed` when it cannot go on; a later run then continues."""
    progress.stage = "people"
    await join(content, members, progress)
    found = await survey(content, members)
    progress.stage = "boards"
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one_by_one(number: int) -> None:
        async with turns:
            await settle(content.people[number], members, found, progress)

    async with asyncio.TaskGroup() as group:
        for number in range(len(content.people)):
            group.create_task(one_by_one(number))
    place = Place(content, members, found, progress)
    progress.stage = "pictures"
    await put_in(place, gather)
    progress.stage = "saving again"
    await save_again(place)
    await members.leave()
    progress.stage = "done"
