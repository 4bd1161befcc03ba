"""Two fleets side by side: their figures, what both used or acted on, and the links between their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.cases.model import Case
from samehand.report.dossier import Dossier, Fleet
from samehand.web.grouped import places
from samehand.web.runs import RunIndex
from samehand.web.values import KINDS

MOST_SHARED: Final = 15
Side = tuple[RunIndex, Case, Dossier]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A target, device or address that both fleets have, and the members of each that have it."""

    value: str
    n_accounts: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What two fleets have in common."""

    fleets: tuple[Fleet, Fleet]
    in_both: Sequence[str]
    """Accounts that are members of both, as happens between runs."""
    shared: Mapping[str, Sequence[Shared]]
    """The most shared values of each kind that the log has."""
    n_shared: Mapping[str, int]
    n_of: Mapping[str, tuple[int, int]]
    """Distinct values of each fleet."""
    n_linked: int | None
    """Pairs of a member of the one and a member of the other that are linked; None: they are of different runs."""
    strongest: Mapping[str, Any] | None
    """The strongest of these links, a row of edges."""


def compare_fleets(one: Side, other: Side) -> Comparison:
    """Compare the fleets of two cases."""
    both = [kind for kind in KINDS if kind in one[0].values and kind in other[0].values]
    found = {kind: _shared(one, other, kind) for kind in both}
    accounts = [{member.account for member in side[1].members if not member.removed} for side in (one, other)]
    n_linked, strongest = _links(one, other)
    return Comparison(
        fleets=(one[2].fleet, other[2].fleet),
        in_both=sorted(accounts[0] & accounts[1]) if one[1].lead.case_id != other[1].lead.case_id else (),
        shared={kind: shared for kind, (shared, _, _) in found.items()},
        n_shared={kind: n for kind, (_, n, _) in found.items()},
        n_of={kind: sizes for kind, (_, _, sizes) in found.items()},
        n_linked=n_linked,
        strongest=strongest,
    )


def _shared(one: Side, other: Side, kind: str) -> tuple[list[Shared], int, tuple[int, int]]:
    """Give the most shared values, how many are shared, and how many each fleet has."""
    mine, theirs = one[0].values[kind], other[0].values[kind]
    value, n = mine.accounts_of_fleet(_fleet(one))
    other_value, other_n = theirs.accounts_of_fleet(_fleet(other))
    if mine is theirs:
        _, here, there = np.intersect1d(value, other_value, assume_unique=True, return_indices=True)
    else:
        found = places(theirs.values.take(other_value), mine.values.take(value))
        there = np.flatnonzero(found >= 0)
        here = found[there]
    counts = np.stack([n[here], other_n[there]])
    ranked = pa.table(
        {"value": mine.values.take(value[here]), "least": counts.min(axis=0), "most": counts.max(axis=0)}
        | {"one": counts[0], "other": counts[1]}
    ).sort_by([("least", "descending"), ("most", "descending"), ("value", "ascending")])
    shared = [
        Shared(value=row["value"], n_accounts=(row["one"], row["other"]))
        for row in ranked.slice(0, MOST_SHARED).to_pylist()
    ]
    return shared, len(here), (len(value), len(other_value))


def _fleet(side: Side) -> int:
    return side[0].fleet_number(side[1].lead.fleet_id)


def _links(one: Side, other: Side) -> tuple[int | None, Mapping[str, Any] | None]:
    if one[1].lead.run_id != other[1].lead.run_id:
        return None, None
    run = one[0]
    mine, theirs = _fleet(one), _fleet(other)
    members, others, edges = run.links_out(mine)
    here = np.flatnonzero(run.fleet_of[others] == theirs)
    if not len(here):
        return 0, None
    pairs = len(np.unique(np.stack([members[here], others[here]]), axis=1).T)
    return pairs, edges.take(here).sort_by([("bits", "descending")]).slice(0, 1).to_pylist()[0]
