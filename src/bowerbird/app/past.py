"""The log and the keys of a data folder that nobody else uses: all that everything can be built from."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.schema import SchemaChanged
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.app.engines import SHARDS
from bowerbird.app.opening import CANNOT_OPEN
from bowerbird.app.rows import records_file
from bowerbird.app.secrets import derive, master_key
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError
from bowerbird.app.topology import TABLES
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log
from bowerbird.ports.records import EngineUnavailable
from bowerbird.runtime.relay import Relay


@asynccontextmanager
async def past(data: Path, settings: Settings, world: World) -> AsyncGenerator[tuple[Log, Keys]]:
    """Open both; SettingsError when one is not there, and CANNOT_OPEN."""
    for name in ("log.db", "keys.db"):
        if not (data / name).exists():
            raise SettingsError(f"There is no {name} in {data}: records are built from the log and the keys.")
    wrapping = derive(master_key(settings.storage.master_key, data, world), "keys")
    writer = SqliteKeyWriter.open(data, wrapping, world)
    try:
        keys = SqliteKeys.open(data, writer, wrapping, world)
        log = SqliteLog.open(data, world)
        try:
            yield log, keys
        finally:
            await log.close()
            keys.close()
    finally:
        await writer.close()


async def drain(data: Path, log: Log, world: World) -> str:
    """Bring what still waits in the outbox to the log; return why that could not be done, "" when it was."""
    if not records_file(data).exists():
        return "there is no core.db"
    try:
        writer = SqliteWriter.open(data, TABLES, SHARDS)
    except (*CANNOT_OPEN, SchemaChanged) as error:
        return str(error)
    try:
        relay = Relay(SqliteOutbox(writer), log, world, CHANGES)
        while await relay.move():
            pass
    except EngineUnavailable as error:
        return str(error)
    finally:
        await writer.close()
    return ""
