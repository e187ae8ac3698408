"""The log port's promises, kept by every adapter behind it, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.log_groups import GROUPS
from tests.ports.log_records import RECORDS
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.defects import Defect
from tests.support.log_broken import DEFECTS
from tests.support.log_subject import SQLITE, Subject

SUITE = Suite[Subject](RECORDS, GROUPS)


@SUITE.on(SQLITE)
async def test_log(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
