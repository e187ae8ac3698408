"""What changes do, who may find what, and what lasts."""

import pytest

from bowerbird.ports.log import Offset
from bowerbird.ports.textindex import CHANGE_MAX, READERS_MAX, TOKENS_MAX, Size
from tests.ports.suite import Suite
from tests.ports.textindex_docs import ANN, BOB, doc, found, query, thing, word
from tests.support.textindex_subject import Subject

CHANGES = Suite[Subject]()
LAMP = query(word("lamp"))


@CHANGES.check
async def a_document_takes_the_place_of_the_one_with_its_id(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(2, "lamp")], [])
    await subject.index.change([doc(1, "chair")], [])
    await subject.index.change([doc(1, "chair")], [])
    assert await found(subject.index, LAMP) == [2]
    assert await found(subject.index, query(word("chair"))) == [1]
    assert (await subject.index.size()).shared == 2


@CHANGES.check
async def of_two_with_one_id_the_later_counts(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(1, "chair")], [])
    assert await found(subject.index, query(word("chair"))) == [1]
    assert await found(subject.index, LAMP) == []


@CHANGES.check
async def removed_documents_are_gone_at_once_for_all(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(2, "lamp", readers=(ANN,))], [])
    assert await found(subject.beside, LAMP) == [1]
    await subject.index.change([], [thing(1), thing(2), thing(3)])
    for index in (subject.index, subject.beside):
        assert await found(index, LAMP) == await found(index, LAMP, reader=ANN) == []
        assert await index.near("lamq", 1, 10) == []
        assert await index.kept([thing(1), thing(2)]) == [None, None]


