"""Bodies and queries, from bytes to a route's types; whatever does not fit is a problem that names the field."""

import asyncio
import re
from contextlib import suppress
from typing import Final, TypeVar, cast
from urllib.parse import unquote_to_bytes

import msgspec

from bowerbird.contracts.problems import Invalid
from bowerbird.edge.http.asgi import Receive
from bowerbird.edge.http.problem import TooLarge, UnsupportedType

Value = TypeVar("Value")

_AT: Final = re.compile(r" - at `(?:key in )?\$(.*?)`\Z", re.DOTALL)
_NAMED: Final = re.compile(r"Object (?:contains unknown|missing required) field `(.*)`\Z", re.DOTALL)
_DIGITS_MAX: Final = 18
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")


class Disconnected(Exception):  # noqa: N818 - what the client did, not a fault
    """The client went away before its request was whole: there is nobody to answer."""


async def read_body(receive: Receive, content_length: bytes | None, bytes_max: int) -> bytes:
    """Return the whole body. Invalid, TooLarge, Disconnected."""
    if content_length is not None and _length(content_length) > bytes_max:
        raise TooLarge(f"a body has at most {bytes_max} bytes here")
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False) and len(body) <= bytes_max:
        return body
    pieces, length = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body", False) and length <= bytes_max:
        message = await receive()
        pieces.append(message.get("body", b""))
        length += len(pieces[-1])
    if message["type"] != "http.request":
        raise Disconnected
    if length > bytes_max:
        raise TooLarge(f"a body has at most {bytes_max} bytes here")
    return b"".join(pieces)


async def let_pass(receive: Receive, bytes_max: int, within_s: float) -> None:
    """Take what is still coming of a body, up to a bound and for so long, and forget it."""
    passed, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while more and passed < bytes_max:
                message = await receive()
                passed += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)


def _length(text: bytes) -> int:
    if not text.isdigit() or len(text) > _DIGITS_MAX:
        raise Invalid("this is no length", field="Content-Length")
    return int(text)


def check_json(content_type: bytes | None, content_encoding: bytes | None) -> None:
    """UnsupportedType unless the body is said to be JSON (in UTF-8, the only encoding it has), and not packed."""
    if content_encoding is not None and content_encoding.strip().lower() != b"identity":
        raise UnsupportedType("send the body as it is, not compressed", field="Content-Encoding")
    kind, _, parameters = (content_type or b"").lower().partition(b";")
    if kind.strip() != b"application/json":
        raise UnsupportedType("send application/json", field="Content-Type")
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    if charset not in {b"", b"charset=utf-8"}:
        raise UnsupportedType("JSON is in UTF-8", field="Content-Type")


def json_body(decoder: msgspec.json.Decoder[Value], body: bytes) -> Value:
    """Decode a body. Invalid, with the field at fault where the body is JSON at all."""
    try:
        value = decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"the body is not JSON: {_sentence(str(error))}") from None
    if rb"\u0000" in body:
        _refuse_nul(msgspec.to_builtins(value), "")
    return value


def query_fields(query: bytes) -> dict[str, str]:
    """Return the parameters of a query string. Invalid for one given twice, and for what is no UTF-8 text."""
    fields: dict[str, str] = {}
    for part in query.split(b"&"):
        if not part:
            continue
        name, _, value = part.partition(b"=")
        key = _text(name, "")
        if key in fields:
            raise Invalid("give this once", field=key)
        fields[key] = _text(value, key)
    return fields


def convert(fields: dict[str, str], type_: type[Value]) -> Value:
    """Make a query of a route's type of its fields. Invalid, with the field at fault."""
    try:
        return msgspec.convert(fields, type_, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None


def refuse_unknown(fields: dict[str, str]) -> None:
    """Invalid for the first of any parameters, where a route takes none."""
    for name in fields:
        raise Invalid("there is no such parameter here", field=name)


def _text(part: bytes, field: str) -> str:
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise Invalid("this is not UTF-8", field=field) from None
    if _CONTROLS.search(text):
        raise Invalid("this contains a control character", field=field)
    return text


def _invalid(error: msgspec.ValidationError) -> Invalid:
    message = str(error)
    at = _AT.search(message)
    if at is not None:
        message = message[: at.start()]
    path = at[1].removeprefix(".") if at is not None else ""
    named = _NAMED.match(message)
    if named is not None:
        path = f"{path}.{named[1]}" if path else named[1]
    return Invalid(_sentence(message), field=path)


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:200]


def _refuse_nul(value: object, path: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise Invalid("this contains a NUL", field=path)
    if isinstance(value, dict):
        for name, part in cast("dict[str, object]", value).items():
            _refuse_nul(part, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        for place, part in enumerate(cast("list[object]", value)):
            _refuse_nul(part, f"{path}[{place}]")
