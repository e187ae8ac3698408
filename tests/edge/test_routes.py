"""What the table of routes promises holds of its handlers."""

import typing

import pytest

from bowerbird.contracts.safety import Budget
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.openapi import PLACES
from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.http.match import places_of
from bowerbird.edge.http.problem import KNOWN
from bowerbird.edge.http.route import AnyRoute

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


@each_route
def test_the_handler_takes_and_returns_what_the_route_says(route: AnyRoute[Kit]) -> None:
    hints = typing.get_type_hints(route.handler)
    body, query = typing.get_args(hints["request"])
    assert (route.body or type(None)) is body
    assert (route.query or type(None)) is query
    (result,) = typing.get_args(hints["return"])
    assert (type(None) if route.returns is None or isinstance(route.returns, str) else route.returns) is result


@each_route
def test_what_the_route_names_exists(route: AnyRoute[Kit]) -> None:
    assert not route.budget or route.budget in typing.get_args(Budget)
    assert set(route.problems) <= set(KNOWN)
    assert set(places_of(route.path)) <= set(PLACES)
    assert (route.returns is None) == (route.status == 204)


@each_route
def test_writes_are_counted_and_never_open(route: AnyRoute[Kit]) -> None:
    if route.method != "GET":
        assert route.budget
        assert route.access != "open"
        assert not route.path.startswith("/v1") or route.access in {"public", "write"}


def test_no_two_routes_are_alike() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert len({route.handler.__name__ for route in ROUTES}) == len(ROUTES)
