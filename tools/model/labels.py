"""Takes the names of ImageNet's classes out of a wheel of torchvision: `python -m tools.model.labels WHEEL`, by hand.

Writes labels.txt, a name a line in the order of the classes, below the licence that they come under.
"""

import ast
import sys
import zipfile
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_suffix(".txt")
COMMENT: Final = "#"
_MODULE: Final = "torchvision/models/_meta.py"
_NAME: Final = "_IMAGENET_CATEGORIES"


def load() -> list[str]:
    """Return the names."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(COMMENT)]


def taken(wheel: Path) -> tuple[list[str], str]:
    """Return the names in a wheel, and its licence."""
    with zipfile.ZipFile(wheel) as archive:
        tree = ast.parse(archive.read(_MODULE))
        licence = next(name for name in archive.namelist() if name.endswith(".dist-info/LICENSE"))
        text = archive.read(licence).decode()
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == _NAME:
            return ast.literal_eval(node.value), text
    raise SystemExit(f"{wheel.name} names no classes")


def main() -> None:
    """Write the file anew."""
    wheel = Path(sys.argv[1])
    names, licence = taken(wheel)
    said = [f"The names of ImageNet's classes, from {wheel.name}. Its licence:", "", *licence.strip().splitlines()]
    head = [f"{COMMENT} {line}".rstrip() for line in said]
    FILE.write_text("\n".join([*head, "", *names, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
