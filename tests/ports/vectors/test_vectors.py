"""The vectors port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.suite import Check, Opener, Suite, run
from tests.ports.vectors.vectors_broken import DEFECTS
from tests.ports.vectors.vectors_reads import READS
from tests.ports.vectors.vectors_subject import TENDED, USEARCH, Subject
from tests.ports.vectors.vectors_upkeep import UPKEEP
from tests.ports.vectors.vectors_writes import WRITES
from tests.support.defects import Defect

SUITE = Suite[Subject](READS, WRITES)
WHOLE = Suite[Subject](READS, WRITES, UPKEEP)


@SUITE.on(USEARCH)
async def test_vectors(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@UPKEEP.on(TENDED)
async def test_upkeep(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await WHOLE.catches(defect.caught_by, defect.opener, tmp_path)
