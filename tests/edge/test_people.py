"""People at their addresses: whoever is hidden by a block is answered for as if there were nobody."""

import pytest

from bowerbird.base.ids import to_text
from bowerbird.contracts import kinds
from tests.support.edge_client import Answer, call
from tests.support.edge_house import House, token_of

PATHS = ["/v1/users/{}", "/v1/users/{}/boards", "/v1/users/{}/pins", "/v1/users/{}/followers", "/v1/users/{}/following"]


@pytest.mark.parametrize("path", PATHS)
async def test_hidden_people_are_answered_for_like_nobody(path: str) -> None:
    house = House()
    ada, ben, gone = house.user("ada"), house.user("ben"), house.user("gone")
    del house.all.users[gone.id]
    house.all.blocked_pairs.add(frozenset((ada.id, ben.id)))
    names = ["nobody", "ben", "gone", to_text(ben.id), to_text(gone.id), to_text(house.world.new_id(kinds.USER, 1))]
    answers = [await call(house.api, "GET", path.format(name), token=token_of(ada)) for name in names]
    assert {answer.problem() for answer in answers} == {(404, "not-found", "user")}
    assert [told(answer) for answer in answers] == [told(answers[0])] * len(names)


def told(answer: Answer) -> object:
    """Return all that an answer tells, the request's own id apart."""
    headers = [header for header in answer.headers if header[0] not in {b"x-request-id", b"content-length"}]
    return {**answer.json(), "request_id": ""}, headers
