"""All kinds of operations, for whoever goes through them."""

from typing import Final

from tests.kills.operations.accounts import DeleteAccount, Register
from tests.kills.operations.base import Operation
from tests.kills.operations.boards import CreateBoard, DeleteBoard, Privatise, Share, Unshare
from tests.kills.operations.people import Block, Follow
from tests.kills.operations.pins import DeletePin, MovePins, SaveLink, SavePhoto
from tests.kills.operations.uploads import Complete, Upload

OPERATIONS: Final[tuple[type[Operation], ...]] = (
    Register,
    CreateBoard,
    SavePhoto,
    SaveLink,
    Upload,
    Complete,
    Share,
    Unshare,
    Privatise,
    Follow,
    Block,
    MovePins,
    DeletePin,
    DeleteBoard,
    DeleteAccount,
)
