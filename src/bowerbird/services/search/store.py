"""Search's documents and questions, in the words of the service; the only file of it that touches ports."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import log
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct, msgpack
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.base.words import Word, slips, tokens
from bowerbird.base.world import World
from bowerbird.contracts.boards import Board, Pin, Shown
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.search import FoundKind
from bowerbird.ports.askings import CHANGES_MAX as ASKINGS_MAX
from bowerbird.ports.askings import QUERY_CHARACTERS_MAX, Asking, Askings
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.textindex import CHANGE_MAX, TOKENS_MAX, WANTS_MAX, Doc, Form, Hit, Query, TextIndex, Want
from bowerbird.services.search.model import Scored
from bowerbird.services.search.parse import Asked, Term

Answer = TypeVar("Answer")
Weigh = Callable[[Term], float]

ASKED_CHARACTERS_MAX: Final = QUERY_CHARACTERS_MAX
"""What is longer is not counted."""

_BEGINS: Final = 0.5
_NEAR: Final = 0.5
_PARTS: Final = 0.4
_PART_MIN: Final = 4
"""Characters of a word from which it is found as the end or the beginning of another."""
_BEGUN_MIN: Final = 2
"""Characters of the last word from which it may go on: fewer begin too much."""
_NOTED_EVERY_US: Final = 60_000_000
_FIELD_TOKENS_MAX: Final = TOKENS_MAX // 4


Readers = tuple[Id, ...] | None
"""Who may find a thing; None: everybody."""


class BoardFace(NamedTuple):
    """What a board's pins take from it."""

    name: str
    readers: Readers


class Scope(Struct, frozen=True):
    """Among what is searched: things of a kind, of a person if any is named, until a time (microseconds)."""

    kind: FoundKind
    by: Id | None
    until: int

    def of(self, person: Id) -> "Scope":
        """Return the same, of a person alone."""
        return replace(self, by=person)


class Store:
    """The text index and what is asked of it; readers suffice where nothing is written."""

    def __init__(self, index: TextIndex, askings: Askings, world: World) -> None:
        self._index = index
        self._askings = askings
        self._world = world
        self._noted_us = 0
        self._noted_askings_us = 0

    async def find_exactly(self, asked: Asked, scope: Scope, limit: int) -> list[Scored]:
        """Return what everybody may find that has the words as they are written, or their stems: soon answered."""
        wants = [Want(tuple(_exactly(term))) for term in asked.terms]
        return _scored(await _answer(self._index.find(_narrowed(asked, scope, wants), limit)))

    async def find(self, asked: Asked, scope: Scope, limit: int, near: frozenset[str]) -> list[Scored]:
        """Return what everybody may find; `near`: words for which words like them will do."""
        return _scored(await _answer(self._index.find(_query(asked, scope, _weightless, near), limit)))

    async def find_own(self, reader: Id, asked: Asked, scope: Scope, limit: int, near: frozenset[str]) -> list[Scored]:
        """Return what only some may find, the reader among them, each word weighed as the public one is."""
        words = [word for term in asked.terms for word in term.words]
        documents, counts = await _answer(self._index.frequencies([token for word in words for token in _tokens(word)]))
        held = dict(zip((token for word in words for token in _tokens(word)), counts, strict=True))

        def weight(term: Term) -> float:
            return sum(_rarity(documents, min(held[token] for token in _tokens(word))) for word in term.words)

        return _scored(await _answer(self._index.find_own(reader, _query(asked, scope, weight, near), limit)))

    async def named(self, sought: Sequence[Word], kind: FoundKind, limit: int) -> list[Scored]:
        """Return public things of a kind whose names have the words, the last of them begun."""
        return _scored(await _answer(self._index.find(_names(sought, kind), limit)))

    async def named_own(self, reader: Id, sought: Sequence[Word], kind: FoundKind, limit: int) -> list[Scored]:
        """Return the same of what only some may find, the reader among them."""
        return _scored(await _answer(self._index.find_own(reader, _names(sought, kind), limit)))

    async def unknown(self, asked: Asked) -> frozenset[str]:
        """Return those of the words that nothing public has."""
        words = sorted(asked.words)
        _, counts = await _answer(self._index.frequencies(words))
        return frozenset(word for word, count in zip(words, counts, strict=True) if not count)

    async def near(self, word: str, most: int, limit: int) -> list[tuple[str, int]]:
        """Return public words within so many slips, and how many things have each."""
        return await _answer(self._index.near(word, most, limit))

    async def faces(self, ids: Sequence[Id]) -> list[bytes | None]:
        """Return what was noted of boards or people when they were put (up to CHANGE_MAX); None for others."""
        return await _answer(self._index.kept(ids))

    async def put_pins(
        self, pins: Iterable[tuple[Shown, User | None, Readers, Sequence[str]]], gone: Sequence[Id]
    ) -> None:
        """Put pins, each with who saved it, who may find it and what is seen in it; take out those that are gone."""
        await self._put([pin_doc(*one) for one in pins], gone)

    async def put_boards(self, boards: Iterable[tuple[Board, User | None, BoardFace]]) -> None:
        """Put boards, each with its owner and its face."""
        await self._put([board_doc(*one) for one in boards])

    async def put_people(self, people: Iterable[tuple[User, bytes]]) -> None:
        """Put people, each with their face."""
        await self._put([person_doc(*one) for one in people])

    async def _put(self, docs: list[Doc], gone: Sequence[Id] = ()) -> None:
        if docs or gone:
            await _answer(self._index.change(docs, gone))

    async def remove(self, ids: Sequence[Id]) -> None:
        """Take things out."""
        for start in range(0, len(ids), CHANGE_MAX):
            await _answer(self._index.change([], ids[start : start + CHANGE_MAX]))

    async def empty_board(self, board: Id) -> None:
        """Take out all pins of a board."""
        await _answer(self._index.drop(_tag("board", board)))

    async def note(self, offsets: list[Offset], *, changed: bool) -> None:
        """Remember up to where the log is in the index; where nothing changed, every now and then suffices."""
        now = self._world.now_us()
        if changed or now - self._noted_us >= _NOTED_EVERY_US:
            await self._index.change([], [], offsets)
            self._noted_us = now

    async def applied(self) -> list[Offset]:
        """Return up to where the log is in the index."""
        return await self._index.applied()

    async def begun(self, prefix: str, people_min: int, limit: int) -> list[str]:
        """Return queries that begin so and that so many people asked, those of most people first."""
        return await _answer(self._askings.begun(prefix, people_min, limit))

    async def note_askings(self, askings: Sequence[Asking], offsets: list[Offset]) -> None:
        """Note what was asked, and up to where the log is in it; where nothing was, every now and then suffices."""
        for start in range(0, len(askings), ASKINGS_MAX):
            await _answer(self._askings.note(askings[start : start + ASKINGS_MAX]))
        now = self._world.now_us()
        if askings or now - self._noted_askings_us >= _NOTED_EVERY_US:
            await _answer(self._askings.note([], offsets))
            self._noted_askings_us = now

    async def noted_askings(self) -> list[Offset]:
        """Return up to where the log is in what was noted of askings."""
        return await _answer(self._askings.applied())

    async def forget_asker(self, person: Id) -> None:
        """Forget for good what somebody asked."""
        await _answer(self._askings.forget(person))

    async def expire_askings(self, before_us: int) -> int:
        """Forget some of what was asked before a time; return how much."""
        return await _answer(self._askings.expire(before_us, ASKINGS_MAX))


