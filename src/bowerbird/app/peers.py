"""The services of other processes, when each is one of its own: where they are, and the way to them."""

from collections.abc import Iterable
from typing import TypeVar

from bowerbird.app.folder import Folder
from bowerbird.app.secrets import derive
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError
from bowerbird.app.topology import SERVICES, service_of
from bowerbird.base.network import Certificates, Network
from bowerbird.base.world import World
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.leased import Leases, on_lease
from bowerbird.rpc.peers import Peers as Way
from bowerbird.rpc.peers import peers_at
from bowerbird.rpc.problems import PROBLEM_ERRORS, unavailable
from bowerbird.rpc.remote import remote

P = TypeVar("P")

API = "api"
"""The name of the edge's API among the peers."""


def given(settings: Settings) -> dict[str, list[str]]:
    """Return the addresses that the settings give, by the name of who is there. SettingsError for an unknown name."""
    found: dict[str, list[str]] = {}
    known = {API, *(service.name for service in SERVICES)}
    for peer in settings.placement.peers:
        name, _, address = peer.partition("=")
        if name not in known:
            raise SettingsError(
                f"The setting placement.peers names {name}, which is none of {', '.join(sorted(known))}."
            )
        found.setdefault(name, []).append(address)
    return found


def addresses(name: str, settings: Settings, folder: Folder) -> list[str]:
    """Return where somebody is reached: as the settings say, or else at a unix socket in the data folder."""
    return given(settings).get(name) or [str(folder.socket_of(name))]


def network(settings: Settings) -> Network:
    """Return the way to the others: over TCP with the certificates of the settings. SettingsError."""
    placement = settings.placement
    files = (placement.authority_file, placement.certificate_file, placement.key_file)
    if not any(files):
        return Network()
    try:
        return Network(Certificates(*files))
    except OSError as error:
        raise SettingsError(f"The certificates of the section [placement] cannot be used: {error}.") from error


def guard(master: bytes) -> Guard:
    """Return what seals calls to services, and knows them."""
    return Guard(derive(master, "calls"))


class Peers:
    """A way to each of some services. A remote of any other is refused: it does not belong to what was asked for."""

    def __init__(self, names: Iterable[str], settings: Settings, folder: Folder, master: bytes, world: World) -> None:
        way, seal = network(settings), guard(master)
        self.ways: dict[str, Way] = {
            name: peers_at(addresses(name, settings, folder), way, world, guard=seal) for name in sorted(names)
        }

    async def start(self) -> None:
        """Begin to connect to all."""
        for way in self.ways.values():
            await way.start()

    async def close(self) -> None:
        """End; calls under way fail."""
        for way in self.ways.values():
            await way.close()

    def remote(self, contract: type[P], kept: Leases | None = None) -> P:
        """Return the service that meets a contract, as it is reached from here; `kept` holds its facts on lease."""
        far = remote(contract, self.ways[service_of(contract).name], PROBLEM_ERRORS, translate=unavailable)
        return far if kept is None else on_lease(contract, far, kept)
