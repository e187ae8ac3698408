"""People settle in: they join, say who they are, follow each other, make their boards and share them."""

from bowerbird.app.demo.content import Board, Content, Person
from bowerbird.app.demo.members import Members
from bowerbird.app.demo.progress import Progress
from bowerbird.app.demo.survey import Known, Survey, know
from bowerbird.edge.api import resources


async def join(content: Content, members: Members, progress: Progress) -> None:
    """Let everybody be there."""
    for person in content.people:
        if await members.join(person):
            progress.count("people")


async def settle(person: Person, members: Members, found: Survey, progress: Progress) -> None:
    """Do for one person whatever is not done yet, and enter their new boards into `found`."""
    if person.handle in found.silent:
        await members.do(person.handle, "PATCH", "/v1/me", {"about": person.about})
    for other in person.follows:
        if other not in found.follows[person.handle]:
            await members.do(person.handle, "PUT", f"/v1/me/following/{other}")
            progress.count("follows")
    await _make_boards(person, members, found, progress)
    for board in person.boards:
        await _share(person, board, members, found.boards[board.key], progress)


async def _make_boards(person: Person, members: Members, found: Survey, progress: Progress) -> None:
    """Make the boards that are missing; what the survey could not see, its owner sees."""
    if all(board.key in found.boards for board in person.boards):
        return
    own = {one.name: one for one in await members.listed(person.handle, "/v1/boards", resources.BoardList)}
    for board in person.boards:
        if board.key in found.boards:
            continue
        if board.name in own:
            found.boards[board.key] = await know(person, board, own[board.name], members, person.handle)
        else:
            new = {"name": board.name, "description": board.description, "visibility": board.visibility}
            made = await members.ask(person.handle, "POST", "/v1/boards", resources.Board, new, once=True)
            found.boards[board.key] = Known(made.id, {}, set())
            progress.count("boards")


async def _share(person: Person, board: Board, members: Members, known: Known, progress: Progress) -> None:
    for handle, role in board.shares.items():
        if handle not in known.shares:
            path = f"/v1/boards/{known.id}/shares/{handle}"
            await members.do(person.handle, "PUT", path, {"role": role})
            progress.count("shares")
