"""The askings port's promises, kept by the adapter in each of its forms, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.askings.broken import DEFECTS
from tests.ports.askings.reading import READING
from tests.ports.askings.subject import SQLITE, Subject
from tests.ports.askings.writing import WRITING
from tests.ports.suite import Check, Opener, Suite, run
from tests.support.defects import Defect

SUITE = Suite[Subject](READING, WRITING)


@SUITE.on(SQLITE)
async def test_askings(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
