"""What members did together, as rows that a person can check: one feature in one window, with the events behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.arrays import I64
from samehand.engines.interface import Engine
from samehand.fleets.judge import Judged
from samehand.fleets.score import MOST_MEMBER_BITS
from samehand.kernels.tail import log_poisson_tail
from samehand.texts.rows import say_evidence

MOST_ROWS: Final = 1000
"""Rows of evidence for a fleet, the strongest; the rest is counted."""
MOST_LETTERS: Final = 160
"""Letters of a text that stand for it in a row of evidence; the events have all of it."""


@dataclass(frozen=True)
class EvidenceRows:
    """The strongest rows of one fleet."""

    rows: list[dict[str, Any]]
    n_left_out: int


def list_evidence(engine: Engine, fleet_id: str, judged: Judged) -> EvidenceRows:
    """List what the members of a fleet did together, the least likely by chance first.

    Args:
        engine: The log.
        fleet_id: Name of the fleet.
        judged: The fleet.
    """
    candidate = judged.candidate
    evidence = candidate.evidence
    n_events = engine.size.n_events
    member_events = float(engine.n_events_of(candidate.accounts).sum())
    place = {event: row for row, event in enumerate(judged.events["event"].to_pylist())}
    facts = _Columns(judged.events)
    time = (
        judged.events["time"].cast(pa.int64()).to_numpy()[[place[event] for event in evidence.event.tolist()]]
    )
    rows = []
    for piece in _moments(evidence.event_feature, time, candidate.scale_us):
        n_accounts = len(np.unique(evidence.event_account[piece]))
        n_others = int(np.median(evidence.event_others[piece]))
        windows = 1 + (time[piece[-1]] - time[piece[0]]) / (2 * candidate.scale_us)
        # Members that chance brings there: all they do, times the share of the log that others do there.
        expected = member_events * (n_others + 1) * windows / n_events
        log_p = log_poisson_tail(n_accounts, expected)
        places = [place[event] for event in evidence.event[piece].tolist()]
        rows.append((log_p, piece, places, n_accounts, n_others, expected))
    rows.sort(key=lambda row: (row[0], -row[3], int(evidence.event_feature[row[1][0]])))
    rows = [rows[i] for i in _new_ones([row[2] for row in rows])]
    kept = [
        _row(fleet_id, judged, facts, log_p, places, n_accounts, n_others, expected)
        for log_p, _, places, n_accounts, n_others, expected in rows[:MOST_ROWS]
    ]
    return EvidenceRows(kept, len(rows) - len(kept))


def _new_ones(pieces: Sequence[Sequence[int]]) -> list[int]:
    """Which pieces are not wholly in an earlier one: texts of one moment share several phrases, and say it once."""
    pieces_with: dict[int, set[int]] = {}
    new = []
    for number, piece in enumerate(pieces):
        if not set.intersection(*(pieces_with.get(event, set()) for event in piece)):
            new.append(number)
            for event in piece:
                pieces_with.setdefault(event, set()).add(number)
    return new


def _moments(feature: I64, time: I64, scale_us: int) -> list[I64]:
    """Places of joint events by moment: one feature, each event within the scale of the one before."""
    order = np.lexsort((time, feature))
    apart = (np.diff(feature[order]) != 0) | (np.diff(time[order]) > scale_us)
    return [piece for piece in np.split(order, np.flatnonzero(apart) + 1) if len(piece)]


class _Columns:
    """Columns of a table of events as Python values, taken out once."""

    def __init__(self, events: pa.Table) -> None:
        known = ("time", "action", "target", "content", "event_id")
        wanted = [name for name in known if name in events.column_names]
        self.values: dict[str, list[Any]] = {name: events[name].to_pylist() for name in wanted}

    def first(self, name: str, places: list[int]) -> Any:
        return self.values[name][places[0]] if name in self.values else None


def _row(
    fleet_id: str,
    judged: Judged,
    facts: _Columns,
    log_p: float,
    places: list[int],
    n_accounts: int,
    n_others: int,
    expected: float,
) -> dict[str, Any]:
    candidate = judged.candidate
    action, target = facts.first("action", places), facts.first("target", places)
    if not candidate.layer.on_targets:
        target = None  # every target differs
    words = _shortened(facts.first("content", places)) if candidate.layer.reads_texts else None
    times: list[Any] = [facts.values["time"][place] for place in places]
    row = {
        "fleet_id": fleet_id,
        "layer": candidate.layer.name,
        "scale_us": candidate.scale_us,
        "feature": words
        or " → ".join(str(part) for part in (action, target) if part is not None)
        or candidate.layer.name,
        "action": action,
        "target": target,
        "n_accounts": n_accounts,
        "n_events": len(places),
        "n_others": n_others,
        "first_time": min(times),
        "last_time": max(times),
        "expected": expected,
        "p_value": float(np.exp(log_p)),
        "bits": float(min(-log_p / np.log(2), MOST_MEMBER_BITS)),
        "event_ids": [facts.values["event_id"][place] for place in places],
    }
    return row | {"sentence": say_evidence(row, len(candidate.accounts), "en")}


def _shortened(text: Any) -> str:
    """The first words of a text, on one line."""
    words = " ".join(str(text).split())
    return words if len(words) <= MOST_LETTERS else f"{words[:MOST_LETTERS]}…"


def joint_marks(judged: Judged) -> I64:
    """1 for each of the members' events that was made together, in the order of ``judged.events``."""
    return np.isin(judged.events["event"].to_numpy(), judged.candidate.evidence.event).astype(np.int64)
