"""The tables of a run from judged candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand import columns
from samehand.arrays import F64
from samehand.engines.interface import Engine
from samehand.events.check import LeftOut
from samehand.fleets.behaviours import Behaviour, find_behaviours, names_of
from samehand.fleets.driven import Driven, driven_table
from samehand.fleets.evidence import joint_marks, list_evidence
from samehand.fleets.innocent import Explanation
from samehand.fleets.judge import Judged
from samehand.fleets.score import bits
from samehand.fleets.stability import carrying_scales_us, stability, stability_table
from samehand.texts.rows import summarise
from samehand.texts.sentences import explanation_sentence

MOST_EVENTS: Final = 50_000
"""Events of a fleet's members in the run folder, joint ones first."""


@dataclass(frozen=True)
class Ranked:
    """A judged candidate with its place in the ranking."""

    fleet_id: str
    judged: Judged
    q_value: float | None
    """None: not estimated."""
    chance_count: float | None
    reported: bool


@dataclass(frozen=True)
class FleetTables:
    """What the candidates of a run give."""

    fleets: pa.Table
    members: pa.Table
    evidence: pa.Table
    explanations: pa.Table
    member_events: pa.Table
    behaviours: pa.Table
    stability: pa.Table
    driven: pa.Table
    bounded: list[LeftOut]


def rank(
    judged: Sequence[Judged], q_chance: F64 | None, chance_count: F64 | None, fdr: float
) -> list[Ranked]:
    """Rank candidates: the reported first, then by score.

    The q-value is the larger of what chance and what the best innocent explanation give: a fleet is falsely accused
    by the one or the other.

    Args:
        judged: Candidates.
        q_chance: Rate of chance groups among those as strong; None: not estimated.
        chance_count: Groups as strong that chance gives; None: not estimated.
        fdr: Wanted rate of false accusation.
    """
    entries = []
    for i, one in enumerate(judged):
        q = None if q_chance is None else max(float(q_chance[i]), one.weight)
        reported = (one.weight if q is None else q) <= fdr
        entries.append(
            (not reported, -one.candidate.score_bits, int(one.candidate.accounts[0]), i, q, reported)
        )
    return [
        Ranked(
            fleet_id=f"F{place:04d}",
            judged=judged[i],
            q_value=q,
            chance_count=None if chance_count is None else float(chance_count[i]),
            reported=reported,
        )
        for place, (_, _, _, i, q, reported) in enumerate(
            sorted(entries, key=lambda entry: entry[:4]), start=1
        )
    ]


def build_tables(
    engine: Engine,
    ranked: Sequence[Ranked],
    driven: Sequence[Driven],
    posteriors: Sequence[tuple[float, F64]],
    event_schema: pa.Schema,
) -> FleetTables:
    """Build the tables of the candidates.

    Args:
        engine: The log.
        ranked: Candidates in order.
        driven: Of each of them, which events its hand made.
        posteriors: Of each of them, the probability that one hand moves it, and that of each member.
        event_schema: Columns of the log's events.
    """
    account, event_id = event_schema.field("account").type, event_schema.field("event_id").type
    fleets, members, evidence, explanations, behaviours, events, bounded = [], [], [], [], [], [], []
    for one, attributed, posterior in zip(ranked, driven, posteriors, strict=True):
        joint = joint_marks(one.judged)
        named = find_behaviours(one.judged, (joint > 0) | attributed.marks, attributed, engine.size)
        behaviours += [each.row(one.fleet_id, len(one.judged.candidate.accounts)) for each in named]
        fleets.append(_fleet_row(one, joint, attributed, named) | {"posterior": posterior[0]})
        members.append(_members(engine, one, attributed, posterior[1], columns.members(account)))
        found = list_evidence(engine, one.fleet_id, one.judged)
        evidence += found.rows
        explanations += [_explanation_row(one.fleet_id, each) for each in one.judged.explanations]
        kept = _kept_events(one, joint, columns.member_events(account, event_id))
        events.append(kept)
        if found.n_left_out:
            bounded.append(
                _left_out("rows of evidence", found.n_left_out, one.fleet_id, "the strongest are kept")
            )
        if kept.num_rows < len(joint):
            what = len(joint) - kept.num_rows
            bounded.append(_left_out("events of members", what, one.fleet_id, "joint events are kept first"))
    driven_events, left_out = driven_table(
        [(one.fleet_id, one.judged, each) for one, each in zip(ranked, driven, strict=True)],
        account,
        event_id,
    )
    return FleetTables(
        fleets=pa.Table.from_pylist(fleets, columns.FLEETS),
        members=pa.concat_tables([columns.members(account).empty_table(), *members]),
        evidence=pa.Table.from_pylist(evidence, columns.evidence(event_id)),
        explanations=pa.Table.from_pylist(explanations, columns.EXPLANATIONS),
        member_events=pa.concat_tables([columns.member_events(account, event_id).empty_table(), *events]),
        behaviours=pa.Table.from_pylist(behaviours, columns.BEHAVIOURS),
        stability=pa.concat_tables(
            [
                columns.STABILITY.empty_table(),
                *(stability_table(one.fleet_id, one.judged.candidate) for one in ranked),
            ]
        ),
        driven=driven_events,
        bounded=[*bounded, *left_out],
    )


