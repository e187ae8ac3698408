"""What media does with time: deleting what nothing shows, and blobs that a crash left without a row."""

from collections.abc import Awaitable, Callable

from bowerbird.contracts.caller import system
from bowerbird.services.media.kit import Kit
from bowerbird.services.media.model import PICTURES, UPLOADS

STRAY_AFTER_S = 3600
_STEP = 100


async def sweep_unused(kit: Kit, heard: Callable[[], Awaitable[int]]) -> int:
    """Delete pictures that nothing has shown for as long as settings say, and forget uses that ended as long ago.

    What was not heard yet may show any picture that was kept then, so the time is counted from what was heard.
    """
    before_us = await heard() - kit.settings.unused_kept_s * 1_000_000
    pictures = await kit.store.unused(before_us, _STEP)
    for picture in pictures:
        await kit.store.delete_unless_used(system(), picture)
    uses = await kit.store.ended_uses(before_us, _STEP)
    for use in uses:
        await kit.store.forget_use(use)
    return len(pictures) + len(uses)


class StraySweep:
    """Goes round all blobs, some at each step, and removes those that no row names an hour after they were made.

    A step that found none says 0, and the next one comes after a pause: a round over many blobs takes its time.
    """

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._prefixes = (UPLOADS, PICTURES)
        self._after = ""

    async def step(self) -> int:
        """Look at the next blobs; return how many were removed."""
        before_ms = self._kit.in_s(-STRAY_AFTER_S) // 1000
        count, self._after = await self._kit.store.delete_strays(self._prefixes[0], self._after, before_ms)
        if not self._after:
            self._prefixes = self._prefixes[::-1]
        return count
