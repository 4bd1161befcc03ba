"""CopyCatch: accounts that act on the same few targets within the same short times, by local search.

Beutel, Xu, Guruswami, Palow and Faloutsos, "CopyCatch: Stopping Group Attacks by Spotting Lockstep Behavior in Social
Networks", WWW 2013.

Published: a temporally coherent near-bipartite core has at least n accounts and m targets, and a time for each target,
such that each account acted on at least rho m of them at most delta_t from their times. The search holds m targets
with a time each and raises the number of actions that lie within the windows, summed over accounts with at least
rho m of them: times are moved (a window of 2 delta_t that slides), then targets are exchanged, until nothing changes.
No step lowers the sum, so it ends, at a local optimum. It begins at many seeds.

Ours, since we know of no published defaults: n, m, rho and delta_t; the seeds (random targets in their busiest
window, with those m - 1 others on which the accounts of that window act together most); an account's first action on
a target counts, the target being told by the action too; each target and time is moved to the best there is with the
others fixed, which is both of the paper's steps, exact instead of by its relaxed window; and cores that share half of
the smaller one's accounts are one group.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from peers.log import SECOND_US, Floats, Group, Ints, Log, join


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may be set."""

    n_accounts: int = 5
    """n: the least accounts of a core."""
    n_targets: int = 4
    """m: the targets of a core."""
    rho: float = 0.75
    """The share of them that each account needs."""
    delta_s: float = 1_800.0
    """delta_t: the most that an action may be from its target's time; the window is twice as wide."""
    n_seeds: int = 200
    """Seeds that are tried."""
    seed: int = 0
    """Of the random choice of seeds."""

    @property
    def n_needed(self) -> int:
        """The least whole number of targets that is rho m."""
        return int(np.ceil(self.rho * self.n_targets - 1e-9))


@dataclass(frozen=True)
class Core:
    """A core: its accounts, its targets, and the time of each target."""

    accounts: Ints
    features: Ints
    center_us: Ints
    value: int
    """Actions within the windows, of accounts with enough of them."""


@dataclass(frozen=True)
class Firsts:
    """The first action of each account on each feature, by feature and time."""

    account: Ints
    feature: Ints
    time_us: Ints
    n_accounts: int
    width_us: int

    @cached_property
    def key(self) -> Ints:
        """Feature and time as one ascending number."""
        return self.feature * (int(self.time_us.max(initial=0)) + self.width_us + 1) + self.time_us

    def windows(self, gain: Floats) -> tuple[Ints, Floats]:
        """Give the rows of accounts with a gain, and the sum of gains in the window that begins with each."""
        rows = np.flatnonzero(gain[self.account] > 0)
        key = self.key[rows]
        end = np.searchsorted(key, key + self.width_us, side="right")
        before = np.concatenate([[0.0], np.cumsum(gain[self.account[rows]])])
        return rows, before[end] - before[:-1]

    def covered(self, row: int) -> Ints:
        """Tell for each account (1 or 0) whether it is in the window that begins with a row."""
        here = np.zeros(self.n_accounts, np.int64)
        here[self.account[row : np.searchsorted(self.key, self.key[row] + self.width_us, side="right")]] = 1
        return here


def find(log: Log, settings: Settings | None = None) -> list[Group]:
    """Find cores from many seeds, and join those that overlap.

    Returns:
        Groups, of which several may hold one account; the score is the value of the best core.
    """
    settings = settings or Settings()
    firsts = first_actions(log, settings)
    cores = [search(firsts, rows, settings) for rows in seeds(firsts, settings)]
    good = [core for core in cores if len(core.accounts) >= settings.n_accounts]
    return [log.group(accounts, value) for accounts, value in _merge(good)]


def first_actions(log: Log, settings: Settings) -> Firsts:
    """Keep the first action of each account on each feature."""
    _, first = np.unique(log.feature * max(len(log.names), 1) + log.account, return_index=True)
    rows = np.sort(first)  # the log is in order of feature and time
    width_us = int(2 * settings.delta_s * SECOND_US)
    return Firsts(log.account[rows], log.feature[rows], log.time_us[rows], len(log.names), width_us)