def _left_out(what: str, count: int, fleet_id: str, why: str) -> LeftOut:
    return LeftOut(what=f"{what} of {fleet_id}", count=count, why=f"bounded in the run folder; {why}")


def _fleet_row(one: Ranked, joint: np.ndarray, driven: Driven, behaviours: list[Behaviour]) -> dict[str, Any]:
    judged, candidate = one.judged, one.judged.candidate
    times: list[Any] = judged.events["time"].to_pylist()
    best = judged.explanations[0] if judged.explanations and judged.explanations[0].tested else None
    row = {
        "fleet_id": one.fleet_id,
        "reported": one.reported,
        "n_accounts": len(candidate.accounts),
        "n_events": judged.events.num_rows,
        "n_coactions": int(joint.sum()),
        "first_time": min(times),
        "last_time": max(times),
        "score_bits": candidate.score_bits,
        "q_value": one.q_value,
        "chance_count": one.chance_count,
        "coordination": None if one.q_value is None else 1 - _chance_part(one),
        "inauthenticity": 1 - judged.weight,
        "layers": list(candidate.seen_in),
        "scale_us": candidate.scale_us,
        "stability": stability(candidate),
        "carrying_scales_us": carrying_scales_us(candidate),
        "behaviours": names_of(behaviours),
        "innocent": best.name if best and best.weight > 0 else None,
        "innocent_weight": judged.weight,
        "n_part_time": None if driven.part_time is None else int(driven.part_time.sum()),
    }
    return row | {"summary": summarise(row, "en")}


def _chance_part(one: Ranked) -> float:
    """The part of the q-value that chance alone explains, as far as it is known."""
    if one.q_value is None or one.q_value > one.judged.weight:
        return one.q_value or 0.0
    return min(1.0, one.chance_count or 0.0)


def _members(engine: Engine, one: Ranked, driven: Driven, posterior: F64, schema: pa.Schema) -> pa.Table:
    evidence = one.judged.candidate.evidence
    n_events = engine.n_events_of(evidence.accounts)
    events = one.judged.events
    times = events["time"].cast(pa.int64()).to_numpy()
    codes = engine.account_codes(events["account"].combine_chunks())
    order = np.lexsort((times, codes))
    first = order[np.searchsorted(codes[order], evidence.accounts, side="left")]
    last = order[np.searchsorted(codes[order], evidence.accounts, side="right") - 1]
    own = bits(evidence.log_p)
    strongest = np.lexsort((evidence.accounts, -own))
    table = pa.table(
        [
            pa.array([one.fleet_id] * len(own)),
            engine.account_ids(evidence.accounts).cast(schema.field("account").type),
            pa.array([one.reported] * len(own)),
            pa.array(own),
            pa.array(bits(evidence.log_p_without)),
            pa.array(np.minimum(1.0, evidence.n_coactions / np.maximum(n_events, 1))),
            pa.array(n_events),
            pa.array(evidence.n_coactions.astype(np.int64)),
            pa.array(times[first]).cast(columns.TIME),
            pa.array(times[last]).cast(columns.TIME),
            pa.array(driven.n_driven),
            pa.array(driven.n_driven / np.maximum(n_events, 1)),
            pa.nulls(len(own), pa.bool_()) if driven.part_time is None else pa.array(driven.part_time),
            pa.nulls(len(own), pa.string()),
            pa.array(posterior),
        ],
        schema=schema,
    )
    return table.take(strongest)


def _explanation_row(fleet_id: str, one: Explanation) -> dict[str, Any]:
    figures = dict(one.figures) if one.tested else {str(role): 0.0 for role in one.missing}
    return {
        "fleet_id": fleet_id,
        "explanation": one.name,
        "tested": one.tested,
        "weight": one.weight if one.tested else None,
        "figures": list(figures.items()),
        "sentence": explanation_sentence(
            "en", explanation=one.name, tested=one.tested, figures=figures, sentence=None
        ),
    }


def _kept_events(one: Ranked, joint: np.ndarray, schema: pa.Schema) -> pa.Table:
    events = one.judged.events
    keep = np.sort(np.argsort(-joint, kind="stable")[:MOST_EVENTS])
    n = len(keep)
    arrays: list[Any] = []
    for field in schema:
        if field.name == "fleet_id":
            arrays.append(pa.array([one.fleet_id] * n))
        elif field.name == "coaction":
            arrays.append(pa.array(joint[keep] > 0))
        elif field.name in events.column_names:
            arrays.append(events[field.name].take(keep).cast(field.type))
        else:
            arrays.append(pa.nulls(n, field.type))
    return pa.table(arrays, schema=schema)
