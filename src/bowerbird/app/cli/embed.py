"""`bowerbird embed`: what is known of how pictures look, and all of it seen anew."""

import asyncio

import click

from bowerbird.app.cli.progress import Progress
from bowerbird.app.cli.root import Shared, data_option
from bowerbird.app.reembed import reembed
from bowerbird.app.sections import Settings
from bowerbird.app.visit import visit
from bowerbird.base.world import World


@click.command()
@data_option
@click.option("--again", is_flag=True, help="Look at all pictures again, by the model that is there now.")
@click.pass_obj
def embed(shared: Shared, data: str | None, *, again: bool) -> None:
    """Show how many pictures were looked at, for Lens and what is like a pin, or look at all of them again.

    The server may be running: until it is done, what was seen before answers. A new model is taken up without this
    command.
    """
    settings, world = shared.settings({"storage.data": data}), World()
    if again:
        with Progress(world) as show:
            count = asyncio.run(_again(settings, show))
        shared.say({"pins": count}, f"The pictures of {count:,} pins were looked at again.")
        return
    done, total = asyncio.run(_asked(settings))
    lines = [f"The pictures of {total:,} pins are known."]
    if done < total:
        lines.append(f"They are being looked at again: {done:,} so far.")
    shared.say({"pins": total, "again": done if done < total else None}, "\n".join(lines))


async def _again(settings: Settings, show: Progress) -> int:
    async with visit(settings) as here:
        return await reembed(here, show)


async def _asked(settings: Settings) -> tuple[int, int]:
    async with visit(settings) as here:
        return await here.house.services.stores.vision.progress()
