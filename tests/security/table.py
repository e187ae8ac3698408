"""The table of who may do what: every route, by kind of actor and state of the object, as rules to be read.

`expected` makes one answer of them. Nothing here knows how the server decides.
"""

from dataclasses import dataclass
from typing import Final

# What an actor is to the owner of the object, and what they show to the server.
ACTORS_TOLD: Final = """
nobody               nobody         nothing
stranger             stranger       session
follower             follower       session
viewer               viewer         session
editor               editor         session
owner                owner          session
blocked              blocked        session
blocker              blocker        session
former viewer        former         session
admin                admin          session
read token           owner          token: read
write token          owner          token: write
both token           owner          token: read write
viewer's token       viewer         token: read
admin token          admin          token: admin
browser              owner          cookie
other site's page    owner          cookie from another site
signed out           owner          revoked session
signed out browser   owner          revoked cookie
revoked token        owner          revoked token
expired token        owner          expired token
deleted account      former         session of a deleted account
"""

# Why each may see the board, and the pin on it, by the object's state; "-": they may not.
SIGHT_TOLD: Final = """
state             thing   owner   editor   viewer   nobody, stranger, follower, former, admin   blocked, blocker
public            board   owner   editor   viewer   public                               -
public            pin     owner   editor   viewer   public                               -
private           board   owner   -        -        -                                    -
private           pin     owner   -        -        -                                    -
shared            board   owner   editor   viewer   -                                    -
shared            pin     owner   editor   viewer   -                                    -
trashed           board   bin     -        -        -                                    -
trashed           pin     -       -        -        -                                    -
pin trashed       board   owner   editor   viewer   public                               -
pin trashed       pin     bin     bin      -        -                                    -
just privatised   board   owner   editor   viewer   -                                    -
just privatised   pin     owner   editor   viewer   -                                    -
owner deleted     board   -       -        -        -                                    -
owner deleted     pin     -       -        -        -                                    -
"""