def face(*parts: object) -> bytes:
    """Return what to note of a thing, to see later whether what others of it hold has changed."""
    return msgpack.encode(parts)


def pin_doc(shown: Shown, saver: User | None, readers: Readers, seen: Sequence[str] = ()) -> Doc:
    """Return how a pin is found: by its own words, and those of its site, its board, who saved it and what is seen."""
    pin, board = shown.pin, shown.access.board
    around = [
        pin.site or urlsplit(pin.url).hostname or "",
        board.name,
        *(() if saver is None else (saver.name, saver.handle)),
        *seen,
    ]
    tags = [_tag("board", board.id), "has:photo" if pin.media and not pin.link else "has:link", *_sites(pin)]
    tags += [f"in:{token}" for token in dict.fromkeys(tokens(board.name))]
    tags += [] if pin.saved_by is None else [_tag("by", pin.saved_by)]
    alike = "" if pin.link is None else pin.link.hex()
    return _doc(
        "pin", pin.id, pin.created_at, tags, (pin.title, [pin.note, pin.alt, pin.description], around), readers, alike
    )


def board_doc(board: Board, owner: User | None, now: BoardFace) -> Doc:
    """Return how a board is found."""
    around = [] if owner is None else [owner.name, owner.handle]
    said = (board.name, [board.description], around)
    return _doc("board", board.id, board.created_at, [_tag("by", board.owner)], said, now.readers, data=face(*now))


def person_doc(person: User, noted: bytes) -> Doc:
    """Return how a person is found: by name and by handle, whole and in its parts."""
    said = (f"{person.name} {person.handle}", [person.about], list[str]())
    made = _doc("person", person.id, person.created_at, [_tag("by", person.id)], said, None, data=noted)
    return replace(made, name=[*made.name, person.handle.lower()])


def _doc(
    kind: FoundKind,
    id_: Id,
    at: int,
    tags: list[str],
    said: tuple[str, list[str], list[str]],
    readers: Readers,
    alike: str = "",
    data: bytes = b"",
) -> Doc:
    name, text, around = said
    called = tokens(name)[:_FIELD_TOKENS_MAX]
    return Doc(
        id=id_,
        at=at,
        tags=(f"kind:{kind}", *tags),
        name=called,
        text=tokens("\n".join(text))[:_FIELD_TOKENS_MAX],
        around=tokens("\n".join(around))[:_FIELD_TOKENS_MAX],
        joined=[one + other for one, other in pairwise(called)],
        alike=alike,
        data=data,
        readers=readers,
    )


