"""Ideas: what others keep beside what one keeps, with its reason, steered by wishes that the next read obeys."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest

from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]
_SEEDS = count(500_000)


def ideas(visitor: Visitor, path: str = "/v1/ideas") -> dict[str, dict[str, Any]]:
    """Return all ideas of somebody's, page by page, by the pin's id: why each is there."""
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while cursor is not None:
        page = visitor.ask("GET", path, params={"limit": 20, "cursor": cursor})
        for item in page["items"]:
            assert item["pin"]["id"] not in found, "nothing comes twice"
            found[item["pin"]["id"]] = item["because"]
        cursor = page["next"]
    return found


def tune(visitor: Visitor, **wish: object) -> str:
    """Make a wish, and return its id."""
    return visitor.ask("POST", "/v1/me/tunings", json=wish)["id"]


@dataclass
class Town:
    """Ada keeps on `board` what Ben keeps too: `seed`, copied from his pin `source`; beside that he keeps `beside`."""

    ada: Visitor
    ben: Visitor
    board: str
    seed: str
    ben_board: str
    source: str
    beside: str

    @property
    def related(self) -> str:
        return f"/v1/pins/{self.seed}/related"

    @property
    def for_board(self) -> str:
        return f"/v1/boards/{self.board}/ideas"


@pytest.fixture
def town(someone: Someone) -> Town:
    ada, ben = someone("ada"), someone("ben")
    ben_board = ben.board("Birds")
    source, beside = (ben.photo(ben_board, next(_SEEDS))["id"] for _ in range(2))
    board = ada.board("Liked")
    seed = ada.ask("POST", f"/v1/boards/{board}/pins", json={"pin_id": source})["id"]
    town = Town(ada, ben, board, seed, ben_board, source, beside)
    for path in ("/v1/ideas", town.related, town.for_board):
        settled(lambda path=path: ideas(ada, path), lambda found: beside in found)
    return town


def test_what_is_kept_beside_what_one_keeps_is_an_idea_and_says_why(town: Town) -> None:
    ada = town.ada
    because = settled(
        lambda: ideas(ada).get(town.beside), lambda because: because is not None and because["why"] == "saved"
    )
    assert because is not None
    assert because["pin"]["id"] == town.seed
    assert because["pin"]["picture"]["src"]["236"].startswith("/media/")
    for_board = ideas(ada, town.for_board)[town.beside]
    assert (for_board["why"], for_board["board"]["id"]) == ("board", town.board)
    related = ideas(ada, town.related)[town.beside]
    assert related["why"] in {"looks", "beside"}
    assert related["pin"]["id"] == town.seed


def test_what_one_keeps_already_is_no_idea(town: Town) -> None:
    kept = town.ada.ask("POST", f"/v1/boards/{town.board}/pins", json={"pin_id": town.beside})["id"]
    for path in ("/v1/ideas", town.related, town.for_board):
        found = settled(lambda path=path: ideas(town.ada, path), lambda found: town.beside not in found)
        assert not {town.source, town.seed, kept} & found.keys(), path


def test_what_turns_private_is_gone_from_the_next_read_on(town: Town) -> None:
    assert town.ben_board in [item["board"]["id"] for item in proposals(town.ada, "boards")]
    town.ben.ask("PATCH", f"/v1/boards/{town.ben_board}", json={"visibility": "private"})
    nothing_of_bens(town)
    settled(lambda: town.beside in ideas(town.ben, f"/v1/pins/{town.source}/related"), lambda there: not there)


def test_what_is_deleted_or_blocked_is_gone_from_the_next_read_on(town: Town) -> None:
    town.ada.ask("PUT", f"/v1/me/blocks/{town.ben.handle}")
    nothing_of_bens(town)
    town.ada.ask("DELETE", f"/v1/me/blocks/{town.ben.handle}")
    assert town.beside in ideas(town.ada)
    town.ben.ask("DELETE", f"/v1/pins/{town.beside}")
    assert town.beside not in ideas(town.ada)
    town.ben.ask("POST", f"/v1/pins/{town.beside}/restore")
    settled(lambda: ideas(town.ada), lambda found: town.beside in found)
    town.ben.ask("DELETE", "/v1/me", json={"password": town.ben.password})
    nothing_of_bens(town)


def nothing_of_bens(town: Town) -> None:
    """Assert that nothing that Ada is shown has anything of Ben's in it."""
    for path in ("/v1/ideas", town.related, town.for_board, "/v1/ideas/people", "/v1/ideas/boards", "/v1/topics"):
        text = town.ada.send("GET", path, params={} if path == "/v1/topics" else {"limit": 50}).text
        for secret in (town.beside, town.source, town.ben_board, town.ben.handle):
            assert secret not in text, path


def test_what_is_hidden_stays_hidden_until_it_is_undone(town: Town) -> None:
    wish = tune(town.ada, wish="hidden", pin_id=town.beside)
    for path in ("/v1/ideas", town.related, town.for_board):
        assert town.beside not in ideas(town.ada, path), path
    [listed] = town.ada.ask("GET", "/v1/me/tunings")["items"]
    assert (listed["id"], listed["wish"], listed["pin"]["id"]) == (wish, "hidden", town.beside)
    assert tune(town.ada, wish="hidden", pin_id=town.beside) == wish, "made again it is the same"
    assert town.ben.ask("GET", "/v1/me/tunings")["items"] == []
    town.ben.ask("DELETE", f"/v1/me/tunings/{wish}")
    assert town.beside not in ideas(town.ada), "nobody undoes another's"
    for _ in range(2):
        town.ada.ask("DELETE", f"/v1/me/tunings/{wish}")
    assert town.ada.ask("GET", "/v1/me/tunings")["items"] == []
    assert town.beside in ideas(town.ada)


