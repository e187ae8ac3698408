"""What a remote makes of a Protocol's annotations, and which Protocols it refuses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pytest
from msgspec import Meta, Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Boards, Moved
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.paging import Page
from bowerbird.rpc.errors import Misfit
from bowerbird.rpc.methods import methods_of
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import NO_ERRORS, connected

T = TypeVar("T")
Limited = TypeVar("Limited", bound=int)


class Thing(Struct, frozen=True):
    name: str
    parts: list[int] = []


class Base(Protocol[T]):
    async def twice(self, value: T) -> list[T]: ...


class Every(Base[T], Protocol[T]):
    """Each way to declare a parameter that the wire can carry."""

    async def positional(self, first: int, /, second: str = "two") -> tuple[int, str]: ...

    async def named(self, first: int, *, second: str, third: float = 0.5) -> tuple[int, str, float]: ...

    async def page(self, value: T | None = None) -> Page[T]: ...

    async def bound(self, value: Limited) -> Limited: ...

    async def small(self, value: Annotated[int, Meta(le=10)]) -> None: ...

    async def nothing(self) -> None: ...

    async def decode(self, context: str, args: list[str], kwargs: dict[str, int | None]) -> str:
        """Have parameters and a method called as the machinery's own."""
        ...


class Answers(Generic[T]):
    async def twice(self, value: T) -> list[T]:
        return [value, value]

    async def positional(self, first: int, second: str = "two") -> tuple[int, str]:
        return first, second

    async def named(self, first: int, *, second: str, third: float = 0.5) -> tuple[int, str, float]:
        return first, second, third

    async def page(self, value: T | None = None) -> Page[T]:
        return Page([] if value is None else [value], b"next")

    async def bound(self, value: Any) -> Any:  # noqa: ANN401 - whatever it is, it comes back
        return value

    async def small(self, value: int) -> None:
        assert value <= 10

    async def nothing(self) -> None:
        return None

    async def decode(self, context: str, args: list[str], kwargs: dict[str, int | None]) -> str:
        return f"{context}{args}{kwargs}"


@pytest.fixture
async def every(tmp_path: Path) -> AsyncIterator[Every[Thing]]:
    async with connected(tmp_path, serve(Every[Thing], Answers[Thing]())) as pair:
        yield remote(Every[Thing], pair.client, NO_ERRORS)


async def test_arguments_may_be_given_as_python_allows(every: Every[Thing]) -> None:
    assert await every.positional(1) == (1, "two")
    assert await every.positional(1, "x") == (1, "x")
    assert await every.positional(1, second="x") == (1, "x")
    assert await every.named(1, second="a") == (1, "a", 0.5)
    assert await every.named(third=2, second="a", first=1) == (1, "a", 2)
    assert await every.decode("a", ["b"], kwargs={"c": None}) == "a['b']{'c': None}"
    assert await every.nothing() is None


async def test_type_variables_stand_for_what_was_given(every: Every[Thing]) -> None:
    thing = Thing("a", [1])
    assert await every.page() == Page([], b"next")
    assert await every.page(thing) == Page([thing], b"next")
    assert await every.bound(3) == 3


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((), {}),
        ((1, "x", 2), {}),
        ((1,), {"first": 2, "second": "a"}),
        ((1,), {}),
        ((1,), {"second": "a", "fourth": 1}),
    ],
)
async def test_wrong_calls_are_refused_here_as_python_refuses_them(
    every: Every[Thing], given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match=r"named\(\)"):
        await every.named(*given, **named)


async def test_wrong_types_are_refused_there(every: Every[Thing]) -> None:
    call: Any = every
    with pytest.raises(Misfit, match=r"Every.positional: Expected `int`, got `str`"):
        await call.positional("one")
    with pytest.raises(Misfit, match="<= 10"):
        await every.small(11)
    for value in (object(), 1 << 64, "\ud800"):
        with pytest.raises(Misfit, match="cannot be sent"):
            await call.bound(value)
    await every.small(10)


async def test_inherited_methods_cross_too(every: Every[Thing]) -> None:
    assert await every.twice(Thing("b")) == [Thing("b"), Thing("b")]


class Movers:
    """A service of which one method matters here."""

    async def move_pins(self, caller: Caller, pins: list[Id], board: Id, *, copy: bool) -> list[Moved]:
        assert caller == system("t-1")
        return [Moved(pins[0], board if copy else None, "")]

    def __getattr__(self, name: str) -> str:
        return name


async def test_a_services_contract_crosses(tmp_path: Path) -> None:
    pin, board = Id(b"p" * 16), Id(b"b" * 16)
    async with connected(tmp_path, serve(Boards, Movers())) as pair:
        boards = remote(Boards, pair.client, NO_ERRORS)
        assert await boards.move_pins(system("t-1"), [pin], board, copy=True) == [Moved(pin, board, "")]


class NotAsync(Protocol):
    def read(self, key: str) -> AsyncIterator[bytes]: ...


class Spread(Protocol):
    async def many(self, *keys: str) -> None: ...


class Untyped(Protocol):
    async def one(self, key) -> None: ...  # noqa: ANN001 # pyright: ignore[reportUnknownParameterType, reportMissingParameterType] - that is the point


@pytest.mark.parametrize("protocol", [NotAsync, Spread, Untyped])
def test_what_cannot_cross_is_refused_when_it_is_put_together(protocol: type) -> None:
    with pytest.raises(TypeError):
        methods_of(protocol)
