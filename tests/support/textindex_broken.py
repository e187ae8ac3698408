"""Text indexes broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.tantivy.index import TantivyIndex
from bowerbird.adapters.tantivy.writer import TantivyWriter
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.textindex import Doc, Hit, Query
from tests.support.defects import Defect
from tests.support.textindex_subject import Subject, Variant, open_tantivy


class OnePart(TantivyWriter):
    """Puts what has readers among what everybody may find."""

    @override
    async def change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().change([*puts, *(_shared(doc) for doc in puts if doc.readers)], removed, applied)


class NothingIsRemoved(TantivyWriter):
    """Keeps what is to be removed."""

    @override
    async def change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().change(puts, [], applied)


class OffsetsGoBack(TantivyWriter):
    """Remembers whatever offsets it was told last."""

    @override
    async def change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        if applied:
            await super().clear()
        await super().change(puts, removed, applied)


class LastAnswerWins(TantivyIndex):
    """Goes on answering what it answered when it was first asked the same."""

    _said: dict[Query, list[Hit]]

    @override
    async def find(self, query: Query, limit: int) -> list[Hit]:
        self._said = getattr(self, "_said", {})
        if query not in self._said:
            self._said[query] = await super().find(query, limit)
        return self._said[query]


class ReadersAreOne(TantivyIndex):
    """Lets everybody find what anybody may read."""

    @override
    async def find_own(self, reader: Id, query: Query, limit: int) -> list[Hit]:
        found = await super().find_own(reader, query, limit)
        return found + [hit for each in (901, 902) for hit in await super().find_own(_id(each), query, limit)]


class OwnByStatistics(TantivyIndex):
    """Lets what others have weigh in the scores of one's own."""

    @override
    async def find_own(self, reader: Id, query: Query, limit: int) -> list[Hit]:
        others = await super().find_own(_id(902), query, limit)
        return [
            replace(hit, score=hit.score / (1 + len(others))) for hit in await super().find_own(reader, query, limit)
        ]


class AlwaysByScore(TantivyIndex):
    """Knows no freshness: newest and oldest are alike to it."""

    @override
    async def find(self, query: Query, limit: int) -> list[Hit]:
        return sorted(await super().find(query, limit), key=lambda hit: hit.id)


class NearIsFar(TantivyIndex):
    """Takes words for near that are further."""

    @override
    async def near(self, token: str, slips: int, limit: int) -> list[tuple[str, int]]:
        return await super().near(token, 2, limit)


def _id(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


def _shared(doc: Doc) -> Doc:
    return replace(doc, id=Id(bytes(reversed(doc.id))), readers=None)


def _writing(writer: type[TantivyWriter], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_tantivy, variant=Variant(writer=writer)), caught_by)


def _reading(reader: type[TantivyIndex], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_tantivy, variant=Variant(reader=reader)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "one part": _writing(OnePart, "nothing_shared_tells_of_what_has_readers"),
    "nothing is removed": _writing(NothingIsRemoved, "removed_documents_are_gone_at_once_for_all"),
    "offsets go back": _writing(OffsetsGoBack, "offsets_are_remembered_and_never_go_back"),
    "the last answer wins": _reading(LastAnswerWins, "a_reader_beside_sees_what_was_acknowledged"),
    "readers are one": _reading(ReadersAreOne, "what_has_readers_is_found_by_them_alone"),
    "one's own by statistics": _reading(OwnByStatistics, "what_one_has_tells_nothing_of_what_others_have"),
    "always by score": _reading(AlwaysByScore, "of_alike_documents_the_newest_comes_first"),
    "near is far": _reading(NearIsFar, "words_are_counted_and_near_ones_are_told"),
}
