"""The timelines port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.suite import Check, Opener, Suite, run
from tests.ports.timelines_open import OPEN
from tests.ports.timelines_reads import READS
from tests.ports.timelines_writes import WRITES
from tests.support.defects import Defect
from tests.support.timelines_broken import DEFECTS
from tests.support.views_subject import SQLITE, Subject

SUITE = Suite[Subject](READS, WRITES, OPEN)


@SUITE.on(SQLITE)
async def test_timelines(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
