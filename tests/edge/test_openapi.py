import json
from pathlib import Path

import schemathesis

from bowerbird.edge.api.openapi import openapi
from bowerbird.edge.api.routes import ROUTES

COMMITTED = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


def test_the_committed_file_is_what_the_code_says() -> None:
    assert json.loads(COMMITTED.read_text()) == openapi(), "run `make docs`"


def test_the_document_is_valid_and_holds_every_route() -> None:
    schemathesis.openapi.from_dict(openapi()).validate()
    documented = [(method.upper(), path) for path, methods in openapi()["paths"].items() for method in methods]
    assert sorted(documented) == sorted((route.method, route.path) for route in ROUTES)


def test_every_operation_lists_its_problems() -> None:
    for path in openapi()["paths"].values():
        for operation in path.values():
            problems = {status for status, response in operation["responses"].items() if "$ref" in response}
            assert {"400", "414", "431", "500", "503"} <= problems
            assert ("415" in problems) == ("requestBody" in operation)


def test_nothing_internal_is_in_it() -> None:
    text = json.dumps(openapi()["components"]["schemas"])
    for word in ("phash", "sha256", "password_hash", "secret_hash", "epoch"):
        assert word not in text
