"""Sentences from rows of tables as ``Table.to_pylist`` gives them, for the report and for ``explain``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from samehand.texts.points import Explained, Standing
from samehand.texts.sentences import (
    behaviour_sentence,
    evidence_sentence,
    explanation_sentence,
    fleet_summary,
)

Row = Mapping[str, Any]

_SUMMARY: Final = (
    "n_accounts", "n_events", "n_coactions", "first_time", "last_time", "scale_us", "chance_count",
    "innocent", "innocent_weight",
)  # fmt: skip
_EVIDENCE: Final = (
    "layer", "feature", "action", "target", "scale_us", "n_accounts", "n_events", "first_time",
    "last_time", "expected",
)  # fmt: skip
_STANDING: Final = (
    "n_events", "n_coactions", "score_bits", "q_value", "chance_count", "coordination", "inauthenticity",
    "stability", "n_part_time",
)  # fmt: skip


def summarise(fleet: Row, lang: str) -> str:
    """Write the summary of a row of the table of fleets."""
    return fleet_summary(lang, **{name: fleet[name] for name in _SUMMARY})


def say_evidence(row: Row, n_fleet: int, lang: str) -> str:
    """Write the sentence of a row of the table of evidence, of a fleet of ``n_fleet`` accounts."""
    return evidence_sentence(lang, n_fleet=n_fleet, **{name: row[name] for name in _EVIDENCE})


def say_behaviour(row: Row, n_fleet: int, lang: str) -> str:
    """Write the sentence of a row of the table of behaviours, of a fleet of ``n_fleet`` accounts."""
    return behaviour_sentence(lang, row, n_fleet)


def explain_innocently(rows: Sequence[Row], lang: str) -> list[Explained]:
    """Write the innocent explanations of a fleet from its rows of that table, in their order."""
    return [
        Explained(
            name=row["explanation"],
            weight=row["weight"] if row["tested"] else None,
            sentence=explanation_sentence(
                lang,
                explanation=row["explanation"],
                tested=row["tested"],
                figures=dict(row["figures"] or ()),
                sentence=row["sentence"],
            ),
        )
        for row in rows
    ]


def stand(
    fleet: Row,
    leave_one_out_bits: Sequence[float],
    evidence: Sequence[Row],
    explained: Sequence[Explained],
    lang: str,
) -> Standing:
    """Collect the figures for and against a fleet; ``evidence`` holds all its rows, the strongest first."""
    return Standing(
        **{name: fleet[name] for name in _STANDING},
        carrying_scales_us=fleet["carrying_scales_us"] or (),
        leave_one_out_bits=leave_one_out_bits,
        strongest=say_evidence(evidence[0], fleet["n_accounts"], lang) if evidence else None,
        n_evidence=len(evidence),
        n_others=sum(row["n_others"] or 0 for row in evidence),
        explanations=explained,
    )
