"""Every operation of the OpenAPI file, asked with good and bad input: never a 5xx, always as documented.

A refused request changes nothing: the records' digest is the same before and after every 4xx.
"""

# The annotations of schemathesis leave its generic parts open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUntypedFunctionDecorator=false, reportMissingTypeArgument=false

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.digest import Records
from tests.support.pictures import jpeg
from tests.support.server import Server, serving
from tests.support.visitor import Visitor

OPENAPI = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text())
EXAMPLES = int(os.environ.get("INPUT_EXAMPLES", "12"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SPARED = {("DELETE", "/v1/me"), ("DELETE", "/v1/sessions/{session}")}
"""What would sign the asker out; tests of their own ask them."""

schema = schemathesis.openapi.from_dict(OPENAPI)
schema.config.generation.update(modes=list(schemathesis.GenerationMode))


class Asker:
    """Somebody who owns a board and a pin, for operations that need one, and the records of the server asked."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.visitor = Visitor(server.base_url, "asker")
        self.other = Visitor(server.base_url, "other")
        board = self.visitor.board("Asked for")
        pin = self.visitor.photo(board)
        upload = self.visitor.upload(jpeg(1))
        self.places = {"board": board, "pin": pin["id"], "user": self.other.handle, "upload": upload}
        self.session = requests.Session()
        self.session.headers["authorization"] = self.visitor.http.headers["authorization"]
        self.records = Records(server.data)
        self.before = self.records.settle()


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    limits = {f"safety_{budget}_limit": "0" for budget in ("read", "write", "upload", "save", "look", "sign_in")}
    with serving(tmp_path_factory.mktemp("inputs"), **limits) as server:
        asker = Asker(server)
        yield asker
        asker.session.close()
        asker.records.close()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    derandomize=True,
    database=None,
)
def test_an_operation_answers_as_documented(case: schemathesis.Case, asker: Asker) -> None:
    if (case.method, case.path) in SPARED:
        return
    # Half of the requests name things that are there, so that what lies behind the door is reached too.
    if case.path_parameters and len(str(case.body)) % 2:
        case.path_parameters = {k: asker.places.get(k, v) for k, v in case.path_parameters.items()}
    response = case.call(base_url=asker.server.base_url, session=asker.session)
    case.validate_response(response, checks=CHECKS)
    if 400 <= response.status_code < 500:
        assert asker.records.digest() == asker.before, f"{response.status_code}, yet changed: {case.as_curl_command()}"
    else:
        asker.before = asker.records.settle()
