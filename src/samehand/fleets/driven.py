"""Which events of a fleet's members its hand made, and which members have a real life of their own beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand import columns
from samehand.arrays import BOOL, F64, I32, I64
from samehand.engines.answers import GroupEvidence, Interests
from samehand.engines.interface import OCCASION_BITS, Engine
from samehand.events.check import LeftOut
from samehand.fleets.attribution import Attribution, Look, attribute
from samehand.fleets.facts import Setting
from samehand.fleets.judge import Judged
from samehand.layers import Layer

DRIVEN: Final = 0.5
"""Probability from which on an event counts as driven."""
LEAST_OWN_EVENTS: Final = 3
LEAST_OWN_DAYS: Final = 2
"""A life of one's own is no fewer events, on no fewer days: fewer may be driven events that were not recognised."""
MOST_ROWS: Final = 50_000
"""Driven events of a fleet in the run folder, the surest; the rest is counted."""
DIGITS: Final = 6
"""Sums differ in their last digits with the order of their terms; what is shown does not."""
_EQUIPMENT: Final = ("device", "address", "client")
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True)
class Driven:
    """What is said of one fleet's events and members."""

    events: Attribution
    """In the order of ``Judged.events``."""
    n_driven: I64
    """Of each member, in the order of the evidence."""
    part_time: BOOL | None
    """Of each member; None: the log does not show whom others turn to."""

    @property
    def marks(self) -> BOOL:
        """Which events were driven."""
        marks: BOOL = self.events.p_driven >= DRIVEN
        return marks


def attribute_events(
    engine: Engine,
    looks: Sequence[tuple[Layer, int]],
    judged: Sequence[Judged],
    interests: Interests | None,
    setting: Setting,
) -> list[Driven]:
    """Attribute the events of each fleet, with what all layers see at all scales.

    Args:
        engine: The log.
        looks: Layers and scales in use.
        judged: The fleets.
        interests: Communities of interest.
        setting: From ``facts.survey``.
    """
    groups = [one.candidate.accounts for one in judged]
    suspects = [one.candidate.suspects for one in judged]
    accounts = [_accounts(engine, one) for one in judged]
    seen: list[list[Look]] = [[] for _ in judged]
    # Where an event came from is weighed as equipment; that others came through there says nothing of its purpose.
    telling = [look for look in looks if look[0].convicts] if judged else []
    for layer, scale_us in telling:
        found = engine.group_evidence(layer, scale_us, groups, suspects, interests)
        for one, account, so_far, evidence in zip(judged, accounts, seen, found, strict=True):
            so_far.append(_look(one.events, account, layer, scale_us, evidence, engine.size.n_events))
    return [_driven(*each, setting) for each in zip(judged, accounts, seen, strict=True)]


def _accounts(engine: Engine, one: Judged) -> I32:
    """The member that made each event, by its place in the evidence."""
    codes = engine.account_codes(one.events["account"].combine_chunks())
    return np.searchsorted(one.candidate.evidence.accounts, codes).astype(np.int32)


def _look(
    events: pa.Table, account: I32, layer: Layer, scale_us: int, evidence: GroupEvidence, n_log: int
) -> Look:
    rows = events["event"].to_numpy()
    by_row = np.argsort(rows, kind="stable")
    place = by_row[np.searchsorted(rows[by_row], evidence.event)].astype(np.int64)
    time = events["time"].cast(pa.int64()).to_numpy()[place]
    # Occasions cut time into pieces; a moment at a cut would be two.
    feature = evidence.event_feature >> (OCCASION_BITS if layer.n_windows_an_occasion else 0)
    order = np.lexsort((account[place], time, feature))
    return Look(
        scale_us=scale_us,
        place=place[order],
        feature=feature[order],
        time_us=time[order],
        outside=(evidence.event_others[order] + 1) / max(n_log, 1),
    )


def _driven(one: Judged, account: I32, looks: list[Look], setting: Setting) -> Driven:
    events = one.events
    equipment = [_codes(events[name]) for name in _EQUIPMENT if name in events.column_names]
    found = attribute(looks, account, equipment)
    act = _acts(events, account)
    bits, p = (_most_of_act(values, act).round(DIGITS) for values in (found.bits, found.p_driven))
    members = one.candidate.evidence.accounts
    n_driven = np.bincount(account, p >= DRIVEN, minlength=len(members)).astype(np.int64)
    time = events["time"].cast(pa.int64()).to_numpy() - setting.first_us
    own_life = _own_lives(time, account, p < DRIVEN, len(members))
    return Driven(
        events=Attribution(bits, p),
        n_driven=n_driven,
        part_time=None
        if np.isnan(setting.audience_usual)
        else (n_driven > 0) & own_life & (_outsiders_turn_to(one, account, setting) > 0),
    )


