"""What many search for is suggested; what a few do is not, to anybody, however often they ask or however they share it.

Whatever must not be suggested was asked before something that is, by the same people, and so was counted before it.
"""

from collections.abc import Iterator
from itertools import count
from urllib.parse import quote

import pytest

from bowerbird.services.search.settings import SearchSettings
from tests.security.asking import Asker
from tests.security.test_search import LIVE, asked
from tests.support.server import Server
from tests.support.visitor import Visitor, settled

MANY = SearchSettings().people_min
STATE = "public"
_numbers = count(1)


class Crowd:
    """As many people as hide each of them, one of whom has a board with a pin that has every word of a test."""

    def __init__(self, server: Server) -> None:
        number = next(_numbers)
        self.words = {name: f"{name}{number}" for name in ("rumour", "whisper", "secret", "shout")}
        self.people = [Visitor(server.base_url, f"crowd_{number}_{place}") for place in range(MANY)]
        words = f"{self.words['rumour']} {self.words['whisper']} {self.words['shout']}"
        [ada, *_] = self.people
        ada.photo(ada.board("Talk"), title="Talk", note=f"{words} in town")
        # What is narrowed is not counted.
        settled(lambda: found(ada, f"by:{ada.handle} {words}"), bool)

    def finds(self, person: Visitor, name: str) -> bool:
        """Let somebody search for a word and another; say whether that finds anything."""
        return found(person, f"{self.words[name]} {'room' if name == 'secret' else 'town'}")

    def leave(self) -> None:
        """Hang up."""
        for person in self.people:
            person.http.close()


def found(person: Visitor, query: str) -> bool:
    return person.ask("GET", "/v1/search", params={"q": query})["items"] != []


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    crowd = Crowd(server)
    yield crowd
    crowd.leave()


def suggested(asker: Asker, crowd: Crowd, name: str) -> set[bool]:
    """Return whether what was searched for is suggested, to whichever actor."""
    path = f"/v1/search/suggestions?q={quote(crowd.words[name])}"
    actors = [actor for actor in LIVE if not actor.is_dead(STATE)]
    return {f"{crowd.words[name]} " in asked(asker, actor, STATE, path) for actor in actors}


def heard(asker: Asker, crowd: Crowd) -> None:
    """Wait until what all have searched for is suggested to everybody."""
    settled(lambda: suggested(asker, crowd, "shout"), lambda found: found == {True})


def test_what_one_fewer_search_for_is_suggested_to_nobody(asker: Asker, crowd: Crowd) -> None:
    for person in crowd.people[1:]:
        assert crowd.finds(person, "whisper")
    for person in crowd.people:
        assert crowd.finds(person, "shout")
    heard(asker, crowd)
    assert suggested(asker, crowd, "whisper") == {False}
    [ada, *_] = crowd.people
    mine = ada.ask("GET", "/v1/search/suggestions", params={"q": crowd.words["whisper"]})
    assert mine["items"] == []
    assert crowd.finds(ada, "whisper")
    settled(lambda: suggested(asker, crowd, "whisper"), lambda found: found == {True})


def test_what_one_searches_for_a_hundred_times_is_suggested_to_nobody(asker: Asker, crowd: Crowd) -> None:
    for _ in range(100):
        assert crowd.finds(crowd.people[-1], "rumour")
    for person in crowd.people:
        assert crowd.finds(person, "shout")
    heard(asker, crowd)
    assert suggested(asker, crowd, "rumour") == {False}


def test_what_is_searched_for_on_a_shared_board_is_suggested_to_nobody(asker: Asker, crowd: Crowd) -> None:
    [ada, *others] = crowd.people
    board = ada.board("Secrets", "private")
    ada.photo(board, seed=1, title="Quiet", note=f"{crowd.words['secret']} in this room")
    for person in others:
        ada.ask("PUT", f"/v1/boards/{board}/shares/{person.handle}", json={"role": "viewer"})
    for person in crowd.people:
        settled(lambda person=person: crowd.finds(person, "secret"), bool)
        crowd.finds(person, "shout")
    heard(asker, crowd)
    assert suggested(asker, crowd, "secret") == {False}
    assert ada.ask("GET", "/v1/search/suggestions", params={"q": crowd.words["secret"]})["items"] == []


def test_with_an_account_goes_what_it_counted_for(asker: Asker, crowd: Crowd) -> None:
    for person in crowd.people:
        assert crowd.finds(person, "shout")
    heard(asker, crowd)
    gone = crowd.people[-1]
    gone.ask("DELETE", "/v1/me", json={"password": gone.password})
    settled(lambda: suggested(asker, crowd, "shout"), lambda found: found == {False})
