"""Refuses what Bowerbird may not be made of: `python -m tools.licences [ROOT]`. The rule is tools/licences.toml."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tools.components import Component, components

ROOT: Final = Path(__file__).parents[1]
_TOKEN: Final = re.compile(r"\(|\)|[^\s()]+(?: WITH [^\s()]+)?")


class Rule:
    """What may be used, as the file of rules says."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._allowed: dict[str, set[str]] = {"run": set(told["run"]), "build": set(told["run"]) | set(told["build"])}
        self._excepted: dict[str, dict[str, str]] = told["excepted"]
        self.told: dict[str, str] = told["told"]

    def wrong(self, component: Component) -> str:
        """Return why a component may not be used, "" where it may."""
        excepted = self._excepted.get(component.name, {})
        if satisfied(component.licence, self._allowed[component.use] | {excepted.get("licence", "")}):
            return ""
        return f"{component.key} ({component.use}) is under {component.licence or 'no licence that is told'}"

    def idle(self, used: list[Component]) -> Iterator[str]:
        """Yield what the rules say of packages that are not there."""
        names = {component.name for component in used}
        yield from (f"{name} is told of, and not used" for name in {*self.told, *self._excepted} - names)


def satisfied(expression: str, allowed: set[str]) -> bool:
    """Say whether an SPDX expression leaves a choice that is allowed; AND binds more strongly than OR."""
    tokens = _TOKEN.findall(expression)
    held, rest = _any_of(tokens, allowed)
    return held and not rest


def _any_of(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    held, rest = _all_of(tokens, allowed)
    while rest[:1] == ["OR"]:
        other, rest = _all_of(rest[1:], allowed)
        held = held or other
    return held, rest


def _all_of(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    held, rest = _one(tokens, allowed)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:], allowed)
        held = held and other
    return held, rest


def _one(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    if tokens[:1] == ["("]:
        held, rest = _any_of(tokens[1:], allowed)
        return held and rest[:1] == [")"], rest[1:]
    return bool(tokens) and tokens[0] in allowed, tokens[1:]


def rule() -> Rule:
    """Return the rule that holds."""
    return Rule(tomllib.loads((ROOT / "tools" / "licences.toml").read_text()))


def main(root: Path) -> int:
    """Print what is wrong, and return how much of it there is."""
    held = rule()
    used = components(root, held.told)
    wrong = [*(told for component in used if (told := held.wrong(component))), *held.idle(used)]
    print("\n".join(wrong or [f"{len(used)} packages, all under licences that are allowed"]))
    return min(len(wrong), 100)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else ROOT))
