"""Asks hands on uvloop: `hands_on_uvloop.py COMMAND...`; one answers, one never does, and one dies."""

import sys

import uvloop

from bowerbird.base.hand import HandDied, HandTimedOut
from bowerbird.base.processes import Processes
from bowerbird.runtime.hands import HandLimits, Hands

LONG_MS = 30_000


async def main() -> None:
    """Fail where an answer is not what it has to be."""
    hands = Hands(Processes(), sys.argv[1:], HandLimits(hands_max=2))
    assert await hands.ask(b"echo hello", LONG_MS) == b"hello"
    for request, timeout_ms, failure in ((b"sleep 600", 50, HandTimedOut), (b"crash", LONG_MS, HandDied)):
        try:
            await hands.ask(request, timeout_ms)
        except failure:
            continue
        raise AssertionError(request)
    await hands.close()


if __name__ == "__main__":
    uvloop.run(main())
