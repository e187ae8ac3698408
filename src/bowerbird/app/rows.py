"""The records of a data folder as they lie in their file: all rows of every table."""

from contextlib import closing
from pathlib import Path

from bowerbird.adapters.sqlite.whole import WholeRecords
from bowerbird.adapters.sqlite.writer import file_of
from bowerbird.app.engines import SHARDS
from bowerbird.app.topology import TABLES


def records_file(folder: Path) -> Path:
    """Return where a data folder's records are."""
    return file_of(folder, SHARDS, 0)


def whole_records(folder: Path) -> closing[WholeRecords]:
    """Return the records, open for a block; EngineUnavailable, SchemaTooNew or SchemaChanged when they will not do."""
    return closing(WholeRecords.open(records_file(folder), TABLES))
