from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from samehand.events.presets import PRESETS

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # The closing fence of a code block must not be taken for output.
    text = "\n".join(line for line in DOCS.read_text("utf-8").splitlines() if not line.startswith("```"))
    examples = doctest.DocTestParser().get_doctest(text, {}, DOCS.name, str(DOCS), 0)
    assert len(examples.examples) >= 10
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_every_preset_is_described() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for preset in PRESETS:
        assert f"| `{preset.name}` |" in text
        for column in preset.needed:
            assert column in text
