"""What is acknowledged has been flushed: no answer leaves before the disk was told to keep what it is about."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.operations.base import Operation
from tests.kills.operations.boards import CreateBoard, Privatise
from tests.kills.operations.people import Follow
from tests.kills.operations.pins import SavePhoto
from tests.kills.operations.uploads import Upload
from tests.kills.tree import Tree
from tests.kills.watch import GO_ON, Moment

_FLUSHES = frozenset({"fsync", "fdatasync"})
_ENTERS = frozenset({"link", "rename"})


class Place:
    """Where operations are done, with every write noted."""

    def __init__(self, tree: Tree) -> None:
        self.base_url, self.page_url = tree.base_url, ""
        self.moments: list[Moment] = []
        tree.rule = self.note

    def note(self, moment: Moment) -> int:
        self.moments.append(moment)
        return GO_ON

    def during(self, operation: Operation) -> list[Moment]:
        """Return what was written until the operation was answered, and nothing that was under way before."""
        while self.moments:
            self.moments = []
            time.sleep(0.2)
        answer = operation.act()
        assert answer.is_success, answer.text
        return [moment for moment in self.moments if moment.counts]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Tree(tmp_path_factory.mktemp("flushed")) as tree:
        yield Place(tree)


@pytest.mark.parametrize("kind", [CreateBoard, SavePhoto, Privatise, Follow], ids=lambda kind: kind.__name__)
def test_core_answers_when_what_it_wrote_is_flushed(place: Place, kind: type[Operation]) -> None:
    moments = [moment for moment in place.during(kind(place)) if moment.process == "core"]
    written = next(at for at, moment in enumerate(moments) if moment.on == "core.db-wal")
    answered = next(at for at, moment in enumerate(moments) if at > written and moment.on == "socket")
    assert any(moment.on == "core.db-wal" and moment.call in _FLUSHES for moment in moments[written:answered])


def test_a_blob_is_flushed_before_it_has_its_name_and_its_name_before_the_answer(place: Place) -> None:
    moments = [moment for moment in place.during(Upload(place)) if moment.process == "edge-1"]
    named = next(at for at, moment in enumerate(moments) if moment.call in _ENTERS)
    bytes_of = [moment.call for moment in moments[:named] if moment.on.startswith("blobs/tmp/")]
    assert bytes_of[-1] in _FLUSHES
    folder = str(Path(moments[named].on).parent)
    assert any(moment.call in _FLUSHES and moment.on == folder for moment in moments[named:])
    assert moments[-1].on == "socket"
