"""Every section of the settings, the services' own among them, and reading them all."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_type_hints

from msgspec import Struct

from bowerbird.app.settings import (
    EmbedderSettings,
    FetchSettings,
    HandSettings,
    LogSettings,
    PictureSettings,
    PlacementSettings,
    ServerSettings,
    Source,
    StorageSettings,
    load,
)
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.services.boards.settings import BoardsSettings
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.insight.settings import InsightSettings
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.recommend.settings import RecommendSettings
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.search.settings import SearchSettings
from bowerbird.services.vision.settings import VisionSettings


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, by section."""

    server: ServerSettings
    placement: PlacementSettings
    storage: StorageSettings
    log: LogSettings
    hands: HandSettings
    fetch: FetchSettings
    pictures: PictureSettings
    embedder: EmbedderSettings
    http: EdgeSettings
    identity: IdentitySettings
    safety: SafetySettings
    graph: GraphSettings
    boards: BoardsSettings
    media: MediaSettings
    feed: FeedSettings
    insight: InsightSettings
    vision: VisionSettings
    search: SearchSettings
    recommend: RecommendSettings


SECTIONS: Final[dict[str, type[Struct]]] = get_type_hints(Settings)


def read(file: Path | None, options: Mapping[str, object] | None = None) -> tuple[Settings, list[Source]]:
    """Return the effective settings and where each came from; SettingsError when one cannot be used."""
    built, sources = load(SECTIONS, file, os.environ, options or {})
    values: dict[str, Any] = dict(built)
    return Settings(**values), sources
