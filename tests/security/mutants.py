"""Mutants of a text that proves something: every bit, every byte, every part, and what its base64 stands for."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

_PARTS = re.compile(rb"[A-Za-z0-9_-]{8,}")
_NOTHING = re.compile(rb"&+")
_ALPHABETS = bytes.maketrans(b"-_", b"+/")


def mutants(text: bytes) -> dict[str, list[bytes]]:
    """Return the mutants of a text by class, none of them the text itself."""
    places = range(len(text))
    classes = {
        # One of the eight bits a byte, each in turn: which one, says little before what it stands for is read.
        "a bit of it": (turned for number, turned in enumerate(bits(text)) if number % 8 == number // 8 % 8),
        "a byte gone": (text[:at] + text[at + 1 :] for at in places),
        "a byte twice": (text[:at] + text[at : at + 1] + text[at:] for at in places),
        "neighbours exchanged": (
            text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :] for at in range(len(text) - 1)
        ),
        "a letter's case": (text[:at] + text[at : at + 1].swapcase() + text[at + 1 :] for at in places),
        "a byte made another": (text[:at] + other + text[at + 1 :] for at in places for other in (b"A", b"0")),
        "cut off behind": (text[:at] for at in places),
        "cut off before": (text[at:] for at in range(1, len(text))),
        "something behind": (text + more for more in (b"A", b"=", b"==", b".", b"%00", b"/", b"\xc3\xbc")),
        "something before": (more + text for more in (b"A", b"=", b".", b"%00", b"/", b"\xc3\xbc")),
        "the other alphabet": iter([text.translate(_ALPHABETS)]),
        "a bit of what it stands for": decoded_bits(text),
        "padding": (text[: part.end()] + b"=" + text[part.end() :] for part in _PARTS.finditer(text)),
        "a part emptied": (text[: part.start()] + text[part.end() :] for part in _PARTS.finditer(text)),
        "a part of zeros": (
            text[: part.start()] + b"A" * len(part[0]) + text[part.end() :] for part in _PARTS.finditer(text)
        ),
    }
    return {name: sorted(each for each in {*found} if not alike(each, text)) for name, found in classes.items()}


def alike(one: bytes, other: bytes) -> bool:
    """Say whether two texts mean the same where they stand in an address: %2f is %2F, && is &."""
    mine, others = (_NOTHING.sub(b"&", unquote_to_bytes(text)) for text in (one, other))
    return mine == others


def bits(text: bytes) -> Iterator[bytes]:
    """Yield the text with one bit turned, for each of its bits."""
    for at, byte in enumerate(text):
        for bit in range(8):
            yield text[:at] + bytes([byte ^ 1 << bit]) + text[at + 1 :]


def decoded_bits(text: bytes) -> Iterator[bytes]:
    """Yield the text with one bit turned of what a part of it stands for in base64, for each bit of each part."""
    for part in _PARTS.finditer(text):
        if len(part[0]) % 4 == 1:
            continue
        data = urlsafe_b64decode(part[0] + b"=" * (-len(part[0]) % 4))
        for other in bits(data):
            yield text[: part.start()] + urlsafe_b64encode(other).rstrip(b"=") + text[part.end() :]
