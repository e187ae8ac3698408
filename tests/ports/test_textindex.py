"""The text index's promises, kept by every adapter behind the port, and by none that is broken on purpose."""

from pathlib import Path

import pytest

from tests.ports.suite import Check, Opener, Suite, run
from tests.ports.textindex_changes import CHANGES
from tests.ports.textindex_words import WORDS
from tests.support.defects import Defect
from tests.support.textindex_broken import DEFECTS
from tests.support.textindex_subject import TANTIVY, Subject

SUITE = Suite[Subject](WORDS, CHANGES)


@SUITE.on(TANTIVY)
async def test_textindex(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
async def test_a_broken_adapter_is_caught(defect: Defect[Subject], tmp_path: Path) -> None:
    assert await SUITE.catches(defect.caught_by, defect.opener, tmp_path)
