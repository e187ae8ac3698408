"""Which processes the tree is made of, by the setting `placement.mode`, and the order in which they start."""

import sys
from contextlib import ExitStack
from typing import Final

from bowerbird.app.folder import Folder
from bowerbird.app.listening import inherited, open_at
from bowerbird.app.peers import API, given
from bowerbird.app.sections import Settings
from bowerbird.app.topology import SERVICES
from bowerbird.runtime.supervisor import Child

Stages = list[list[Child]]


def stages_of(settings: Settings, folder: Folder, held: ExitStack, public: int, lock: int) -> Stages:
    """Return the stages, which start one after the other and stop in the opposite order. SettingsError.

    `public` is the descriptor of the socket that browsers reach; sockets that are opened here are closed by `held`.
    Each process holds the folder's lock too: should the supervisor be killed, the folder is taken until the last has
    ended.
    """
    make = _Maker(settings, lock)
    if settings.placement.mode == "together":
        behind = make.child("behind", "behind", rolls=True)
        return [[make.child("core", "core")], [behind, *make.workers("edge", public)]]
    elsewhere = given(settings)
    services = [make.child(row.name, "service", row.name) for row in SERVICES if row.name not in elsewhere]
    return [
        [make.child("core", "core")],
        services,
        [] if API in elsewhere else make.workers(API, _socket_of_the_api(folder, held)),
        make.workers("web", public),
    ]


def _socket_of_the_api(folder: Folder, held: ExitStack) -> int:
    listener = open_at(str(folder.socket_of(API)))
    held.callback(listener.close)
    return listener.descriptor


class _Maker:
    """Makes children that have in common what the settings say of all."""

    _MODULE: Final = "bowerbird.app."

    def __init__(self, settings: Settings, lock: int) -> None:
        self._server = settings.server
        self._lock = lock

    def child(
        self, name: str, module: str, *arguments: str, inherits: tuple[int, ...] = (), rolls: bool = False
    ) -> Child:
        """Return a child that runs a module of app."""
        return Child(
            name=name,
            argv=(sys.executable, "-m", f"{self._MODULE}{module}", *arguments),
            inherits=(self._lock, *inherits),
            ready_ms=self._server.start_timeout_ms,
            drain_ms=self._server.drain_timeout_ms,
            rolls=rolls,
        )

    def workers(self, module: str, descriptor: int) -> list[Child]:
        """Return the edge processes of a kind, which share a listening socket."""
        return [
            self.child(f"{module}-{number}", module, inherited(descriptor), inherits=(descriptor,), rolls=True)
            for number in range(1, self._server.workers + 1)
        ]
