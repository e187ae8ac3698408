"""Addresses of pictures: whom they serve, how long, and what those that serve nobody look like."""

import pytest

from bowerbird.base.ids import to_text
from bowerbird.edge.api.addresses import Addresses
from tests.support.edge_client import Answer, call
from tests.support.edge_house import BLOB, House, token_of


class Scene:
    def __init__(self, visibility: str = "public") -> None:
        self.house = House()
        self.ada, self.ben = self.house.user("ada"), self.house.user("ben")
        self.board = self.house.board(self.ada, visibility)
        self.pin = self.house.pin(self.board, self.ada)

    async def address(self, viewer: str) -> str:
        answer = await call(self.house.api, "GET", f"/v1/pins/{to_text(self.pin.id)}", token=viewer)
        return answer.json()["picture"]["src"]["474"]

    async def fetch(self, address: str, *headers: tuple[bytes, bytes], method: str = "GET") -> Answer:
        path, _, query = address.partition("?")
        return await call(self.house.api, method, path, query=query.encode(), headers=headers)


async def test_a_public_picture_is_for_all_and_for_ever() -> None:
    scene = Scene()
    answer = await scene.fetch(await scene.address(""))
    assert (answer.status, answer.body) == (200, BLOB)
    assert answer.header("cache-control") == "public, max-age=31536000, immutable"
    assert answer.header("content-type") == "image/webp"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("vary") is None
    tag = str(answer.header("etag")).encode()
    again = await scene.fetch(await scene.address(""), (b"if-none-match", tag))
    assert (again.status, again.body) == (304, b"")


async def test_an_old_address_ends_when_the_board_turns_private() -> None:
    scene = Scene()
    old = await scene.address("")
    scene.house.change_board(scene.board, visibility="private", generation=2)
    assert (await scene.fetch(old)).problem() == (404, "not-found", "")


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_a_deleted_accounts_pictures_end_at_once(visibility: str) -> None:
    scene = Scene(visibility)
    scene.house.all.roles[scene.board.id, scene.ben.id] = "viewer"
    address = await scene.address(token_of(scene.ben))
    assert (await scene.fetch(address)).status == 200
    del scene.house.all.users[scene.ada.id]
    assert (await scene.fetch(address)).problem() == (404, "not-found", "")


async def test_a_private_picture_is_for_its_viewer_for_a_while() -> None:
    scene = Scene("private")
    address = await scene.address(token_of(scene.ada))
    answer = await scene.fetch(address)
    assert (answer.status, answer.body) == (200, BLOB)
    cache = str(answer.header("cache-control"))
    assert cache.startswith("private, max-age=")
    assert 900 <= int(cache.partition("=")[2]) <= 1800
    scene.house.world.us += 1800 * 1_000_000
    assert (await scene.fetch(address)).status == 404


async def test_a_revoked_share_ends_the_address_at_once() -> None:
    scene = Scene("private")
    scene.house.all.roles[scene.board.id, scene.ben.id] = "viewer"
    address = await scene.address(token_of(scene.ben))
    assert (await scene.fetch(address)).status == 200
    scene.house.all.roles.clear()
    assert (await scene.fetch(address)).status == 404


async def test_an_address_is_stable_within_its_step() -> None:
    scene = Scene("private")
    first = await scene.address(token_of(scene.ada))
    scene.house.world.us += 899 * 1_000_000
    until = scene.house.world.us // 900_000_000
    assert until == 1_800_000_000 // 900
    assert await scene.address(token_of(scene.ada)) == first


@pytest.mark.parametrize("part", ["v", "e", "s", "path"])
async def test_a_forged_address_serves_nobody(part: str) -> None:
    scene = Scene("private")
    address = await scene.address(token_of(scene.ada))
    ben = to_text(scene.ben.id)
    forged = {
        "v": address.replace(to_text(scene.ada.id), ben),
        "e": address.replace("&e=1", "&e=2"),
        "s": address[:-1] + ("A" if address[-1] != "A" else "Q"),
        "path": address.replace("/1/", "/2/"),
    }[part]
    assert forged != address
    assert (await scene.fetch(forged)).problem() == (404, "not-found", "")
    assert scene.house.all.calls[-1] == "of_address", "the same work as for a good one"


async def test_a_bad_signature_does_not_open_a_public_picture_either() -> None:
    scene = Scene()
    address = await scene.address("")
    assert (await scene.fetch(address + "?v=x&e=1&s=y")).status == 404
    assert (await scene.fetch(address + "?e=99999999999999")).status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/media/x/1/n/236",
        "/media/{pin}/01/n/236",
        "/media/{pin}/٣/n/236",
        "/media/{pin}/1/n/237",
        "/media/{pin}/1/../236",
    ],
)
async def test_what_is_no_address_is_nothing(path: str) -> None:
    scene = Scene()
    assert (await scene.fetch(path.replace("{pin}", to_text(scene.pin.id)))).problem() == (404, "not-found", "")


async def test_a_profile_picture_is_served_while_it_is_the_present_one() -> None:
    scene = Scene()
    user = scene.house.picture_of_person(scene.ada, "portraitportraitportr1")
    answer = await call(scene.house.api, "GET", "/v1/users/ada")
    address = answer.json()["picture"]["full"]
    assert (await scene.fetch(address)).body == BLOB
    scene.house.picture_of_person(user, "portraitportraitportr2")
    assert (await scene.fetch(address)).status == 404


async def test_a_signature_is_bound_to_its_key() -> None:
    scene = Scene("private")
    signer = Addresses(b"another key", scene.house.world, 900)
    address = signer.of_pin(scene.pin, scene.board, scene.ada.id).w474
    assert address.partition("&s=")[0] == (await scene.address(token_of(scene.ada))).partition("&s=")[0]
    assert (await scene.fetch(address)).status == 404
