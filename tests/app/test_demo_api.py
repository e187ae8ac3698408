import asyncio
from pathlib import Path

import pytest
from typing_extensions import override

from bowerbird.app.demo.api import Api, DemoFailed, Told, client
from bowerbird.base.world import World
from bowerbird.edge.api import resources
from tests.support.server import free_port, serving

WRONG = {"login": "nobody", "password": "not a password"}


class Noting(World):
    """Notes for how long it was asked to sleep, and sleeps not at all when told so."""

    def __init__(self, *, awake: bool = False) -> None:
        super().__init__()
        self.slept: list[float] = []
        self._awake = awake

    @override
    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(0 if self._awake else seconds)


async def test_it_waits_as_long_as_the_server_asks(tmp_path: Path) -> None:
    world = Noting()
    with serving(tmp_path, safety_sign_in_limit="2", safety_sign_in_window_s="2") as server:
        async with client() as http:
            api = Api(server.base_url, http, world)
            for _ in range(5):
                with pytest.raises(Told) as told:
                    await api.ask("POST", "/v1/sessions", resources.SignedIn, body=WRONG)
                assert told.value.status == 401
    assert world.slept
    assert all(1 <= seconds <= 2 for seconds in world.slept)


async def test_it_gives_up_a_wait_that_is_out_of_reason(tmp_path: Path) -> None:
    with serving(tmp_path, safety_sign_in_limit="1", safety_sign_in_window_s="80000") as server:
        async with client() as http:
            api = Api(server.base_url, http, World())
            with pytest.raises(Told):
                await api.do("POST", "/v1/sessions", body=WRONG)
            with pytest.raises(DemoFailed, match="asks to wait"):
                await api.do("POST", "/v1/sessions", body=WRONG)


async def test_a_server_that_is_not_there_is_asked_a_bounded_number_of_times() -> None:
    world = Noting(awake=True)
    async with client() as http:
        with pytest.raises(DemoFailed, match="does not answer"):
            await Api(f"http://127.0.0.1:{free_port()}", http, world).do("GET", "/healthz")
    assert world.slept == [1, 2, 4, 8, 16, 16, 16, 16]


async def test_a_problem_is_told_in_the_servers_words(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        async with client() as http:
            api = Api(server.base_url, http, World())
            with pytest.raises(Told, match="there is no such person"):
                await api.ask("GET", "/v1/users/nobody_here", resources.User)
            answers = await asyncio.gather(*(api.ask("GET", "/healthz", resources.Health) for _ in range(3)))
            assert all(answer.data.ok for answer in answers)