@pytest.mark.parametrize("wish", ["not_pin", "not_board"])
def test_what_leads_nowhere_any_more_is_no_reason(town: Town, wish: str) -> None:
    about = {"pin_id": town.seed} if wish == "not_pin" else {"board_id": town.board}
    settled(lambda: reasons(town), lambda pins: town.seed in pins)
    made = tune(town.ada, wish=wish, **about)
    assert town.seed not in reasons(town)
    town.ada.ask("DELETE", f"/v1/me/tunings/{made}")
    assert town.seed in reasons(town)


def reasons(town: Town) -> set[str]:
    """Return the pins of Ada's because of which she is shown something."""
    return {because["pin"]["id"] for because in ideas(town.ada).values() if because["pin"]}


def test_topics_are_chosen_and_taken_back(someone: Someone, server: Server) -> None:
    ada = someone("ada")
    topics = ada.ask("GET", "/v1/topics")["items"]
    assert len({topic["name"] for topic in topics}) == len(topics) > 5
    assert not any(topic["chosen"] for topic in topics)
    first, second = topics[0]["id"], topics[1]["id"]
    tune(ada, wish="less", topic=second)
    wish = tune(ada, wish="interest", topic=first)
    listed = ada.ask("GET", "/v1/me/tunings")["items"]
    assert [(one["wish"], one["topic"]["id"]) for one in listed] == [("interest", first), ("less", second)]
    assert [topic["id"] for topic in ada.ask("GET", "/v1/topics")["items"] if topic["chosen"]] == [first]
    assert not any(topic["chosen"] for topic in httpx.get(f"{server.base_url}/v1/topics").json()["items"])
    ada.ask("DELETE", f"/v1/me/tunings/{wish}")
    assert not any(topic["chosen"] for topic in ada.ask("GET", "/v1/topics")["items"])
    unknown = max(topic["id"] for topic in topics) + 1
    answer = ada.send("POST", "/v1/me/tunings", json={"wish": "interest", "topic": unknown})
    assert (answer.status_code, answer.json()["field"]) == (400, "topic")


def test_who_keeps_nothing_is_shown_what_many_keep(town: Town, someone: Someone) -> None:
    newcomer = someone("newcomer")
    found = settled(lambda: ideas(newcomer), lambda found: town.beside in found)
    assert found[town.beside] == {"why": "popular", "pin": None, "board": None, "topic": None}
    assert all(item["because"] == [] for kind in ("people", "boards") for item in proposals(newcomer, kind))


def proposals(visitor: Visitor, kind: str) -> list[dict[str, Any]]:
    """Return the people, or boards, that somebody is proposed."""
    return visitor.ask("GET", f"/v1/ideas/{kind}", params={"limit": 50})["items"]


def test_people_and_boards_are_proposed_with_what_led_there(town: Town) -> None:
    ada, ben = town.ada, town.ben
    [person] = [item for item in proposals(ada, "people") if item["person"]["id"] == ben.id]
    assert [pin["id"] for pin in person["because"]] == [town.seed]
    [board] = [item for item in proposals(ada, "boards") if item["board"]["id"] == town.ben_board]
    assert [pin["id"] for pin in board["because"]] == [town.seed]
    assert board["board"]["owner"]["handle"] == ben.handle
    ada.follow(ben)
    settled(lambda: [item["person"]["id"] for item in proposals(ada, "people")], lambda ids: ben.id not in ids)
    assert ada.id not in [item["person"]["id"] for item in proposals(ada, "people")]


def test_what_somebody_keeps_privately_leads_them_alone(town: Town, someone: Someone) -> None:
    cleo, dan = someone("cleo"), someone("dan")
    secret_board = cleo.board("Secret", "private")
    cleo.ask("POST", f"/v1/boards/{secret_board}/pins", json={"pin_id": town.source})
    other = cleo.photo(secret_board, next(_SEEDS))["id"]
    found = settled(lambda: ideas(cleo).get(town.beside), lambda because: bool(because) and because["why"] == "saved")
    assert found is not None
    shared = dan.board("Public")
    dan.ask("POST", f"/v1/boards/{shared}/pins", json={"pin_id": town.source})
    settled(lambda: ideas(dan).get(town.beside), lambda because: bool(because) and because["why"] == "saved")
    for visitor in (dan, town.ada):
        for path in ("/v1/ideas", "/v1/ideas/people", "/v1/ideas/boards", f"/v1/pins/{town.source}/related"):
            text = visitor.send("GET", path, params={"limit": 50}).text
            for secret in (other, secret_board, cleo.handle):
                assert secret not in text, path


def test_a_page_has_few_pins_of_one_person(someone: Someone) -> None:
    ada, ben = someone("ada"), someone("ben")
    ben_board = ben.board("Many")
    pins = [ben.photo(ben_board, next(_SEEDS))["id"] for _ in range(6)]
    board = ada.board("Liked")
    ada.ask("POST", f"/v1/boards/{board}/pins", json={"pin_id": pins[0]})
    settled(lambda: ideas(ada), lambda found: any(pin in found for pin in pins))
    page = ada.ask("GET", "/v1/ideas", params={"limit": 50})["items"]
    assert sum(item["pin"]["saved_by"]["id"] == ben.id for item in page if item["pin"]["saved_by"]) <= 3


def test_ideas_are_for_those_who_are_signed_in(server: Server) -> None:
    for path in ("/v1/ideas", "/v1/ideas/people", "/v1/ideas/boards", "/v1/me/tunings"):
        assert httpx.get(server.base_url + path).status_code == 401
