"""Words: how text is cut and folded so that what people type is found in what they wrote, in whatever script.

Words are runs of letters and digits (Unicode's properties), compared without case, accents and other marks that are
often left out. Scripts that set no spaces between words (and Korean, which hangs endings on them) are cut into
overlapping pairs of characters, which need no dictionary and no guess at the language.
"""

import unicodedata
from typing import Final, NamedTuple

import regex
from rapidfuzz.distance import OSA

WORD_CHARACTERS_MAX: Final = 64
"""Longer words are cut off there, in what is searched as in what is sought."""

_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_LETTER: Final = rf"(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}\p{{M}}])"
_RUN: Final = regex.compile(
    rf"(?P<unspaced>[{_UNSPACED}][{_UNSPACED}\p{{M}}]*)"
    rf"|(?P<sign>\p{{Extended_Pictographic}})(?<![0-9#*©®™])"
    rf"|{_LETTER}+(?:['\u2019](?:s|t|d|m|re|ve|ll)\b)?",
    regex.IGNORECASE,
)
# Points and accents of Latin, Greek and Cyrillic, of Hebrew and Arabic; other scripts' marks are part of a letter.
_MARKS: Final = regex.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640'\u2019]")
_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_SLACK_FROM: Final = (4, 8)
"""Lengths of words from which one, and two, slips of the keyboard are forgiven."""
_ENDING_MAX: Final = 3
_STEM_MIN: Final = 3


class Word(NamedTuple):
    """A word of a text: folded, and where it stands in the text (code points, the end exclusive).

    `pairs`: the pairs of characters of one in a script without spaces, its last character alone; empty for others.
    """

    text: str
    start: int
    end: int
    pairs: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Return a word as it is compared: without case, marks and apostrophes, letters of other alphabets as they are."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", plain).translate(_LETTERS))[:WORD_CHARACTERS_MAX]


def words(text: str) -> list[Word]:
    """Return the words of a text in order."""
    found: list[Word] = []
    for match in _RUN.finditer(text):
        folded = fold(match.group())
        if folded:
            pairs = _pairs(folded) if match.lastgroup == "unspaced" else ()
            found.append(Word(folded, match.start(), match.end(), pairs))
    return found


def tokens(text: str) -> list[str]:
    """Return what an index keeps of a text, in order: its words, or the pairs that stand for them."""
    return [token for word in words(text) for token in (word.pairs or (word.text,))]


def slips(word: str) -> int:
    """Return how many slips of the keyboard a word of this length is forgiven: 0, 1 or 2. Numbers are forgiven none."""
    if word.isdecimal():
        return 0
    return sum(len(word) >= length for length in _SLACK_FROM)


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters are to be put, taken, changed or swapped to get from one to the other; most + 1: more."""
    return OSA.distance(one, other, score_cutoff=most)


def marked(text: str, sought: list[Word]) -> list[tuple[int, int]]:
    """Return where in a text stands what was sought: spans of code points, in order, apart from each other.

    What stands there with a slip is meant only where it does not stand there itself.
    """
    there, spans = words(text), list[tuple[int, int]]()
    missed = [one for one in sought if not any(_is(word.text, one.text) for word in there)]
    for word in there:
        if word.pairs:
            spans += _inside(word, sought)
        elif any(_is(word.text, one.text) for one in sought) or any(_slipped(word.text, one) for one in missed):
            spans.append((word.start, word.end))
    return spans


def _pairs(run: str) -> tuple[str, ...]:
    return (*(run[at : at + 2] for at in range(len(run) - 1)), run[-1])


def _slipped(word: str, sought: Word) -> bool:
    most = 0 if sought.pairs else slips(sought.text)
    return most > 0 and distance(word, sought.text, most) <= most


def _is(word: str, sought: str) -> bool:
    """Say whether a word is what was sought, in another form, or going on."""
    if word == sought or word.startswith(sought):
        return True
    shared = min(len(word), len(sought))
    return shared >= _STEM_MIN and abs(len(word) - len(sought)) <= _ENDING_MAX and sought.startswith(word)


def _inside(word: Word, sought: list[Word]) -> list[tuple[int, int]]:
    """Return where in a run without spaces the sought runs stand; none where folding changed how long it is."""
    if len(word.text) != word.end - word.start:
        return [(word.start, word.end)] if any(one.text in word.text for one in sought if one.pairs) else []
    held = [False] * len(word.text)
    for one in sought:
        if one.pairs:
            at = word.text.find(one.text)
            while at >= 0:
                held[at : at + len(one.text)] = [True] * len(one.text)
                at = word.text.find(one.text, at + 1)
    return _runs(held, word.start)


def _runs(held: list[bool], start: int) -> list[tuple[int, int]]:
    """Return the spans that are held, from `start` on."""
    spans: list[tuple[int, int]] = []
    for at, holds in enumerate(held):
        if holds and at and held[at - 1]:
            spans[-1] = spans[-1][0], start + at + 1
        elif holds:
            spans.append((start + at, start + at + 1))
    return spans