# Each route (several rows where it takes several kinds of input): what it is about, who may, and what a success is.
# `times`: "once" in one state only, since no state matters. `spends`: a success uses the object up. {name} in a body is
# filled from the scene.
ROUTES_TOLD: Final = """
route                                     about    who         status  times   spends  body
GET /healthz                              -        open        200     once    -       -
GET /readyz                               -        open        200     once    -       -
GET /openapi.json                         -        open        200     once    -       -
GET /docs                                 -        open        200     once    -       -
GET /problems/{code}                      -        open        200     once    -       -
GET /metrics                              -        admin       200     once    -       -
POST /v1/users                            -        anyone      201     once    -       new user
POST /v1/sessions                         -        anyone      201     once    -       credentials
GET /v1/users/{owner}                     person   sees        200     each    -       -
GET /v1/users/{owner}/boards              person   sees        200     each    -       -
GET /v1/users/{owner}/pins                person   sees        200     each    -       -
GET /v1/users/{owner}/followers           person   sees        200     each    -       -
GET /v1/users/{owner}/following           person   sees        200     each    -       -
GET /v1/users/{handle}                    person   sees        200     each    -       -
PUT /v1/me/following/{owner}              person   follows     204     each    yes     -
DELETE /v1/me/following/{owner}           person   forgets     204     each    yes     -
PUT /v1/me/blocks/{fourth}                -        writes      204     once    -       -
DELETE /v1/me/blocks/{fourth}             -        writes      204     once    -       -
GET /v1/me/blocks                         -        reads       200     once    -       -
GET /v1/me                                -        reads       200     once    -       -
PATCH /v1/me                              -        writes      200     once    -       about
DELETE /v1/me                             -        proves      204     once    -       wrong password
PUT /v1/me/password                       -        proves      204     once    -       wrong password, new
GET /v1/sessions                          -        reads       200     once    -       -
DELETE /v1/sessions/{session}             session  has         204     once    yes     -
GET /v1/me/tokens                         -        reads       200     once    -       -
POST /v1/me/tokens                        -        signs       201     once    -       token
DELETE /v1/me/tokens/{token}              token    has         204     once    yes     -
GET /v1/me/trash                          -        reads       200     once    -       -
GET /v1/feed                              -        reads       200     once    -       -
GET /v1/search                            -        asks        200     once    -       -
GET /v1/search/suggestions                -        asks        200     once    -       -
POST /v1/lens                             pin      looks at    200     each    -       it
GET /v1/pins/{pin}/related                pin      sees        200     each    -       -
GET /v1/pins/{pin}/copies                 pin      knows       200     each    -       -
GET /v1/uploads/{upload}/copies           upload   has         200     once    -       -
GET /v1/boards/{board}/ideas              board    knows       200     each    -       -
GET /v1/ideas                             -        reads       200     once    -       -
GET /v1/ideas/people                      -        reads       200     once    -       -
GET /v1/ideas/boards                      -        reads       200     once    -       -
GET /v1/topics                            -        asks        200     once    -       -
GET /v1/me/tunings                        -        reads       200     once    -       -
POST /v1/me/tunings                       -        writes      200     once    -       topic
POST /v1/me/tunings                       pin      knows       200     each    -       not because of it
POST /v1/me/tunings                       board    knows       200     each    -       not because of the board
DELETE /v1/me/tunings/{fourth}            -        writes      204     once    -       -
GET /v1/boards                            -        reads       200     once    -       -
POST /v1/boards                           -        writes      201     once    -       name
POST /v1/uploads                          -        writes      201     once    -       picture
POST /v1/uploads/{upload}/complete        upload   has         200     once    -       -
GET /v1/boards/{board}                    board    sees        200     each    -       -
PATCH /v1/boards/{board}                  board    owns        200     each    -       description
DELETE /v1/boards/{board}                 board    keeps       204     each    yes     -
POST /v1/boards/{board}/restore           board    keeps       200     each    yes     -
GET /v1/boards/{board}/pins               board    sees        200     each    -       -
POST /v1/boards/{board}/pins              board    edits       201     each    -       mine
GET /v1/boards/{board}/shares             board    belongs     200     each    -       -
PUT /v1/boards/{board}/shares/{third}     board    owns        200     each    -       viewer
PUT /v1/boards/{board}/shares/me          board    owns        400     each    -       viewer
DELETE /v1/boards/{board}/shares/{third}  board    owns        204     each    yes     -
DELETE /v1/boards/{board}/shares/me       board    leaves      204     each    yes     -
POST /v1/boards/{own}/pins                pin      copies      201     each    -       it
POST /v1/pins/move                        board    edits       200     each    -       mine, copied there
POST /v1/pins/move                        pin      takes       200     each    yes     it, moved here
POST /v1/pins/move                        pin      copies all  200     each    -       it, copied here
GET /v1/pins/{pin}                        pin      sees        200     each    -       -
PATCH /v1/pins/{pin}                      pin      edits       200     each    -       note
DELETE /v1/pins/{pin}                     pin      throws      204     each    yes     -
POST /v1/pins/{pin}/restore               pin      throws      200     each    yes     -
POST /v1/views                            pin      tells       204     each    -       it, seen
GET /media/{pin}/{generation}/{name}/236  pin      passes by   200     each    -       -
GET /media/people/{owner}/{face}/236      person   looks       200     each    -       -
"""

