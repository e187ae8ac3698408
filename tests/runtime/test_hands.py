"""The pool of hands: what it returns, what it refuses, what it survives, and what a confined hand cannot do."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bowerbird.base.hand import HandBusy, HandDied, HandFailed, HandTimedOut
from bowerbird.base.processes import Processes
from bowerbird.runtime.hands import HandLimits, Hands
from tests.support.waiting import until

SUPPORT = Path(__file__).parent.parent / "support"
TRY_HAND = SUPPORT / "try_hand.py"
ON_UVLOOP = SUPPORT / "hands_on_uvloop.py"
LONG_MS = 30_000
FOREVER = b"sleep 600"

Open = Callable[..., Hands]


def argv(profile: str = "compute", port: int = 9) -> list[str]:
    return [sys.executable, "-I", str(TRY_HAND), profile, str(port)]


@pytest.fixture
async def pool() -> AsyncIterator[Open]:
    opened: list[Hands] = []

    def make(command: list[str] | None = None, **limits: int) -> Hands:
        opened.append(Hands(Processes(), command or argv(), HandLimits(**limits)))
        return opened[-1]

    yield make
    for hands in opened:
        await hands.close()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_hand_answers_and_is_used_again(pool: Open) -> None:
    hands = pool()
    assert await hands.ask(b"echo hello", LONG_MS) == b"hello"
    assert await hands.ask(b"pid", LONG_MS) == await hands.ask(b"pid", LONG_MS)
    assert hands.status().started == 1
    assert hands.status().answered == 3


async def test_no_hand_is_started_before_it_is_needed(pool: Open) -> None:
    assert pool().status().started == 0


async def test_large_requests_and_answers_pass_whole(pool: Open) -> None:
    text = b"x" * 20_000_000
    assert await pool().ask(b"echo " + text, LONG_MS) == text


async def test_requests_run_side_by_side_up_to_the_bound(pool: Open) -> None:
    hands = pool(hands_max=2)
    pids = await asyncio.gather(*(hands.ask(b"pid", LONG_MS) for _ in range(12)))
    assert len(set(pids)) <= 2
    assert hands.status().started <= 2


@pytest.mark.parametrize("death", [b"crash", b"raise 0", b"memory 2000000000"])
async def test_a_death_fails_its_own_request_alone(pool: Open, death: bytes) -> None:
    hands = pool(hands_max=2)
    waiting = asyncio.gather(*(hands.ask(b"echo %d" % n, LONG_MS) for n in range(6)))
    with pytest.raises(HandDied):
        await hands.ask(death, LONG_MS)
    assert await waiting == [b"%d" % n for n in range(6)]
    assert await hands.ask(b"echo still here", LONG_MS) == b"still here"
    assert hands.status().died == 1


async def test_a_hand_out_of_time_is_killed(pool: Open) -> None:
    hands = pool(hands_max=1)
    pid = int(await hands.ask(b"pid", LONG_MS))
    with pytest.raises(HandTimedOut):
        await hands.ask(FOREVER, 50)
    assert gone(pid)
    assert await hands.ask(b"echo next", LONG_MS) == b"next"
    assert hands.status().timed_out == 1


async def test_processor_time_is_limited_by_the_kernel(pool: Open) -> None:
    hands = pool(cpu_s_max=1)
    with pytest.raises(HandDied):
        await hands.ask(b"spin", LONG_MS)


async def test_processor_time_is_limited_for_each_request(pool: Open) -> None:
    hands = pool([*argv(), "200"], hands_max=1)
    with pytest.raises(HandDied):
        await hands.ask(b"spin", LONG_MS)
    assert await hands.ask(b"sleep 0.3", LONG_MS) == b"None"


async def test_a_cancelled_request_costs_its_hand_and_nothing_else(pool: Open) -> None:
    hands = pool(hands_max=1)
    pid = int(await hands.ask(b"pid", LONG_MS))
    task = asyncio.create_task(hands.ask(FOREVER, LONG_MS))
    await until(lambda: hands.status().running == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(pid)
    assert await hands.ask(b"echo mine", LONG_MS) == b"mine"


async def test_a_full_queue_says_busy_at_once(pool: Open) -> None:
    hands = pool(hands_max=1, queue_max=2)
    tasks = [asyncio.create_task(hands.ask(FOREVER, LONG_MS)) for _ in range(3)]
    await until(lambda: hands.status().waiting == 2 and hands.status().running == 1)
    with pytest.raises(HandBusy):
        await hands.ask(b"echo x", LONG_MS)
    assert hands.status().refused == 1
    await hands.close()
    assert all(isinstance(e, HandFailed) for e in await asyncio.gather(*tasks, return_exceptions=True))


async def test_nobody_waits_for_a_hand_without_end(pool: Open) -> None:
    hands = pool(hands_max=1, wait_ms=50)
    task = asyncio.create_task(hands.ask(FOREVER, LONG_MS))
    await until(lambda: hands.status().running == 1)
    with pytest.raises(HandBusy, match="no hand was free"):
        await asyncio.wait_for(hands.ask(b"echo x", LONG_MS), 30)
    assert (hands.status().waiting, hands.status().refused) == (0, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await hands.ask(b"echo x", LONG_MS) == b"x"


async def test_a_hand_is_replaced_after_its_share_of_requests(pool: Open) -> None:
    hands = pool(hands_max=1, requests_max=2)
    pids = [await hands.ask(b"pid", LONG_MS) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_an_idle_hand_expires(pool: Open) -> None:
    hands = pool(idle_s=0)
    pid = int(await hands.ask(b"pid", LONG_MS))
    await until(lambda: hands.status().idle == 0 and gone(pid))
    assert await hands.ask(b"echo again", LONG_MS) == b"again"


async def test_a_hand_that_died_at_rest_is_not_used(pool: Open) -> None:
    hands = pool()
    pid = int(await hands.ask(b"pid", LONG_MS))
    os.kill(pid, 9)
    await until(lambda: hands.status().idle == 0)
    assert await hands.ask(b"echo new", LONG_MS) == b"new"


async def test_closing_kills_every_hand_and_refuses_the_rest(pool: Open) -> None:
    hands = pool(hands_max=2)
    pid = int(await hands.ask(b"pid", LONG_MS))
    task = asyncio.create_task(hands.ask(FOREVER, LONG_MS))
    await until(lambda: hands.status().running == 1)
    await hands.close()
    with pytest.raises(HandDied):
        await task
    assert gone(pid)
    with pytest.raises(HandBusy):
        await hands.ask(b"echo x", LONG_MS)


@pytest.mark.parametrize(
    "command", [["/nowhere/program"], [sys.executable, "-c", ""], [sys.executable, "-c", "print(' '*99)"]]
)
async def test_what_cannot_start_or_greet_is_a_typed_error(pool: Open, command: list[str]) -> None:
    with pytest.raises(HandBusy):
        await pool(command).ask(b"echo", LONG_MS)


async def test_a_hand_that_never_gets_ready_is_given_up(pool: Open) -> None:
    with pytest.raises(HandBusy, match="did not get ready"):
        await pool([sys.executable, "-c", "import time; time.sleep(600)"], start_ms=50).ask(b"echo", LONG_MS)


async def test_an_answer_that_is_too_long_is_not_read(pool: Open) -> None:
    with pytest.raises(HandDied, match="more than 1000"):
        await pool(answer_bytes_max=1000).ask(b"echo " + b"x" * 2000, LONG_MS)


async def test_stray_prints_do_not_stand_among_the_frames(pool: Open) -> None:
    assert await pool().ask(b"print hello", LONG_MS) == b"None"


async def test_a_hand_knows_nothing_of_its_surroundings(pool: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOWERBIRD_SECRET", "x")
    assert "BOWERBIRD_SECRET" not in json.loads(await pool().ask(b"environment", LONG_MS))


async def test_a_computing_hand_reaches_nothing(pool: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hands = pool(argv("compute", server.getsockname()[1]))
        assert json.loads(await hands.ask(b"attempt", LONG_MS)) == []
    confinement = hands.status().confinement
    assert confinement is not None
    assert "system calls by seccomp" in confinement.applied or confinement.missing


async def test_a_network_hand_reaches_only_what_it_must(pool: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hands = pool(argv("network", server.getsockname()[1]))
        assert set(json.loads(await hands.ask(b"attempt", LONG_MS))) <= {"udp", "hosts"}


async def test_what_an_old_kernel_lacks_is_told_and_the_rest_still_holds(pool: Open) -> None:
    hands = pool([*argv(), "0", "old"])
    assert json.loads(await hands.ask(b"attempt", LONG_MS)) == []
    confinement = hands.status().confinement
    assert confinement is not None
    missing = " ".join(confinement.missing)
    assert all(name in missing for name in ("network namespace", "files by Landlock", "ports by Landlock"))


def test_the_pool_runs_on_uvloop_too() -> None:
    """In a process of its own, as wherever uvloop runs: it would share its descriptors with all that other tests do."""
    subprocess.run([sys.executable, str(ON_UVLOOP), *argv()], check=True, timeout=60)
