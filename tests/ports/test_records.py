"""The records port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.records_load import LOAD
from tests.ports.records_outbox import OUTBOX
from tests.ports.records_reads import READS
from tests.ports.records_units import UNITS
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.records_broken import DEFECTS, Defect
from tests.support.records_subject import SQLITE, Subject

SUITE = Suite[Subject](READS, UNITS, OUTBOX, LOAD)


@SUITE.on(SQLITE)
async def test_records(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect, tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
