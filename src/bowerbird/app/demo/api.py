"""Calls of the public API: waits as long as it is asked to, tries again what may be tried again, and tells problems."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Generic, TypeVar

import httpx
import msgspec
from msgspec import Struct

from bowerbird.base.world import World

Shape = TypeVar("Shape")

NOT_FOUND: Final = 404
CONFLICT: Final = 409
_AGAIN: Final = {429, 502, 503}
"""Answers after which a client may try again."""
_TRIES_MAX: Final = 8
_WAIT_S_MAX: Final = 1800
"""Longest wait that a server may ask for."""
_TIMEOUT_S: Final = 60


class DemoFailed(Exception):  # noqa: N818 - it names what happened
    """The demo cannot go on; the sentence says why, and what helps."""


class Told(Exception):  # noqa: N818 - an expected answer
    """The API answered with a problem."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Answer(Struct, Generic[Shape], frozen=True):
    """What came back, and the token to show from now on ("": the one shown)."""

    data: Shape
    renewed: str


class _Problem(Struct, frozen=True):
    detail: str


class Api:
    """A Bowerbird by its address. What is asked is decoded as the shape that is expected."""

    def __init__(self, address: str, http: httpx.AsyncClient, world: World) -> None:
        self._address = httpx.URL(address)
        self._http = http
        self._world = world

    async def ask(
        self, method: str, path: str, returns: type[Shape], *, token: str = "", body: object = None, key: str = ""
    ) -> Answer[Shape]:
        """Call a path under the address. Told (what the server says of the request itself), DemoFailed."""
        response = await self._called(method, path, token, body, key)
        return Answer(msgspec.json.decode(response.content, type=returns), _renewed(response))

    async def do(self, method: str, path: str, *, token: str = "", body: object = None) -> Answer[None]:
        """Call a path whose answer does not matter. Told, DemoFailed."""
        return Answer(None, _renewed(await self._called(method, path, token, body, "")))

    async def send(self, method: str, url: str, headers: dict[str, str], data: bytes) -> None:
        """Send bytes to an address that the API gave. Told, DemoFailed."""
        request = self._http.build_request(method, self._address.join(url), headers=headers, content=data)
        _check(await self._sent(request))

    async def _called(self, method: str, path: str, token: str, body: object, key: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["idempotency-key"] = key
        request = self._http.build_request(method, self._address.join(path), headers=headers, json=body)
        return _check(await self._sent(request))

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and again when the server asks for patience or does not answer. DemoFailed."""
        for tried in range(_TRIES_MAX):
            wait_s = float(1 << min(tried, 4))
            try:
                response = await self._http.send(request)
            except httpx.TransportError:
                pass
            else:
                if response.status_code not in _AGAIN:
                    return response
                wait_s = _asked_s(response, wait_s)
            await self._world.sleep(wait_s)
        raise DemoFailed(f"{self._address} does not answer; is the server running?")


def client() -> httpx.AsyncClient:
    """Return a client for the server alone: without proxies, and without cookies, since it acts for many people."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    headers = {"user-agent": "bowerbird demo"}
    return httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, cookies=no_cookies, headers=headers)


def _check(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise Told(response.status_code, _detail(response))
    return response


def _renewed(response: httpx.Response) -> str:
    return response.headers.get("renewed-token", "")


def _asked_s(response: httpx.Response, otherwise_s: float) -> float:
    asked = response.headers.get("retry-after", "")
    if not asked.isdecimal():
        return otherwise_s
    if int(asked) > _WAIT_S_MAX:
        raise DemoFailed(f"The server asks to wait {asked} s: {_detail(response)}.")
    return float(asked)


def _detail(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Problem).detail
    except msgspec.DecodeError:
        return f"the server answered {response.status_code}"
