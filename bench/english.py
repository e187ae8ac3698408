"""Running English text, of which every machine with this environment has the same: the manual of Python's language.

Words come as often beside each other as people write them, the commonest a thousand times as often as most. Each tenth
title has a name besides, of which there are a hundred thousand.
"""

import random
from collections.abc import Iterator
from pydoc_data.topics import topics
from typing import Final

from bowerbird.base.words import tokens

NAMES: Final = 100_000
_NAMED: Final = 0.1
_TELLING: Final = 4
"""Letters from which a word says something."""
_SYLLABLES: Final = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "ai", "on", "ar")]


class English:
    """Texts by chance, the same for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self._words = [word for topic in sorted(topics) for word in tokens(topics[topic]) if word.isalpha()]
        names = random.Random(1)
        self._names = ["".join(names.choices(_SYLLABLES, k=3)) for _ in range(NAMES)]

    def span(self, least: int, most: int) -> list[str]:
        """Return words as they stand in the text, one after the other."""
        start = self._chance.randrange(len(self._words) - most)
        return self._words[start : start + self._chance.randint(least, most)]

    def title(self) -> list[str]:
        """Return a title's words."""
        named = [self._chance.choice(self._names)] if self._chance.random() < _NAMED else []
        return self.span(2, 6) + named

    def queries(self, count: int) -> Iterator[list[str]]:
        """Yield what people search for: one to three words of a title, never only the commonest."""
        while count:
            words = [word for word in self.title() if len(word) >= _TELLING]
            if words:
                count -= 1
                yield self._chance.sample(words, min(len(words), self._chance.randint(1, 3)))

    def slip(self, words: list[str]) -> list[str]:
        """Return the words with a slip of the keyboard in the longest: two letters swapped."""
        longest = max(words, key=len)
        at = self._chance.randrange(1, max(2, len(longest) - 1))
        slipped = longest[:at] + longest[at : at + 2][::-1] + longest[at + 2 :]
        return [slipped if word == longest else word for word in words]
