"""A random walk with restart the way it is usually written with networkx: what walks are held against."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import networkx as nx


def graph_of(edges: Sequence[tuple[int, int]]) -> "nx.Graph[Any]":
    """Return things and boards as one graph."""
    graph = nx.Graph()
    graph.add_edges_from((("thing", thing), ("board", board)) for thing, board in edges)
    return graph


def walk(graph: "nx.Graph[Any]", query: Sequence[int], steps: int, restart: float) -> Counter[int]:
    """Return how often things were met in so many steps over boards, the same number from each of the query."""
    visits = Counter[int]()
    for start in query:
        node = ("thing", start)
        for _ in range(steps // len(query)):
            board = random.choice(list(graph.neighbors(node)))
            node = random.choice(list(graph.neighbors(board)))
            visits[node[1]] += 1
            if random.random() < restart:
                node = ("thing", start)
    return visits
