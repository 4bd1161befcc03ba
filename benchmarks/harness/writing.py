"""Results on disk: a Markdown file for people, a JSON file for programs, from the same sections."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.limits import Limit, limits_table, summary
from harness.machine import Machine


@dataclass(frozen=True)
class Section:
    """A heading and the text below it, tables included."""

    title: str
    text: str


def render(title: str, lead: str, machine: Machine, limits: list[Limit], sections: list[Section]) -> str:
    """Write the whole as Markdown: the verdict first."""
    verdicts = [f"## Limits: {summary(limits)}", limits_table(limits)] if limits else []
    blocks = [f"# {title}", lead, machine.to_text(), *verdicts]
    for section in sections:
        blocks += [f"## {section.title}", section.text]
    return "\n\n".join(blocks) + "\n"


def write_results(
    folder: Path, name: str, text: str, machine: Machine, limits: list[Limit], figures: dict[str, Any]
) -> None:
    """Write ``name.md`` and ``name.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    data = {
        "machine": machine.to_dict(),
        "limits": [limit.to_dict() for limit in limits],
        "figures": figures,
    }
    (folder / f"{name}.json").write_text(
        json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
