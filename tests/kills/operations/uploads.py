"""What people do to upload a picture: send its bytes, and have them verified."""

from typing import Final

import httpx
from typing_extensions import override

from tests.kills.operations.base import Operation, Place, smallest
from tests.support.pictures import jpeg

_PHOTO: Final = jpeg(1, 120, 80)


class _Begun(Operation):
    """An upload that was begun."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.owner = self.somebody("owner")
        self.target = self.owner.begin_upload(len(_PHOTO))

    def send_bytes(self) -> httpx.Response:
        """Send the bytes of the picture."""
        return self.owner.send_bytes(self.target, _PHOTO)

    def complete(self) -> httpx.Response:
        """Have what was sent verified."""
        return self.owner.send("POST", f"/v1/uploads/{self.target['id']}/complete")


class Upload(_Begun):
    """The bytes of a picture are sent."""

    again = frozenset({409})

    @override
    def act(self) -> httpx.Response:
        return self.send_bytes()

    @override
    def seen(self) -> bool:
        completed = self.complete()
        if completed.status_code == 422:
            assert "have not arrived" in completed.text, completed.text
            return False
        assert completed.status_code == 200, completed.text
        assert completed.json()["width"] == 120
        return True


class Complete(_Begun):
    """A picture that was sent is verified."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.board = self.owner.board("Nests")
        assert self.send_bytes().is_success

    @override
    def act(self) -> httpx.Response:
        return self.complete()

    @override
    def seen(self) -> bool:
        saved = self.owner.send("POST", f"/v1/boards/{self.board}/pins", json={"upload_id": self.target["id"]})
        if saved.status_code == 422:
            return False
        assert saved.status_code == 201, saved.text
        assert self.as_stranger(smallest(saved.json())).status_code == 200
        return True
