"""The targets that the members have in common, with the members and the others who acted on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.report.charts.svg import Chart, Sheet, Wording
from samehand.report.dossier import Dossier
from samehand.texts import say, visible

MAX_TARGETS: Final = 15
_WIDTH: Final = 560.0
_BAR: Final = 240.0
_ROW: Final = 34.0


@dataclass(frozen=True)
class TargetHit:
    """A target, or an action where the log names none, that members acted on together."""

    action: str
    target: str
    n_members: int
    n_events: int
    n_others: int | None
    """Accounts outside the fleet that did the same in the same windows; None: nobody counted them."""


def find_targets(dossier: Dossier) -> list[TargetHit]:
    """Count members and events on every target that members acted on together, the most shared first."""
    rows = dossier.event_rows
    if "target" not in rows.column_names or not rows.num_rows:
        return []
    rows = rows.filter(pc.and_(rows["coaction"], pc.is_valid(rows["target"])))
    keys = ["action", "target"] if "action" in rows.column_names else ["target"]
    counts = rows.group_by(keys).aggregate([("account", "count_distinct"), ("account", "count")])
    counts = counts.sort_by(
        [("account_count_distinct", "descending"), ("account_count", "descending"), ("target", "ascending")]
    )
    others = _others(dossier.evidence)
    return [
        TargetHit(
            action=row.get("action") or "",
            target=row["target"],
            n_members=row["account_count_distinct"],
            n_events=row["account_count"],
            n_others=others.get((row.get("action") or "", row["target"])),
        )
        for row in counts.to_pylist()
        if row["account_count_distinct"] > 1
    ]


def _others(evidence: pa.Table) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in evidence.select(["action", "target", "n_others"]).to_pylist():
        if row["target"] is not None and row["n_others"] is not None:
            key = (row["action"] or "", row["target"])
            found[key] = found.get(key, 0) + row["n_others"]
    return found


def draw_targets(hits: list[TargetHit], wording: Wording, lang: str) -> Chart:
    """Draw a pair of bars a target: members above, other accounts below."""
    shown = hits[:MAX_TARGETS]
    sheet = Sheet(_WIDTH, max(len(shown), 1) * _ROW + 6, wording)
    most = max((max(hit.n_members, hit.n_others or 0) for hit in shown), default=1)
    for number, hit in enumerate(shown):
        top = number * _ROW + 2
        name = f"{hit.action} → {hit.target}" if hit.action else hit.target
        sheet.text(0, top + 11, visible(name, 70), "name")
        sheet.rect(0, top + 16, hit.n_members / most * _BAR, 6, "bar")
        others = hit.n_others or 0
        sheet.rect(0, top + 23, others / most * _BAR, 5, "bar-other")
        say_key = "chart.target_hit" if hit.n_others is not None else "chart.target_hit_members"
        text = say(
            say_key, lang, n_members=hit.n_members, **({} if hit.n_others is None else {"n_others": others})
        )
        sheet.text(max(hit.n_members, others) / most * _BAR + 8, top + 26, text, "label")
    return Chart(sheet.render(), len(shown), len(hits))
