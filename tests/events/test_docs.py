from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from samehand.events.presets import PRESETS

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(DOCS), module_relative=False, encoding="utf-8")
    assert result.attempted >= 10
    assert result.failed == 0


def test_every_preset_is_described() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for preset in PRESETS:
        assert f"| `{preset.name}` |" in text
        for column in preset.needed:
            assert column in text
