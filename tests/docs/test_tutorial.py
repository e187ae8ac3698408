"""The tutorial's program runs as it is printed."""

import re
from pathlib import Path

import pytest

from tests.support.pictures import jpeg
from tests.support.server import serving

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_program_of_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    assert len(blocks) > 5
    (tmp_path / "photo.jpg").write_bytes(jpeg())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with serving(tmp_path) as server:
        for block in blocks:
            exec(block.replace("http://127.0.0.1:8000", server.base_url), names)  # noqa: S102 - our own manual
        for name in ("api", "reader"):
            close = getattr(names[name], "close")  # noqa: B009 - the namespace is untyped
            close()
