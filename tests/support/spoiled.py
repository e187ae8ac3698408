"""Bowerbird with a hole: a copy of the package in which one adapter was edited, and how its hand is started there."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "src" / "bowerbird"
_RUN: Final = (
    "import runpy, sys; sys.path.insert(0, {!r}); "
    "runpy.run_module('bowerbird.adapters.{}.hand', run_name='__main__', alter_sys=True)"
)

Edits = Mapping[str, tuple[str, str]]
"""By module (and a number, for a second edit): what stands there, and what is put in its place."""


def spoiled(folder: Path, adapter: str, edits: Edits) -> Path:
    """Return a tree with the package in which an adapter was edited; all else in it is linked to."""
    _link(PACKAGE, folder / "bowerbird", but="adapters")
    _link(PACKAGE / "adapters", folder / "bowerbird" / "adapters", but=adapter)
    edited = folder / "bowerbird" / "adapters" / adapter
    shutil.copytree(PACKAGE / "adapters" / adapter, edited)
    for key, (old, new) in edits.items():
        path = edited / f"{key.partition(' ')[0]}.py"
        text = path.read_text()
        assert text.count(old) == 1, f"{path.name} has {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new))
    return folder


def from_tree(command: Sequence[str], tree: Path | str, adapter: str) -> list[str]:
    """Return a hand's command as it is in a tree."""
    return [command[0], "-I", "-c", _RUN.format(str(tree), adapter), command[-1]]


def _link(there: Path, here: Path, but: str) -> None:
    here.mkdir(parents=True)
    for each in there.iterdir():
        if each.name not in {but, "__pycache__"}:
            (here / each.name).symlink_to(each)
