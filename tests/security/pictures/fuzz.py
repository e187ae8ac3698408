"""`make fuzz COUNT=1000`: tries so many mutants of every class, and the bombs, and says what the worst of each cost."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator

from tests.security.pictures.bombs import BOMBS
from tests.security.pictures.clinic import Clinic, Finding, clinic
from tests.security.pictures.mutate import CLASSES, mutant


def say(line: str) -> None:
    """Tell whoever runs it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def trial(hand: Clinic, name: str, pictures: Iterable[tuple[str, bytes]]) -> int:
    """Try pictures, print a line about them and one for each that is wrong, and return how many are."""
    found: list[tuple[str, Finding]] = [(each, await hand.examine(data)) for each, data in pictures]
    taken = sum(not finding.refused for _, finding in found)
    slowest = max(finding.cpu_s for _, finding in found)
    most = max(finding.memory for _, finding in found) >> 20
    say(f"{name:48} {len(found):6} tried {taken:6} taken  {slowest:5.2f} s at most  {most:4} MiB")
    wrongs = [(each, finding) for each, finding in found if finding.wrong]
    for each, finding in wrongs:
        say(f"  {each}: {finding.wrong}")
    return len(wrongs)


def mutants(kind: str, first: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield mutants of a class, each with its number and its seed."""
    for number in range(first, first + count):
        seed, data = mutant(kind, number)
        yield f"{number} of {seed}", data


async def main(first: int, count: int) -> int:
    """Try everything, and return how much of it is wrong."""
    wrong = 0
    for name, make in BOMBS.items():
        async with clinic() as hand:
            wrong += await trial(hand, name, [("it", make())])
    for kind in CLASSES:
        async with clinic() as hand:
            wrong += await trial(hand, kind, mutants(kind, first, count))
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Try hostile pictures.")
    parser.add_argument("--count", type=int, default=1000, help="mutants of each class")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    chosen = parser.parse_args()
    sys.exit(min(asyncio.run(main(chosen.first, chosen.count)), 100))
