"""A community with planted tastes, of which some saves are held out: whoever finds those has understood the tastes.

Every topic has styles, and every thing belongs to one style of one topic; what is liked most within a style follows a
power law. A person likes a few topics, and in each of them mostly one or two styles. Boards are mostly about one topic;
some people have one for everything. A part of all saves is noise: half of it what everybody saves, half anything.
Labels tell the topic of some things, sometimes wrongly, and never the style, which only what is saved together tells.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from bowerbird.ports.walks import UNKNOWN

Numbers = NDArray[np.int64]


class Shape(Struct, frozen=True, kw_only=True):
    """How a community is made."""

    people: int = 3_000
    things: int = 20_000
    topics: int = 40
    styles: int = 8
    tastes: int = 4
    saves_median: float = 60.0
    noise: float = 0.2
    stray: float = 0.2
    mixed: float = 0.3
    popularity: float = 0.9
    labelled: float = 0.6
    mislabelled: float = 0.1
    judged: int = 400
    held_out: float = 0.2


class Trial(Struct, frozen=True):
    """A person whose saves are held out: what is left to ask with, and what is to be found."""

    query: list[int]
    wanted: frozenset[int]


class Community(Struct, frozen=True):
    """`saves`: rows (thing, board) without those held out; `topics`: by thing, UNKNOWN where no label tells one."""

    things: int
    saves: Numbers
    topics: Numbers
    trials: list[Trial]


QUERY_MAX: Final = 100


def grow(seed: int, shape: Shape | None = None) -> Community:
    """Return a community, the same for the same seed."""
    return _Grower(np.random.default_rng(seed), shape or Shape()).grow()


class _Grower:
    def __init__(self, chance: np.random.Generator, shape: Shape) -> None:
        self._chance = chance
        self._shape = shape
        groups = shape.topics * shape.styles
        sizes = chance.dirichlet(np.full(groups, 2.0))
        self._group = np.sort(chance.choice(groups, shape.things, p=sizes))
        self._likes = (1.0 + chance.permutation(shape.things)) ** -shape.popularity
        self._by_group: list[Numbers] = [np.flatnonzero(self._group == group) for group in range(groups)]
        self._boards = 0

    def grow(self) -> Community:
        shape = self._shape
        topic = 1 + self._group // shape.styles
        wrong = self._chance.random(shape.things) < shape.mislabelled
        label = np.where(wrong, self._chance.integers(1, shape.topics + 1, shape.things), topic)
        label[self._chance.random(shape.things) >= shape.labelled] = UNKNOWN
        saves, trials = list[Numbers](), list[Trial]()
        for _ in range(shape.people):
            theirs = self._person()
            if len(trials) < shape.judged and len(things := np.unique(theirs[:, 0])) >= 20:  # noqa: PLR2004 - enough to tell a taste
                held = self._chance.choice(things, max(1, int(len(things) * shape.held_out)), replace=False)
                theirs = theirs[~np.isin(theirs[:, 0], held)]
                left = self._chance.permutation(np.unique(theirs[:, 0]))[:QUERY_MAX]
                trials.append(Trial(left.tolist(), frozenset(held.tolist())))
            saves.append(theirs)
        return Community(shape.things, np.concatenate(saves), label, trials)

    def _person(self) -> Numbers:
        """Return what somebody saves, each thing once a board."""
        shape, chance = self._shape, self._chance
        topics = chance.choice(shape.topics, shape.tastes, replace=False)
        weights = chance.dirichlet(np.full(shape.tastes, 1.0))
        styles = chance.integers(0, shape.styles, (shape.tastes, 2))
        count = min(max(int(chance.lognormal(math.log(shape.saves_median), 0.7)), 5), 600)
        taste = chance.choice(shape.tastes, count, p=weights)
        style = styles[taste, chance.integers(0, 2, count)]
        stray = chance.random(count) < shape.stray
        style[stray] = chance.integers(0, shape.styles, int(stray.sum()))
        things = self._pick(topics[taste] * shape.styles + style)
        noise = np.flatnonzero(chance.random(count) < shape.noise)
        odds = (self._likes / self._likes.sum() + 1 / shape.things) / 2
        things[noise] = chance.choice(shape.things, len(noise), p=odds)
        board = self._boards + taste
        if chance.random() < shape.mixed:
            board[chance.random(count) < 1 / 3] = self._boards + shape.tastes
        self._boards += shape.tastes + 1
        return np.unique(np.stack([things, board], axis=1), axis=0)

    def _pick(self, groups: Numbers) -> Numbers:
        """Return a thing of each group, those that are liked most the most often."""
        things = np.empty(len(groups), np.int64)
        everything: Numbers = np.arange(self._shape.things)
        names: list[int] = np.unique(groups).tolist()
        for group in names:
            found, there = self._by_group[group], groups == group
            of_group = found if len(found) else everything
            likes = self._likes[of_group]
            things[there] = self._chance.choice(of_group, int(there.sum()), p=likes / likes.sum())
        return things
