"""The topics that people choose from, and which of them labels speak for, as `topics.toml` has it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.contracts.vision import Label

UNKNOWN: Final = 0
"""No topic."""

PROBABILITY_MIN: Final = 0.5
"""How probable a topic's labels have to be together; one alone has to be as sure to be shown.

Of the pictures of `bench/vision` some six in seven topics found so are right, and half of those between .4 and .5.
"""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """A topic and its classes: numbers, and [first, last] for all from one to the other."""

    id: int
    name: str
    classes: list[int | tuple[int, int]]


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """All topics, and the classes that speak for none."""

    silent: list[int | tuple[int, int]]
    topics: list[Entry]


def load() -> Catalogue:
    """Read the topics that come with Bowerbird."""
    data = (files("bowerbird.services.recommend") / "topics.toml").read_bytes()
    return msgspec.toml.decode(data, type=Catalogue)


def numbers(classes: Iterable[int | tuple[int, int]]) -> list[int]:
    """Return every number that is meant."""
    ranges = ((one, one) if isinstance(one, int) else one for one in classes)
    return [number for first, last in ranges for number in range(first, last + 1)]


_CATALOGUE: Final = load()

TOPICS: Final = tuple((topic.id, topic.name) for topic in _CATALOGUE.topics)
"""The number of each topic, from 1, and its name."""

_TOPIC_OF: Final = {number: topic.id for topic in _CATALOGUE.topics for number in numbers(topic.classes)}


def topic_of(labels: Sequence[Label]) -> int:
    """Return the topic that labels speak for most, together; UNKNOWN when they are not sure enough of any."""
    together: defaultdict[int, float] = defaultdict(float)
    for label in labels:
        together[_TOPIC_OF.get(label.id, UNKNOWN)] += label.probability
    together.pop(UNKNOWN, None)
    probability, topic = max(((total, -topic) for topic, total in together.items()), default=(0.0, -UNKNOWN))
    return -topic if probability >= PROBABILITY_MIN else UNKNOWN
