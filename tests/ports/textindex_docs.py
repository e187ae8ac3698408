"""Documents for the suite of the text index, and what is asked of them."""

from bowerbird.base.ids import Id
from bowerbird.base.words import tokens
from bowerbird.ports.textindex import Doc, Form, Query, TextIndex, Want

BEGIN_US = 1_800_000_000_000_000
DAY_US = 86_400_000_000


def thing(number: int) -> Id:
    """Return the id of a document, or of a reader."""
    return Id(number.to_bytes(16, "big"))


ANN, BOB = thing(901), thing(902)


def doc(  # noqa: PLR0913 - a document's fields, each with a value that most tests leave
    number: int,
    name: str = "",
    text: str = "",
    around: str = "",
    *,
    tags: tuple[str, ...] = (),
    day: float = 0,
    joined: tuple[str, ...] = (),
    alike: str = "",
    readers: tuple[Id, ...] | None = None,
) -> Doc:
    """Return a document; `day`: how many days after the first it is of."""
    at = BEGIN_US + round(day * DAY_US)
    data = f"data of {number}".encode()
    return Doc(thing(number), at, tags, tokens(name), tokens(text), tokens(around), [*joined], alike, data, readers)


def word(token: str) -> Want:
    """Want a word."""
    return Want((Form("word", (token,)),))


def query(*wants: Want, **narrowed: object) -> Query:
    """Ask for all that is wanted."""
    return Query(wants=wants, **narrowed)  # pyright: ignore[reportArgumentType] - the fields of Query by name


def one(how: str, *said: str, slips: int = 0) -> Query:
    """Ask for one form."""
    return Query(wants=(Want((Form(how, said, slips=slips),)),))  # pyright: ignore[reportArgumentType] - as it is named


async def found(index: TextIndex, asked: Query, limit: int = 100, reader: Id | None = None) -> list[int]:
    """Return the numbers of the documents that are found, in order."""
    hits = await (index.find(asked, limit) if reader is None else index.find_own(reader, asked, limit))
    return [int.from_bytes(hit.id, "big") for hit in hits]
