"""How adapters broken on purpose are told to a port's suite."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.ports.suite import Opener

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Defect(Generic[Subject]):
    """What opens a broken adapter, and the check that must fail on it."""

    opener: Opener[Subject]
    caught_by: str
