"""Every contract and every port: it crosses from its annotations alone, and its marks say what callers may do."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from msgspec import Struct

from bowerbird.app.topology import SERVICES
from bowerbird.base.calls import is_idempotent, is_keyed, is_slow, keyed, lease_of, outlasts_when, slow
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller, Once
from bowerbird.contracts.graph import Relation
from bowerbird.contracts.identity import Shown
from bowerbird.contracts.problems import PROBLEMS, Problem, Unavailable
from bowerbird.ports.askings import AskingWrites
from bowerbird.ports.counters import Counters
from bowerbird.ports.graph import Graph
from bowerbird.ports.keys import Keys
from bowerbird.ports.leases import Leases
from bowerbird.ports.log import Log
from bowerbird.ports.records import Commits
from bowerbird.ports.tastes import TasteWrites
from bowerbird.ports.textindex import TextIndexWrites
from bowerbird.ports.timelines import Timelines
from bowerbird.ports.vectors import VectorWrites
from bowerbird.ports.walks import WalkWrites
from bowerbird.rpc.errors import (
    BreakerOpen,
    DeadlinePassed,
    Misfit,
    Overloaded,
    RemoteFailure,
    ReplyLost,
    RpcError,
    Stopping,
    Unreachable,
)
from bowerbird.rpc.methods import Method, methods_of
from bowerbird.rpc.peer import Nature
from bowerbird.rpc.problems import PROBLEM_ERRORS, unavailable
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import connected

CONTRACTS = [service.contract for service in SERVICES]
PORTS = [
    AskingWrites,
    Commits,
    Counters,
    Graph,
    Keys,
    Leases,
    Log,
    TasteWrites,
    TextIndexWrites,
    Timelines,
    VectorWrites,
    WalkWrites,
]

NONE = set[str]()
ONCE_ONLY = {
    "contracts.boards": {"change", "change_pin", "create", "save_pin", "move_pins"},
    "contracts.feed": NONE,
    "contracts.graph": NONE,
    "contracts.identity": {
        "register",
        "sign_in",
        "revoke",
        "revoke_token",
        "change_password",
        "make_token",
        "change_profile",
        "delete_account",
        "make_person",
    },
    "contracts.insight": {"seen"},
    "contracts.links": {"details"},
    "contracts.media": {"begin", "glance"},
    "contracts.recommend": NONE,
    "contracts.safety": {"spend"},
    "contracts.search": NONE,
    "contracts.vision": {"look_once"},
    "ports.askings": NONE,
    "ports.counters": {"take", "give_back"},
    "ports.graph": {"put", "remove"},
    "ports.keys": NONE,
    "ports.leases": NONE,
    "ports.log": {"append"},
    "ports.records": {"commit"},
    "ports.tastes": NONE,
    "ports.textindex": NONE,
    "ports.timelines": NONE,
    "ports.vectors": NONE,
    "ports.walks": NONE,
}
"""What must not be called again when its reply was lost: all of these, and no others."""

UNDER_A_KEY = {"contracts.boards": {"create", "save_pin", "move_pins"}}

OUTLASTING = {
    "contracts.boards": {"change", "delete", "delete_pin", "move_pins", "unshare"},
    "contracts.graph": {"block", "unfollow"},
    "contracts.identity": {"change_password", "change_profile", "delete_account", "revoke", "revoke_token"},
}
"""What takes sight of something from somebody, who may have kept an answer that shows it: all of these."""

HIDING: dict[str, dict[str, list[object]]] = {
    "contracts.boards": {"of_address": []},
    "contracts.graph": {
        "relations": [
            Relation(follows=False, blocked=False),
            Relation(follows=False, blocked=True),
            Relation(follows=True, blocked=True),
        ],
        "blocked": [True],
    },
    "contracts.identity": {"authenticate": [Shown(Id(bytes(16)), None, 0, "another token")], "people": [None]},
}
"""The answers that may be kept, and those of them that hide something: when that ends, nobody waits for a lease."""


def name_of(protocol: type) -> str:
    return protocol.__module__.removeprefix("bowerbird.")


@pytest.mark.parametrize("protocol", [*CONTRACTS, *PORTS], ids=name_of)
def test_what_may_be_called_again(protocol: type) -> None:
    functions = {method.name: method.function for method in methods_of(protocol)}
    once_only = {name for name, function in functions.items() if not is_idempotent(function)}
    assert once_only == ONCE_ONLY[name_of(protocol)]
    under_a_key = {name for name, function in functions.items() if is_keyed(function)}
    assert under_a_key == UNDER_A_KEY.get(name_of(protocol), NONE)


def test_what_may_take_seconds() -> None:
    found = {f"{p.__name__}.{m.name}" for p in CONTRACTS for m in methods_of(p) if is_slow(m.function)}
    assert {"Identity.sign_in", "Identity.register", "Media.complete", "Media.ingest", "Links.details"} <= found
    assert not found & {"Boards.pins", "Boards.access", "Feed.home", "Graph.relations", "Identity.authenticate"}


@pytest.mark.parametrize("protocol", CONTRACTS, ids=name_of)
def test_what_hides_something_is_acknowledged_when_the_leases_are_over(protocol: type) -> None:
    found = {method.name for method in methods_of(protocol) if outlasts_when(method.function) is not None}
    assert found == OUTLASTING.get(name_of(protocol), NONE)


@pytest.mark.parametrize("protocol", CONTRACTS, ids=name_of)
def test_an_answer_that_hides_something_is_not_kept(protocol: type) -> None:
    leases = {m.name: lease for m in methods_of(protocol) if (lease := lease_of(m.function)) is not None}
    hiding = HIDING.get(name_of(protocol), {})
    assert leases.keys() == hiding.keys()
    for name, answers in hiding.items():
        assert not any(leases[name].shows(answer) for answer in answers)


class Marked(Protocol):
    async def plain(self, caller: Caller) -> None: ...

    @keyed
    async def made(self, caller: Caller) -> None: ...

    @keyed
    @slow
    async def made_slowly(self, caller: Caller) -> None: ...

    @keyed
    async def nobodys(self, number: int) -> None: ...


@pytest.mark.parametrize(
    ("name", "argument", "nature"),
    [
        ("plain", Caller(once=Once(b"k", b"r")), Nature()),
        ("made", Caller(), Nature()),
        ("made", Caller(once=Once(b"k", b"r")), Nature(repeatable=True)),
        ("made_slowly", Caller(), Nature(slow=True)),
        ("made_slowly", Caller(once=Once(b"k", b"r")), Nature(repeatable=True, slow=True)),
        ("nobodys", 5, Nature()),
    ],
)
def test_what_a_call_bears(name: str, argument: object, nature: Nature) -> None:
    methods: dict[str, Method] = {method.name: method for method in methods_of(Marked)}
    assert methods[name].nature_of((argument,)) == nature


class Row(Struct, frozen=True):
    name: str


class Growing(Protocol):
    async def old(self, caller: Caller) -> Row: ...


async def test_a_method_that_is_added_to_a_contract_needs_no_other_edit(tmp_path: Path) -> None:
    """Nothing but the Protocol and the class that meets it knows the new method."""

    class Grown(Growing, Protocol):
        async def new(self, caller: Caller, rows: list[Row], *, upper: bool = True) -> dict[str, Row]: ...

    class Service:
        async def old(self, caller: Caller) -> Row:
            return Row(caller.trace)

        async def new(self, caller: Caller, rows: list[Row], *, upper: bool = True) -> dict[str, Row]:
            if not rows:
                raise PROBLEMS["invalid"](caller.trace, "rows")
            return {row.name: Row(row.name.upper() if upper else row.name) for row in rows}

    async with connected(tmp_path, serve(Grown, Service()), PROBLEM_ERRORS) as pair:
        grown = remote(Grown, pair.client, PROBLEM_ERRORS, translate=unavailable)
        assert await grown.old(Caller(trace="t")) == Row("t")
        assert await grown.new(Caller(), [Row("a")]) == {"a": Row("A")}
        assert await grown.new(Caller(), [Row("a")], upper=False) == {"a": Row("a")}
        with pytest.raises(PROBLEMS["invalid"], match="t-9") as caught:
            await grown.new(Caller(trace="t-9"), [])
        assert caught.value.field == "rows"


@pytest.mark.parametrize(
    "kind", [Unreachable, Stopping, BreakerOpen, Overloaded, ReplyLost, DeadlinePassed], ids=lambda kind: kind.__name__
)
def test_a_call_without_an_answer_is_a_problem_that_says_when_to_come_again(kind: Callable[[str], RpcError]) -> None:
    problem = unavailable(kind("run/boards.sock"))
    assert isinstance(problem, Unavailable)
    assert problem.retry_after_s == 1
    assert "boards" not in problem.detail


def test_only_what_may_have_been_done_is_said_to_be_so() -> None:
    for error in (ReplyLost("x"), DeadlinePassed("x")):
        assert "may have been done" in str(unavailable(error))
    for error in (Unreachable("x"), Stopping("x"), BreakerOpen("x"), Overloaded("x")):
        assert "nothing was changed" in str(unavailable(error))


def test_a_fault_of_the_program_is_no_problem() -> None:
    for error in (Misfit("x"), RemoteFailure("x")):
        assert unavailable(error) is error
        assert not isinstance(unavailable(error), Problem)
