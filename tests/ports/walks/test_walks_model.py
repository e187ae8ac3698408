"""Random changes do to the graph what they do to a dict, and its next snapshot is that of the dict, byte for byte."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.adapters.csr.changes import changed
from bowerbird.adapters.csr.compaction import compacted
from bowerbird.adapters.csr.folder import Folder
from bowerbird.adapters.csr.frames import encode, frames, language_number
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.limits import Pruning
from bowerbird.adapters.csr.snapshot import Snapshot
from bowerbird.base.ids import Id
from bowerbird.ports.walks import Change, Described, Dropped, Saved, Unsaved
from tests.ports.walks.scene import DAY_US, board, thing
from tests.ports.walks.subject import UNPRUNED, Edges, Subject, Variant, audit, edges_of, labels_of
from tests.support.records_subject import Inline

# Much is pruned, so that what is pruned is met by every other change.
STRICT: Final = Pruning(entropy_bits_max=0.9, known_min=2, exponent=0.5, degree_min=1)

# Few of everything, so that changes meet each other.
THINGS = st.sampled_from([thing(number) for number in range(1, 10)])
BOARDS = st.sampled_from([board(number) for number in range(6)])
TIMES = st.integers(0, 2).map(lambda day: day * DAY_US + 5)

changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Saved, THINGS, BOARDS, TIMES),
    st.builds(Saved, THINGS, BOARDS, TIMES),
    st.builds(Saved, THINGS, BOARDS, TIMES),
    st.builds(Unsaved, THINGS, BOARDS),
    st.builds(Dropped, BOARDS),
    st.builds(Described, THINGS, st.integers(0, 3), st.sampled_from(["", "en", "deu"])),
)
calls = st.lists(changes, max_size=12) | st.sampled_from(["compact", "reopen"])


@dataclass
class Model:
    edges: Edges = field(default_factory=Edges)
    labels: dict[Id, Described] = field(default_factory=dict[Id, Described])

    def do(self, change: Change) -> None:
        match change:
            case Saved():
                self.edges[change.thing, change.board] = change.at // DAY_US
            case Unsaved():
                self.edges.pop((change.thing, change.board), None)
            case Dropped():
                self.edges = {edge: day for edge, day in self.edges.items() if edge[1] != change.board}
            case Described():
                self.labels[change.thing] = change
                if not change.topic and not change.language:
                    del self.labels[change.thing]

    def snapshot(self, pruning: Pruning) -> Snapshot:
        """Return a snapshot of everything, made in one go."""
        said: list[Change] = [Saved(*edge, day * DAY_US) for edge, day in self.edges.items()]
        said += self.labels.values()
        return compacted(changed(Graph.of(Snapshot.empty()), records(said)), pruning)


def records(changes: list[Change]) -> bytes:
    """Return changes as the files hold them."""
    return b"".join(frame.records for frame in frames(encode(changes, [])))


@given(program=st.lists(calls, max_size=12), pruning=st.sampled_from([STRICT, UNPRUNED]))
@settings(max_examples=120)
async def test_changes_do_what_they_do_to_a_dict(program: list[list[Change] | str], pruning: Pruning) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as name:
        subject = Subject(Variant(executor=Inline, pruning=pruning), Path(name) / "graph")
        for call in program:
            if isinstance(call, list):
                await subject.walks.change(call)
                for change in call:
                    model.do(change)
            else:
                await (subject.walks.compact() if call == "compact" else subject.reopen())
            for walks in (subject.walks, subject.beside):
                graph = walks.reading().graph()
                assert edges_of(graph) == model.edges
                assert labels_of(graph) == {one: number(said) for one, said in model.labels.items()}
                audit(graph)
            popular = {one.id: one.score for one in await subject.beside.popular(DAY_US, 1000)}
            assert popular == counted(model)
        await subject.walks.change([Saved(thing(1), board(0), 0)])
        model.do(Saved(thing(1), board(0), 0))
        await subject.walks.compact()
        folder = Folder(subject.folder)
        made = folder.snapshot(folder.manifest().snapshot).read_bytes()
        await subject.close()
        model.snapshot(pruning).write(Path(name) / "whole")
        assert made == (Path(name) / "whole").read_bytes()


def number(said: Described) -> int:
    """Return a description as a label."""
    return language_number(said.language) << 16 | said.topic


def counted(model: Model) -> dict[Id, int]:
    """Return on how many boards each thing was saved after the first day."""
    since = [one for (one, _), day in model.edges.items() if day >= 1]
    return {one: since.count(one) for one in since}
