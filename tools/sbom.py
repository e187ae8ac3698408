"""Writes the bill of materials: `python -m tools.sbom` makes docs/sbom.cdx.json, CycloneDX 1.6, from the locks.

The same locks give the same bytes: it carries no time and no chance.
"""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from tools.components import PROJECT, Component, components
from tools.licences import rule

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = ROOT / "docs" / "sbom.cdx.json"
_SCOPE: Final = {"run": "required", "build": "excluded"}


def sbom(root: Path) -> str:
    """Return the bill of what a folder's locks name. `excluded` is what only builds and tests."""
    used = components(root, rule().told)
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": PROJECT,
                "name": PROJECT,
                "version": project["version"],
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": [_component(each) for each in used],
        "dependencies": [
            {"ref": PROJECT, "dependsOn": sorted({each.key for each in used if each.direct})},
            *({"ref": each.key, "dependsOn": sorted(set(each.needs))} for each in used),
        ],
    }
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"


def _component(component: Component) -> dict[str, Any]:
    told = {
        "type": "library",
        "bom-ref": component.key,
        "name": component.name,
        "version": component.version,
        "scope": _SCOPE[component.use],
        "licenses": [{"expression": component.licence}],
        "purl": component.key,
    }
    if component.sha512:
        told["hashes"] = [{"alg": "SHA-512", "content": component.sha512}]
    return told


if __name__ == "__main__":
    TARGET.write_text(sbom(ROOT))
