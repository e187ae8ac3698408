"""Where services are that are processes: as the settings say, or else in the data folder; and what is refused."""

from pathlib import Path

import pytest

from bowerbird.app.folder import Folder
from bowerbird.app.peers import Peers, addresses, given, network
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError
from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.links import Links
from tests.support.house import MASTER, settings_with
from tests.support.house_certificates import HouseAuthority


def placed(**placement: object) -> Settings:
    """Return settings of which some say where processes are."""
    return settings_with(placement=placement)


def test_a_service_is_where_the_settings_say_or_else_in_the_data_folder(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    settings = placed(peers=("links=10.0.0.5:7001", "links=10.0.0.6:7001", "api=/run/api"))
    assert addresses("links", settings, folder) == ["10.0.0.5:7001", "10.0.0.6:7001"]
    assert addresses("api", settings, folder) == ["/run/api"]
    assert addresses("boards", settings, folder) == [str(tmp_path / "run" / "boards.sock")]


def test_a_peer_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match=r"placement.peers names link, which is none of .*links"):
        given(placed(peers=("link=10.0.0.5:7001",)))


def test_certificates_that_are_none_are_told_of(tmp_path: Path) -> None:
    good = HouseAuthority(tmp_path).certificates("links")
    files = {"authority_file": good.authority, "certificate_file": good.certificate, "key_file": good.key}
    network(placed(**files))
    with pytest.raises(SettingsError, match=r"certificates of the section \[placement\]"):
        network(placed(**{**files, "key_file": good.certificate}))


async def test_a_process_reaches_the_peers_of_its_row_and_no_others(tmp_path: Path) -> None:
    peers = Peers(["links"], placed(), Folder(str(tmp_path)), MASTER, World())
    assert callable(peers.remote(Links).put)
    with pytest.raises(KeyError):
        peers.remote(Boards)
