"""Fetch: its promises on the hand that meets strangers, on the same code without a process, and on careless ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bowerbird.adapters.httpfetch.limits import FetchLimits
from bowerbird.ports.fetch import Fetch
from tests.ports import fetch_hostile_checks
from tests.ports.fetch_checks import Subject
from tests.ports.suite import Check, Opener, run
from tests.support import fetch_hand
from tests.support.fetch_subject import (
    FirstAddressOnly,
    GlobalIsPublic,
    careless,
    limits_for,
    open_hands,
    open_here,
    with_limits,
    with_reach,
)
from tests.support.web import open_web

suite = fetch_hostile_checks.suite
"""All checks: the hostile ones are added to the plain ones."""


@suite.on({"httpfetch": open_hands, "httpfetch-without-a-hand": open_here})
async def test_fetch(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


CARELESS: dict[str, tuple[Callable[[FetchLimits], Fetch], *tuple[str, ...]]] = {
    "follows whatever it is told": (
        careless,
        "addresses_that_are_not_public_are_never_met",
        "a_redirect_is_checked_like_the_first_address",
        "too_many_redirects_are_given_up",
        "it_says_who_it_is_and_nothing_about_anyone_else",
        "one_host_is_met_by_few_at_once",
        "every_encoding_is_read",
    ),
    "checks the first address": (with_reach(FirstAddressOnly), "one_bad_address_of_a_name_refuses_all"),
    "believes is_global": (with_reach(GlobalIsPublic), "one_bad_address_of_a_name_refuses_all"),
    "follows too far": (with_limits(redirects_max=50), "too_many_redirects_are_given_up"),
    "gives up too early": (with_limits(redirects_max=3), "redirects_are_followed_to_the_end"),
    "crowds a host": (with_limits(per_host_max=8), "one_host_is_met_by_few_at_once"),
    "reads without end": (with_limits(picture_bytes_max=1 << 40), "bytes_are_bounded"),
    "tries every picture": (with_limits(pictures_max=50), "a_page_without_a_picture_is_a_good_page"),
}


@pytest.mark.parametrize(
    ("make", "expected"),
    [pytest.param(make, check, id=f"{name}-{check}") for name, (make, *checks) in CARELESS.items() for check in checks],
)
async def test_a_careless_adapter_is_caught(make: Callable[[FetchLimits], Fetch], expected: str) -> None:
    async with open_web() as web:
        fetch = make(limits_for(web.port))
        subject = Subject(fetch, fetch, web, fetch_hand.named)
        with pytest.raises(AssertionError):
            await suite.checks[expected](subject)
