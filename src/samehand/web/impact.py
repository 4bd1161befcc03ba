"""What a decision would touch, said before it is taken: accounts, people's own actions, targets, neighbours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.report.dossier import Bools, Dossier
from samehand.web.grouped import Ints
from samehand.web.likeness import links_across
from samehand.web.runs import RunIndex
from samehand.web.values import ValueIndex

MOST_TARGETS: Final = 10
CANARY_SHARE: Final = 0.05
CANARY_MOST: Final = 20


@dataclass(frozen=True, kw_only=True)
class RankChange:
    """A target whose place by events changes when the fleet's driven events no longer count."""

    target: str
    before: int
    after: int
    n_events: int
    n_left: int


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """Accounts that are linked to members without being members."""

    n_accounts: int
    n_cleared: int
    """Cleared before (--known)."""
    n_explained: int
    """In candidates that an innocent cause explains."""
    n_dismissed: int
    """In cases that reviewers dismissed."""


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What acting on all present members of a fleet would touch."""

    n_accounts: int
    n_part_time: int | None
    """Members that look like real people's accounts; None: the log cannot tell."""
    n_cleared: int
    """Members that were cleared before (--known)."""
    n_driven: int | None
    n_own: int | None
    """Members' events that look like their own; None, as above: a run of an older samehand."""
    n_own_part_time: int | None
    """Those of them by part-time members."""
    targets: Sequence[RankChange]
    n_targets: int
    """Targets that have fewer events without the driven ones."""
    neighbourhood: Neighbourhood
    canary: Sequence[str]
    """A few accounts to try a measure on first."""


def weigh(
    run: RunIndex, fleet: int, dossier: Dossier, gone: Collection[str], dismissed: Collection[str]
) -> Impact:
    """Say what a measure against the members of a fleet would touch.

    Args:
        run: The run.
        fleet: Number of the fleet.
        dossier: Of the fleet.
        gone: Members that reviewers removed; they are not touched.
        dismissed: Ids of fleets of this run that reviewers dismissed.
    """
    rows = dossier.members
    names = [str(account) for account in rows["account"].to_pylist()]
    present = np.array([name not in gone for name in names], bool)
    events = np.isin(dossier.events.member, np.flatnonzero(present))
    knows_driven = rows["n_driven"].null_count < rows.num_rows
    part_time = np.array([flag is True for flag in rows["part_time"].to_pylist()], np.bool_) & present
    tells_life = rows["part_time"].null_count < rows.num_rows
    own = events & ~dossier.events.driven
    changes, n_targets = _changes(run, fleet, dossier, events & dossier.events.driven)
    return Impact(
        n_accounts=int(present.sum()),
        n_part_time=int(part_time.sum()) if tells_life else None,
        n_cleared=sum(
            known == "cleared" for known, here in zip(rows["known"].to_pylist(), present, strict=True) if here
        ),
        n_driven=int((events & dossier.events.driven).sum()) if knows_driven else None,
        n_own=int(own.sum()) if knows_driven else None,
        n_own_part_time=int((own & part_time[dossier.events.member]).sum())
        if knows_driven and tells_life
        else None,
        targets=changes,
        n_targets=n_targets,
        neighbourhood=_around(run, fleet, gone, dismissed),
        canary=canary([name for name, here in zip(names, present, strict=True) if here]),
    )


def _changes(run: RunIndex, fleet: int, dossier: Dossier, driven: Bools) -> tuple[list[RankChange], int]:
    """Give the targets whose rank changes most, and how many have fewer events."""
    index = run.values.get("target")
    if index is None:
        return [], 0
    counts = dossier.event_rows["target"].filter(pa.array(driven)).drop_null().value_counts()
    values = index.places(counts.field("values"), fleet)
    fewer = counts.field("counts").to_numpy().astype(np.int64)
    before, after = ranks_without(index, values, fewer)
    order = np.lexsort((values, -fewer, -np.abs(after - before)))[:MOST_TARGETS]
    return [
        RankChange(
            target=index.values[int(values[i])].as_py(),
            before=int(before[i]),
            after=int(after[i]),
            n_events=int(index.totals[values[i]]),
            n_left=int(index.totals[values[i]] - fewer[i]),
        )
        for i in order.tolist()
    ], len(values)


def ranks_without(index: ValueIndex, values: Ints, fewer: Ints) -> tuple[Ints, Ints]:
    """Give the ranks (1: most events) of ``values`` before and after each has ``fewer`` events."""
    old = index.totals[values]
    new = old - fewer
    before = index.n_more_than(old) + 1
    sorted_old, sorted_new = np.sort(old), np.sort(new)
    n = len(values)
    # Of the values that change, those that were above no longer count; those that stay above do.
    above_before = n - np.searchsorted(sorted_old, new, side="right")
    above_after = n - np.searchsorted(sorted_new, new, side="right")
    return before, index.n_more_than(new) - above_before + above_after + 1


def _around(run: RunIndex, fleet: int, gone: Collection[str], dismissed: Collection[str]) -> Neighbourhood:
    removed = [number for number in map(run.account, gone) if number is not None]
    pairs, _, _ = links_across(run, fleet, removed)
    others = np.unique(pairs.other)
    fleets = run.fleet_of[others]
    explained = [number for number, one in enumerate(run.fleets) if not one.reported and one.innocent_weight]
    refused = [number for number, one in enumerate(run.fleets) if one.fleet_id in dismissed]
    return Neighbourhood(
        n_accounts=len(others),
        n_cleared=run.n_known(others, "cleared"),
        n_explained=int(np.isin(fleets, explained).sum()),
        n_dismissed=int(np.isin(fleets, refused).sum()),
    )


def canary(accounts: Sequence[str]) -> tuple[str, ...]:
    """Choose a few accounts, evenly from the most to the least certain, to try a measure on first.

    >>> canary([f"a{i}" for i in range(100)])
    ('a10', 'a30', 'a50', 'a70', 'a90')
    >>> canary(["only"])
    ('only',)
    """
    n = min(max(round(len(accounts) * CANARY_SHARE), 1), CANARY_MOST, len(accounts))
    return tuple(accounts[(2 * i + 1) * len(accounts) // (2 * n)] for i in range(n))


def together(impacts: Mapping[int, Impact]) -> tuple[int, int | None, int | None]:
    """Add up accounts, part-time members and own events of several fleets."""
    part_time = [one.n_part_time for one in impacts.values()]
    own = [one.n_own for one in impacts.values()]
    return (
        sum(one.n_accounts for one in impacts.values()),
        None if None in part_time else sum(n or 0 for n in part_time),
        None if None in own else sum(n or 0 for n in own),
    )
