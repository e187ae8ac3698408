"""The walks port's promises, kept by the adapter in each of its forms, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.suite import Check, Opener, Suite, run
from tests.ports.walks.broken import DEFECTS
from tests.ports.walks.changing import CHANGING
from tests.ports.walks.finding import FINDING
from tests.ports.walks.subject import CSR, Subject
from tests.support.defects import Defect

SUITE = Suite[Subject](FINDING, CHANGING)


@SUITE.on(CSR)
async def test_walks(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
