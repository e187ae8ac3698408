"""`bowerbird config`: the settings in force and where each came from."""

from typing import Any

import click

from bowerbird.app.cli.root import Shared
from bowerbird.app.settings import Source, variable

HIDDEN = "(hidden)"


@click.command()
@click.pass_obj
def config(shared: Shared) -> None:
    """Show every setting and where it came from.

    Secrets are hidden. Set them in a TOML file (`--settings FILE`, one [section] each) or in variables such as
    BOWERBIRD_SERVER_PORT.
    """
    _, sources = shared.sources()
    data = {source.name: {"value": _shown(source), "from": source.origin} for source in sources}
    width = max(len(source.name) for source in sources)
    lines = [f"{source.name:{width}}  {_text(_shown(source))}  ({source.origin})" for source in sources]
    shared.say(data, "\n".join(lines))


def _shown(source: Source) -> Any:  # noqa: ANN401 - a setting may be of any type
    return HIDDEN if source.secret and source.value else source.value


def _text(value: object) -> str:
    return '""' if value == "" else str(value)


def manual(sources: list[Source]) -> str:
    """Return the table of all settings for the manual, in Markdown."""
    lines = ["| setting | variable | default | what it is |", "|---|---|---|---|"]
    for source in sources:
        section, name = source.name.split(".", 1)
        default = "" if source.value == "" else f"`{source.value}`"
        lines.append(f"| `{source.name}` | `{variable(section, name)}` | {default} | {source.about} |")
    return "\n".join(lines) + "\n"
