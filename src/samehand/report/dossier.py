"""One dossier a fleet: its rows of every table, as the charts and pages need them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from samehand.run_folder import RunTables

Order = list[tuple[str, Literal["ascending", "descending"]]]
MEMBER_ORDER: Final[Order] = [("bits", "descending"), ("account", "ascending")]
"""Members are numbered in this order."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """One row of the table of fleets; see ``columns.FLEETS``."""

    fleet_id: str
    reported: bool
    n_accounts: int
    n_events: int
    n_coactions: int
    first_time: datetime
    last_time: datetime
    score_bits: float
    q_value: float | None
    chance_count: float | None
    coordination: float | None
    inauthenticity: float | None
    layers: tuple[str, ...]
    scale_us: int | None
    stability: float | None
    carrying_scales_us: tuple[int, ...]
    behaviours: tuple[str, ...]
    innocent: str | None
    innocent_weight: float | None
    n_known_banned: int | None
    """None, as the next: not told, or a run of an older samehand."""
    n_known_cleared: int | None
    summary: str | None
    n_part_time: int | None
    posterior: float | None
    """None: a run of an older samehand."""

    @property
    def share_together(self) -> float:
        """Share of the members' events that they made together."""
        return self.n_coactions / self.n_events if self.n_events else 0.0