def _codes(values: pa.ChunkedArray[Any]) -> I64:
    """A number for each value, -1 where there is none."""
    numbers = values.combine_chunks().dictionary_encode().indices.fill_null(-1)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def _acts(events: pa.Table, account: I32) -> I64 | None:
    """Numbers of what is one act: a post that names a link and hashtags is several events; None: each is its own."""
    if "event_id" not in events.column_names:
        return None
    name, time = _codes(events["event_id"]), events["time"].cast(pa.int64()).to_numpy()
    if len(np.unique(name[name >= 0])) == (name >= 0).sum():
        return None
    name = np.where(name < 0, -1 - np.arange(len(name)), name)
    act: I64 = np.unique(np.stack([account, time, name]), axis=1, return_inverse=True)[1].ravel()
    return act


def _most_of_act(values: F64, act: I64 | None) -> F64:
    if act is None:
        return values
    most = np.full(int(act.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(most, act, values)
    return most[act]


def _own_lives(since_us: I64, account: I32, own: BOOL, n_members: int) -> BOOL:
    """Whether what each member did itself is enough to be a life. Days are those of the log, whatever the calendar."""
    day = since_us[own] // _DAY_US
    days = np.unique(np.stack([account[own], day]), axis=1)[0]
    n_events = np.bincount(account[own], minlength=n_members)
    enough: BOOL = (n_events >= LEAST_OWN_EVENTS) & (np.bincount(days, minlength=n_members) >= LEAST_OWN_DAYS)
    return enough


def _outsiders_turn_to(one: Judged, account: I32, setting: Setting) -> I64:
    """How many accounts outside the fleet act on each member: an invented life can be acted, its friends cannot."""
    members = one.candidate.evidence.accounts
    audience = setting.audience[members].astype(np.int64)
    if "target" not in one.events.column_names:
        return audience
    # Members who act on each other are no outsiders. Targets are text, also where accounts are numbers.
    names = one.events["account"].cast(pa.string()).to_pylist()
    place = dict(zip(names, account.tolist(), strict=True))
    acted = {
        (number, place[target])
        for number, target in zip(account.tolist(), one.events["target"].to_pylist(), strict=True)
        if target in place
    }
    inside = np.bincount(np.array([whom for _, whom in acted], np.int64), minlength=len(members))
    return audience - inside


def driven_rows(
    fleet_id: str, one: Judged, driven: Driven, schema: pa.Schema
) -> tuple[pa.Table, LeftOut | None]:
    """The driven events of a fleet as a table, and what it leaves out."""
    found = np.flatnonzero(driven.marks)
    kept = found
    if len(found) > MOST_ROWS:
        kept = np.sort(found[np.argsort(-driven.events.p_driven[found], kind="stable")[:MOST_ROWS]])
    arrays: list[Any] = [
        pa.array([fleet_id] * len(kept), pa.string()),
        one.events["event_id"].take(kept).cast(schema.field("event_id").type),
        one.events["account"].take(kept).cast(schema.field("account").type),
        pa.array(driven.events.bits[kept]),
        pa.array(driven.events.p_driven[kept]),
    ]
    table = pa.table(arrays, schema=schema)
    if len(kept) == len(found):
        return table, None
    return table, LeftOut(
        what=f"driven events of {fleet_id}",
        count=len(found) - len(kept),
        why="bounded in the run folder; the surest are kept",
    )


def driven_table(
    fleets: Sequence[tuple[str, Judged, Driven]], account: pa.DataType, event_id: pa.DataType
) -> tuple[pa.Table, list[LeftOut]]:
    """The driven events of all fleets, and what is left out."""
    schema = columns.driven(account, event_id)
    parts = [driven_rows(*each, schema) for each in fleets]
    table = pa.concat_tables([schema.empty_table(), *(part for part, _ in parts)])
    return table, [left_out for _, left_out in parts if left_out]
