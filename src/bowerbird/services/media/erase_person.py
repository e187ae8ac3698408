"""Erasing a person: all uploads, pictures and blobs, in every state, and once more what then still was under way."""

from bowerbird.base.ids import Id
from bowerbird.services.media.kit import Kit

UNDER_WAY_S = 600
"""Longer than a process knows a destroyed key, and than anything takes that began while it did."""
_STEP = 100


async def erase_person(kit: Kit, person: Id) -> None:
    """Remove everything that there is now, and note that it is to be done again."""
    await kit.store.add_departure(person)
    await _erase(kit, person)


async def sweep_departures(kit: Kit) -> int:
    """Remove what was made after the erasure by those who had not heard of it."""
    departures = await kit.store.departures(kit.in_s(-UNDER_WAY_S), _STEP)
    for departure in departures:
        await _erase(kit, departure.person)
        await kit.store.end_departure(departure.person)
    return len(departures)


async def _erase(kit: Kit, person: Id) -> None:
    while uploads := await kit.store.uploads_of(person, _STEP):
        await kit.store.forget_uploads(uploads)
    while pictures := await kit.store.of_owner(person, _STEP):
        for picture in pictures:
            await kit.store.erase(picture)
    await kit.store.erase_rest(person)
