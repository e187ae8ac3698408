"""The child that meets strangers: `python -I -m bowerbird.adapters.httpfetch.hand LIMITS`, on the pipes of `base.hand`.

LIMITS is a FetchLimits as JSON.
"""

import contextlib
import socket
import ssl
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

import certifi
import msgspec
from msgspec import msgpack

from bowerbird.adapters.httpfetch.addresses import Reach, parse
from bowerbird.adapters.httpfetch.dial import Resolve, system_resolve
from bowerbird.adapters.httpfetch.exchange import Exchanger
from bowerbird.adapters.httpfetch.limits import FetchLimits, Step
from bowerbird.adapters.httpfetch.page import read_page
from bowerbird.base.confine import Profile, confine
from bowerbird.base.hand_loop import run

_READABLE: Final = (
    *("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf"),
    "/etc/services",
)
"""What the system's resolver reads."""
_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def trust(ca_file: str) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities, all loaded now, or certifi's, and those of `ca_file`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    system = next((bundle for bundle in _BUNDLES if Path(bundle).exists()), certifi.where())
    context.load_verify_locations(system)
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def answer(exchanger: Exchanger, request: bytes) -> bytes:
    """Return a Got for a Step."""
    return msgpack.encode(exchanger.run(msgpack.decode(request, type=Step)))


def warm() -> None:
    """Do once what loads code when it is first done: look a name up, read a page."""
    with contextlib.suppress(OSError):
        socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    with contextlib.suppress(OSError), socket.socket() as stream:
        stream.settimeout(1)
        stream.connect(("127.0.0.1", 0))
    "localhost".encode("idna")
    page = b"<title>x</title><script type='application/ld+json'>{</script><img src=x>"
    read_page(page, "", parse("http://x/", FetchLimits()), "")


def serve(limits: FetchLimits, resolve: Resolve) -> NoReturn:
    """Serve until the asking side hangs up, looking names up with `resolve`."""
    exchanger = Exchanger(limits, trust(limits.ca_file), resolve, time.monotonic)
    warm()
    profile = Profile(network=True, readable=_READABLE, tcp_ports=Reach(limits).tcp_ports)
    run(partial(answer, exchanger), partial(confine, profile), limits.cpu_ms_max)


if __name__ == "__main__":
    serve(msgspec.json.decode(sys.argv[1], type=FetchLimits), system_resolve)
