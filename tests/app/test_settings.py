"""Settings: where each comes from, who wins, and what is said of those that cannot be used."""

from pathlib import Path

import pytest

from bowerbird.app.cli.config import HIDDEN, manual
from bowerbird.app.sections import SECTIONS
from bowerbird.app.settings import ServerSettings, SettingsError, Source, load


def values(file: Path | None = None, environment: dict[str, str] | None = None, **options: object) -> dict[str, Source]:
    dotted = {name.replace("__", "."): value for name, value in options.items()}
    return {source.name: source for source in load(SECTIONS, file, environment or {}, dotted)[1]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bowerbird.toml"
    path.write_text('[server]\nport = 9000\nworkers = 3\n[fetch]\nallowed_hosts = ["intranet"]\n')
    return path


def test_an_option_wins_over_a_variable_over_the_file_over_the_default(file: Path) -> None:
    found = values(file, {"BOWERBIRD_SERVER_PORT": "9001", "BOWERBIRD_SERVER_WORKERS": "4"}, server__workers=5)
    assert (found["server.workers"].value, found["server.workers"].origin) == (5, "option")
    assert (found["server.port"].value, found["server.port"].origin) == (9001, "BOWERBIRD_SERVER_PORT")
    assert (found["fetch.allowed_hosts"].value, found["fetch.allowed_hosts"].origin) == (("intranet",), f"file {file}")
    assert (found["server.host"].value, found["server.host"].origin) == ("127.0.0.1", "default")


def test_an_option_that_was_not_given_counts_for_nothing() -> None:
    assert values(server__port=None)["server.port"].origin == "default"


def test_lists_and_switches_are_read_from_variables() -> None:
    found = values(None, {"BOWERBIRD_FETCH_PORTS": "80, 8080", "BOWERBIRD_IDENTITY_REGISTRATION_OPEN": "false"})
    assert found["fetch.ports"].value == (80, 8080)
    assert found["identity.registration_open"].value is False


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("[server]\nprot = 1", {}, "server.prot (did you mean port?)"),
        ("[servre]\n", {}, r"[servre] of settings (did you mean server?)"),
        ("[server]\nport = 70000", {}, "server.port"),
        ("[server]\nport = '80'", {}, "server.port"),
        ("[server", {}, "cannot be read"),
        ("server = 3", {}, "cannot be read"),
        ("", {"BOWERBIRD_SERVER_PROT": "1"}, "did you mean BOWERBIRD_SERVER_PORT?"),
        ("", {"BOWERBIRD_SERVER_PORT": "many"}, "server.port (BOWERBIRD_SERVER_PORT)"),
        ("", {"BOWERBIRD_STORAGE_MASTER_KEY": "abc"}, "storage.master_key"),
    ],
)
def test_what_cannot_be_used_is_named_in_a_sentence(
    tmp_path: Path, text: str, environment: dict[str, str], said: str
) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        load(SECTIONS, path, environment, {})
    assert said in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load(SECTIONS, tmp_path / "nowhere.toml", {}, {})


def test_secrets_are_marked_and_the_manual_holds_every_setting_once() -> None:
    sources = load(SECTIONS, None, {}, {})[1]
    assert [source.name for source in sources if source.secret] == ["storage.master_key"]
    table = manual(sources)
    assert all(table.count(f"| `{source.name}` |") == 1 for source in sources)
    assert HIDDEN not in table


def test_sections_are_built_as_their_structs() -> None:
    built, _ = load({"server": ServerSettings}, None, {}, {"server.port": 81})
    assert built["server"] == ServerSettings(port=81)
