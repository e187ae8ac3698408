"""Errors across the wire: the contract's own as they were, all others without a word of what happened."""

from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from msgspec import Raw
from structlog.testing import capture_logs

from bowerbird.contracts.problems import PROBLEMS, Invalid, NotFound, Problem
from bowerbird.rpc.errors import Errors, Misfit, RemoteFailure, RpcError, Unreachable
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import connected

ERRORS = Errors(PROBLEMS)


class Failing(Protocol):
    async def fail(self) -> None: ...


class Fails:
    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    async def fail(self) -> None:
        raise self._failure


class Private(NotFound):
    """A subclass that nobody listed."""


async def failure_of(folder: Path, failure: Exception, errors: Errors = ERRORS) -> Exception:
    async with connected(folder, serve(Failing, Fails(failure)), errors) as pair:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what the tests look at
            await remote(Failing, pair.client, ERRORS).fail()
    return caught.value


@pytest.mark.parametrize("kind", PROBLEMS.values())
async def test_every_problem_crosses_whole(tmp_path: Path, kind: type[Problem]) -> None:
    found = await failure_of(tmp_path, kind("it is so", "name", 30))
    assert type(found) is kind
    assert vars(found) == {"detail": "it is so", "field": "name", "retry_after_s": 30}


@pytest.mark.parametrize(
    "failure",
    [
        KeyError("secret"),
        Private("secret"),
        Unreachable("secret, of another call"),
        Invalid("fine", field=object()),  # pyright: ignore[reportArgumentType] - what a careless service may do
        TimeoutError("secret"),
    ],
)
async def test_what_no_contract_names_stays_inside(tmp_path: Path, failure: Exception) -> None:
    with capture_logs() as logs:
        found = await failure_of(tmp_path, failure)
    assert isinstance(found, RemoteFailure)
    assert "secret" not in str(found)
    assert [(line["event"], line["incident"], line["method"]) for line in logs] == [
        ("call_failed", found.incident, "Failing.fail")
    ]
    assert logs[0]["exc_info"] is failure


async def test_an_error_unknown_here_is_a_misfit(tmp_path: Path) -> None:
    newer = Errors({"newer": KeyError})
    assert isinstance(await failure_of(tmp_path, KeyError("x"), newer), Misfit)


@pytest.mark.parametrize("wire", [[], ["invalid"], ["invalid", 5], ["invalid", "x", "y", 1, 2], [5], {"a": 1}, 7, "x"])
def test_an_error_of_another_shape_is_a_misfit(wire: object) -> None:
    assert isinstance(ERRORS.decode(Raw(msgspec.msgpack.encode(wire))), Misfit)


def test_codes_are_clear() -> None:
    with pytest.raises(ValueError, match="taken"):
        Errors({"rpc.mine": KeyError})
    with pytest.raises(ValueError, match="one code"):
        Errors({"a": KeyError, "b": KeyError})


async def test_errors_of_the_way_may_be_translated(tmp_path: Path) -> None:
    def translate(error: RpcError) -> Exception:
        return NotFound(type(error).__name__)

    async with connected(tmp_path, {}) as pair:
        with pytest.raises(NotFound, match="Misfit") as caught:
            await remote(Failing, pair.client, ERRORS, translate=translate).fail()
        assert isinstance(caught.value.__cause__, Misfit)
