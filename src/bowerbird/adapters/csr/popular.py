"""What was saved on most boards of late: for those of whom nothing is known yet."""

import numpy as np

from bowerbird.adapters.csr.arrays import Numbers, Weights, counted, places_in, upper_of
from bowerbird.adapters.csr.bias import Leanings
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.ranking import best_of


def popular(graph: Graph, day: int, limit: int, leanings: Leanings) -> tuple[Numbers, Weights]:
    """Return things that fit, those first that were saved most since a day, and how often; pruned saves count too."""
    saves = _saves(graph, day)
    things = np.flatnonzero(saves)
    if not leanings.are_none:
        things = things[leanings.like(things)]
    return best_of(things, saves[things].astype(np.float64), limit)


def _saves(graph: Graph, day: int) -> Numbers:
    """Return for each thing on how many boards it was saved since a day."""
    snapshot, count = graph.snapshot, len(graph.things)
    places = np.flatnonzero(snapshot.days >= day)
    places = places[places_in(graph.by_thing.gone, places) < 0]
    found = counted(np.searchsorted(snapshot.thing_starts, places, "right") - 1, count)
    late = graph.by_thing.added[graph.days >= day]
    pruned = np.flatnonzero(snapshot.pruned_days >= day)
    pruned = snapshot.pruned[pruned[places_in(graph.gone, pruned) < 0]]
    return found + counted(upper_of(late), count) + counted(upper_of(pruned), count)