def _sites(pin: Pin) -> list[str]:
    """Return the tags of the domain whose page a pin is of, and of every domain above but the last."""
    host = urlsplit(pin.url).hostname or ""
    parts = host.removeprefix("www.").split(".")
    return [f"site:{'.'.join(parts[at:])}" for at in range(max(1, len(parts) - 1))] if host else []


def _tag(kind: str, id_: Id) -> str:
    return f"{kind}:{id_.hex()}"


def _query(asked: Asked, scope: Scope, weigh: Weigh, near: frozenset[str]) -> Query:
    return _narrowed(asked, scope, [Want(tuple(forms), weigh(term)) for term, forms in _forms(asked, near)])


def _narrowed(asked: Asked, scope: Scope, wants: list[Want]) -> Query:
    """Return what finds all that is wanted among what is searched, without what is not wanted."""
    tags = [f"kind:{scope.kind}", *(f"in:{token}" for token in asked.board)]
    tags += [f"site:{asked.site}"] if asked.site else []
    tags += [f"has:{asked.has}"] if asked.has else []
    tags += [_tag("by", scope.by)] if scope.by else []
    without = [Want(tuple(_exactly(term))) for term in asked.without]
    return Query(
        wants=tuple(wants[:WANTS_MAX]),
        without=tuple(without[: WANTS_MAX - len(wants)]),
        tags=tuple(tags),
        since=asked.since,
        until=scope.until,
    )


def _weightless(_term: Term) -> float:
    return 1.0


def _rarity(documents: int, holding: int) -> float:
    """Return what a word is worth by how seldom it is, as BM25 has it."""
    return log(1 + (documents - holding + 0.5) / (holding + 0.5)) if documents > holding else log(1.5)


def _forms(asked: Asked, near: frozenset[str]) -> Iterator[tuple[Term, list[Form]]]:
    """Yield each term with the ways in which it may be written."""
    terms = asked.terms
    for at, term in enumerate(terms):
        forms = _exactly(term)
        if not term.quoted:
            word = term.words[0]
            forms += _loosely(word, last=asked.open_end and at == len(terms) - 1, near=word.text in near)
            forms += [Form("word", (one + other,)) for one, other in _joints(terms, at)]
        yield term, forms


def _exactly(term: Term) -> list[Form]:
    """Return the ways to write a term itself: a run without spaces is a phrase of pairs."""
    if term.quoted:
        return [Form("phrase", tuple(token for word in term.words for token in _tokens(word)))]
    word = term.words[0]
    if not word.pairs:
        return [Form("word", (word.text,))]
    return [Form("phrase", _tokens(word)) if len(word.pairs) > 1 else Form("begins", word.pairs)]


def _loosely(word: Word, *, last: bool, near: bool) -> Iterator[Form]:
    """Yield what else a word may stand for: one that goes on, and, if it is to be near, a part, and a slip."""
    if word.pairs:
        return
    if (last and len(word.text) >= _BEGUN_MIN) or (near and len(word.text) >= _PART_MIN):
        yield Form("begins", (word.text,), _BEGINS)
    if near and len(word.text) >= _PART_MIN:
        yield Form("ends", (word.text,), _PARTS)
    if near and slips(word.text):
        yield Form("near", (word.text,), _NEAR, slips(word.text))


def _joints(terms: Sequence[Term], at: int) -> Iterator[tuple[str, str]]:
    """Yield a word with each of its neighbours, which somebody else may write as one."""
    for one, other in pairwise(terms[max(0, at - 1) : at + 2]):
        both = [*one.words, *other.words]
        if not (one.quoted or other.quoted or any(word.pairs for word in both)):
            yield one.words[0].text, other.words[0].text


def _names(sought: Sequence[Word], kind: FoundKind) -> Query:
    """Return what finds names that have all words, the last of which may go on."""
    terms = [Want(tuple(_exactly(Term((word,))))) for word in sought[:-1]]
    last = sought[-1]
    begun = Form("phrase", _tokens(last)) if len(last.pairs) > 1 else Form("named", (last.pairs or (last.text,))[:1])
    return Query(wants=(*terms, Want((begun,))), tags=(f"kind:{kind}",))


def _tokens(word: Word) -> tuple[str, ...]:
    """Return the tokens of a word that are to be found: a run's last character stands in the pair before it."""
    return (word.pairs[:-1] if len(word.pairs) > 1 else word.pairs) or (word.text,)


def _scored(hits: Iterable[Hit]) -> list[Scored]:
    return [Scored(hit.id, hit.score, hit.at, hit.alike) for hit in hits]


async def _answer(asked: Awaitable[Answer]) -> Answer:
    """Return what the index answers; Unavailable when it is away."""
    try:
        return await asked
    except EngineUnavailable as error:
        raise Unavailable("search is away for the moment", retry_after_s=1) from error
