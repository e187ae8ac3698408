"""The page as a process of its own: `python -m bowerbird.app.web [ADDRESS]`.

It serves the shell and its assets, and streams everything else to the API, so that both are one origin. ADDRESS is
`host:port`, or `fd:` with the number of a listening socket that it inherits.
"""

import sys
from functools import partial

from bowerbird.app.listening import listening
from bowerbird.app.peers import API, addresses
from bowerbird.app.process import Process, run
from bowerbird.app.site import Site
from bowerbird.base.streams import connect
from bowerbird.edge.http.secure import strict
from bowerbird.edge.web.site import Web as Page
from bowerbird.edge.web.upstream import Upstream
from bowerbird.runtime.web import Web


async def work(process: Process, address: str | None = None) -> None:
    """Serve until told to stop, then drain."""
    settings = process.settings
    upstream = Upstream(partial(connect, addresses(API, settings, process.folder)[0]), settings.http)
    api, page = (strict(app, settings.http) for app in (upstream, Page()))
    site = Site(api, api, page)
    with listening(address or f"{settings.server.host}:{settings.server.port}") as descriptor:
        web = Web(site, descriptor, settings.server.connections_max, process.world)
        process.line.ready()
        await web.serve(process.stop)


if __name__ == "__main__":
    run(work, *sys.argv[1:])
