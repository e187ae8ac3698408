"""What is found by which words, and in which order."""

import pytest

from bowerbird.ports.textindex import HITS_MAX, WANTS_MAX, Form, Query, Want
from tests.ports.suite import Suite
from tests.ports.textindex_docs import BEGIN_US, DAY_US, doc, found, one, query, thing, word
from tests.support.textindex_subject import Subject

WORDS = Suite[Subject]()


@WORDS.check
async def an_empty_index_finds_nothing(subject: Subject) -> None:
    assert await found(subject.index, query(word("lamp"))) == []
    assert await found(subject.index, query()) == []
    assert await subject.index.frequencies(["lamp"]) == (0, [0])
    assert await subject.index.near("lamp", 2, 10) == []
    assert await subject.index.applied() == []


@WORDS.check
async def a_word_is_found_in_every_field_and_the_name_weighs_most(subject: Subject) -> None:
    docs = [doc(1, around="a lamp"), doc(2, text="a lamp"), doc(3, name="a lamp"), doc(4, name="a chair")]
    await subject.index.change(docs, [])
    assert await found(subject.index, query(word("lamp"))) == [3, 2, 1]


@WORDS.check
async def a_seldom_word_weighs_more(subject: Subject) -> None:
    docs = [doc(number, "lamp") for number in range(1, 9)]
    await subject.index.change([*docs, doc(9, text="lamp verdigris")], [])
    either = Want((Form("word", ("lamp",)), Form("word", ("verdigris",))))
    assert (await found(subject.index, query(either)))[0] == 9


@WORDS.check
async def words_are_found_by_their_stems(subject: Subject) -> None:
    await subject.index.change([doc(1, "running lamps"), doc(2, "a lamp"), doc(3, "lampoon")], [])
    assert await found(subject.index, query(word("lamp"))) == [2, 1]
    assert await found(subject.index, query(word("lamps"))) == [1, 2]
    assert await found(subject.index, query(word("run"))) == [1]


@WORDS.check
async def all_that_is_wanted_is_there_and_nothing_that_is_not(subject: Subject) -> None:
    docs = [doc(1, "brass lamp"), doc(2, "lamp"), doc(3, "brass"), doc(4, "brass lamp", "broken")]
    await subject.index.change(docs, [])
    assert sorted(await found(subject.index, query(word("brass"), word("lamp")))) == [1, 4]
    assert await found(subject.index, query(word("brass"), word("lamp"), without=(word("broken"),))) == [1]
    assert sorted(await found(subject.index, query(without=(word("lamp"),)))) == [3]


@WORDS.check
async def forms_of_a_word(subject: Subject) -> None:
    await subject.index.change(
        [doc(1, "lampshade"), doc(2, "a lmap"), doc(3, "headlamp"), doc(4, text="lampshade")], []
    )
    assert sorted(await found(subject.index, one("begins", "lamp"))) == [1, 4]
    assert sorted(await found(subject.index, one("named", "lamp"))) == [1]
    assert await found(subject.index, one("ends", "lamp")) == [3]
    assert await found(subject.index, one("near", "lamp", slips=1)) == [2]
    assert await found(subject.index, one("near", "lamq", slips=1)) == []
    assert await found(subject.index, one("near", "lamq", slips=2)) == [2]


