"""What was written is answered as it was written, whatever happens to it right behind."""

from pathlib import Path

import pytest
from msgspec import json

from bowerbird.app.site import whole
from bowerbird.base.ids import to_text
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.identity import Device
from tests.support.edge_client import call
from tests.support.house import MASTER, PASSWORD, by, open_house, settings_with


@pytest.mark.parametrize("verb", ["save_pin", "change_pin", "restore_pin"])
async def test_the_board_goes_before_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    settings = settings_with()
    async with open_house(tmp_path, settings) as house:
        ada, services = await house.person(), house.services
        site = whole(services, house.engines, settings, MASTER, house.world)
        [user] = await services.identity.people(by(ada), [ada])
        assert user is not None
        session = await services.identity.sign_in(by(ada), user.handle, PASSWORD, Device("test", "::1"))
        board = await services.boards.create(by(ada), "Loaves", "", "public")
        pin = (await services.boards.save_pin(by(ada), board.id, NewPin(upload=await house.photo(ada, b"rye")))).pin
        if verb == "restore_pin":
            await services.boards.delete_pin(by(ada), pin.id)
        upload = await house.photo(ada, b"wheat")
        write = getattr(services.boards, verb)

        async def written(*arguments: object) -> object:
            done = await write(*arguments)
            await services.boards.delete(by(ada), board.id)
            return done

        monkeypatch.setattr(services.boards, verb, written)
        asked: dict[str, tuple[str, str, object]] = {
            "save_pin": ("POST", f"/v1/boards/{to_text(board.id)}/pins", {"upload_id": to_text(upload), "title": "T"}),
            "change_pin": ("PATCH", f"/v1/pins/{to_text(pin.id)}", {"title": "T"}),
            "restore_pin": ("POST", f"/v1/pins/{to_text(pin.id)}/restore", None),
        }
        method, path, value = asked[verb]
        body = b"" if value is None else json.encode(value)
        headers = [(b"content-type", b"application/json")] if body else []
        answer = await call(site, method, path, body=body, headers=headers, token=session.token)
    assert answer.status == (201 if verb == "save_pin" else 200), answer.body
