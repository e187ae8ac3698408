from hypothesis import given
from hypothesis import strategies as st

from bowerbird.edge.http.match import Matcher, places_of

TEMPLATES = [
    "/",
    "/v1/me",
    "/v1/pins/move",
    "/v1/pins/{pin}",
    "/v1/pins/{pin}/restore",
    "/m/people/{user}",
    "/m/{a}/{b}",
]
MATCHER = Matcher((template, template) for template in TEMPLATES)


def test_each_template_is_found_with_its_places() -> None:
    assert MATCHER.find("/v1/me") == ("/v1/me", {})
    assert MATCHER.find("/v1/pins/7/restore") == ("/v1/pins/{pin}/restore", {"pin": "7"})
    assert MATCHER.find("/m/x/y") == ("/m/{a}/{b}", {"a": "x", "b": "y"})


def test_a_literal_wins_over_a_place() -> None:
    assert MATCHER.find("/v1/pins/move") == ("/v1/pins/move", {})
    assert MATCHER.find("/m/people/y") == ("/m/people/{user}", {"user": "y"})


def test_a_literal_that_leads_nowhere_gives_way() -> None:
    assert MATCHER.find("/v1/pins/move/restore") == ("/v1/pins/{pin}/restore", {"pin": "move"})


def test_nothing_else_is_found() -> None:
    for path in ["", "v1/me", "/v1/me/", "/v1/pins/", "/v1/pins//restore", "/v1/pins/7/restore/", "/V1/me", "/v1"]:
        assert MATCHER.find(path) is None


@given(st.lists(st.sampled_from(["v1", "me", "pins", "move", "restore", "m", "people", "x", ""]), max_size=6))
def test_what_is_found_is_what_the_template_says(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    found = MATCHER.find(path)
    if found is None:
        assert path not in TEMPLATES
        return
    template, places = found
    assert list(places) == places_of(template)
    assert template.format(**places) == path
