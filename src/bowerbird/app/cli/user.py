"""`bowerbird user`: people, made by whoever runs the server."""

import asyncio
import base64
import sys

import click
import msgspec

from bowerbird.app.cli.root import Shared, data_option
from bowerbird.app.sections import Settings
from bowerbird.app.visit import visit
from bowerbird.base.ids import to_text
from bowerbird.contracts import fields
from bowerbird.contracts.caller import system
from bowerbird.contracts.identity import Registration, User
from bowerbird.contracts.problems import Invalid

_LIMITS = {"handle": fields.Handle, "name": fields.DisplayName, "email": fields.Email, "password": fields.Password}


@click.group()
def user() -> None:
    """Make people without their signing up."""


@user.command()
@click.argument("handle")
@click.option("--email", required=True, help="Their e-mail address.")
@click.option("--name", help="The name that others see; the handle unless given.")
@click.option("--admin", is_flag=True, help="Let them administer this server.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made.")
@data_option
@click.pass_obj
def create(
    shared: Shared, handle: str, email: str, name: str | None, data: str | None, *, admin: bool, password_stdin: bool
) -> None:
    """Make a person.

    \b
    Example:  bowerbird user create ada --email ada@example.org --admin
    """  # noqa: D301 - the backspace tells click to keep the lines
    given = sys.stdin.readline().rstrip("\n") if password_stdin else ""
    new = {"handle": handle, "name": name or handle, "email": email, "password": given}
    settings = shared.settings({"storage.data": data})
    made, password = asyncio.run(_create(settings, new, "admin" if admin else "person"))
    shown = {"id": to_text(made.id), "handle": made.handle, "role": made.role}
    told = "" if given else f"\nPassword: {password}   (shown this once)"
    shared.say(shown if given else {**shown, "password": password}, f"Made {made.role} @{made.handle}.{told}")


async def _create(settings: Settings, new: dict[str, str], role: str) -> tuple[User, str]:
    async with visit(settings) as here:
        if not new["password"]:
            new["password"] = base64.b32encode(here.world.random_bytes(15)).decode().lower()
        registration = Registration(**{name: _checked(name, value) for name, value in new.items()})
        return await here.house.services.identity.make_person(system(), registration, role), new["password"]


def _checked(name: str, value: str) -> str:
    """Hold a word of the command line to the limits of the field that it fills."""
    try:
        return msgspec.convert(value, _LIMITS[name])
    except msgspec.ValidationError as error:
        raise Invalid(str(error), field=name) from error