@dataclass(frozen=True, kw_only=True)
class FleetEvents:
    """The events of the members, in order of time; an array an attribute, an element an event."""

    time_us: Ints
    member: Ints
    """Number of the account among the members of the dossier."""
    coaction: Bools
    driven: Bools
    """In a run of an older samehand, which knows of none, those that were made together."""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Pairs of members that are linked, the strongest first."""

    a: Ints
    b: Ints
    """Numbers of the two accounts among the members of the dossier."""
    bits: Floats
    """The best scale of each layer, summed over the layers."""


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """All that a run holds on one fleet. Rows are ordered by weight: the most telling first."""

    fleet: Fleet
    members: pa.Table
    evidence: pa.Table
    explanations: pa.Table
    events: FleetEvents
    event_rows: pa.Table
    """The rows of ``member_events`` behind ``events``, in the same order."""
    links: Links
    took_part: tuple[tuple[int, ...], ...]
    """A member each: numbers, from 0, of the rows of evidence that one of its events is part of."""
    stability: pa.Table
    """The layer that carries the fleet first; empty where an older version made the run."""
    behaviours: pa.Table
    """In the order of the run; empty likewise."""
    layer_bits: pa.Table
    """The same."""


def read_fleets(fleets: pa.Table) -> tuple[Fleet, ...]:
    """Give the rows of the table of fleets in their order, which is the ranking."""
    return tuple(Fleet(**_row(row)) for row in fleets.to_pylist())


def _row(row: dict[str, Any]) -> dict[str, Any]:
    known = {name: row[name] for name in Fleet.__dataclass_fields__}
    return known | {name: tuple(known[name] or ()) for name in ("layers", "behaviours", "carrying_scales_us")}


def open_dossiers(
    tables: RunTables, fleets: tuple[Fleet, ...], links: Sequence[Links] | None = None
) -> Iterator[Dossier]:
    """Yield a dossier for each of ``fleets``, in their order. Rows of other fleets are not touched.

    ``links``: what ``links_by_fleet`` gave for them, where it was asked before; None: it is asked now.
    """
    ids = pa.array([fleet.fleet_id for fleet in fleets], pa.string())
    members = _grouped(tables.members, ids, MEMBER_ORDER)
    evidence = _grouped(
        tables.evidence, ids, [("bits", "descending"), ("first_time", "ascending"), ("feature", "ascending")]
    )
    explanations = _grouped(
        tables.explanations, ids, [("weight", "descending"), ("explanation", "ascending")]
    )
    events = _grouped(tables.member_events, ids, [("time", "ascending"), ("account", "ascending")])
    driven = _grouped(tables.driven, ids, [("event_id", "ascending"), ("account", "ascending")])
    links = _links_by_fleet(tables.edges, members) if links is None else links
    stability = _grouped(
        tables.stability,
        ids,
        [("carries", "descending"), ("layer", "ascending"), ("scale_us", "ascending"), ("cut", "descending")],
    )
    behaviours = _grouped(tables.behaviours, ids, [("share", "descending"), ("behaviour", "ascending")])
    layer_bits = _grouped(tables.layer_bits, ids, [])
    for number, fleet in enumerate(fleets):
        mine, rows = members[number], events[number]
        member = _positions(rows["account"], mine["account"])
        found = evidence[number]
        yield Dossier(
            fleet=fleet,
            members=mine,
            evidence=found,
            explanations=explanations[number],
            events=FleetEvents(
                time_us=rows["time"].cast(pa.int64()).to_numpy(),
                member=member,
                coaction=rows["coaction"].to_numpy(),
                driven=_driven(rows, member, mine, driven[number]),
            ),
            event_rows=rows,
            links=links[number],
            took_part=_took_part(found, rows["event_id"], member, mine.num_rows),
            stability=stability[number],
            behaviours=behaviours[number],
            layer_bits=layer_bits[number],
        )


def links_by_fleet(tables: RunTables, fleets: tuple[Fleet, ...]) -> list[Links]:
    """Give the links inside each of ``fleets``, in their order."""
    ids = pa.array([fleet.fleet_id for fleet in fleets], pa.string())
    return _links_by_fleet(tables.edges, _grouped(tables.members, ids, MEMBER_ORDER))


def _grouped(table: pa.Table, ids: pa.StringArray, order: Order) -> list[pa.Table]:
    """Cut ``table`` into one table a fleet of ``ids``, each in ``order``."""
    code = pc.index_in(table["fleet_id"], value_set=ids)
    table = table.append_column("_fleet", code).filter(pc.is_valid(code))
    table = table.sort_by([("_fleet", "ascending"), *order])
    starts = np.searchsorted(table["_fleet"].to_numpy(), np.arange(len(ids) + 1))
    table = table.drop_columns("_fleet").combine_chunks()
    return [table.slice(start, end - start) for start, end in pairwise(starts.tolist())]


def _positions(values: pa.ChunkedArray[Any], of: pa.ChunkedArray[Any]) -> Ints:
    """Give the row of ``of`` that each value stands in; -1 where in none."""
    found = pc.index_in(values, value_set=of.combine_chunks())
    return np.asarray(found.fill_null(-1).to_numpy(), dtype=np.int64)


def _driven(rows: pa.Table, member: Ints, members: pa.Table, driven: pa.Table) -> Bools:
    """Which events were driven: those of an id and an account, for ids need not differ between accounts."""
    if members["n_driven"].null_count == members.num_rows:
        return np.asarray(rows["coaction"].to_numpy(), dtype=np.bool_)
    ids, n = driven["event_id"].unique(), members.num_rows + 1
    known = pc.index_in(driven["event_id"], value_set=ids).to_numpy() * n + _positions(
        driven["account"], members["account"]
    )
    asked = pc.index_in(rows["event_id"], value_set=ids).fill_null(-1).to_numpy() * n + member
    return np.isin(asked, known)


def _links_by_fleet(edges: pa.Table, members: list[pa.Table]) -> list[Links]:
    """Find the edges inside each fleet and make one link of all the edges of a pair."""
    sizes = [table.num_rows for table in members]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if not members or not edges.num_rows:
        return [_empty_links() for _ in members]
    accounts = pa.chunked_array(
        [chunk for table in members for chunk in table["account"].chunks], edges["account_a"].type
    )
    a, b = _positions(edges["account_a"], accounts), _positions(edges["account_b"], accounts)
    fleet_a = np.searchsorted(starts, a, side="right") - 1
    fleet_b = np.searchsorted(starts, b, side="right") - 1
    inside = np.flatnonzero((a >= 0) & (b >= 0) & (fleet_a == fleet_b))
    low, high = np.minimum(a, b)[inside], np.maximum(a, b)[inside]
    layer = edges["layer"].combine_chunks().dictionary_encode().indices.to_numpy()[inside]
    low, high, bits = _best_of_layers(low, high, layer, edges["bits"].to_numpy()[inside])
    order = np.lexsort((high, low, -bits, np.searchsorted(starts, low, side="right")))
    low, high, bits = low[order], high[order], bits[order]
    ends = np.searchsorted(np.searchsorted(starts, low, side="right") - 1, np.arange(len(members) + 1))
    return [
        Links(a=low[i:j] - start, b=high[i:j] - start, bits=bits[i:j])
        for start, i, j in zip(starts, ends[:-1], ends[1:], strict=False)
    ]


def _best_of_layers(low: Ints, high: Ints, layer: Ints, bits: Floats) -> tuple[Ints, Ints, Floats]:
    """Keep the best scale of each pair and layer, then add the layers of a pair up."""
    if not len(low):
        return low, high, bits
    order = np.lexsort((layer, high, low))
    low, high, layer, bits = low[order], high[order], layer[order], bits[order]
    new_pair = np.flatnonzero(np.diff(low, prepend=-1) | np.diff(high, prepend=-1))
    changes = np.diff(layer, prepend=-1) != 0
    changes[new_pair] = True
    new_layer = np.flatnonzero(changes)
    best = np.maximum.reduceat(bits, new_layer)
    total = np.add.reduceat(best, np.searchsorted(new_layer, new_pair))
    return low[new_pair], high[new_pair], total


def _empty_links() -> Links:
    none = np.zeros(0, np.int64)
    return Links(a=none, b=none, bits=np.zeros(0))


def _took_part(
    evidence: pa.Table, event_id: pa.ChunkedArray[Any], member: Ints, n_members: int
) -> tuple[tuple[int, ...], ...]:
    """For every member, the rows of evidence that hold one of its events."""
    lists = evidence["event_ids"].combine_chunks()
    row = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    position = _positions(pa.chunked_array([pc.list_flatten(lists)]), event_id)
    known = position >= 0
    who, row = member[position[known]], row[known]
    pairs = np.unique(np.stack([who, row]), axis=1)
    cuts = np.searchsorted(pairs[0], np.arange(n_members + 1))
    return tuple(tuple(pairs[1, i:j].tolist()) for i, j in pairwise(cuts.tolist()))
