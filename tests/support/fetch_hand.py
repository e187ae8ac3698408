"""The hand that fetches, with names for tests: `n<hex of addresses>.test` has just those addresses."""

import sys
import time
from collections.abc import Sequence

import msgspec

from bowerbird.adapters.httpfetch.dial import system_resolve
from bowerbird.adapters.httpfetch.hand import serve
from bowerbird.adapters.httpfetch.limits import FetchLimits

_LABEL = 60


def named(addresses: Sequence[str]) -> str:
    """Return a host name that has these addresses."""
    digits = ",".join(addresses).encode().hex()
    return ".".join(f"n{digits[at : at + _LABEL]}" for at in range(0, len(digits) or 1, _LABEL)) + ".test"


def resolve(host: str, port: int) -> list[str]:
    """Look up such a name; any other, and numbers in disguise, as the system does."""
    if not host.endswith(".test"):
        return system_resolve(host, port)
    digits = "".join(label[1:] for label in host.removesuffix(".test").split("."))
    return [address for address in bytes.fromhex(digits).decode().split(",") if address]


def argv(limits: FetchLimits) -> list[str]:
    """Return the command of this hand."""
    return [sys.executable, "-I", __file__, msgspec.json.encode(limits).decode()]


def stuck(host: str, port: int) -> list[str]:
    """Never return."""
    time.sleep(600)
    return [host, str(port)]


if __name__ == "__main__":
    serve(msgspec.json.decode(sys.argv[1], type=FetchLimits), stuck if sys.argv[2:] else resolve)