BODIES: Final = {
    "new user": '{"handle": "{fresh}", "name": "N", "email": "{fresh}@example.org", "password": "a long enough one"}',
    "credentials": '{"login": "{stranger}", "password": "{stranger} keeps a secret"}',
    "about": '{"about": "Still here"}',
    "wrong password": '{"password": "not the password"}',
    "wrong password, new": '{"current": "not the password", "new": "a long enough one"}',
    "token": '{"name": "T", "scopes": ["read"]}',
    "name": '{"name": "New"}',
    "picture": '{"mime": "image/jpeg", "length": 1000}',
    "description": '{"description": "Again"}',
    "mine": '{"pin_id": "{mine}"}',
    "viewer": '{"role": "viewer"}',
    "it": '{"pin_id": "{pin}"}',
    "mine, copied there": '{"pins": ["{mine}"], "board": "{board}", "copy": true}',
    "it, moved here": '{"pins": ["{pin}"], "board": "{own}"}',
    "it, copied here": '{"pins": ["{pin}"], "board": "{own}", "copy": true}',
    "note": '{"note": "Again"}',
    "topic": '{"wish": "less", "topic": 1}',
    "not because of it": '{"wish": "not_pin", "pin_id": "{pin}"}',
    "not because of the board": '{"wish": "not_board", "board_id": "{board}"}',
    "it, seen": '{"views": [{"kind": "pin_seen", "pin": "{pin}"}]}',
}
PUBLIC_ROUTES: Final = ("sees", "looks at", "asks", "anyone", "admin")
"""Doors that are open to nobody in particular, where it is only read, or to anyone."""


@dataclass(frozen=True)
class Actor:
    """Somebody who asks: `relation` to the owner, and what they show: `proof`."""

    name: str
    relation: str
    proof: str

    @property
    def scopes(self) -> frozenset[str]:
        """What their proof is good for, when it is good."""
        if self.proof.startswith("token: "):
            return frozenset(self.proof.removeprefix("token: ").split())
        return frozenset({"read", "write", "admin"} if self.relation == "admin" else {"read", "write"})

    @property
    def has_session(self) -> bool:
        return not self.proof.startswith("token")

    def is_dead(self, state: str) -> bool:
        """Say whether what they show was good once; an owner's proofs die with the account."""
        words = {"revoked", "expired", "deleted"}
        return bool(words & set(self.proof.split())) or (state == "owner deleted" and self.relation == "owner")


@dataclass(frozen=True)
class Row:
    """A route, as the table has it."""

    route: str
    about: str
    who: str
    status: int
    once: bool
    spends: bool
    body: str

    @property
    def method(self) -> str:
        return self.route.split(" ")[0]

    @property
    def path(self) -> str:
        return self.route.split(" ")[1]

    @property
    def safe(self) -> bool:
        return self.method == "GET"


def _rows(told: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in told.strip().splitlines()]


ACTORS: Final = [Actor(*cells) for cells in _rows(ACTORS_TOLD)]
ROWS: Final = [
    Row(route, about, who, int(status), times == "once", spends == "yes", BODIES.get(body, ""))
    for route, about, who, status, times, spends, body in _rows(ROUTES_TOLD)[1:]
]


def _sight() -> dict[tuple[str, str, str], str]:
    head, *rows = _rows(SIGHT_TOLD)
    return {
        (state, thing, relation.strip()): rights
        for state, thing, *cells in rows
        for relations, rights in zip(head[2:], cells, strict=True)
        for relation in relations.split(",")
    }


SIGHT: Final = _sight()
STATES: Final = list(dict.fromkeys(state for state, _, _ in SIGHT))
HIDDEN: Final = 404


def rights(actor: Actor, state: str, thing: str) -> str:
    """Return why an actor may see the board or the pin: owner, editor, viewer, public, bin (theirs to restore), "-"."""
    relation = "nobody" if actor.is_dead(state) else actor.relation
    return SIGHT[state, thing, relation]


def sees_person(actor: Actor, state: str) -> bool:
    """Say whether an actor may see the owner's profile."""
    blocked = actor.relation in {"blocked", "blocker"}
    return state != "owner deleted" and not blocked


@dataclass(frozen=True)
class Answer:
    """A status; `hidden`: it must not differ in anything from what is said of things that do not exist."""

    status: int
    hidden: bool = False


def expected(row: Row, actor: Actor, state: str) -> Answer:
    """Return what an actor must be answered."""
    if row.who in {"open", "passes by", "looks"}:
        return _at_the_open(row, state)
    stopped = stopped_at_the_door(row, actor, state)
    if stopped:
        return Answer(stopped)
    return {"board": _of_thing, "pin": _of_thing, "person": _of_person}.get(row.about, _of_own)(row, actor, state)


