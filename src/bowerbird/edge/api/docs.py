"""Documents about the API: its OpenAPI file, a page that shows it, and a page for each type of problem."""

from bowerbird.contracts.problems import NotFound
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.manual import problem_page
from bowerbird.edge.api.page import HEADERS
from bowerbird.edge.http.problem import KNOWN
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route


async def get_openapi(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Show the OpenAPI document."""
    del request
    return Reply(kit.openapi)


async def get_docs(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Show the page that is made of the OpenAPI document."""
    del request
    return Reply(kit.docs, headers=HEADERS)


async def get_problem(kit: Kit, request: Request[None, None]) -> Reply[None]:
    """Explain a type of problem."""
    del kit
    code = request.places["code"]
    if code not in KNOWN:
        raise NotFound("there is no such type of problem")
    return Reply(problem_page(code), headers=HEADERS)


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/openapi.json",
        handler=get_openapi,
        summary="This API as an OpenAPI 3.1 document",
        tag="server",
        returns="application/json",
        access="open",
    ),
    Route(
        method="GET",
        path="/docs",
        handler=get_docs,
        summary="This API as a page to read",
        tag="server",
        returns="text/html",
        access="open",
    ),
    Route(
        method="GET",
        path="/problems/{code}",
        handler=get_problem,
        summary="What a type of problem means",
        tag="server",
        returns="text/html",
        access="open",
    ),
)
