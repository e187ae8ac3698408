"""The hand that meets strangers and the side that asks it: trust, confinement, and what is lost when it breaks."""

import asyncio
import os
import re
import shlex
import signal
import time
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from bowerbird.adapters.httpfetch.exchange import Exchanger
from bowerbird.adapters.httpfetch.fetch import HostSlots, HttpFetch, argv
from bowerbird.adapters.httpfetch.hand import trust, warm
from bowerbird.adapters.httpfetch.limits import Failed
from bowerbird.base.processes import Processes
from bowerbird.ports.fetch import Failure
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.fetch_checks import PICTURE
from tests.support import fetch_hand
from tests.support.certificates import authority
from tests.support.fetch_subject import LIMITS, Here, limits_for
from tests.support.web import Web, open_web


async def test_a_name_is_looked_up_once_and_the_answer_is_met() -> None:
    """A name that is public when checked and local when met is the oldest trick."""
    answers = [["127.0.0.3"], ["127.0.0.2"]]
    async with open_web() as web:
        web.page("/", "<title>first</title>")
        limits = limits_for(web.port)
        exchanger = Exchanger(limits, trust(""), lambda _, __: answers.pop(0), time.monotonic)
        got = await HttpFetch(Here(exchanger), limits).fetch(f"http://turncoat.test:{web.port}/")
        assert (got.title, answers) == ("first", [["127.0.0.2"]])
        assert web.connections == {"127.0.0.3": 1}


@pytest.mark.parametrize(
    ("days", "trusted", "address", "failure"),
    [
        (1, True, "127.0.0.1", ""),
        (1, False, "127.0.0.1", "unreachable"),
        (-1, True, "127.0.0.1", "unreachable"),
        (1, True, "127.0.0.9", "unreachable"),
    ],
)
async def test_certificates_are_verified(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    trusted: bool,
    address: str,
    failure: str,
) -> None:
    signer = authority(tmp_path)
    monkeypatch.chdir(tmp_path)
    async with open_web(signer.server_context(tmp_path, address, days=days)) as web:
        url = web.page("/", "<title>safe</title>").replace("http:", "https:")
        limits = replace(limits_for(web.port), ca_file=signer.file.name if trusted else "")
        pool = Hands(Processes(), argv(limits), HandLimits(hands_max=1))
        got = await HttpFetch(pool, limits).fetch(url)
        await pool.close()
    assert (got.failure, got.title) == (failure, "" if failure else "safe")


async def test_the_real_hand_is_confined_and_fetches() -> None:
    async with open_web() as web:
        limits = limits_for(web.port)
        pool = Hands(Processes(), argv(limits), HandLimits(hands_max=1))
        web.page("/p.jpg", PICTURE, "image/jpeg")
        got = await HttpFetch(pool, limits).fetch(web.page("/", "<title>x</title><img src=p.jpg width=900>"))
        confinement = pool.status().confinement
        await pool.close()
    assert (got.title, got.picture) == ("x", PICTURE)
    assert confinement is not None
    assert "writes no file, starts no process" in confinement.applied


@pytest.mark.parametrize("path", ["/", "/p.jpg"])
async def test_a_hand_that_is_killed_costs_a_page_nothing(path: str) -> None:
    async with open_web() as web:
        limits = limits_for(web.port)
        pool = Hands(Processes(), argv(limits), HandLimits(hands_max=1))
        page = web.page("/", "<title>x</title><img src=p.jpg width=900>")
        web.page("/p.jpg", PICTURE, "image/jpeg")
        serve = web.pages[path]

        async def kill_first(web: Web, writer: asyncio.StreamWriter) -> None:
            web.pages[path] = serve
            os.kill(pool.pids()[0], signal.SIGKILL)
            await serve(web, writer)

        web.pages[path] = kill_first
        got = await HttpFetch(pool, limits).fetch(page)
        died = pool.status().died
        await pool.close()
    assert (got.failure, got.title, got.picture, died) == ("", "x", PICTURE, 1)


async def test_a_picture_that_no_hand_was_free_for_is_fetched_with_its_page_another_time(tmp_path: Path) -> None:
    program = tmp_path / "hand"
    async with open_web() as web:
        limits = limits_for(web.port)
        program.write_text(f"#!/bin/sh\nexec {shlex.join(argv(limits))}\n")
        program.chmod(0o700)
        pool = Hands(Processes(), [str(program)], HandLimits(hands_max=1, requests_max=1))
        page = web.page("/", "<title>x</title><img src=p.jpg width=900>")
        serve = web.pages["/"]

        async def serve_and_remove(web: Web, writer: asyncio.StreamWriter) -> None:
            await serve(web, writer)
            program.unlink()

        web.pages["/"] = serve_and_remove
        got = await HttpFetch(pool, limits).fetch(page)
        await pool.close()
    assert got.failure == "busy"


async def test_html_that_takes_for_ever_to_read_costs_two_hands_and_no_more() -> None:
    async with open_web() as web:
        limits = replace(limits_for(web.port), page_bytes_max=3 << 20, cpu_ms_max=300, total_ms=60_000)
        pool = Hands(Processes(), argv(limits), HandLimits(hands_max=1))
        fetch = HttpFetch(pool, limits)
        slow = await fetch.fetch(web.page("/slow", b"<title>x</title>" + b"<div>" * 600_000))
        after = await fetch.fetch(web.page("/quick", "<title>quick</title>"))
        died = pool.status().died
        await pool.close()
    assert (slow.failure, after.title, died) == ("bad-answer", "quick", 2)


async def test_a_hand_that_is_stuck_is_a_timeout() -> None:
    limits = replace(LIMITS, total_ms=50)
    pool = Hands(Processes(), [*fetch_hand.argv(limits), "stuck"], HandLimits(hands_max=1))
    got = await HttpFetch(pool, limits).fetch("http://1.1.1.1/")
    await pool.close()
    assert got.failure == "timeout"


async def test_no_hand_to_be_had_is_busy() -> None:
    pool = Hands(Processes(), ["/nowhere/hand"], HandLimits())
    assert (await HttpFetch(pool, LIMITS).fetch("http://1.1.1.1/")).failure == "busy"
    await pool.close()


async def test_hosts_are_remembered_only_while_they_are_met() -> None:
    slots = HostSlots(per_host_max=1, waiting_max=1)
    first = slots.slot("a")
    await first.__aenter__()
    waiting = asyncio.create_task(_hold(slots, "a"))
    await asyncio.sleep(0)
    with pytest.raises(Failed, match="busy"):
        await _hold(slots, "a")
    await _hold(slots, "b")
    await first.__aexit__(None, None, None)
    await waiting
    assert slots.hosts == 0


async def _hold(slots: HostSlots, host: str) -> None:
    async with slots.slot(host):
        await asyncio.sleep(0)


def test_every_failure_has_its_sentence_in_the_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "fetching.md").read_text()
    told = set(re.findall(r"^\| `([a-z-]+)` \| [A-Z].*\.", guide, re.MULTILINE))
    assert told == set(get_args(Failure)) - {""}


def test_warming_does_no_harm() -> None:
    warm()
