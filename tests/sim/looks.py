"""What people look at, by the names that scripts use, and what they must never, or must always, find there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.sim.crowd import Crowd, Wrong
from tests.sim.deeds import Deeds
from tests.sim.door import Answer
from tests.sim.model import Board, Person, Pin, Span

_ADDRESSES_MAX: Final = 200


@dataclass(frozen=True)
class PublicPicture:
    """A picture's address that was given to be seen by everybody, and when."""

    pin: Pin
    board: Board
    address: str
    given_us: int


class Looks(Deeds):
    """All that is read while things go on."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(crowd)
        self._pictures: list[PublicPicture] = []

    def forget(self) -> None:
        """Forget what is judged by what happened since, since a model that was settled knows nothing of before."""
        self._pictures.clear()

    async def look_board(self, _chance: Random, person: Person, first: int, second: int) -> None:
        """Look through a board, all of it at once or page by page; now and then as nobody in particular."""
        board = self._any_board(first)
        if board is None:
            return
        viewer = None if second % 5 == 0 else person
        limit = (100, 100, 3, 1)[second % 4]
        seen: list[str] = []
        cursor, began_us = "", self.crowd.now_us
        while True:
            found = await self._page(viewer, f"/v1/boards/{board.id}/pins?limit={limit}", cursor)
            if found is None:
                return
            answer, span = found
            self._check_board(viewer, board, answer, span)
            if answer.status != 200:
                return
            page = answer.json()
            seen += self._check_pins(viewer, page["items"], span, board)
            cursor = page["next"]
            if cursor is None:
                break
        span = self.crowd.span(began_us)
        self._check_all(
            f"board {board.name}",
            seen,
            span,
            [pin for pin in self.model.pins if self.model.sees(viewer, pin, board, span) == {True} and not pin.unnamed],
        )

    async def look_feed(self, _chance: Random, person: Person, first: int, _second: int) -> None:
        """Look through the feed, or through its first page."""
        limit = (25, 2, 5, 1)[first % 4]
        seen: list[str] = []
        cursor, began_us = "", self.crowd.now_us
        for _ in range(1 if first % 3 == 0 else 40):
            found = await self._page(person, f"/v1/feed?limit={limit}", cursor)
            if found is None:
                return
            answer, span = found
            page = self._json(answer, "feed")
            items = [entry["pin"] for entry in page["items"]]
            if len(items) > limit:
                raise Wrong("page too long", f"{len(items)} of {limit}")
            ids = self._check_pins(person, items, span, None)
            # Who stands for others may have stood alone when the page before was read.
            seen += [id_ for id_, entry in zip(ids, page["items"], strict=True) if not entry["more"]]
            for item in items:
                pin = self.crowd.pin_shown(item)
                if pin is not None and True not in self.model.feeds(person, pin, span):
                    raise Wrong("forbidden in a feed", f"{pin.title} for {person.handle}")
            cursor = page["next"]
            if cursor is None:
                break
        self._check_once("feed", seen, self.crowd.span(began_us))

    async def look_pin(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Look at a pin by any of the ids that lead to it."""
        pins = [pin for pin in self.model.pins if pin.ids]
        if not pins:
            return
        pin, viewer = pins[first % len(pins)], None if second % 5 == 0 else person
        found = await self.crowd.read(viewer, f"/v1/pins/{chance.choice(pin.ids)}")
        if found is None:
            return
        answer, span = found
        may = self.model.sees_somewhere(viewer, pin, span)
        if answer.status == 200:
            self._check_pins(viewer, [answer.json()], span, None)
        elif answer.status != 404:
            raise Wrong("unexpected answer", f"pin {pin.title}: {answer.status} {answer.body.decode()}")
        elif may == {True}:
            raise Wrong("lost", f"pin {pin.title} is not found by {viewer and viewer.handle}")

    async def look_boards(self, _chance: Random, person: Person, first: int, second: int) -> None:
        """Look at somebody's boards, or one's own, or those shared with one."""
        whose = self.model.people[second % len(self.model.people)]
        path = (f"/v1/users/{whose.id}/boards?limit=100", "/v1/boards?limit=100", "/v1/boards?shared=with-me")[
            first % 3
        ]
        found = await self.crowd.read(person, path)
        if found is None:
            return
        answer, span = found
        if answer.status == 404 and first % 3 == 0:
            if self.model.apart(person, whose, span) == {False}:
                raise Wrong("lost", f"{whose.handle} is not found by {person.handle}")
            return
        items = self._json(answer, path)["items"]
        boards = [self._check_board_shown(person, item, span) for item in items]
        if first % 3 == 2:
            return
        owner = whose if first % 3 == 0 else person
        if any(board.owner is not owner for board in boards):
            raise Wrong("foreign", f"{path} holds {[board.name for board in boards]}")
        wanted = [b for b in self.model.boards if b.owner is owner and b.id]
        missing = [b for b in wanted if b not in boards and self._must_list(person, b, span)]
        if missing:
            raise Wrong("lost", f"{path} lacks {[board.name for board in missing]}")

    def _must_list(self, viewer: Person, board: Board, span: Span) -> bool:
        """Return whether a board must stand in a list: members find theirs a little later there."""
        rights = self.model.rights(viewer, board, span)
        return "" not in rights and (viewer is board.owner or span.of(board.public) == {True})

    async def look_person(self, _chance: Random, person: Person, first: int, second: int) -> None:
        """Look at what somebody saved."""
        whose = self.model.people[second % len(self.model.people)]
        found = await self._page(person, f"/v1/users/{whose.id}/pins?limit={(100, 2)[first % 2]}", "")
        if found is not None and found[0].status == 200:
            answer, span = found
            items = answer.json()["items"]
            self._check_once("pins of a person", self._check_pins(person, items, span, None), span)
            for item in items:
                pin = self.crowd.pin_shown(item)
                if pin is not None and pin.saver is not whose:
                    raise Wrong("foreign", f"{pin.title} among the pins of {whose.handle}")

    async def look_ties(self, _chance: Random, person: Person, _first: int, second: int) -> None:
        """Look at whom somebody follows."""
        whose = self.model.people[second % len(self.model.people)]
        found = await self.crowd.read(person, f"/v1/users/{whose.id}/following?limit=100")
        if found is None or found[0].status != 200:
            return
        answer, span = found
        listed = {tie["person"]["id"] for tie in answer.json()["items"]}
        for other in self.model.people:
            if other.id in listed and self.model.apart(person, other, span) == {True}:
                raise Wrong("forbidden", f"{other.handle} is shown to {person.handle}, blocked or gone")

    async def look_picture(self, _chance: Random, person: Person, first: int, second: int) -> None:
        """Look at a picture by an address that was given for everybody once."""
        if not self._pictures:
            return
        picture = self._pictures[first % len(self._pictures)]
        began_us = self.crowd.now_us
        found = await self.crowd.read(None if second % 2 else person, picture.address)
        if found is None:
            return
        board, span, since = picture.board, self.crowd.span(began_us), self.crowd.span(picture.given_us)
        stayed = since.of(picture.pin.board) == {board}
        open_ = since.of(board.public) == {True} and self.model.sees_somewhere(None, picture.pin, since) == {True}
        if found[0].status == 404:
            if stayed and open_:
                raise Wrong("lost", f"the picture of {picture.pin.title} at the address that was given")
            return
        if found[0].status != 200:
            raise Wrong("unexpected answer", f"picture: {found[0].status}")
        if picture.pin.picture and found[0].body.decode() != picture.pin.picture:
            raise Wrong("lost", f"{picture.pin.title} shows {found[0].body!r}, not {picture.pin.picture!r}")
        if stayed and board.public.written_between(value=False, after_us=picture.given_us, before_us=began_us):
            raise Wrong(
                "forbidden", f"the picture of {picture.pin.title} at an address from before {board.name} closed"
            )
        if True not in self.model.sees_somewhere(None, picture.pin, span):
            raise Wrong("forbidden", f"the picture of {picture.pin.title} is shown to everybody")

    async def look_trash(self, _chance: Random, person: Person, _first: int, _second: int) -> None:
        """Look at what one can restore."""
        found = await self.crowd.read(person, "/v1/me/trash?limit=100")
        if found is None:
            return
        answer, span = found
        listed = {item["id"] for item in self._json(answer, "trash")["items"]}
        for board in self.model.boards:
            there = board.id in listed
            gone = span.of(board.trashed)
            if there and (board.owner is not person or gone == {False}):
                raise Wrong("forbidden", f"{board.name} is in the trash of {person.handle}")
            if not there and board.owner is person and board.id and gone == {True} and span.of(board.made) == {True}:
                raise Wrong("lost", f"{board.name} is not in the trash")

    async def _page(self, viewer: Person | None, path: str, cursor: str) -> tuple[Answer, Span] | None:
        return await self.crowd.read(viewer, f"{path}&cursor={cursor}" if cursor else path)

    def _json(self, answer: Answer, what: str) -> Any:  # noqa: ANN401 - JSON is anything
        if answer.status != 200:
            raise Wrong("unexpected answer", f"{what}: {answer.status} {answer.body.decode()}")
        return answer.json()

    def _check_board(self, viewer: Person | None, board: Board, answer: Answer, span: Span) -> None:
        """Find that a board is shown to whom it must be, and to nobody else."""
        rights = self.model.rights(viewer, board, span)
        if answer.status == 200 and rights == {""}:
            raise Wrong("forbidden", f"{board.name} is shown to {viewer and viewer.handle}")
        if answer.status == 404 and "" not in rights:
            raise Wrong("lost", f"{board.name} is not found by {viewer and viewer.handle}")
        if answer.status not in {200, 404}:
            raise Wrong("unexpected answer", f"{board.name}: {answer.status} {answer.body.decode()}")

    def _check_board_shown(self, viewer: Person, shown: dict[str, Any], span: Span) -> Board:
        """Find that a board in a list may be there, and says what it may say."""
        board = self.crowd.board_shown(shown)
        if shown["rights"] not in self.model.rights(viewer, board, span):
            raise Wrong("forbidden", f"{board.name} is listed for {viewer.handle} as {shown['rights']}")
        if shown["description"] not in span.of(board.about):
            raise Wrong("stale", f"{board.name} says {shown['description']!r}, not {span.of(board.about)}")
        self._check_visibility(board, shown, span)
        return board

    def _check_visibility(self, board: Board, shown: dict[str, Any], span: Span) -> None:
        if (shown["visibility"] == "public") not in span.of(board.public):
            raise Wrong("stale", f"{board.name} is shown as {shown['visibility']}")

    def _check_pins(
        self, viewer: Person | None, items: Sequence[dict[str, Any]], span: Span, only: Board | None
    ) -> list[str]:
        """Find that pins on a page may be there, and say what they may say; return their ids."""
        for shown in items:
            pin = self.crowd.pin_shown(shown)
            board = self.crowd.board_shown(shown["board"])
            self._check_visibility(board, shown["board"], span)
            if only is not None and board is not only:
                raise Wrong("foreign", f"{shown['title']} of {board.name} on {only.name}")
            if pin is None:
                continue
            if True not in self.model.sees(viewer, pin, board, span):
                raise Wrong("forbidden", f"{pin.title} on {board.name} is shown to {viewer and viewer.handle}")
            if shown["note"] not in span.of(pin.note) and not self._copied(pin):
                raise Wrong("stale", f"{pin.title} says {shown['note']!r}, not {span.of(pin.note)}")
            self._keep_picture(pin, board, shown, span)
        return [shown["id"] for shown in items]

    def _copied(self, pin: Pin) -> bool:
        """Return whether a pin has its texts from another, or gave them to another."""
        return sum(one.title == pin.title for one in self.model.pins) > 1

    def _keep_picture(self, pin: Pin, board: Board, shown: dict[str, Any], span: Span) -> None:
        address = shown["picture"] and shown["picture"]["src"]["236"]
        if address and "?" not in address and len(self._pictures) < _ADDRESSES_MAX:
            self._pictures.append(PublicPicture(pin, board, address, span.ended_us))

    def _check_all(self, where: str, seen: Sequence[str], span: Span, wanted: Sequence[Pin]) -> None:
        """Find that all that must be in a list is there, and nothing twice."""
        self._check_once(where, seen, span)
        missing = [pin.title for pin in wanted if not set(pin.ids) & set(seen)]
        if missing:
            raise Wrong("lost", f"{where} lacks {missing} ({span})")

    def _check_once(self, where: str, seen: Sequence[str], span: Span) -> None:
        """Find that no pin stands twice in a list, but for such as were moved while it was read."""
        for id_, times in Counter(seen).items():
            pin = self.model.pin_of(id_)
            if times > 1 and pin is not None and len(span.of(pin.board)) == 1 and len(span.of(pin.trashed)) == 1:
                raise Wrong("twice", f"{where}: {pin.title}")

    def _any_board(self, number: int) -> Board | None:
        known = [board for board in self.model.boards if board.id]
        return known[number % len(known)] if known else None
