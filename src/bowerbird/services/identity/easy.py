"""Passwords that are guessed first: a common word with something around it, a walk over the keyboard, a repetition.

There is no list of passwords that got out, which would be large and soon old; what makes them common is told instead.
"""

import re
import unicodedata
from typing import Final

_WORDS: Final = frozenset(
    """
    abcdef account admin administrator angel baseball basketball batman bowerbird changeme charlie computer cookie
    daniel default dragon family football forever freedom friends google guest hannah hello hockey iloveyou internet
    jennifer jessica jordan killer letmein liverpool login london love loveyou lovely manchester master matthew michael
    michelle monkey mustang myspace nicole ninja nothing passphrase passwd password passwort pinterest pokemon princess
    qwerty samsung secret server shadow soccer spiderman starwars summer sunshine superman superstar sweetheart target
    test tester testing thomas tigger trustno unknown user username welcome whatever william winter wordpress yankees
    """.split()  # noqa: SIM905 - a hundred words are read more easily than a hundred quoted words
)
_ROWS: Final = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm"),
    *(
        "azertyuiopqsdfghjklmwxcvbn",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "1q2w3e4r5t6y7u8i9o0p",
        "q1w2e3r4t5y6u7i8o9p0",
    ),
    *(
        "qazwsxedcrfvtgbyhnujmikolp",
        "1a2b3c4d5e6f7g8h9i0j",
        "a1b2c3d4e5f6g7h8i9j0",
        "147258369147258369",
        "zxcvbnmasdfghjklqwertyuiop",
    ),
)
_LOOKS: Final = str.maketrans("@430!5$7", "aaeoisst")
_ENDS: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_WALK: Final = 4
"""How many keys in a row are a walk."""
_LEFT: Final = 3
"""How many characters behind a walk make it no better."""
_DIFFERENT: Final = 4
"""Of how many different characters a password is at least."""


def is_easy(password: str) -> bool:
    """Say whether a password is one of those that are tried first."""
    plain = unicodedata.normalize("NFKD", password).lower()
    core = _ENDS.sub("", plain)
    few = len(set(plain)) < _DIFFERENT
    words = any(_is_made_of_words(each) for each in (core, core.translate(_LOOKS)))
    return few or words or _repeated(plain) or _is_made_of_walks(plain)


def _repeated(text: str) -> bool:
    """Say whether it is one thing several times over: abcabcabcabc."""
    return any(
        text == text[:size] * (len(text) // size) for size in range(1, len(text) // 2 + 1) if len(text) % size == 0
    )


def _is_made_of_words(core: str) -> bool:
    """Say whether nothing but one or two common words is left without what stands around them."""
    if core in _WORDS:
        return True
    return any(core[:at] in _WORDS and _ENDS.sub("", core[at:]) in _WORDS for at in range(3, len(core) - 2))


def _is_made_of_walks(text: str) -> bool:
    """Say whether it falls into walks over the keyboard or the alphabet, there or back, but for its last characters."""
    while len(text) > _LEFT:
        size = max((size for size in range(_WALK, len(text) + 1) if _is_walk(text[:size])), default=0)
        if not size:
            return False
        text = text[size:]
    return True


def _is_walk(text: str) -> bool:
    return any(text in row or text in row[::-1] for row in _ROWS) or len(set(text)) == 1
