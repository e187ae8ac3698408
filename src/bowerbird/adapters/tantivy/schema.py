"""How a document stands in an index: its fields, what they are made of, and how its words are cut there."""

from math import log2
from typing import Final

from msgspec import msgpack
from tantivy import Document, Filter, Schema, SchemaBuilder, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.textindex import Doc

VERSION: Final = 2
"""Of everything here: an index of another version is built again."""

FIELDS: Final = {"name": 3.0, "text": 1.5, "around": 1.0}
"""The fields in which a word is found, and what each is worth."""
STEM: Final = 0.6
"""What a word is worth that has only its stem in common with what was sought."""

START_MAX: Final = 4
"""Characters of the longest beginning of a name's token that is a word of its own in the index."""

APPLIED: Final = "applied"
"""The id of the document that holds the offsets."""

_EPOCH_US: Final = 1_767_225_600_000_000  # the first day of 2026
_FRESH_MAX: Final = 100.0
"""Of what comes 13 years later; by then a next version begins later."""
_HALVED_US: Final = 2 * 365 * 86_400_000_000
_HIGH: Final = 8


def schema() -> Schema:
    """Return the fields.

    `stem`: the stem of every token, the joined ones too, so that nothing has a word without having its stem. `all`:
    every token; `back`: the same read backwards, whose beginnings are ends; `starts`: the first characters of the
    name's tokens, of which there are few, where a dictionary has very many words that begin so. `hi`, `lo`: the id's
    halves, read without the document.
    """
    builder = SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name="spaced", index_option="position")
    builder.add_text_field("stem", tokenizer_name="stemmed", index_option="freq")
    for field in ("all", "back", "starts"):
        builder.add_text_field(field, tokenizer_name="spaced", index_option="basic")
    builder.add_text_field("tags", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("hi", fast=True)
    builder.add_unsigned_field("lo", fast=True)
    builder.add_integer_field("at", fast=True, indexed=True)
    builder.add_float_field("fresh", fast=True)
    builder.add_unsigned_field("alike", fast=True, indexed=True)
    builder.add_bytes_field("data", stored=True)
    return builder.build()


def analyzers() -> dict[str, TextAnalyzer]:
    """Return how text is cut, by name: tokens come with spaces between them."""
    spaced = TextAnalyzerBuilder(Tokenizer.whitespace())
    stemmed = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("english"))
    return {"spaced": spaced.build(), "stemmed": stemmed.build()}


def document(doc: Doc, alike: int) -> Document:
    """Return what the index is given; `alike`: a number that stands for what the document is one of, 0 for nothing."""
    made = Document()
    made.add_text("id", doc.id.hex())
    spaced = {"name": " ".join(doc.name), "text": " ".join(doc.text), "around": " ".join(doc.around)}
    for field, text in spaced.items():
        made.add_text(field, text)
        made.add_text("stem", text)
    made.add_text("stem", " ".join(doc.joined))
    every = dict.fromkeys((*doc.name, *doc.text, *doc.around, *doc.joined))
    made.add_text("all", " ".join(every))
    made.add_text("back", " ".join(token[::-1] for token in every))
    made.add_text("starts", " ".join({token[:length] for token in doc.name for length in range(1, START_MAX + 1)}))
    for tag in (*doc.tags, *map(reader_tag, doc.readers or ())):
        made.add_text("tags", tag)
    made.add_unsigned("hi", int.from_bytes(doc.id[:_HIGH], "big"))
    made.add_unsigned("lo", int.from_bytes(doc.id[_HIGH:], "big"))
    made.add_integer("at", doc.at)
    made.add_float("fresh", _fresh(doc.at))
    made.add_unsigned("alike", alike)
    made.add_bytes("data", doc.data)
    return made


def _fresh(at: int) -> float:
    """Return what a score is weighted by: the engine multiplies it by the binary logarithm of this and two."""
    factor = 2.0 ** min((at - _EPOCH_US) / _HALVED_US, log2(_FRESH_MAX))
    return 2.0**factor - 2.0


def reader_tag(reader: Id) -> str:
    """Return the tag of what a reader may find."""
    return f"for:{reader.hex()}"


def offsets_document(offsets: list[Offset]) -> Document:
    """Return the document that holds offsets."""
    made = Document()
    made.add_text("id", APPLIED)
    made.add_bytes("data", msgpack.encode(offsets))
    return made


def read_offsets(data: bytes) -> list[Offset]:
    """Return the offsets that a document holds."""
    return msgpack.decode(data, type=list[Offset])


def id_of(high: int, low: int) -> Id:
    """Return the id of which these are the halves."""
    return Id((high << 64 | low).to_bytes(16, "big"))
