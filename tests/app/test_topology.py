"""The index of the house is held against the code: what services import is what their rows say."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from bowerbird.app.house import build
from bowerbird.app.sections import Settings
from bowerbird.app.topology import SERVICES, TABLES, Service, called_from, home_of
from bowerbird.app.wiring import Placement
from tests.support.house import MASTER, open_house, settings_with

SOURCE = Path(__file__).parents[2] / "src" / "bowerbird"
SHARED = {"caller", "events", "fields", "kinds", "paging", "problems"}
"""Contracts that belong to no service."""
NO_ENGINES = {"tables", "once", "rebuild"}
"""Files of ports that describe data and name no engine."""

BORROWED = {"feed": {"log"}, "search": {"log"}, "recommend": {"log"}, "vision": {"log", "pictures"}}
"""Ports of which only words are used: offsets of the log, kept with one's own data, and why pictures are refused."""


def imported(package: Path, prefix: str) -> set[str]:
    """Return the names below `bowerbird.<prefix>.` that a package imports."""
    names: set[str] = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"bowerbird.{prefix}"):
                rest = (node.module or "").removeprefix(f"bowerbird.{prefix}").strip(".")
                names |= {rest.split(".")[0]} if rest else {alias.name for alias in node.names}
    return names


def uses(service: Service) -> set[str]:
    """Return the contracts whose Protocols a service's code names."""
    found: set[str] = set()
    protocols = {each.name: each.contract.__name__ for each in SERVICES}
    for file in (SOURCE / "services" / service.name).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bowerbird.contracts."):
                name = (node.module or "").rsplit(".", 1)[1]
                if protocols.get(name) in {alias.name for alias in node.names}:
                    found.add(name)
    return found - {service.name}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_calls_those_that_its_row_names(service: Service) -> None:
    assert uses(service) == set(service.calls)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_needs_the_ports_that_its_row_names(service: Service) -> None:
    found = imported(SOURCE / "services" / service.name, "ports") - NO_ENGINES
    # A port's errors are those of records, whichever port it is.
    assert found - {"records"} == (set(service.ports) | BORROWED.get(service.name, set())) - {"records"}
    assert not service.tables or "records" in service.ports


def test_every_service_has_one_row_and_comes_after_those_it_calls() -> None:
    names = [service.name for service in SERVICES]
    folders = {path.name for path in (SOURCE / "services").iterdir() if (path / "service.py").exists()}
    assert Counter(names) == Counter(folders)
    for place, service in enumerate(SERVICES):
        assert set(service.calls) <= set(names[:place])


@pytest.mark.parametrize("group", ["feed", "boards", "details", "media"])
def test_a_group_runs_in_the_process_of_the_last_service_whose_handlers_it_has(group: str) -> None:
    names = [service.name for service in SERVICES if group in service.groups]
    assert home_of(group) == names[-1]


async def test_each_group_runs_in_one_process_where_each_service_is_one(tmp_path: Path) -> None:
    """In two, each would take events from the other."""
    async with open_house(tmp_path) as house:
        placements = [Placement(frozenset({service.name}), lambda _contract: None) for service in SERVICES]
        houses = [build(house.engines, settings_with(), MASTER, house.world, placement=one) for one in placements]
    running = Counter(group.name for each in houses for group in each.groups)
    assert running == Counter({group for service in SERVICES for group in service.groups})


def test_a_services_process_calls_its_peers_and_those_of_the_handlers_that_run_in_it() -> None:
    assert called_from("boards") == {"links", "media", "graph", "identity"}
    assert called_from("feed") == {"graph", "boards", "identity"}
    assert called_from("safety") == set()


def test_tables_have_names_of_their_own() -> None:
    assert [name for name, count in Counter(table.name for table in TABLES).items() if count > 1] == []


def test_settings_of_services_are_sections() -> None:
    hints = Settings.__annotations__
    assert all(hints.get(service.name) is service.settings for service in SERVICES if service.settings)
