"""The tastes port's promises, kept by the adapter in each of its forms, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.suite import Check, Opener, Suite, run
from tests.ports.tastes.broken import DEFECTS
from tests.ports.tastes.reading import READING
from tests.ports.tastes.saving import SAVING
from tests.ports.tastes.seeing import SEEING
from tests.ports.tastes.subject import SQLITE, Subject
from tests.support.defects import Defect

SUITE = Suite[Subject](READING, SAVING, SEEING)


@SUITE.on(SQLITE)
async def test_tastes(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