def seeds(firsts: Firsts, settings: Settings) -> list[list[int]]:
    """Choose seeds: for each, the rows at which the windows of m features begin."""
    rows, crowd = _best_of_each(firsts, np.ones(firsts.n_accounts))
    begins = rows[crowd >= settings.n_accounts]
    rng = np.random.default_rng(settings.seed)
    found = []
    for row in np.sort(rng.permutation(begins)[: settings.n_seeds]):
        others, sums = _best_of_each(firsts, firsts.covered(row).astype(float))
        order = np.argsort(-sums, kind="stable")
        others = others[order][firsts.feature[others[order]] != firsts.feature[row]]
        if len(others) >= settings.n_targets - 1:
            found.append([int(row), *others[: settings.n_targets - 1].tolist()])
    return found


def _best_of_each(firsts: Firsts, gain: Floats) -> tuple[Ints, Floats]:
    """Give the row at which the best window of each feature begins, the first of equals, and its sum."""
    rows, sums = firsts.windows(gain)
    order = np.lexsort((-sums, firsts.feature[rows]))
    _, first = np.unique(firsts.feature[rows[order]], return_index=True)
    return rows[order[first]], sums[order[first]]


def search(firsts: Firsts, rows: list[int], settings: Settings) -> Core:
    """Improve a choice of windows until none of them can be moved to a better place.

    Args:
        firsts: The actions.
        rows: Where the windows of m different features begin.
        settings: What may be set.
    """
    rows = list(rows)
    inside = np.array([firsts.covered(row) for row in rows])
    moved = True
    while moved:
        moved = False
        for exchange in (False, True):  # first the times, then the targets
            for place, row in enumerate(rows):
                others = inside.sum(axis=0) - inside[place]
                gain = (_value(others + 1, settings) - _value(others, settings)).astype(float)
                starts, sums = firsts.windows(gain)
                feature = firsts.feature[starts]
                taken = np.isin(feature, firsts.feature[np.delete(rows, place)])
                sums = np.where(~taken if exchange else feature == firsts.feature[row], sums, 0.0)
                if sums.max(initial=0.0) > gain[inside[place] == 1].sum() + 0.5:
                    rows[place] = int(starts[np.argmax(sums)])
                    inside[place], moved = firsts.covered(rows[place]), True
    return _core(firsts, rows, inside, settings)


def _value(n_inside: Ints, settings: Settings) -> Ints:
    """What an account is worth: its actions within the windows, if they are enough."""
    return np.where(n_inside >= settings.n_needed, n_inside, 0)


def _core(firsts: Firsts, rows: list[int], inside: Ints, settings: Settings) -> Core:
    n_inside = inside.sum(axis=0)
    starts = np.array(rows)[np.argsort(firsts.feature[rows], kind="stable")]
    return Core(
        accounts=np.flatnonzero(n_inside >= settings.n_needed),
        features=firsts.feature[starts],
        center_us=firsts.time_us[starts] + firsts.width_us // 2,
        value=int(_value(n_inside, settings).sum()),
    )


def _merge(cores: list[Core]) -> list[tuple[Ints, int]]:
    """Join cores that share half of the smaller one's accounts."""
    distinct = list({core.accounts.tobytes(): core for core in cores}.values())
    pairs = [
        (a, b)
        for b in range(len(distinct))
        for a in range(b)
        if 2 * len(np.intersect1d(distinct[a].accounts, distinct[b].accounts))
        >= min(len(distinct[a].accounts), len(distinct[b].accounts))
    ]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    joined = join(len(distinct), first, second)
    alone = np.setdiff1d(np.arange(len(distinct)), np.concatenate([np.empty(0, np.int64), *joined]))
    parts = [*joined, *([place] for place in alone)]
    return [
        (
            np.unique(np.concatenate([distinct[place].accounts for place in part])),
            max(distinct[place].value for place in part),
        )
        for part in parts
    ]
