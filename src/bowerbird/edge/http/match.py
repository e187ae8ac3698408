"""Which routes a path names: a dict for paths without places, a tree of segments for the others."""

from collections.abc import Iterable
from typing import Generic, TypeVar

Found = TypeVar("Found")


def places_of(template: str) -> list[str]:
    """Return the names of the places in a path template, in order."""
    return [segment[1:-1] for segment in template.split("/") if segment.startswith("{")]


class _Node(Generic[Found]):
    __slots__ = ("children", "found", "place")

    def __init__(self) -> None:
        self.children: dict[str, _Node[Found]] = {}
        self.place: _Node[Found] | None = None
        self.found: tuple[Found, list[str]] | None = None


class Matcher(Generic[Found]):
    """Finds what was entered under the template that a path fits; a literal segment wins over a place."""

    def __init__(self, entries: Iterable[tuple[str, Found]]) -> None:
        self._exact: dict[str, Found] = {}
        self._root = _Node[Found]()
        for template, found in entries:
            self._enter(template, found)

    def _enter(self, template: str, found: Found) -> None:
        if not places_of(template):
            self._exact[template] = found
            return
        node = self._root
        for segment in template.split("/"):
            if segment.startswith("{"):
                node.place = node.place or _Node()
                node = node.place
            else:
                node = node.children.setdefault(segment, _Node())
        node.found = (found, places_of(template))

    def find(self, path: str) -> tuple[Found, dict[str, str]] | None:
        """Return what the path names, with what fills the places; None when it names nothing."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, {}
        values: list[str] = []
        node = _descend(self._root, path.split("/"), 0, values)
        if node is None or node.found is None:
            return None
        found, names = node.found
        return found, dict(zip(names, values, strict=True))


def _descend(node: _Node[Found], segments: list[str], depth: int, values: list[str]) -> _Node[Found] | None:
    if depth == len(segments):
        return node if node.found is not None else None
    segment = segments[depth]
    child = node.children.get(segment)
    if child is not None and (end := _descend(child, segments, depth + 1, values)) is not None:
        return end
    if node.place is None or not segment:
        return None
    values.append(segment)
    end = _descend(node.place, segments, depth + 1, values)
    if end is None:
        values.pop()
    return end
