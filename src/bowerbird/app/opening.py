"""What opening the engines raises when they will not do; a file of its own, so that who never opens one needs none."""

from typing import Final

from bowerbird.adapters.sqlite.connection import SchemaTooNew
from bowerbird.adapters.sqlite.key_file import WrongMasterKey
from bowerbird.ports.records import EngineUnavailable

CANNOT_OPEN: Final = (EngineUnavailable, SchemaTooNew, WrongMasterKey)
"""Each says in a sentence why."""
