"""Tables of the manual, made from the code that they describe; `make docs` writes them, a test finds them stale."""

from bowerbird.app.cli.config import manual as settings_table
from bowerbird.app.sections import SECTIONS
from bowerbird.app.settings import load
from bowerbird.app.topology import SERVICES
from bowerbird.contracts.events import KINDS

__all__ = ["events", "services", "settings"]


def services() -> str:
    """Return the table of services."""
    lines = ["| service | owns | calls | handlers run in | ports |", "|---|---|---|---|---|"]
    lines += [
        f"| [`{s.name}`](src/bowerbird/services/{s.name}/__init__.py) | {s.owns} | {_list(s.calls)} "
        f"| {_list(s.groups)} | {_list(s.ports)} |"
        for s in SERVICES
    ]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Return the table of settings."""
    return settings_table(load(SECTIONS, None, {}, {})[1])


def events() -> str:
    """Return the table of events."""
    lines = ["| event | body | schema | ordered by | sealed with the key of |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | `{kind.body.__name__}` | {kind.schema} | `{kind.entity}` | {_owner(kind.owner)} |"
        for name, kind in KINDS.items()
    ]
    return "\n".join(lines) + "\n"


def _owner(field: str) -> str:
    return f"`{field}`" if field else "the house"


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
