"""The router: an ASGI application made of routes; every request comes in here, and every answer goes out."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, Generic

import msgspec
import structlog
from msgspec import Struct

from bowerbird.base.world import World
from bowerbird.contracts.caller import READ, Caller
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Problem, Throttled, Unauthenticated, Unavailable
from bowerbird.edge.http import cookies, decode, etags, origin, problem
from bowerbird.edge.http.admission import Admission
from bowerbird.edge.http.asgi import Header, Message, Receive, Scope, Send
from bowerbird.edge.http.door import SAFE, Door, Full, refuse
from bowerbird.edge.http.exchange import Exchange
from bowerbird.edge.http.gate import Gate
from bowerbird.edge.http.match import Matcher
from bowerbird.edge.http.once import once_of
from bowerbird.edge.http.record import Recorder
from bowerbird.edge.http.route import AnyRoute, Context, Reply, Request, Stream
from bowerbird.edge.http.secure import is_secure
from bowerbird.edge.http.settings import HttpSettings

_log: Final = structlog.get_logger("edge")
_OK: Final = 200
_NO_CONTENT: Final = 204
_NOT_MODIFIED: Final = 304
_PASSED_BYTES_MAX: Final = 64 << 20
_PASSED_S: Final = 10
"""How much of a body that nobody wants is let pass, and for how long, in seconds."""
_POLICY: Final = b"default-src 'none'; frame-ancestors 'none'"

_USUAL: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
_OWN: Final[tuple[Header, ...]] = (
    (b"vary", b"cookie, authorization"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Entry(Struct, Generic[Context], frozen=True):
    """A route made ready: its decoder, and the query that stands for none."""

    route: AnyRoute[Context]
    decoder: msgspec.json.Decoder[Any] | None
    no_query: Any


class Response(Struct, frozen=True):
    """What goes out: a body, or a stream that sends all of it."""

    status: int
    headers: list[Header]
    body: bytes = b""
    stream: Stream | None = None


class Paths(Struct, Generic[Context], frozen=True):
    """What one path template takes: its entries by method, and the methods for the header Allow."""

    template: str
    entries: dict[str, Entry[Context]]
    allow: bytes


class Router(Generic[Context]):
    """Answers `http` scopes (others are for whoever mounts it). Handlers are given `context` as it is."""

    def __init__(
        self,
        routes: Iterable[AnyRoute[Context]],
        context: Context,
        gate: Gate,
        settings: HttpSettings,
        world: World,
    ) -> None:
        self._matcher = Matcher((paths.template, paths) for paths in _by_path(routes))
        self._context = context
        self._gate = gate
        self._settings = settings
        self._world = world
        self._door = Door(settings, world)
        self._recorder = Recorder(settings, world)
        self._encoder = msgspec.json.Encoder()

    @property
    def admission(self) -> Admission:
        """Return what decides which requests are begun."""
        return self._door.admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, when it is its turn."""
        found = self._matcher.find(scope["path"])
        try:
            turn = await self._door.enter(scope, _route(found, scope["method"]))
        except Full:
            await refuse(scope, receive, send, self._settings.body_bytes_max)
            return
        exchange = Exchange(scope, receive, self._world, turn)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=exchange.trace)
        found = found if exchange.is_plain() else None
        try:
            response = await self._guarded(exchange, found)
        except decode.Disconnected:
            return
        finally:
            if turn is not None:
                turn.end()
        _finished(exchange, response)
        if response.stream is None:
            status = await _send(exchange, response, send)
        else:
            status = await self._stream(exchange, response.stream, response.headers, send)
        self._recorder.note(exchange, found[0].template if found else "", status)

    async def _guarded(self, exchange: Exchange, found: tuple[Paths[Context], dict[str, str]] | None) -> Response:
        """Return the answer, or the problem that stood in its way; nothing else leaves."""
        limit = asyncio.timeout(self._settings.timeout_ms / 1000 - exchange.waited_s)
        try:
            async with limit:
                return await self._answer(exchange, found)
        except Problem as told:
            return _problem(told, exchange)
        except TimeoutError as error:
            if limit.expired():
                return _problem(Unavailable("this took too long; it may have been done all the same"), exchange)
            return self._incident(error, exchange)
        except decode.Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the client gets an answer without its insides
            return self._incident(error, exchange)

    def _incident(self, error: Exception, exchange: Exchange) -> Response:
        _log.error("request failed", method=exchange.method, exc_info=error)
        return _problem(problem.Internal("something went wrong here; it was noted under the request id"), exchange)

    async def _answer(self, exchange: Exchange, found: tuple[Paths[Context], dict[str, str]] | None) -> Response:
        exchange.check_size(self._settings)
        if found is None:
            raise NotFound("there is nothing at this address")
        paths, places = found
        if exchange.method == "OPTIONS":
            return Response(_NO_CONTENT, [*_USUAL, (b"allow", paths.allow)])
        entry = paths.entries.get(exchange.method)
        if entry is None:
            raise problem.MethodNotAllowed(paths.allow)
        await self._admit(exchange, entry.route)
        request = await self._request(exchange, entry, places)
        reply = await entry.route.handler(self._context, request)
        return self._response(exchange, entry.route, reply)

    async def _admit(self, exchange: Exchange, route: AnyRoute[Context]) -> None:
        """Find out who calls, and refuse whoever may not, or not this often."""
        if route.access == "open":
            exchange.caller = self._caller(exchange)
            return
        await self._identify(exchange)
        if route.access == "write":
            exchange.caller.writer()
            # The answer to a write shows what was written, so whoever may write sees that, if nothing else.
            exchange.caller = msgspec.structs.replace(exchange.caller, scopes=exchange.caller.scopes | READ)
        elif route.access == "read":
            exchange.caller.signed_in()
        elif exchange.method in SAFE:
            exchange.caller.reader()
        if route.budget:
            await self._spend(exchange, route.budget)

    async def _identify(self, exchange: Exchange) -> None:
        bearer = exchange.headers.get(b"authorization")
        if bearer is not None:
            scheme, _, token = bearer.partition(b" ")
            if scheme.lower() != b"bearer":
                raise Unauthenticated("show a token as Authorization: Bearer")
            renewed = await self._prove(exchange, token.strip().decode("latin-1"))
            if renewed:
                exchange.extra.append((b"renewed-token", renewed.encode()))
            return
        if exchange.method not in SAFE and not origin.is_own(exchange.headers, self._settings.origin):
            raise Forbidden("a browser may do this from Bowerbird's own pages alone; a program shows a token")
        await self._identify_browser(exchange)

    async def _identify_browser(self, exchange: Exchange) -> None:
        cookie = exchange.headers.get(b"cookie")
        token = cookies.session_of(cookie, secure=is_secure(exchange.headers, self._settings)) if cookie else None
        if token is None:
            exchange.caller = self._caller(exchange)
            return
        try:
            renewed = await self._prove(exchange, token)
        except Unauthenticated:
            # A dead session must not keep anybody from signing in anew: the browser is a visitor again.
            exchange.caller = self._caller(exchange)
            self._set_cookie(exchange, "")
        else:
            if renewed:
                self._set_cookie(exchange, renewed)

    async def _prove(self, exchange: Exchange, token: str) -> str:
        proof = await self._gate.authenticate(token)
        exchange.caller = Caller(
            person=proof.person,
            scopes=proof.scopes,
            session=proof.session,
            trace=exchange.trace,
            deadline_us=self._deadline_us(exchange),
        )
        return proof.renewed

    def _caller(self, exchange: Exchange) -> Caller:
        return Caller(trace=exchange.trace, deadline_us=self._deadline_us(exchange))

    def _deadline_us(self, exchange: Exchange) -> int:
        return self._world.now_us() + self._settings.timeout_ms * 1000 - round(exchange.waited_s * 1_000_000)

    def _set_cookie(self, exchange: Exchange, token: str) -> None:
        secure = is_secure(exchange.headers, self._settings)
        exchange.extra.append(cookies.set_session(token, self._settings.cookie_age_s, secure=secure))

    async def _spend(self, exchange: Exchange, budget: str) -> None:
        address = exchange.address(self._settings.proxies)
        allowance = await self._gate.spend(exchange.caller, budget, address)
        if not allowance.limit:
            return
        exchange.extra.append((b"ratelimit-policy", b'"%s";q=%d' % (budget.encode(), allowance.limit)))
        exchange.extra.append(
            (b"ratelimit", b'"%s";r=%d;t=%d' % (budget.encode(), allowance.remaining, allowance.reset_s))
        )
        if not allowance.allowed:
            raise Throttled("too many requests of this kind", retry_after_s=max(1, allowance.reset_s))

    async def _request(self, exchange: Exchange, entry: Entry[Context], places: dict[str, str]) -> Request[Any, Any]:
        """Read what is left of the request, and check it."""
        route, query = entry.route, entry.no_query
        if exchange.query:
            fields = decode.query_fields(exchange.query)
            query = decode.convert(fields, route.query) if route.query else decode.refuse_unknown(fields)
        raw, body = b"", None
        if exchange.method not in SAFE:
            with exchange.aside():
                raw = await decode.read_body(
                    exchange.receive, exchange.headers.get(b"content-length"), self._settings.body_bytes_max
                )
            exchange.unread = False
            body = _body(exchange, entry, raw)
        return Request(
            caller=self._once(exchange, route, raw) if route.once else exchange.caller,
            path=exchange.path,
            places=places,
            query=query,
            body=body,
            address=exchange.address(self._settings.proxies),
            client=exchange.client(),
            version=etags.version_in(exchange.headers.get(b"if-match")) if route.matches else None,
        )

    def _once(self, exchange: Exchange, route: AnyRoute[Context], body: bytes) -> Caller:
        key = exchange.headers.get(b"idempotency-key")
        if key is None:
            return exchange.caller
        name = f"{route.method} {route.path}"
        once = once_of(key, exchange.caller.writer(), name, exchange.path, body)
        return msgspec.structs.replace(exchange.caller, once=once)

    def _response(self, exchange: Exchange, route: AnyRoute[Context], reply: Reply[Any]) -> Response:
        if reply.token is not None:
            self._set_cookie(exchange, reply.token)
        headers = [*_USUAL, *reply.headers]
        given = {name for name, _ in reply.headers}
        if b"content-security-policy" not in given:
            headers.append((b"content-security-policy", _POLICY))
        if reply.stream is not None:
            return Response(_OK, headers, stream=reply.stream)
        headers.extend(_OWN)
        safe = exchange.method in SAFE
        if b"cache-control" not in given:
            headers.append((b"cache-control", b"private, no-cache" if safe else b"no-store"))
        if reply.body is None:
            return Response(reply.status or route.status, headers)
        body: bytes = reply.body if isinstance(reply.body, bytes) else self._encoder.encode(reply.body)
        if b"content-type" not in given:
            headers.append((b"content-type", b"application/json"))
        if not safe and reply.version is None:
            return Response(reply.status or route.status, headers, body)
        tag = etags.tag_of(reply.digest or body, reply.version)
        headers.append((b"etag", tag))
        response = Response(reply.status or route.status, headers, body)
        return _unless_known(exchange, tag, response) if safe else response

    async def _stream(self, exchange: Exchange, stream: Stream, headers: list[Header], send: Send) -> int:
        """Let a stream send the response; what fails before its first byte is still answered with a problem."""
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await stream(exchange.scope, exchange.receive, watched, headers)
        except Exception as error:
            if status:
                raise
            told = _problem(error, exchange) if isinstance(error, Problem) else self._incident(error, exchange)
            return await _send(exchange, _finished(exchange, told), send)
        return status


