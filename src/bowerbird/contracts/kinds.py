"""The number of each kind of thing, as its ids carry it; a number once given is never given again."""

from typing import Final

USER: Final = 1
BOARD: Final = 2
PIN: Final = 3
LINK: Final = 4
MEDIA: Final = 5
UPLOAD: Final = 6
SESSION: Final = 7
TOKEN: Final = 8
EVENT: Final = 9
CLAIM: Final = 10
REQUEST: Final = 11
BURST: Final = 12
TUNING: Final = 13
THING: Final = 14