@CHANGES.check
async def what_has_readers_is_found_by_them_alone(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp", readers=(ANN,)), doc(2, "lamp", readers=(ANN, BOB)), doc(3, "lamp")], [])
    assert sorted(await found(subject.index, LAMP, reader=ANN)) == [1, 2]
    assert await found(subject.index, LAMP, reader=BOB) == [2]
    assert await found(subject.index, LAMP, reader=thing(7)) == []
    assert await found(subject.index, LAMP) == [3]


@CHANGES.check
async def nothing_shared_tells_of_what_has_readers(subject: Subject) -> None:
    shared = [doc(1, "lamp", alike="a"), doc(2, "lamp table"), doc(3, "table")]
    await subject.index.change(shared, [])
    before = await told(subject)
    own = [doc(number, "lamp lamb", alike="a", readers=(ANN,)) for number in range(10, 30)]
    await subject.index.change(own, [])
    assert await told(subject) == before


@CHANGES.check
async def what_one_has_tells_nothing_of_what_others_have(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp", readers=(ANN,)), doc(2, "lamp table", readers=(ANN,))], [])
    before = await subject.index.find_own(ANN, LAMP, 10)
    await subject.index.change([doc(number, "lamp", readers=(BOB,)) for number in range(10, 30)], [])
    assert await subject.index.find_own(ANN, LAMP, 10) == before


async def told(subject: Subject) -> list[object]:
    """Return everything that the shared part answers."""
    index = subject.index
    return [
        await index.find(LAMP, 10),
        await index.find(query(), 10),
        await index.frequencies(["lamp", "lamb"]),
        await index.near("lamq", 2, 10),
        await index.near("lam", 1, 10),
    ]


@CHANGES.check
async def documents_go_from_one_part_to_the_other(subject: Subject) -> None:
    for _ in range(2):
        await subject.index.change([doc(1, "lamp")], [])
        assert (await found(subject.index, LAMP), await found(subject.index, LAMP, reader=ANN)) == ([1], [])
        await subject.index.change([doc(1, "lamp", readers=(ANN,))], [])
        assert (await found(subject.index, LAMP), await found(subject.index, LAMP, reader=ANN)) == ([], [1])


@CHANGES.check
async def a_reader_beside_sees_what_was_acknowledged(subject: Subject) -> None:
    for number in range(1, 6):
        await subject.index.change([doc(number, "lamp", day=number)], [])
        assert await found(subject.beside, LAMP) == [*range(number, 0, -1)]


@CHANGES.check
async def a_tag_drops_what_has_it(subject: Subject) -> None:
    docs = [
        doc(1, "lamp", tags=("board:a",)),
        doc(2, "lamp", tags=("board:b",)),
        doc(3, "lamp", tags=("board:a",), readers=(ANN,)),
    ]
    await subject.index.change(docs, [])
    for _ in range(2):
        await subject.index.drop("board:a")
        assert await found(subject.beside, LAMP) == [2]
        assert await found(subject.beside, LAMP, reader=ANN) == []
    await subject.index.drop("lamp")
    assert await found(subject.beside, LAMP) == [2]


@CHANGES.check
async def data_is_given_back(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(2, "lamp", readers=(ANN,))], [])
    assert await subject.index.kept([thing(2), thing(3), thing(1)]) == [b"data of 2", None, b"data of 1"]
    assert await subject.index.kept([]) == []


@CHANGES.check
async def offsets_are_remembered_and_never_go_back(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp")], [], [Offset(0, 7)])
    await subject.index.change([], [], [Offset(1, 3)])
    await subject.index.change([doc(2, "lamp", readers=(ANN,))], [], [Offset(0, 5)])
    assert sorted(await subject.beside.applied(), key=lambda each: each.partition) == [Offset(0, 7), Offset(1, 3)]
    assert await found(subject.index, query()) == [1]
    size = await subject.index.size()
    assert (size.shared, size.own) == (1, 1)
    assert await subject.index.frequencies([]) == (1, [])


@CHANGES.check
async def everything_outlasts_a_restart(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(2, "lamp", readers=(ANN,))], [], [Offset(0, 7)])
    await subject.reopen()
    assert await found(subject.index, LAMP) == [1]
    assert await found(subject.index, LAMP, reader=ANN) == [2]
    assert await subject.index.applied() == [Offset(0, 7)]
    await subject.index.change([doc(3, "lamp", day=1)], [])
    assert await found(subject.beside, LAMP) == [3, 1]


@CHANGES.check
async def cleared_is_as_new(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(2, "lamp", readers=(ANN,))], [], [Offset(0, 7)])
    await subject.index.clear()
    await subject.index.clear()
    assert await found(subject.beside, query()) == await found(subject.beside, query(), reader=ANN) == []
    assert await subject.beside.applied() == []
    size = await subject.beside.size()
    assert size == Size(0, 0, size.bytes)


@CHANGES.check
async def an_index_that_is_broken_is_begun_anew(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp")], [], [Offset(0, 7)])

    def spoil() -> None:
        for meta in subject.folder.rglob("meta.json"):
            meta.write_text("{")

    await subject.reopen(spoil)
    assert await subject.index.applied() == []
    await subject.index.change([doc(2, "lamp")], [])
    assert await found(subject.index, LAMP) == [2]


@CHANGES.check
async def too_much_is_refused_and_nothing_of_it_done(subject: Subject) -> None:
    with pytest.raises(ValueError, match="documents"):
        await subject.index.change([doc(number, "lamp") for number in range(CHANGE_MAX + 1)], [])
    with pytest.raises(ValueError, match="documents"):
        await subject.index.change([doc(1, "lamp")], [thing(number) for number in range(CHANGE_MAX + 1)])
    with pytest.raises(ValueError, match="tokens"):
        await subject.index.change([doc(1, "lamp"), doc(2, "lamp " * (TOKENS_MAX + 1))], [])
    with pytest.raises(ValueError, match="readers"):
        await subject.index.change([doc(1, "lamp"), doc(2, readers=(ANN,) * (READERS_MAX + 1))], [])
    assert await found(subject.index, query()) == []
