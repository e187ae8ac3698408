"""How text is cut and folded: the same word, however it is written, in any script, and where it stands."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.words import WORD_CHARACTERS_MAX, distance, fold, marked, slips, tokens, words

TEXTS = st.text(max_size=60) | st.text(alphabet="aäßéÉ'\u2019 -\"東京都の灯ไทย가나שׁלֹםمُحَمَّد", max_size=40)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lamp's shade, 3.5mm", ["lamps", "shade", "3", "5mm"]),
        ("l'été d\u2019Ångström", ["l", "ete", "d", "angstrom"]),
        ("don\u2019t", ["dont"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("Ærø Łódź Ђура", ["aero", "lodz", "ђура"]),
        ("ἄνθρωπος Ёлка", ["ανθρωποσ", "елка"]),
        ("שָׁלוֹם מֻחמד", ["שלום", "מחמד"]),
        ("مُحَمَّد كِتَاب", ["محمد", "كتاب"]),
        ("हिन्दी लैम्प", ["हिन्दी", "लैम्प"]),
        ("İstanbul \u0131s\u0131", ["istanbul", "isi"]),
        ("e\u0301te\u0301", ["ete"]),
        ("\uff46\uff55\uff4c\uff4c ①", ["full", "1"]),
        ("東京都", ["東京", "京都", "都"]),
        ("ラーメン屋", ["ラー", "ーメ", "メン", "ン屋", "屋"]),
        ("한국어", ["한국", "국어", "어"]),
        ("ไทย", ["ไท", "ทย", "ย"]),
        ("a東b", ["a", "東", "b"]),
        ("☕ 🦜!", ["☕", "🦜"]),
        ("- _ ... \n", []),
    ],
)
def test_text_becomes_tokens(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@given(TEXTS)
def test_words_stand_where_they_say(text: str) -> None:
    found = words(text)
    assert all(fold(text[word.start : word.end]) == word.text for word in found)
    assert [word.start for word in found] == sorted(word.start for word in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(TEXTS)
def test_a_folded_word_folds_to_itself(text: str) -> None:
    assert all(fold(word.text) == word.text for word in words(text))


@given(st.text(alphabet="abcdeéäö XYZ", max_size=40))
def test_case_and_accents_do_not_matter(text: str) -> None:
    assert tokens(text.upper()) == tokens(text) == tokens(text.lower())


@given(TEXTS)
def test_marks_are_spans_in_order(text: str) -> None:
    spans = marked(text, words(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert len(spans) >= bool(words(text))


def test_long_words_are_cut_off() -> None:
    assert tokens("a" * 500) == ["a" * WORD_CHARACTERS_MAX]


@pytest.mark.parametrize(
    ("text", "sought", "parts"),
    [
        ("Table lamps and a Lamp", "lamp", ["lamps", "Lamp"]),
        ("A lampshade", "lamp shade", ["lampshade"]),
        ("Der lmap da", "lamp", ["lmap"]),
        ("A lump, no lamp", "lamp", ["lamp"]),
        ("Café au lait", "cafe", ["Café"]),
        ("東京都の灯り", "京都", ["京都"]),
        ("東京都の灯り", "灯", ["灯"]),
        ("Nothing here", "lamp", []),
        ("2025 and 2026", "2026", ["2026"]),
    ],
)
def test_what_was_sought_is_marked(text: str, sought: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in marked(text, words(sought))] == parts


@pytest.mark.parametrize(
    ("word", "count"), [("cat", 0), ("lamp", 1), ("curtain", 1), ("lampshade", 2), ("12345678", 0)]
)
def test_longer_words_are_forgiven_more(word: str, count: int) -> None:
    assert slips(word) == count


def test_a_swap_is_one_slip_and_too_many_are_one_more_than_allowed() -> None:
    assert distance("lmap", "lamp", 2) == 1
    assert distance("lamp", "completely", 2) == 3
