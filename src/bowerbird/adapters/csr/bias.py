"""Which things a bias prefers, told by their labels."""

from collections.abc import Sequence

import numpy as np

from bowerbird.adapters.csr.arrays import Flags, Numbers
from bowerbird.adapters.csr.frames import language_number, topic_number
from bowerbird.adapters.csr.graph import Labels
from bowerbird.ports.walks import NAMED_MAX, Bias

_NUMBERS = 1 << 16


class Leanings:
    """A bias, ready to be asked of many things; ValueError for one that breaks a bound."""

    def __init__(self, bias: Bias, labels: Labels) -> None:
        if max(map(len, (bias.topics, bias.languages, bias.shunned))) > NAMED_MAX:
            raise ValueError(f"A bias names at most {NAMED_MAX} topics or languages.")
        self._labels = labels
        self._topics = _those([topic_number(topic) for topic in bias.topics])
        self._topics[[topic_number(topic) for topic in bias.shunned]] = False
        languages = [language_number(language) for language in bias.languages]
        self._languages = _those([language_number(""), *languages] if languages else [])
        self.are_none = not (bias.topics or bias.languages or bias.shunned)

    def like(self, things: Numbers) -> Flags:
        """Say of each thing whether it fits."""
        labels = self._labels.of(things)
        return self._topics[labels & np.uint32(0xFFFF)] & self._languages[labels >> np.uint32(16)]


def _those(numbers: Sequence[int]) -> Flags:
    """Return flags for the numbers of two bytes: those that are named, or all where none is."""
    flags = np.full(_NUMBERS, not numbers)
    flags[list(numbers)] = True
    return flags
