"""Settings: one Struct a section, read from a TOML file and BOWERBIRD_* variables, each knowing where it came from.

A variable is named BOWERBIRD_<SECTION>_<FIELD>. It wins over the file, and an option on the command line over both.
"""

import tomllib
import types
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

PREFIX: Final = "BOWERBIRD_"


class SettingsError(Exception):
    """A setting cannot be used; the sentence names it and where it was given."""


class ServerSettings(Struct, frozen=True, kw_only=True):
    """Where Bowerbird listens and with how many processes."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(description="TCP port to listen on.", ge=1, le=65535)] = 8000
    workers: Annotated[int, Meta(description="Edge processes; each serves requests on one core.", ge=1, le=64)] = 2
    connections_max: Annotated[
        int, Meta(description="Open connections that one edge process takes, idle ones too.", ge=16, le=100_000)
    ] = 10_000
    start_timeout_ms: Annotated[
        int,
        Meta(
            description="Longest wait for a process to be ready, migrations of its data included, milliseconds.",
            ge=1000,
            le=86_400_000,
        ),
    ] = 120_000
    drain_timeout_ms: Annotated[
        int, Meta(description="Longest wait for requests under way at a stop, milliseconds.", ge=0, le=600_000)
    ] = 10_000


class PlacementSettings(Struct, frozen=True, kw_only=True):
    """Which processes the house is made of, and how those find each other."""

    mode: Annotated[
        Literal["together", "apart"],
        Meta(description="Every edge process holds all services, or each service is a process of its own."),
    ] = "together"
    peers: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[a-z]+=.+$")], ...],
        Meta(
            description='Apart: services that are started elsewhere, as "name=address", an address being the path of '
            'a unix socket or "host:port"; "api" names the edge\'s API. One named twice has two.'
        ),
    ] = ()
    authority_file: Annotated[
        str,
        Meta(
            description="Apart, over TCP: the house's own certificate authority, a PEM file; whom it signed is heard."
        ),
    ] = ""
    certificate_file: Annotated[
        str, Meta(description="Apart, over TCP: this machine's certificate, which names its host, a PEM file.")
    ] = ""
    key_file: Annotated[str, Meta(description="Apart, over TCP: the key of that certificate, a PEM file.")] = ""
    facts_lease_ms: Annotated[
        int,
        Meta(
            description="Apart: how long the edge keeps what it was told of who may see what, in milliseconds; what "
            "hides something is acknowledged when that is over.",
            ge=0,
            le=60_000,
        ),
    ] = 1000


class StorageSettings(Struct, frozen=True, kw_only=True):
    """Where data is kept."""

    data: Annotated[str, Meta(description="Folder of all databases, pictures and keys.")] = "data"
    master_key: Annotated[
        str,
        Meta(
            description="64 hex digits that wrap all other keys; empty: made once and kept in the data folder.",
            pattern="^([0-9a-fA-F]{64})?$",
            extra={"secret": True},
        ),
    ] = ""
    blob_threads_max: Annotated[
        int, Meta(description="Threads of one process that read and write pictures.", ge=1, le=256)
    ] = 8


class FetchSettings(Struct, frozen=True, kw_only=True):
    """Which of other people's servers pages are fetched from, and at what cost."""

    ports: Annotated[tuple[int, ...], Meta(description="TCP ports that may be reached.")] = (80, 443)
    allowed_hosts: Annotated[
        tuple[str, ...],
        Meta(description='Exempt from the rules on ports and public addresses: "host", "host:port", "10.1.0.0/16".'),
    ] = ()
    contact_url: Annotated[
        str, Meta(description="Address that the fetched sites are told, for those who wish to complain.")
    ] = ""
    ca_file: Annotated[str, Meta(description="Certificate authorities to trust besides the system's, a PEM file.")] = ""
    total_ms: Annotated[
        int, Meta(description="Time for one page with its redirects and picture, milliseconds.", ge=100, le=120_000)
    ] = 15_000
    page_bytes_max: Annotated[
        int, Meta(description="Bytes of a page that are read, decompressed.", ge=1024, le=64 << 20)
    ] = 3 << 20
    picture_bytes_max: Annotated[int, Meta(description="Bytes of a page's picture.", ge=1024, le=32 << 20)] = 20 << 20
    per_host_max: Annotated[int, Meta(description="Fetches from one host at once.", ge=1, le=64)] = 2


class PictureSettings(Struct, frozen=True, kw_only=True):
    """What pictures may cost."""

    pixels_max: Annotated[int, Meta(description="Pixels of a picture.", ge=1, le=200_000_000)] = 80_000_000
    side_max: Annotated[int, Meta(description="Pixels of a picture's longer side.", ge=1, le=65_535)] = 20_000
    full_side_max: Annotated[
        int, Meta(description="Longer side of the cleaned original in pixels; larger ones shrink.", ge=736, le=16_383)
    ] = 4096
    timeout_ms: Annotated[int, Meta(description="Time for one picture in all sizes, milliseconds.", ge=100)] = 20_000