@WORDS.check
async def signs_of_patterns_are_only_signs(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp")], [])
    for how in ("begins", "ends", "named"):
        for said in (".*", "l.mp", "[l", "(", "la|mp", "l\\", "☕+", '"', "#", "&", "~", "<", "@", "{2}"):
            assert await found(subject.index, one(how, said)) == []


@WORDS.check
async def a_phrase_stands_in_one_field_in_order(subject: Subject) -> None:
    await subject.index.change(
        [doc(1, "brass table lamp"), doc(2, "brass lamp"), doc(3, "lamp brass"), doc(4, "brass", "lamp")], []
    )
    assert await found(subject.index, one("phrase", "brass", "lamp")) == [2]
    assert sorted(await found(subject.index, one("phrase", "brass"))) == [1, 2, 3, 4]


@WORDS.check
async def joined_words_find_what_is_written_apart(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp shade", joined=("lampshade",)), doc(2, "lampshade")], [])
    assert await found(subject.index, query(word("lampshade"))) == [2, 1]
    assert await found(subject.index, one("phrase", "lampshade")) == [2]


@WORDS.check
async def tags_narrow_and_are_no_words(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp", tags=("kind:pin", "has:photo")), doc(2, "lamp", tags=("kind:pin",))], [])
    assert sorted(await found(subject.index, query(word("lamp"), tags=("kind:pin",)))) == [1, 2]
    assert await found(subject.index, query(word("lamp"), tags=("kind:pin", "has:photo"))) == [1]
    assert await found(subject.index, query(tags=("has:photo",))) == [1]
    assert await found(subject.index, query(word("kind:pin"))) == []


@WORDS.check
async def times_narrow_from_and_up_to_but_not_with(subject: Subject) -> None:
    await subject.index.change([doc(day, "lamp", day=day) for day in range(4)], [])
    asked = query(word("lamp"), since=BEGIN_US + DAY_US, until=BEGIN_US + 3 * DAY_US)
    assert sorted(await found(subject.index, asked)) == [1, 2]
    assert sorted(await found(subject.index, query(since=BEGIN_US + 2 * DAY_US))) == [2, 3]
    assert await found(subject.index, query(until=BEGIN_US + DAY_US)) == [0]


@WORDS.check
async def of_alike_documents_the_newest_comes_first(subject: Subject) -> None:
    await subject.index.change([doc(number, "lamp", day=number) for number in (3, 1, 2)], [])
    assert await found(subject.index, query(word("lamp"))) == [3, 2, 1]
    assert await found(subject.index, query(word("lamp")), limit=2) == [3, 2]


@WORDS.check
async def two_years_halve_a_score(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp", day=0), doc(2, "lamp", day=730)], [])
    newer, older = await subject.index.find(query(word("lamp")), 10)
    assert newer.score == pytest.approx(2 * older.score, rel=1e-4)


@WORDS.check
async def without_wants_the_newest_come_first(subject: Subject) -> None:
    await subject.index.change([doc(number, f"{'lamp ' * number}", day=number) for number in (2, 4, 1, 3)], [])
    assert await found(subject.index, query(), limit=3) == [4, 3, 2]


@WORDS.check
async def hits_tell_their_time_and_how_many_are_alike(subject: Subject) -> None:
    docs = [doc(1, "lamp", day=1, alike="a"), doc(2, "chair", alike="a"), doc(3, "lamp", alike="b"), doc(4, "lamp")]
    await subject.index.change(docs, [])
    hits = {hit.id: (hit.at, hit.alike) for hit in await subject.index.find(query(word("lamp")), 10)}
    assert hits == {thing(1): (BEGIN_US + DAY_US, 2), thing(3): (BEGIN_US, 1), thing(4): (BEGIN_US, 0)}


@WORDS.check
async def words_of_every_script(subject: Subject) -> None:
    texts = ["東京都の灯り", "مصباح نحاسي", "מנורת פליז", "латунная лампа", "ไฟทองเหลือง", "황동 램프"]
    await subject.index.change([doc(number, text) for number, text in enumerate(texts)], [])
    assert await found(subject.index, one("phrase", "東京", "京都")) == [0]
    assert await found(subject.index, query(word("مصباح"))) == [1]
    assert await found(subject.index, query(word("פליז"))) == [2]
    assert await found(subject.index, one("begins", "лат")) == [3]
    assert await found(subject.index, one("phrase", "ทอ", "อง")) == [4]
    assert await found(subject.index, one("begins", "황")) == [5]


@WORDS.check
async def words_are_counted_and_near_ones_are_told(subject: Subject) -> None:
    await subject.index.change([doc(1, "lamp"), doc(2, "lamp lamb"), doc(3, "lane", "lump"), doc(4, "damp")], [])
    documents, counts = await subject.index.frequencies(["lamp", "lamb", "lump", "nothing"])
    assert (documents, counts) == (4, [2, 1, 1, 0])
    assert await subject.index.near("lamp", 1, 10) == [("lamb", 1), ("lump", 1)]
    assert await subject.index.near("lamq", 1, 1) == [("lamp", 2)]
    assert await subject.index.near("lqmqqq", 2, 10) == []


@WORDS.check
async def what_breaks_a_bound_is_refused(subject: Subject) -> None:
    for limit in (0, HITS_MAX + 1):
        with pytest.raises(ValueError, match=r"hit|most"):
            await subject.index.find(query(word("lamp")), limit)
    with pytest.raises(ValueError, match="wants"):
        await subject.index.find(query(*[word("lamp")] * (WANTS_MAX + 1)), 10)
    for wrong in (Want(()), Want((Form("word", ()),)), Want((Form("word", ("",)),))):
        with pytest.raises(ValueError, match="form"):
            await subject.index.find(Query(wants=(wrong,)), 10)
    for token, slips in (("", 1), ("lamp", 3)):
        with pytest.raises(ValueError, match="slips"):
            await subject.index.near(token, slips, 10)
