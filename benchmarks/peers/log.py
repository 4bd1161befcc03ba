"""What a peer sees of a log, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


@dataclass(frozen=True)
class Group:
    """Accounts that a peer takes for one."""

    accounts: tuple[str, ...]
    score: float
    """The larger, the surer; what it is depends on the peer."""


@dataclass(frozen=True)
class Log:
    """Events with a target as numbers, in order of feature, time and account. Codes are places in order of names."""

    account: Ints
    feature: Ints
    """Of an action on a target."""
    action: Ints
    target: Ints
    time_us: Ints
    """Since the first of these events."""
    names: tuple[str, ...]
    """Of the accounts."""

    def __len__(self) -> int:
        return len(self.account)

    def group(self, accounts: Ints, score: float) -> Group:
        """Name the accounts of a group."""
        return Group(tuple(self.names[account] for account in np.unique(accounts)), float(score))


def read_log(events: pa.Table) -> Log:
    """Code the events that have a target.

    Args:
        events: Columns time, account, action, target; others are not looked at.

    Returns:
        The same for the same events in any order.
    """
    events = events.filter(pc.is_valid(events["target"]))
    account, names = _coded(events["account"])
    action, _ = _coded(events["action"])
    target, targets = _coded(events["target"])
    time_us = events["time"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    time_us = time_us - (time_us.min() if len(time_us) else 0)
    _, feature = np.unique(action * max(len(targets), 1) + target, return_inverse=True)
    order = np.lexsort((account, time_us, feature))
    return Log(
        account=account[order],
        feature=feature[order],
        action=action[order],
        target=target[order],
        time_us=time_us[order],
        names=names,
    )


def _coded(column: pa.ChunkedArray) -> tuple[Ints, tuple[str, ...]]:
    values, codes = np.unique(column.cast(pa.string()).to_numpy().astype(str), return_inverse=True)
    return codes.astype(np.int64), tuple(values.tolist())


def join(n_accounts: int, first: Ints, second: Ints) -> list[Ints]:
    """Give the connected components of edges between accounts, those of one account left out."""
    graph = coo_matrix((np.ones(len(first), np.int8), (first, second)), (n_accounts, n_accounts))
    _, component = connected_components(graph, directed=False)
    order = np.argsort(component, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(component[order])) + 1)
    return [part for part in parts if len(part) > 1]


def one_group_each(groups: Sequence[Group], least: int) -> list[Group]:
    """Leave each account in the first group that has it, by score, and drop groups that are then too small.

    >>> few = one_group_each([Group(("a", "b", "c"), 1.0), Group(("c", "d"), 2.0)], least=2)
    >>> [group.accounts for group in few]
    [('c', 'd'), ('a', 'b')]
    """
    taken: set[str] = set()
    kept = []
    for group in sorted(groups, key=lambda group: (-group.score, group.accounts)):
        left = tuple(account for account in group.accounts if account not in taken)
        if len(left) >= least:
            kept.append(Group(left, group.score))
            taken.update(left)
    return kept
