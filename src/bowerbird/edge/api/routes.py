"""Every route of the API, in the order in which its documentation shows them."""

from bowerbird.edge.api import (
    blocks,
    boards,
    docs,
    feed,
    follows,
    health,
    me,
    media,
    pins,
    search,
    sessions,
    shares,
    tokens,
    trash,
    uploads,
    users,
    views,
)
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute

ROUTES: tuple[AnyRoute[Kit], ...] = (
    *users.ROUTES,
    *sessions.ROUTES,
    *me.ROUTES,
    *tokens.ROUTES,
    *trash.ROUTES,
    *boards.ROUTES,
    *shares.ROUTES,
    *pins.ROUTES,
    *uploads.ROUTES,
    *feed.ROUTES,
    *search.ROUTES,
    *views.ROUTES,
    *follows.ROUTES,
    *blocks.ROUTES,
    *media.ROUTES,
    *health.ROUTES,
    *docs.ROUTES,
)
