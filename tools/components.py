"""What Bowerbird is made of, read from its locks: Python packages from requirements/, npm packages from ui/."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

Use = Literal["run", "build"]

PROJECT: Final = "bowerbird"
PYTHON_LOCKS: Final[dict[str, Use]] = {"run": "run", "uv": "build", "build": "build", "dev": "build"}
"""Each lock, and what its packages are for; what two locks name is for what the first says."""

_PIN: Final = re.compile(r"([a-z0-9-]+)==([^ ]+)")
_BLOCK: Final = re.compile(r"^(?=[a-z0-9-]+==)", re.MULTILINE)
_VIA: Final = re.compile(r"^    #(?: via| )? +([a-z0-9-]+)", re.MULTILINE)
_IMPORTED: Final = re.compile(r"(?:from|import) ['\"](@[\w-]+/[\w-]+|[\w-]+)")
_NODE_MODULES: Final = "node_modules/"


class Component(NamedTuple):
    """A package of a version: `licence` as it is told, "" where it is not; `needs` are the keys of others.

    `use`: it runs, or is delivered in the page, or only builds and tests; `direct`: the project itself asks for it.
    `sha512` is that of its archive, in hex; "" for a package of Python, whose lock has a hash for each of its files.
    """

    key: str
    ecosystem: Literal["pypi", "npm"]
    name: str
    version: str
    licence: str
    use: Use
    direct: bool
    sha512: str
    needs: tuple[str, ...]


def components(root: Path, told: Mapping[str, str]) -> list[Component]:
    """Return every package of every lock, each once, sorted by ecosystem and name; `told` are licences by name."""
    found: dict[str, Component] = {}
    every = [*_python(root / "requirements", told), *_npm(root / "ui", told)]
    for each in sorted(every, key=lambda each: each.use != "run"):
        found.setdefault(each.key, each)
    return sorted(found.values(), key=lambda each: (each.ecosystem, each.name, each.version, each.key))


def _python(folder: Path, told: Mapping[str, str]) -> Iterator[Component]:
    for lock, use in PYTHON_LOCKS.items():
        blocks = _BLOCK.split((folder / f"{lock}.txt").read_text())[1:]
        pins = [pin for block in blocks if (pin := _PIN.match(block))]
        via = {pin[1]: set(_VIA.findall(block)) for pin, block in zip(pins, blocks, strict=True)}
        for pin in pins:
            yield Component(
                key=_python_key(pin),
                ecosystem="pypi",
                name=pin[1],
                version=pin[2],
                licence=told.get(pin[1]) or _python_licence(pin[1]),
                use=use,
                direct=PROJECT in via[pin[1]],
                sha512="",
                needs=tuple(_python_key(other) for other in pins if pin[1] in via[other[1]]),
            )


def _python_key(pin: re.Match[str]) -> str:
    return f"pkg:pypi/{pin[1]}@{pin[2]}"


def _python_licence(name: str) -> str:
    """Return what an installed package says its licence is: an SPDX expression, or whatever stands in its place."""
    try:
        told = metadata(name).json
    except PackageNotFoundError:
        return ""
    return str(told.get("license_expression") or told.get("license") or "")


def _npm(folder: Path, told: Mapping[str, str]) -> Iterator[Component]:
    packages: dict[str, Any] = json.loads((folder / "package-lock.json").read_text())["packages"]
    bundled = _bundled(packages, _imported(folder / "src"))
    for path, package in packages.items():
        if path:
            name = _npm_name(path)
            yield Component(
                key=_npm_key(packages, path),
                ecosystem="npm",
                name=name,
                version=package["version"],
                licence=told.get(name) or package.get("license") or "",
                use="run" if path in bundled else "build",
                direct=path == f"{_NODE_MODULES}{name}" and name in packages[""]["devDependencies"],
                sha512=b64decode(package.get("integrity", "").removeprefix("sha512-")).hex(),
                needs=tuple(_npm_key(packages, each) for each in _needs(packages, path)),
            )


def _npm_name(path: str) -> str:
    return path.rpartition(_NODE_MODULES)[2]


def _npm_key(packages: Mapping[str, Any], path: str) -> str:
    return f"pkg:npm/{_npm_name(path).replace('@', '%40')}@{packages[path]['version']}"


def _imported(source: Path) -> set[str]:
    """Return the packages that the page's own source names."""
    texts = (
        path.read_text()
        for path in source.rglob("*")
        if path.suffix in {".ts", ".svelte"} and ".test." not in path.name
    )
    return {name for text in texts for name in _IMPORTED.findall(text)}


def _bundled(packages: Mapping[str, Any], imported: set[str]) -> set[str]:
    """Return the paths of what the page is made of: what it imports, and all that this needs."""
    reached: set[str] = set()
    waiting = [f"{_NODE_MODULES}{name}" for name in sorted(imported)]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += _needs(packages, path)
    return reached


def _needs(packages: Mapping[str, Any], path: str) -> list[str]:
    """Return the paths of what a package needs, found as Node finds them: nearest first."""
    return [
        found for name in sorted(packages[path].get("dependencies", ())) if (found := _nearest(packages, path, name))
    ]


def _nearest(packages: Mapping[str, Any], path: str, name: str) -> str:
    while True:
        wanted = f"{path}/{_NODE_MODULES}{name}" if path else f"{_NODE_MODULES}{name}"
        if wanted in packages or not path:
            return wanted if wanted in packages else ""
        path = path.rpartition(_NODE_MODULES)[0].rstrip("/")
