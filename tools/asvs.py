"""The tables of docs/security.md: ASVS line by line, from docs/asvs.toml, and the tricks and holes of the tests."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT / "docs" / "asvs.toml"
CHAPTERS: Final = {
    "1": "Encoding and sanitization",
    "2": "Validation and business logic",
    "3": "The web page",
    "4": "API and HTTP",
    "5": "Files",
    "6": "Authentication",
    "7": "Sessions",
    "8": "Authorization",
    "9": "Tokens that speak for themselves",
    "11": "Cryptography",
    "12": "Communication",
    "13": "Configuration",
    "14": "Data protection",
    "15": "Coding and architecture",
    "16": "Logging and errors",
}
MARKS: Final = ("open: ", "outside: ", "none: ")
PAGES: Final = (".md", ".json")


class Line(NamedTuple):
    """A line of ASVS: `tests` and `pages` show it; `notes` say what is open, outside, or not there at all."""

    number: str
    level: int
    gist: str
    tests: list[str]
    pages: list[str]
    notes: list[str]

    @property
    def state(self) -> str:
        """Return how it stands: shown, open, outside, none."""
        return self.notes[0].partition(":")[0] if self.notes else "shown"


def lines() -> list[Line]:
    """Return the lines of the file, chapters that are absent as a whole not among them."""
    told: dict[str, list[Any]] = _data()["lines"]
    return [_line(number, *fields) for number, fields in told.items()]


def absent() -> list[dict[str, Any]]:
    """Return the chapters that are absent as a whole."""
    return _data()["absent"]


def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text())


def _line(number: str, level: int, gist: str, *parts: str) -> Line:
    words = [word for part in parts if not part.startswith(MARKS) for word in part.split()]
    pages = [word for word in words if word.endswith(PAGES)]
    tests = [word for word in words if word not in pages]
    return Line(number, level, gist, tests, pages, [part for part in parts if part.startswith(MARKS)])


def summary() -> str:
    """Return how many lines of each level stand how."""
    count = Counter((line.level, line.state) for line in lines())
    for chapter in absent():
        for level in (1, 2):
            count[level, "none"] += len(chapter[f"level_{level}"])
    states = {
        "shown": "shown",
        "open": "open, wholly or in part",
        "outside": "for whoever runs it",
        "none": "about what is not here",
    }
    head = "| level | " + " | ".join(states.values()) + " | lines |\n|---|" + "---:|" * (len(states) + 1) + "\n"
    rows = ([count[level, state] for state in states] for level in (1, 2))
    body = "".join(f"| {level} | {' | '.join(map(str, row))} | {sum(row)} |\n" for level, row in enumerate(rows, 1))
    return head + body


def table() -> str:
    """Return all lines, a table a chapter."""
    return "\n".join(_chapters())


def _chapters() -> Iterator[str]:
    every = lines()
    for chapter, title in CHAPTERS.items():
        rows = [_row(line) for line in every if line.number.split(".")[0] == chapter]
        yield "\n".join(
            [
                f"### V{chapter} {title}",
                "| line | level | what it asks for | what shows it |",
                "|---|---|---|---|",
                *rows,
                "",
            ]
        )
    for chapter in absent():
        count = len(chapter["level_1"]) + len(chapter["level_2"])
        yield f"V{chapter['chapter']}: {count} lines, none of which applies: {chapter['reason']}.\n"


def _row(line: Line) -> str:
    shown = [f"`{test.partition('::')[0].removeprefix('tests/')}`: {_words(test)}" for test in line.tests]
    pages = [f"[{page}]({page})" for page in line.pages if page != "security.md"]
    pages += ["this page"] if "security.md" in line.pages else []
    notes = [f"**{mark}**:{rest}" for mark, _, rest in (note.partition(":") for note in line.notes)]
    return f"| {line.number} | {line.level} | {line.gist} | {'; '.join([*shown, *pages, *notes])} |"


def _words(test: str) -> str:
    return test.partition("::")[2].replace("_", " ")


def tricks() -> str:
    """Return the classes of tricks by which a server is made to call, with the holes that each has to find."""
    from tests.security.reach.cases import CLASSES  # noqa: PLC0415 - the tests are not there where only this is asked
    from tests.security.reach.holes import HOLES  # noqa: PLC0415 - as above

    head = "| class | ways | holes planted, and found |\n|---|---:|---|\n"
    rows = (
        (name, len(cases), [hole.told for hole in HOLES if hole.found_by == name]) for name, cases in CLASSES.items()
    )
    return head + "".join(f"| {name} | {count} | {'; '.join(told)} |\n" for name, count, told in rows)


def pictures() -> str:
    """Return the classes of hostile pictures, and the guards that are taken away to see that it is noticed."""
    from tests.security.pictures.bombs import BOMBS  # noqa: PLC0415 - as above
    from tests.security.pictures.holes import HOLES  # noqa: PLC0415 - as above
    from tests.security.pictures.mutate import CLASSES  # noqa: PLC0415 - as above
    from tests.security.pictures.seeds import SEEDS  # noqa: PLC0415 - as above

    told = "\n".join(f"- {hole.told}: found by {', '.join(hole.found_by)}" for hole in HOLES)
    return (
        f"{len(CLASSES)} classes of mutants ({', '.join(CLASSES)}) of {len(SEEDS)} pictures, "
        f"and {len(BOMBS)} bombs and disguises. A decoder that\n\n{told}\n"
    )
