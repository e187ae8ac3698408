"""The demo's people at the API: registered when they are not there yet, signed in when they have something to do."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from msgspec import Struct

from bowerbird.app.demo.api import CONFLICT, NOT_FOUND, Answer, Api, DemoFailed, Told
from bowerbird.app.demo.content import Person
from bowerbird.base.world import World
from bowerbird.edge.api import resources

Shape = TypeVar("Shape")
Item_co = TypeVar("Item_co", covariant=True)

_PAGE: Final = 100
_PAGES_MAX: Final = 50
"""Demo lists are short; whatever is longer is somebody else's."""


class Page(Protocol[Item_co]):
    """What every list is."""

    @property
    def items(self) -> Sequence[Item_co]: ...
    @property
    def next(self) -> str | None: ...


class _Token(Struct, frozen=True):
    token: str


class Members:
    """Calls the API in somebody's name."""

    def __init__(self, api: Api, password: str, world: World) -> None:
        self._api = api
        self._password = password
        self._world = world
        self._tokens: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def join(self, person: Person) -> bool:
        """Let somebody be there; returns whether they were registered just now. DemoFailed."""
        if await self._exists(person.handle):
            return False
        new = {
            "handle": person.handle,
            "name": person.name,
            "email": f"{person.handle}@demo.example",
            "password": self._password,
        }
        try:
            answer = await self._api.ask("POST", "/v1/users", _Token, body=new)
        except Told as told:
            if told.status == CONFLICT:
                return False
            raise DemoFailed(f"@{person.handle} cannot register: {told}.") from told
        self._tokens[person.handle] = answer.data.token
        return True

    async def ask(
        self, handle: str, method: str, path: str, returns: type[Shape], body: object = None, *, once: bool = False
    ) -> Shape:
        """Call in somebody's name; `once`: a repetition after a lost answer makes nothing twice. Told, DemoFailed."""
        token = await self._token(handle)
        key = self._world.random_bytes(16).hex() if once else ""
        return self._noted(handle, await self._api.ask(method, path, returns, token=token, body=body, key=key))

    async def do(self, handle: str, method: str, path: str, body: object = None) -> None:
        """Call in somebody's name where the answer does not matter. Told, DemoFailed."""
        self._noted(handle, await self._api.do(method, path, token=await self._token(handle), body=body))

    async def listed(self, handle: str, path: str, returns: type[Page[Item_co]]) -> list[Item_co]:
        """Return all of a list, as somebody sees it. Told, DemoFailed."""
        found: list[Item_co] = []
        joint = "&" if "?" in path else "?"
        cursor = ""
        for _ in range(_PAGES_MAX):
            page = await self.ask(handle, "GET", f"{path}{joint}limit={_PAGE}{cursor}", returns)
            found += page.items
            if page.next is None:
                break
            cursor = f"&cursor={page.next}"
        return found

    async def leave(self) -> None:
        """Sign everybody out who was signed in. Told, DemoFailed."""
        for handle in list(self._tokens):
            await self.do(handle, "DELETE", "/v1/sessions/current")
            del self._tokens[handle]

    async def upload(self, handle: str, mime: str, data: bytes) -> str:
        """Send a picture and return its upload's id. Told (it was refused), DemoFailed."""
        announced = {"mime": mime, "length": len(data)}
        target = await self.ask(handle, "POST", "/v1/uploads", resources.UploadTarget, announced)
        await self._api.send(target.method, target.url, target.headers, data)
        await self.do(handle, "POST", f"/v1/uploads/{target.id}/complete")
        return target.id

    async def _exists(self, handle: str) -> bool:
        try:
            await self._api.do("GET", f"/v1/users/{handle}")
        except Told as told:
            if told.status == NOT_FOUND:
                return False
            raise
        return True

    async def _token(self, handle: str) -> str:
        async with self._locks.setdefault(handle, asyncio.Lock()):
            if handle not in self._tokens:
                self._tokens[handle] = await self._signed_in(handle)
            return self._tokens[handle]

    async def _signed_in(self, handle: str) -> str:
        credentials = {"login": handle, "password": self._password}
        try:
            answer = await self._api.ask("POST", "/v1/sessions", _Token, body=credentials)
        except Told as told:
            raise DemoFailed(
                f"@{handle} is somebody else here, or has changed their password: the demo cannot act for them."
            ) from told
        return answer.data.token

    def _noted(self, handle: str, answer: Answer[Shape]) -> Shape:
        """Return what an answer holds, and remember the token that it brought."""
        if answer.renewed:
            self._tokens[handle] = answer.renewed
        return answer.data
