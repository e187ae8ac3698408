"""The OpenAPI 3.1 document of a table of routes: everything in it follows from the routes and their types."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from bowerbird.edge.http import cookies
from bowerbird.edge.http.match import places_of
from bowerbird.edge.http.problem import JSON, KNOWN, ProblemDetails
from bowerbird.edge.http.route import AnyRoute

Json: TypeAlias = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_SECURED: Final[list[Json]] = [{"session": []}, {"token": []}]
_IF_MATCH: Final = {"$ref": "#/components/parameters/IfMatch"}
_IF_NONE_MATCH: Final = {"$ref": "#/components/parameters/IfNoneMatch"}
_IDEMPOTENCY_KEY: Final = {"$ref": "#/components/parameters/IdempotencyKey"}


class About(Struct, frozen=True):
    """What the document says of the whole, and the schema and words of each place in a path."""

    title: str
    version: str
    description: str
    places: Mapping[str, Json]


def document(routes: Iterable[AnyRoute[Any]], about: About) -> Json:
    """Return the document, in the order of the routes."""
    shown = [route for route in routes if not route.hidden]
    schemas, components = msgspec.json.schema_components(_types_of(shown), ref_template=_REF)
    refs = dict(zip(_types_of(shown), schemas, strict=True))
    paths: dict[str, Json] = {}
    for route in shown:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs, about)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in shown)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "parameters": _parameters(),
            "responses": {code: _problem_response(code) for code in KNOWN},
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": cookies.SESSION,
                    "description": "A session. Over https the name begins with `__Host-`.",
                },
                "token": {"type": "http", "scheme": "bearer", "description": "A personal access token."},
            },
        },
    }


def _types_of(routes: Sequence[AnyRoute[Any]]) -> list[Any]:
    found: dict[Any, None] = {ProblemDetails: None}
    for route in routes:
        found.update({type_: None for type_ in (route.body, route.returns) if isinstance(type_, type)})
    return list(found)


def _operation(route: AnyRoute[Any], refs: Mapping[Any, Json], about: About) -> Json:
    operation: Json = {
        "operationId": getattr(route.handler, "__name__", route.summary),
        "summary": route.summary,
        "tags": [route.tag],
        "security": _security(route),
        "parameters": [
            *(
                {"name": place, "in": "path", "required": True, **about.places[place]}
                for place in places_of(route.path)
            ),
            *(_query_parameters(route.query) if route.query else ()),
            *((_IF_MATCH,) if route.matches else ()),
            *((_IF_NONE_MATCH,) if _cacheable(route) else ()),
            *((_IDEMPOTENCY_KEY,) if route.once else ()),
        ],
        "responses": _responses(route, refs),
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": refs[route.body]}}}
    return operation


def _security(route: AnyRoute[Any]) -> list[Json]:
    if route.access == "open":
        return []
    return [{}, *_SECURED] if route.access == "public" else _SECURED


def _cacheable(route: AnyRoute[Any]) -> bool:
    return route.method == "GET"


def _query_parameters(type_: type[Any]) -> list[Json]:
    _, components = msgspec.json.schema_components([type_], ref_template=_REF)
    schema = components[type_.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": field.get("description", ""),
            "schema": {key: value for key, value in field.items() if key != "description"},
        }
        for name, field in schema["properties"].items()
    ]


def _responses(route: AnyRoute[Any], refs: Mapping[Any, Json]) -> Json:
    responses = {str(status): _success(route, refs) for status in (route.status, *route.also)}
    if _cacheable(route):
        responses["304"] = {"description": "As it was when the ETag in If-None-Match was given."}
    for code in sorted(problems_of(route), key=lambda code: KNOWN[code].status):
        responses[str(KNOWN[code].status)] = {"$ref": f"#/components/responses/{code}"}
    return responses


def _success(route: AnyRoute[Any], refs: Mapping[Any, Json]) -> Json:
    response: Json = {"description": route.summary}
    if isinstance(route.returns, str):
        response["content"] = {route.returns: {}}
    elif route.returns is not None:
        response["content"] = {"application/json": {"schema": refs[route.returns]}}
    return response


def problems_of(route: AnyRoute[Any]) -> set[str]:
    """Return the codes of the problems that a route may answer with."""
    codes = {"invalid", "address-too-long", "headers-too-large", "internal", "unavailable", *route.problems}
    if route.access != "open":
        codes.update(("unauthenticated", "forbidden"))
    if places_of(route.path):
        codes.add("not-found")
    if route.method != "GET":
        codes.add("too-large")
    if route.body is not None:
        codes.add("unsupported-type")
    if route.matches:
        codes.add("stale")
    if route.budget:
        codes.add("throttled")
    return codes


def _problem_response(code: str) -> Json:
    known = KNOWN[code]
    response: Json = {
        "description": f"{known.title}. {known.meaning}",
        "content": {JSON.decode(): {"schema": {"$ref": _REF.format(name=ProblemDetails.__name__)}}},
    }
    if code in {"throttled", "unavailable"}:
        response["headers"] = {
            "Retry-After": {"description": "Seconds until the next attempt is welcome.", "schema": {"type": "integer"}}
        }
    return response


def _parameters() -> Json:
    return {
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": 'The ETag of what you saw, or `"v7"` for version 7: refused when it was changed.',
            "schema": {"type": "string", "pattern": r'^(\*|(W/)?"v[1-9][0-9]{0,8}(-[A-Za-z0-9_-]{1,64})?")$'},
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "ETags that you have: the answer is 304 when it is still one of them.",
            "schema": {"type": "string"},
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A name of your own for this request: within 24 hours it is carried out once, however often "
            "it is sent.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        },
    }
