"""Writes docs/reference/openapi.json anew from the routes; a test fails while the two differ."""

import json
from pathlib import Path

from bowerbird.edge.api.openapi import openapi

TARGET = Path(__file__).parents[1] / "docs" / "reference" / "openapi.json"

TARGET.parent.mkdir(parents=True, exist_ok=True)
TARGET.write_text(json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n")
