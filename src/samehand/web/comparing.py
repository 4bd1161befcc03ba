"""Two fleets side by side: their figures, what both used or acted on, and the links between their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.cases.model import Case
from samehand.report.dossier import Dossier, Fleet
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
    found = {kind: _shared(one[2], other[2], kind) for kind in KINDS if _both_have(one[2], other[2], kind)}
    accounts = [{member.account for member in side[1].members if not member.removed} for side in (one, other)]
    n_linked, strongest = _links(one, other)
    return Comparison(
        fleets=(one[2].fleet, other[2].fleet),
        in_both=sorted(accounts[0] & accounts[1]) if one[1].lead.case_id != other[1].lead.case_id else (),
        shared={kind: shared[:MOST_SHARED] for kind, (shared, _) in found.items()},
        n_shared={kind: len(shared) for kind, (shared, _) in found.items()},
        n_of={kind: sizes for kind, (_, sizes) in found.items()},
        n_linked=n_linked,
        strongest=strongest,
    )


def _both_have(one: Dossier, other: Dossier, kind: str) -> bool:
    return all(kind in dossier.event_rows.column_names for dossier in (one, other))


def _shared(one: Dossier, other: Dossier, kind: str) -> tuple[list[Shared], tuple[int, int]]:
    counts = [_accounts_by(dossier.event_rows, kind) for dossier in (one, other)]
    both = counts[0].keys() & counts[1].keys()
    shared = [Shared(value=value, n_accounts=(counts[0][value], counts[1][value])) for value in both]
    shared.sort(key=lambda item: (-min(item.n_accounts), -max(item.n_accounts), item.value))
    return shared, (len(counts[0]), len(counts[1]))


def _accounts_by(rows: pa.Table, kind: str) -> dict[str, int]:
    known = rows.filter(pc.is_valid(rows[kind]))
    counts = known.group_by(kind).aggregate([("account", "count_distinct")])
    return {str(row[kind]): row["account_count_distinct"] for row in counts.to_pylist()}


def _links(one: Side, other: Side) -> tuple[int | None, Mapping[str, Any] | None]:
    if one[1].lead.run_id != other[1].lead.run_id:
        return None, None
    run = one[0]
    mine, theirs = (run.fleet_number(side[1].lead.fleet_id) for side in (one, other))
    members, others, edges = run.links_out(mine)
    here = np.flatnonzero(run.fleet_of[others] == theirs)
    if not len(here):
        return 0, None
    pairs = len(np.unique(np.stack([members[here], others[here]]), axis=1).T)
    return pairs, edges.take(here).sort_by([("bits", "descending")]).slice(0, 1).to_pylist()[0]