def _route(found: tuple[Paths[Context], dict[str, str]] | None, method: str) -> AnyRoute[Context] | None:
    entry = None if found is None else found[0].entries.get(method)
    return None if entry is None else entry.route


def _finished(exchange: Exchange, response: Response) -> Response:
    response.headers.extend(exchange.extra)
    response.headers.append((b"x-request-id", exchange.trace.encode()))
    return response


async def _send(exchange: Exchange, response: Response, send: Send) -> int:
    if response.status not in {_NO_CONTENT, _NOT_MODIFIED} and not exchange.unread:
        response.headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    body = b"" if exchange.method == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body, "more_body": exchange.unread})
    if exchange.unread:
        # The answer is out, but of no stated length: at its end a client that still sends is cut off, and sees nothing.
        await decode.let_pass(exchange.receive, _PASSED_BYTES_MAX, _PASSED_S)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    return response.status


def _unless_known(exchange: Exchange, tag: bytes, response: Response) -> Response:
    if not etags.is_known(tag, exchange.headers.get(b"if-none-match")):
        return response
    return Response(_NOT_MODIFIED, [header for header in response.headers if header[0] != b"content-type"])


def _problem(told: Problem, exchange: Exchange) -> Response:
    headers = [*_USUAL, (b"content-security-policy", _POLICY), *problem.headers_of(told)]
    return Response(problem.status_of(told), headers, problem.body_of(told, exchange.trace))


def _body(exchange: Exchange, entry: Entry[Any], raw: bytes) -> object:
    if entry.decoder is not None:
        decode.check_json(exchange.headers.get(b"content-type"), exchange.headers.get(b"content-encoding"))
        return decode.json_body(entry.decoder, raw)
    if raw:
        raise Invalid("this takes no body")
    return None


def _by_path(routes: Iterable[AnyRoute[Context]]) -> list[Paths[Context]]:
    by_path: dict[str, dict[str, Entry[Context]]] = {}
    for route in routes:
        decoder = None if route.body is None else msgspec.json.Decoder(route.body)
        no_query = None if route.query is None else route.query()
        entries = by_path.setdefault(route.path, {})
        entries[route.method] = Entry(route, decoder, no_query)
        if route.method == "GET":
            entries["HEAD"] = entries["GET"]
    return [
        Paths(path, entries, ", ".join(sorted({*entries, "OPTIONS"})).encode()) for path, entries in by_path.items()
    ]
