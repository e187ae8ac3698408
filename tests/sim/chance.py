"""Chance: streams of random numbers by name, all of one seed, so that one more draw here moves nothing elsewhere."""

from random import Random


class Chance:
    """The source of every stream of one run."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, *name: object) -> Random:
        """Return a stream; the same name under the same seed is the same stream from its beginning."""
        return Random(f"{self._seed} {' '.join(map(str, name))}")
