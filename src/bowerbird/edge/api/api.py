"""The API as one ASGI application: contracts go in, routes come out."""

from typing import cast

import msgspec

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Identity, Shown
from bowerbird.contracts.safety import Allowance, Budget, Safety, by_address
from bowerbird.edge.api.addresses import Addresses
from bowerbird.edge.api.fragments import Fragments
from bowerbird.edge.api.kit import Deps, Kit
from bowerbird.edge.api.manual import manual
from bowerbird.edge.api.openapi import openapi
from bowerbird.edge.api.pages import Pages
from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.http.asgi import Receive, Scope, Send
from bowerbird.edge.http.cursors import Cursors
from bowerbird.edge.http.router import Router


class Api:
    """Serves every route of `routes.ROUTES`; holds nothing that must outlive the process."""

    def __init__(self, deps: Deps, safety: Safety, key: bytes) -> None:
        """`key`: a secret of 32 bytes that all workers share; a new one ends cursors and private addresses."""
        document, settings = openapi(), deps.settings
        kit = Kit(
            **msgspec.structs.asdict(deps),
            cursors=Cursors(key),
            addresses=Addresses(key, deps.world, settings.picture_step_s),
            fragments=Fragments(settings.fragments_max, settings.fragments_bytes_max),
            pages=Pages(settings.pages_bytes_max),
            openapi=msgspec.json.encode(document),
            docs=manual(document),
        )
        self._router = Router(ROUTES, kit, _Gate(deps.identity, safety), settings, deps.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one `http` scope."""
        await self._router(scope, receive, send)


class _Gate:
    """Tokens are identity's to check, calls are safety's to count."""

    def __init__(self, identity: Identity, safety: Safety) -> None:
        self._identity = identity
        self._safety = safety

    async def authenticate(self, token: str) -> Shown:
        return await self._identity.authenticate(token)

    async def spend(self, caller: Caller, budget: str, address: str) -> Allowance:
        return await self._safety.spend(caller, cast("Budget", budget), caller.person or by_address(address))
