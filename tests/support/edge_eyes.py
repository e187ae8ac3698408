"""Vision and recommend in memory, which propose whatever a test puts into them, to anybody, in its order."""

from collections.abc import Sequence

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Because, Idea, Ideas, NewTuning, Proposed, Topic, Tuning
from bowerbird.contracts.vision import Alike, Box, Label, Looked
from tests.support.edge_house import Absent, House

POPULAR = Because("popular")


class Eyes(Absent):
    """`asked` is what was asked of it, in order."""

    def __init__(self) -> None:
        self.looked = Looked([], [Label(1, "heron", 0.75)])
        self.proposed: list[Idea] = []
        self.people_proposed: list[Proposed] = []
        self.boards_proposed: list[Proposed] = []
        self.known_topics: list[Topic] = []
        self.wishes: list[Tuning] = []
        self.copied: list[Id] = []
        self.asked: list[tuple[object, ...]] = []

    def propose(self, *pins: Id, because: Because = POPULAR) -> None:
        """Propose pins, all for one reason, behind those that are proposed already."""
        self.proposed += [Idea(pin, because) for pin in pins]

    def liken(self, *pins: Id) -> None:
        """Find pins alike, the first the likest."""
        self.looked = Looked([Alike(pin, 0.9 - place / 1000) for place, pin in enumerate(pins)], self.looked.labels)

    async def look(self, _caller: Caller, pin: Id, box: Box | None, limit: int) -> Looked:
        self.asked.append(("look", pin, box))
        return Looked(self.looked.alike[:limit], self.looked.labels)

    async def look_once(self, _caller: Caller, upload: Id, box: Box | None, limit: int) -> Looked:
        self.asked.append(("look_once", upload, box))
        return Looked(self.looked.alike[:limit], self.looked.labels)

    async def copies(self, _caller: Caller, media: Id) -> list[Id]:
        self.asked.append(("copies", media))
        return self.copied

    async def ideas(self, _caller: Caller, after: bytes | None, limit: int) -> Ideas:
        return self._page(("ideas",), after, limit)

    async def for_board(self, _caller: Caller, board: Id, after: bytes | None, limit: int) -> Ideas:
        return self._page(("for_board", board), after, limit)

    async def related(self, _caller: Caller, pin: Id, after: bytes | None, limit: int) -> Ideas:
        return self._page(("related", pin), after, limit)

    async def people(self, _caller: Caller, limit: int) -> list[Proposed]:
        return self.people_proposed[:limit]

    async def boards(self, _caller: Caller, limit: int) -> list[Proposed]:
        return self.boards_proposed[:limit]

    async def topics(self, _caller: Caller) -> list[Topic]:
        self.asked.append(("topics",))
        return self.known_topics

    async def tune(self, caller: Caller, new: NewTuning) -> Tuning:
        person = caller.writer()
        made = Tuning(person, person, new.wish, 1, topic=new.topic, pin=new.pin, board=new.board)
        self.wishes.append(made)
        return made

    async def tunings(self, _caller: Caller) -> Sequence[Tuning]:
        return self.wishes

    async def undo(self, _caller: Caller, tuning: Id) -> None:
        self.asked.append(("undo", tuning))

    def _page(self, asked: tuple[object, ...], after: bytes | None, limit: int) -> Ideas:
        self.asked.append((*asked, limit))
        start = int.from_bytes(after or b"")
        end = start + limit
        return Ideas(self.proposed[start:end], end.to_bytes(4) if end < len(self.proposed) else None)


class Shown:
    """Ada, and a board of Ben's, in a house where that proposes."""

    def __init__(self) -> None:
        self.eyes = Eyes()
        self.house = House(eyes=self.eyes)
        self.ada = self.house.user("ada")
        self.ben = self.house.user("ben")
        self.board = self.house.board(self.ben)


def ids(pins: Sequence[Pin]) -> list[Id]:
    """Return pins' ids."""
    return [pin.id for pin in pins]


def texts(pins: Sequence[Pin]) -> list[str]:
    """Return pins' ids as text."""
    return [to_text(pin.id) for pin in pins]
