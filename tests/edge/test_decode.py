import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from bowerbird.contracts.problems import Invalid
from bowerbird.edge.http import decode
from bowerbird.edge.http.asgi import Message
from bowerbird.edge.http.problem import TooLarge, UnsupportedType


class Inner(Struct, forbid_unknown_fields=True):
    pin: str


class Input(Struct, forbid_unknown_fields=True):
    name: str
    pins: list[Inner] = []
    limit: int = 1


DECODER = msgspec.json.Decoder(Input)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"name":1}', "name"),
        (b"{}", "name"),
        (b'{"name":"a","nmae":"b"}', "nmae"),
        (b'{"name":"a","pins":[{"pin":"x"},{"pin":7}]}', "pins[1].pin"),
        (b'{"name":"a","pins":[{"pim":"x"}]}', "pins[0].pim"),
        (b'{"name":"a\\u0000"}', "name"),
        (b'{"name":"a","pins":[{"pin":"\\u0000"}]}', "pins[0].pin"),
        (b"[]", ""),
        (b"{", ""),
        (b"", ""),
        (b'{"name":"\xff"}', ""),
        (b'{"name":"\\ud800"}', ""),
        (b'{"name":"a"}{}', ""),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(body: bytes, field: str) -> None:
    with pytest.raises(Invalid) as told:
        decode.json_body(DECODER, body)
    assert told.value.field == field
    assert "`$" not in told.value.detail


def test_an_escaped_backslash_is_no_nul() -> None:
    assert decode.json_body(DECODER, rb'{"name":"\\u0000"}').name == r"\u0000"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (b"limit=x", "limit"),
        (b"a=1&a=2", "a"),
        (b"name=%ff", "name"),
        (b"%ff=1", ""),
        (b"name=%00", "name"),
        (b"x=1", "x"),
    ],
)
def test_a_query_that_does_not_fit_names_the_parameter(query: bytes, field: str) -> None:
    with pytest.raises(Invalid) as told:
        decode.convert({"name": "a", **decode.query_fields(query)}, Input)
    assert told.value.field == field


def test_a_query_is_read_as_forms_write_it() -> None:
    assert decode.query_fields(b"name=a+b%20c&limit=5&&e=") == {"name": "a b c", "limit": "5", "e": ""}


@given(st.binary(max_size=100))
def test_no_query_breaks_the_reader(query: bytes) -> None:
    try:
        fields = decode.query_fields(query)
    except Invalid:
        return
    assert all("\0" not in value for value in fields.values())


@pytest.mark.parametrize(
    "kind", [b"application/json", b"Application/JSON; charset=UTF-8", b'application/json;charset="utf-8"']
)
def test_json_is_taken(kind: bytes) -> None:
    decode.check_json(kind, None)
    decode.check_json(kind, b" Identity ")


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"", b"identity, gzip"])
def test_what_is_packed_is_not(coding: bytes) -> None:
    with pytest.raises(UnsupportedType) as refused:
        decode.check_json(b"application/json", coding)
    assert refused.value.field == "Content-Encoding"


@pytest.mark.parametrize("kind", [None, b"", b"text/plain", b"application/json; charset=latin-1", b"application/jsonx"])
def test_other_types_are_not(kind: bytes | None) -> None:
    with pytest.raises(UnsupportedType) as refused:
        decode.check_json(kind, None)
    assert refused.value.field == "Content-Type"


class Sender:
    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)

    async def __call__(self) -> Message:
        return self.messages.pop(0)


def piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_comes_in_pieces() -> None:
    sender = Sender(piece(b"ab", more=True), piece(b"", more=True), piece(b"cd", more=False))
    assert await decode.read_body(sender, None, 4) == b"abcd"


@pytest.mark.parametrize("pieces", [[b"abcde"], [b"abc", b"de"], [b"abc", b"de", b"never read"]])
async def test_a_body_is_bounded_whatever_its_length_is_said_to_be(pieces: list[bytes]) -> None:
    sender = Sender(*(piece(body, more=place < len(pieces) - 1) for place, body in enumerate(pieces)))
    with pytest.raises(TooLarge):
        await decode.read_body(sender, b"1", 4)


async def test_a_stated_length_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        await decode.read_body(Sender(), b"5", 4)
    for length in (b"-1", b"x", b"", b"9" * 40):
        with pytest.raises(Invalid):
            await decode.read_body(Sender(), length, 4)


async def test_a_client_that_leaves_is_not_answered() -> None:
    with pytest.raises(decode.Disconnected):
        await decode.read_body(Sender(piece(b"ab", more=True), {"type": "http.disconnect"}), None, 4)


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_any_json_is_decoded_or_refused(value: object) -> None:
    with pytest.raises(Invalid):
        decode.json_body(DECODER, json.dumps(value).encode())
