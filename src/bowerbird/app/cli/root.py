"""The command `bowerbird` itself: what every command shares, and how failures are told."""

import json
from collections.abc import Mapping, Sequence
from importlib import import_module  # noqa: TID251 - a command of this folder, by its own name
from pathlib import Path
from typing import Any, Final

import click
from msgspec import Struct
from typing_extensions import override

from bowerbird.app.opening import CANNOT_OPEN
from bowerbird.app.sections import Settings, read
from bowerbird.app.settings import SettingsError, Source
from bowerbird.base.telemetry import configure_logging
from bowerbird.contracts.problems import Problem

COMMANDS: Final = (
    "serve",
    "user",
    "log",
    "status",
    "demo",
    "config",
    "backup",
    "restore",
    "check",
    "rebuild",
    "index",
    "embed",
)
"""The commands, each in the module of its name."""


class Failure(click.ClickException):
    """A command cannot do what it was asked; the sentence says why, and what helps."""


class Shared(Struct, frozen=True):
    """What the command before the command's name says."""

    file: Path | None
    as_json: bool

    def settings(self, options: Mapping[str, object] | None = None) -> Settings:
        """Return the effective settings; `options` by "section.field", None for those not given. SettingsError."""
        return self.sources(options)[0]

    def sources(self, options: Mapping[str, object] | None = None) -> tuple[Settings, list[Source]]:
        """Return the effective settings with where each came from. SettingsError."""
        return read(self.file, options)

    def say(self, data: object, text: str) -> None:
        """Print the data with --json, the text without."""
        click.echo(json.dumps(data) if self.as_json else text)


class _Group(click.Group):
    """Finds commands when they are wanted, and tells what they meet as sentences.

    The supervisor lives as long as the server, and is a command: what the others need would be kept with it.
    """

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"bowerbird.app.cli.{cmd_name}")
        return getattr(module, cmd_name)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            where = f" ({problem.field})" if problem.field else ""
            raise Failure(f"{problem.detail}{where}") from problem
        except (SettingsError, *CANNOT_OPEN) as error:
            raise Failure(str(error)) from error
        except PermissionError as error:
            raise Failure(f"You may not use {error.filename}: {error.strerror}.") from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--settings",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="BOWERBIRD_SETTINGS",
    help="A TOML file of settings; `bowerbird config` shows what is in force.",
)
@click.option("--json", "as_json", is_flag=True, help="Print machine-readable JSON.")
@click.version_option(package_name="bowerbird")
@click.pass_context
def group(ctx: click.Context, file: Path | None, *, as_json: bool) -> None:
    """Bowerbird: boards of links and photos, people to follow, and a feed of what they save.

    \b
    Start it:          bowerbird serve
    Make an admin:     bowerbird user create ada --email ada@example.org --admin
    See how it is:     bowerbird status
    See its settings:  bowerbird config
    """  # noqa: D301 - the backspace tells click to keep the lines
    configure_logging("WARNING", as_json=as_json)
    ctx.obj = Shared(file, as_json)


data_option: Final = click.option(
    "--data", help="Folder of all databases, pictures and keys (the setting storage.data)."
)
"""For every command that is about the data of one server."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    group.main(args=arguments, prog_name="bowerbird")
