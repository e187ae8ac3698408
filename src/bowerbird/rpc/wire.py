"""Messages on the wire, as the published MessagePack-RPC protocol has them.

Request [0, number, method, params], response [1, number, error, result], notification [2, method, params]. The first
of the params is always a `Context`, the method's own arguments follow. An error is nil or [code, arguments...].
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct

from bowerbird.rpc.guard import Guard

REQUEST: Final = 0
RESPONSE: Final = 1
NOTIFICATION: Final = 2
NUMBERS: Final = 1 << 32
"""Requests are numbered modulo this."""

PING: Final = "rpc.ping"
"""A method that every server has: it takes nothing, returns nil, and is answered whatever else is under way."""
STOPPING: Final = "rpc.stopping"
"""A notification, of the server to its clients: no further call is begun here; who has none under way hangs up."""

TIMEOUT_MS_MAX: Final = 24 * 3600 * 1000

_NIL = Raw(b"\xc0")
_encoder = msgspec.msgpack.Encoder()
_numbered = msgspec.msgpack.Decoder(tuple[int, int, Raw, Raw])
_unnumbered = msgspec.msgpack.Decoder(tuple[int, str, Raw])
_text = msgspec.msgpack.Decoder(str)

_ARRAY_16: Final = 0xDC
_ARRAY_32: Final = 0xDD
_HEADER_BYTES: Final = {_ARRAY_16: 3, _ARRAY_32: 5}


class Context(Struct, frozen=True, array_like=True):
    """What travels with every call: the time that is left for it, and its seal where the peer has a `Guard`.

    Later fields are added behind, with defaults.
    """

    timeout_ms: Annotated[int, Meta(ge=0, le=TIMEOUT_MS_MAX)]
    seal: bytes = b""


class _Head(Struct, array_like=True):
    """The beginning of the params; what follows is left undecoded."""

    context: Raw


_head = msgspec.msgpack.Decoder(_Head)
_context = msgspec.msgpack.Decoder(Context)


class Request(Struct, frozen=True, gc=False):
    """Somebody asks; `number` None: without waiting for an answer."""

    number: int | None
    method: str
    params: Raw


class Response(Struct, frozen=True, gc=False):
    """The answer to the request of that number; `error` None where there is a result."""

    number: int
    error: Raw | None
    result: Raw


class Malformed(Exception):  # noqa: N818 - it names the message
    """Well-framed bytes that are no message of the protocol."""


def encode_request(
    number: int, method: str, timeout_ms: int, arguments: tuple[Any, ...], guard: Guard | None = None
) -> bytes:
    """Return a request, sealed by the guard; TypeError or OverflowError for what MessagePack cannot hold."""
    if guard is None:
        return _encoder.encode((REQUEST, number, method, (Context(timeout_ms), *arguments)))
    parts = [_encoder.encode(argument) for argument in arguments]
    seal = guard.seal(method, parts[0] if len(parts) == 1 else b"".join(parts))
    return _encoder.encode((REQUEST, number, method, (Context(timeout_ms, seal), *map(Raw, parts))))


def is_sealed(request: "Request", guard: Guard) -> bool:
    """Return whether a request bears the guard's seal; its arguments are not decoded."""
    try:
        head = _head.decode(request.params)
        seal = _context.decode(head.context).seal
    except msgspec.MsgspecError:
        return False
    params = memoryview(request.params)
    begin = _HEADER_BYTES.get(params[0], 1) + memoryview(head.context).nbytes
    return guard.is_good(request.method, params[begin:], seal)


def encode_result(number: int, result: object) -> bytes:
    """Return a response; TypeError or OverflowError for a result that MessagePack cannot hold."""
    return _encoder.encode((RESPONSE, number, None, result))


def encode_notification(method: str) -> bytes:
    """Return a notification that says nothing but its name."""
    return _encoder.encode((NOTIFICATION, method, ()))


def encode_error(number: int, error: tuple[Any, ...]) -> bytes:
    """Return a response of an error."""
    return _encoder.encode((RESPONSE, number, error, None))


def decode_whole(data: bytes) -> Request | Response | None:
    """Return the message that the data is, if it is exactly one; what else it may be is for `Frames` to find out."""
    try:
        return decode(data)
    except (Malformed, RecursionError):
        return None


def decode(frame: bytes) -> Request | Response:
    """Return the message; Malformed."""
    try:
        if frame[0] == 0x93:  # noqa: PLR2004 - an array of three: nothing but a notification has that form
            kind, method, params = _unnumbered.decode(frame)
            if kind == NOTIFICATION:
                return Request(None, method, params)
        else:
            kind, number, third, fourth = _numbered.decode(frame)
            if kind == REQUEST and 0 <= number < NUMBERS:
                return Request(number, _text.decode(third), fourth)
            if kind == RESPONSE:
                return Response(number, None if third == _NIL else third, fourth)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    raise Malformed(f"no message is of kind {kind}")
