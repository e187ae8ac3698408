"""What people do to pins, by the names that scripts use."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from bowerbird.edge.http.asgi import Header
from tests.sim.crowd import Moving, Outcome, Request, Writes, Wrong, outcome, writing
from tests.sim.deeds import Deeds
from tests.sim.door import Answer
from tests.sim.model import Board, Person, Photo, Pin
from tests.sim.registers import Register

FAMILIES: Final = ("dog", "cat")
"""What photos are of: those of one kind look alike."""

_LINKS: Final = 12
"""How many addresses are saved again and again, so that boards meet links that they hold already."""


class PinDeeds(Deeds):
    """Deeds on pins."""

    async def upload(self, chance: Random, person: Person, _first: int, _second: int) -> None:
        """Upload another photo; what was completed can be saved from then on."""
        number = self.next()
        data = f"{FAMILIES[number % 2]}/photo {person.number} new {number}"
        wanted = {"mime": "image/webp", "length": len(data)}
        begun = await self.crowd.send(chance, person, ("POST", "/v1/uploads", wanted), writing())
        if begun is None or begun.status >= 400:
            return
        target = begun.json()
        if await self.crowd.put(target["url"], data) not in {201, 409}:
            return
        request: Request = ("POST", f"/v1/uploads/{target['id']}/complete", None)
        done = await self.crowd.send(chance, person, request, writing())
        if done is not None and done.status == 200:
            person.photos.append(Photo(target["id"], data))
        else:
            self.must(done, self.crowd.now().of(person.gone) == {False}, "complete an upload")

    async def save(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Save a photo."""
        photo = person.photos[second % len(person.photos)]
        await self._save(chance, person, first, {"upload_id": photo.upload}, "", photo.data)

    async def save_link(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Save an address, new or known."""
        number = self.next() if second % 2 else second % _LINKS
        url = f"https://example.org/{'gone' if second % 5 == 0 else 'page'}/{number}"
        await self._save(chance, person, first, {"url": url}, url, "")

    async def repin(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Save somebody's pin again, under a title of one's own."""
        pin = self._pin(second, person=None)
        if pin is not None:
            began_us = self.crowd.now_us
            source = {"pin_id": _address(chance, pin), "note": ""}
            answers = await self._save(chance, person, first, source, pin.link, pin.picture)
            seen = self.model.sees_somewhere(person, pin, self.crowd.span(began_us))
            for answer in answers:
                self.must_not(answer, seen == {False}, f"repin {pin.title}")

    async def _save(
        self, chance: Random, person: Person, first: int, source: dict[str, Any], link: str, picture: str
    ) -> list[Answer]:
        board = self._board(person, first)
        if board is None:
            return []
        pin = Pin(f"pin {self.next()}", person, Register(value=False), Register(board), link, picture=picture)
        self.model.pins.append(pin)
        began_us = self.crowd.now_us

        def judge(answer: Answer) -> Outcome:
            span = self.crowd.span(began_us)
            edits = self.model.edits(person, board, span)
            self.must_not(answer, edits == {False}, f"save {pin.title}")
            if answer.status < 400:
                return self._saved(pin, answer)
            if answer.status == 404 and pin.ids and False in self.model.sees_somewhere(person, pin, span):
                return "refused"  # It was saved before, and is moved or deleted since.
            self.must(answer, edits == {True} and answer.status != 503 and "pin_id" not in source, "save")
            return _unless_hidden(answer, edits)

        request = ("POST", f"/v1/boards/{board.id}/pins", {**source, "title": pin.title})
        return await self.crowd.make(chance, person, request, self.crowd.making(pin.made, pin), judge)

    def _saved(self, pin: Pin, answer: Answer) -> Outcome:
        """Take over what a save was answered with: the pin, or another that shows its link already."""
        shown = answer.json()
        if shown["title"] != pin.title:
            if answer.status != 200 or not pin.link:
                raise Wrong("saved another", f"{pin.title}: {shown}")
            self.crowd.pin_shown(shown)
            return "refused"
        self._named(pin, shown["id"])
        return "done"

    def _named(self, pin: Pin, id_: str) -> None:
        """Take over the id of a pin; a second one it gets only by moving. Wrong."""
        if id_ in pin.ids:
            return
        if pin.ids and not pin.unnamed:
            raise Wrong("doubled", f"{pin.title}: {id_} besides {pin.ids}")
        pin.ids.append(id_)

    async def copy(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Copy a pin to a board, with its title."""
        board, pin = self._board(person, first), self._pin(second, person=None)
        if board is None or pin is None:
            return
        twin = Pin(pin.title, person, Register(value=False), Register(board), pin.link, picture=pin.picture)
        self.model.pins.append(twin)
        began_us = self.crowd.now_us

        def judge(answer: Answer) -> Outcome:
            found, now = _moved(answer)
            if found == "done":
                edits = self.model.edits(person, board, self.crowd.span(began_us))
                self.must_not(answer, edits == {False}, f"copy {pin.title}")
                self._named(twin, now)
            return found

        making = self.crowd.making(twin.made, twin)
        request: Request = ("POST", "/v1/pins/move", {"pins": [pin.ids[-1]], "board": board.id, "copy": True})
        await self.crowd.send(chance, person, request, making, [making.key], judge)

    async def move(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Move a pin to another board."""
        board, pin = self._board(person, first), self._pin(second, person=person)
        if board is None or pin is None:
            return
        began_us = self.crowd.now_us

        def judge(answer: Answer) -> Outcome:
            found, now = _moved(answer)
            if found == "done":
                edits = self.model.edits(person, board, self.crowd.span(began_us))
                self.must_not(answer, edits == {False}, f"move {pin.title}")
                self._named(pin, now)
            return found

        request: Request = ("POST", "/v1/pins/move", {"pins": [_address(chance, pin)], "board": board.id})
        await self.crowd.send(chance, person, request, lambda now_us: Moving(pin, board, now_us), judge=judge)

    async def delete_pin(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Put a pin into the trash."""
        pin = self._pin(first, person=person)
        if pin is not None:
            await self._change(chance, person, pin, ("DELETE", f"/v1/pins/{_address(chance, pin)}", None), trashed=True)

    async def restore_pin(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Take a pin out of the trash."""
        pin = self._pin(first, person=person, trashed=True)
        if pin is not None:
            request = ("POST", f"/v1/pins/{_address(chance, pin)}/restore", None)
            await self._change(chance, person, pin, request, trashed=False)

    async def _change(self, chance: Random, person: Person, pin: Pin, request: Request, *, trashed: bool) -> None:
        await self._send(chance, person, pin, request, writing((pin.trashed, trashed)))

    async def annotate(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Write a note on a pin, sometimes only if it is still as it was seen."""
        pin = self._pin(first, person=person)
        if pin is None:
            return
        text, path = f"note {self.next()}", f"/v1/pins/{_address(chance, pin)}"
        headers: list[tuple[bytes, bytes]] = []
        if second % 2:
            seen = await self.crowd.read(person, path)
            if seen is None or seen[0].status != 200:
                return
            headers.append((b"if-match", seen[0].headers["etag"].encode()))
        await self._send(chance, person, pin, ("PATCH", path, {"note": text}), writing((pin.note, text)), headers)

    async def _send(
        self,
        chance: Random,
        person: Person,
        pin: Pin,
        request: Request,
        writes: Writes,
        headers: Sequence[Header] = (),
    ) -> None:
        """Send what changes a pin; who may edit it can, and nobody else."""
        began_us = self.crowd.now_us

        def judge(answer: Answer) -> Outcome:
            span = self.crowd.span(began_us)
            edits = {
                right and seen
                for board in span.of(pin.board)
                for right in self.model.edits(person, board, span)
                for seen in self.model.reaches(person, pin, board, span)
            }
            self.must_not(answer, edits == {False}, f"change {pin.title}")
            sure = span.of(pin.made) == {True} and len(span.of(pin.board)) == 1 and not pin.link
            refused = answer.status not in {412, 503} and edits == {True} and span.of(pin.trashed) == {False}
            self.must(answer, refused and sure, f"change {pin.title}")
            return _unless_hidden(answer, edits)

        await self.crowd.send(chance, person, request, writes, headers, judge)

    def _board(self, person: Person, number: int) -> Board | None:
        """Return a board that somebody may perhaps edit; now and then any board."""
        now = self.crowd.now()
        known = [board for board in self.model.boards if board.id]
        own = [board for board in known if True in self.model.edits(person, board, now)]
        some = known if number % 11 == 10 else own
        return some[number % len(some)] if some else None

    def _pin(self, number: int, *, person: Person | None, trashed: bool = False) -> Pin | None:
        """Return a pin of those that may be there, or in the trash; one that somebody may edit, now and then any."""
        now = self.crowd.now()
        pins = [pin for pin in self.model.pins if pin.ids and trashed in now.of(pin.trashed)]
        if person is not None and number % 11 != 10:
            pins = [p for p in pins if any(True in self.model.edits(person, b, now) for b in now.of(p.board))]
        return pins[number % len(pins)] if pins else None


def _unless_hidden(answer: Answer, edits: set[bool]) -> Outcome:
    """Return what a status says of a request, where who asks may have lost sight of the thing once it was done."""
    return "doubtful" if answer.status == 404 and True in edits else outcome(answer)


def _address(chance: Random, pin: Pin) -> str:
    """Return one of the ids that lead to a pin."""
    return chance.choice(pin.ids)


def _moved(answer: Answer) -> tuple[Outcome, str]:
    """Return what became of one pin that was to be moved or copied, and its id now."""
    if answer.status != 200:
        return outcome(answer), ""
    [item] = answer.json()["items"]
    if item["now"]:
        return "done", item["now"]
    return ("doubtful" if item["problem"] == "unavailable" else "refused"), ""
