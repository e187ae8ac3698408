"""Tables of the manual, made from the code that they describe; `make docs` writes them, a test finds them stale."""

from collections.abc import Iterator

import click

from bowerbird.app.cli import group
from bowerbird.app.cli.config import manual as settings_table
from bowerbird.app.digest import SCOPE
from bowerbird.app.sections import SECTIONS
from bowerbird.app.settings import load
from bowerbird.app.topology import SERVICES, TABLES
from bowerbird.contracts.events import KINDS


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


def digest_scope() -> str:
    """Return the table of what a digest of the records covers."""
    lines = ["| table | in the digest |", "|---|---|"]
    lines += [f"| `{table.name}` | {SCOPE[table.row][2]} |" for table in TABLES if table.row in SCOPE]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Return every command with its help."""
    return "\n".join(_help(group, click.Context(group, info_name="bowerbird", help_option_names=["-h", "--help"])))


def _help(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the help of a command and of those below it."""
    context.max_content_width = context.terminal_width = 100
    yield f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (below := command.get_command(context, name)) is not None:
                yield from _help(below, click.Context(below, info_name=name, parent=context))


def _owner(field: str) -> str:
    return f"`{field}`" if field else "the house"


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