def _at_the_open(row: Row, state: str) -> Answer:
    """Nobody is even asked who they are: the address itself is what one must have."""
    good = {"passes by": {"public"}, "looks": {*STATES} - {"owner deleted"}}.get(row.who, {*STATES})
    return Answer(row.status) if state in good else Answer(HIDDEN, hidden=True)


def stopped_at_the_door(row: Row, actor: Actor, state: str) -> int:
    """Return the status for whoever does not even get in, 0 for those who do."""
    public = row.who in PUBLIC_ROUTES
    if actor.proof == "cookie from another site" and not row.safe:
        return 403
    browser = "cookie" in actor.proof
    if actor.is_dead(state) and not browser:
        return 401
    if actor.relation == "nobody" or (actor.is_dead(state) and browser):
        return 0 if public else 401
    wanted = "" if row.who == "anyone" else "read" if row.safe or row.who == "looks at" else "write"
    return 403 if wanted and wanted not in actor.scopes else 0


def _of_own(row: Row, actor: Actor, _state: str) -> Answer:
    if row.who == "admin":
        return Answer(row.status) if "admin" in actor.scopes and actor.relation != "nobody" else Answer(404)
    if row.who == "proves":
        return Answer(401)  # the password is wrong; that they got so far is what the field says
    if row.who == "signs" and not actor.has_session:
        return Answer(403)
    if row.who == "has" and actor.relation != "owner":
        return Answer(HIDDEN, hidden=True)
    return Answer(row.status)


def _of_person(row: Row, actor: Actor, state: str) -> Answer:
    if row.who == "forgets":
        return Answer(row.status, hidden=not sees_person(actor, state))
    if not sees_person(actor, state):
        return Answer(HIDDEN, hidden=True)
    if row.who == "follows" and actor.relation == "owner":
        return Answer(400)
    return Answer(row.status)


def _of_thing(row: Row, actor: Actor, state: str) -> Answer:
    held = rights(actor, state, row.about)
    if row.who == "tells":
        return Answer(row.status, hidden=held in {"-", "bin"})
    if row.who in {"takes", "copies all"}:
        return _each_alone(row, held)
    if row.who == "leaves":
        return _leaving(row, actor, state, held)
    may = {
        "sees": {"owner", "editor", "viewer", "public"},
        "looks at": {"owner", "editor", "viewer", "public"},
        "knows": {"owner", "editor", "viewer", "public"},
        "copies": {"owner", "editor", "viewer", "public"},
        "belongs": {"owner", "editor", "viewer"},
        "edits": {"owner", "editor"},
        "owns": {"owner"},
        "keeps": {"owner", "bin"},
        "throws": {"owner", "editor", "bin"},
    }[row.who]
    if held in may:
        return Answer(row.status)
    return Answer(HIDDEN, hidden=True) if held in {"-", "bin"} else Answer(403)


def _each_alone(row: Row, held: str) -> Answer:
    """Of many pins each succeeds or fails alone, so the status says nothing; `problem_of` tells what the item says."""
    return Answer(row.status, hidden=held in {"-", "bin"})


def is_open(row: Row, actor: Actor, state: str) -> bool:
    """Say whether both answers are right: of a deleted account's boards the shares go when the sweep comes."""
    return row.who == "leaves" and state == "owner deleted" and actor.relation in {"editor", "viewer"}


def problem_of(row: Row, actor: Actor, state: str) -> str | None:
    """Return what the only item of an answer about many must say: a problem's code, None for a success."""
    held = rights(actor, state, row.about)
    if held in {"-", "bin"}:
        return "not-found"
    return None if row.who == "copies all" or held in {"owner", "editor"} else "forbidden"


def _leaving(row: Row, actor: Actor, state: str, held: str) -> Answer:
    """Members leave, whatever has become of the board; whoever has left may leave again: it tells what they knew."""
    never = {"private", "owner deleted"} if actor.relation == "former" else {"private"}
    if actor.relation in {"editor", "viewer", "former"} and state not in never:
        return Answer(row.status)
    return Answer(HIDDEN, hidden=held in {"-", "bin"})
