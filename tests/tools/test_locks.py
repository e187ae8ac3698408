"""The locks are whole: every requirement is pinned within its bounds, hashed, and names no registry."""

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = ("uv", "run", "build", "dev")


def text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text()


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text(lock), re.MULTILINE))


def required(lock: str) -> list[Requirement]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups: dict[str, list[str | dict[str, str]]] = settings["dependency-groups"]
    return [
        Requirement(name) for name in (settings["project"]["dependencies"] if lock == "run" else named(groups, lock))
    ]


def named(groups: dict[str, list[str | dict[str, str]]], group: str) -> Iterator[str]:
    for each in groups[group]:
        yield from [each] if isinstance(each, str) else named(groups, each["include-group"])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_within_its_bounds(lock: str) -> None:
    pinned = pins(lock)
    for requirement in required(lock):
        assert requirement.name in pinned
        assert requirement.specifier.contains(pinned[requirement.name])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    assert len(re.findall(r"^[a-z0-9-]+==.*\\\n +--hash=sha256:", text(lock), re.MULTILINE)) == len(
        re.findall(r"^[a-z0-9-]+==", text(lock), re.MULTILINE)
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_registry(lock: str) -> None:
    assert "://" not in text(lock)
    assert "--find-links" not in text(lock)


def test_the_locks_agree() -> None:
    run, build, dev = pins("run"), pins("build"), pins("dev")
    for name in (run.keys() | build.keys()) & dev.keys():
        assert dev[name] == {**run, **build}[name]


def test_every_npm_package_has_its_hash_and_no_address() -> None:
    packages: dict[str, dict[str, str]] = json.loads((ROOT / "ui/package-lock.json").read_text())["packages"]
    for path, package in packages.items():
        if path:
            assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]), path
            assert "resolved" not in package, path
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "ui/.npmrc").read_text()


def test_make_installs_by_hash_alone() -> None:
    makefile = (ROOT / "Makefile").read_text()
    installs = re.findall(r"\b(?:pip install|pip sync)\b(?:[^\n]*\\\n)*[^\n]*", makefile)
    assert len(installs) == 3
    own = [each for each in installs if "--require-hashes" not in each]
    assert len(own) == 1
    assert "--offline" in own[0], "what is not by hash is Bowerbird itself"
    assert re.findall(r"\$\(NPM\) (?:ci|install|add)\b.*", makefile) == ["$(NPM) ci"]


def test_a_wheel_of_another_hash_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "planted-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("planted.py", "")
        archive.writestr("planted-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
        archive.writestr(
            "planted-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("planted-1.0.dist-info/RECORD", "")
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    told = {right: 0, "0" * 64: 1, "": 1}
    for digest, failed in told.items():
        lock = tmp_path / "lock.txt"
        lock.write_text("planted==1.0" + (f" --hash=sha256:{digest}" if digest else "") + "\n")
        ended = run_uv(
            "pip",
            "install",
            "--require-hashes",
            "--no-index",
            f"--find-links={tmp_path}",
            "-r",
            str(lock),
            f"--target={tmp_path / f'at{digest}'}",
        )
        assert bool(ended.returncode) == bool(failed), f"{digest}: {ended.stderr}"


def run_uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Return how uv ended, as make sets it up."""
    command = [str(ROOT / ".tools/uv/bin/uv"), *arguments, "--no-cache", "--python", sys.executable]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_npm_archive_of_another_hash_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "planted.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        manifest = b'{"name": "planted", "version": "1.0.0"}'
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(manifest)
        tar.addfile(entry, io.BytesIO(manifest))
    right = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    wrong = base64.b64encode(bytes(64)).decode()
    assert [npm_ci(tmp_path / name, archive, digest) for name, digest in (("a", right), ("b", wrong))] == [
        "",
        "EINTEGRITY",
    ]


def npm_ci(folder: Path, archive: Path, digest: str) -> str:
    """Return the code of the error with which npm refuses a lock, "" where it installs it."""
    folder.mkdir()
    package = {"name": "x", "version": "1.0.0", "dependencies": {"planted": f"file:{archive}"}}
    planted = {"version": "1.0.0", "resolved": f"file:{archive}", "integrity": f"sha512-{digest}"}
    lock = {
        "name": "x",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {"": package, "node_modules/planted": planted},
    }
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    tools = Path(sys.executable).parent
    command = [str(tools / "npm"), "ci", "--offline", "--ignore-scripts", f"--cache={folder / 'cache'}"]
    there = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    ended = subprocess.run(command, cwd=folder, env=there, capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else re.findall(r"code (E\w+)", ended.stderr)[0]