class HandSettings(Struct, frozen=True, kw_only=True):
    """How many expendable helpers each process may have, started when needed."""

    pixel_hands_max: Annotated[int, Meta(description="Decoders of pictures at once in one process.", ge=1, le=64)] = 1
    network_hands_max: Annotated[int, Meta(description="Fetchers of pages at once.", ge=1, le=256)] = 8
    embedding_hands_max: Annotated[
        int, Meta(description="Processes that look at pictures at once, for one process.", ge=1, le=64)
    ] = 1
    likeness_hands_max: Annotated[
        int, Meta(description="Processes that hold pictures against each other at once.", ge=1, le=64)
    ] = 1


class EmbedderSettings(Struct, frozen=True, kw_only=True):
    """What looks at pictures."""

    model: Annotated[
        str, Meta(description="File of the model, in ONNX; empty: the one that was made when Bowerbird was set up.")
    ] = ""


class LogSettings(Struct, frozen=True, kw_only=True):
    """What is written to standard error."""

    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="Least severe line that is written.")
    ] = "INFO"
    json: Annotated[bool, Meta(description="One JSON object a line instead of columns.")] = False


class Source(Struct, frozen=True):
    """One effective setting: its value and where it came from ("default", a file, a variable, or "option")."""

    name: str
    value: Any
    origin: str
    about: str
    secret: bool


def describe(section: type[Struct]) -> Iterator[tuple[str, Any, Any, Meta]]:
    """Yield (field name, type, default, Meta) for every field of a section."""
    hints = get_type_hints(section, include_extras=True)
    for spec in msgspec.structs.fields(section):
        hint = hints[spec.name]
        metas = [part for part in get_args(hint) if isinstance(part, Meta)] if get_origin(hint) is Annotated else []
        yield spec.name, get_args(hint)[0] if metas else hint, _default(spec), metas[0] if metas else Meta()


def _default(spec: msgspec.structs.FieldInfo) -> object:
    return spec.default_factory() if spec.default is msgspec.NODEFAULT else spec.default


def load(
    sections: Mapping[str, type[Struct]],
    file: Path | None,
    environment: Mapping[str, str],
    options: Mapping[str, object],
) -> tuple[dict[str, Struct], list[Source]]:
    """Return the sections' Structs and every setting's source; SettingsError when something cannot be used.

    `options` come from the command line, by "section.field"; None among them means not given.
    """
    given = _from_file(sections, file)
    given |= _from_environment(sections, environment)
    given |= {name: (value, "option") for name, value in options.items() if value is not None}
    built: dict[str, Struct] = {}
    sources: list[Source] = []
    for section, shape in sections.items():
        values: dict[str, Any] = {}
        for name, type_, default, meta in describe(shape):
            dotted = f"{section}.{name}"
            value, origin = given.get(dotted, (default, "default"))
            if origin != "default":
                values[name] = value = _convert(dotted, value, origin, Annotated[type_, meta])
            secret = bool((meta.extra or {}).get("secret"))
            sources.append(Source(dotted, value, origin, meta.description or "", secret))
        built[section] = shape(**values)
    return built, sources


def _convert(name: str, value: object, origin: str, type_: Any) -> object:  # noqa: ANN401 - any annotation
    if isinstance(value, str) and origin.startswith(PREFIX) and _is_list(type_):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.convert(value, type_, strict=not origin.startswith(PREFIX))
    except msgspec.ValidationError as error:
        raise SettingsError(f"The setting {name} ({origin}) cannot be used: {error}.") from error


def _is_list(type_: Any) -> bool:  # noqa: ANN401 - any annotation
    inner = get_args(type_)[0]
    return get_origin(inner) in {list, tuple, frozenset} and not isinstance(inner, types.UnionType)


def _from_file(sections: Mapping[str, type[Struct]], file: Path | None) -> dict[str, tuple[object, str]]:
    if file is None:
        return {}
    try:
        tables = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, dict[str, Any]])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error}.") from error
    given: dict[str, tuple[object, str]] = {}
    for section, table in tables.items():
        if section not in sections:
            raise SettingsError(f"There is no section [{section}] of settings{_nearest(section, sections)}.")
        known = {name for name, *_ in describe(sections[section])}
        for name, value in table.items():
            if name not in known:
                raise SettingsError(f"There is no setting {section}.{name}{_nearest(name, known)}.")
            given[f"{section}.{name}"] = (value, f"file {file}")
    return given


def _from_environment(
    sections: Mapping[str, type[Struct]], environment: Mapping[str, str]
) -> dict[str, tuple[object, str]]:
    names = {variable(s, n): f"{s}.{n}" for s, shape in sections.items() for n, *_ in describe(shape)}
    given: dict[str, tuple[object, str]] = {}
    for name, value in environment.items():
        if name.startswith(PREFIX) and name not in _RESERVED:
            if name not in names:
                raise SettingsError(f"There is no setting for the variable {name}{_nearest(name, names)}.")
            given[names[name]] = (value, name)
    return given


_RESERVED: Final = {"BOWERBIRD_SETTINGS", "BOWERBIRD_PROCESS", "BOWERBIRD_READY_FD"}
"""Variables of the prefix that are no settings: the settings file, and what a supervisor tells its children."""


def variable(section: str, name: str) -> str:
    """Return the variable that sets a setting."""
    return f"{PREFIX}{section}_{name}".upper()


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
