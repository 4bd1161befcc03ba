"""Slow, obvious twins of the kernels that look at pairs of accounts.

Events are tuples (account, feature, time). ``suspects`` are pairs of accounts that are no background for each other.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

from tests.kernels.twins import answers, bin_of, binomial_sum_tail, shares_rarer

N_BINS = 8
OPEN = 1e9
"""Of so many trials a sum is as good as Poisson."""


def partners_in_crime(suspects):
    """{account: the accounts that it is suspected with}."""
    theirs = defaultdict(set)
    for a, b in suspects:
        theirs[a].add(b)
        theirs[b].add(a)
    return theirs


def density_without(events, window, suspects):
    """Density of each event, its account's suspects left out."""
    theirs = partners_in_crime(suspects)
    return [
        sum(1 for b, g, u in events if b != a and b not in theirs[a] and g == f and abs(u - t) <= window)
        for a, f, t in events
    ]


def shared_units(
    events, pair, window, counts, *, original, cap, avoid=None, occasion=0, posts=None, persons=None
):
    """{unit: lowest bin} of what two accounts did together."""
    units = {}
    for i, (a, f, t) in enumerate(events):
        for j, (b, g, u) in enumerate(events):
            if (a, b) != pair or f != g or abs(t - u) > window or max(original[i], original[j]) > cap:
                continue
            if avoid is not None and avoid[i] >= 0 and avoid[i] == avoid[j]:
                continue
            if shares_rarer(events, posts, i, j) or answers(events, persons, i, j):
                continue
            unit = (f, min(t, u) // occasion) if occasion else f
            units[unit] = min(units.get(unit, 99), bin_of(max(counts[i], counts[j])))
    return units


def by_bin(units):
    return [sum(1 for b in units.values() if b == z) for z in range(N_BINS)]


def class_sums(events, class_of, counts, cap):
    """{account: {class: (events, summed densities by bin, number of them by bin)}}."""
    sums = defaultdict(dict)
    for (account, _, _), c, count in zip(events, class_of, counts, strict=True):
        n, mass, number = sums[account].get(c, (0, [0.0] * N_BINS, [0.0] * N_BINS))
        if count <= cap:
            mass[bin_of(count)] += count
            number[bin_of(count)] += 1
        sums[account][c] = (n + 1, mass, number)
    return sums


def background(sums, totals, suspects):
    """{(account, class): events of the class that are neither its own nor its suspects'}."""
    theirs = partners_in_crime(suspects)
    return {
        (account, c): totals[c] - n - sum(sums[s][c][0] for s in theirs[account] if c in sums.get(s, {}))
        for account, classes in sums.items()
        for c, (n, _, _) in classes.items()
    }


def cumulant(theta, rates, trials, weights):
    """log E exp(theta * sum of weights * X); X as in ``log_tail``."""
    total = 0.0
    for r, n, w in zip(rates, trials, weights, strict=True):
        if r > 0:
            none, hit, x = math.exp(-r / n), -math.expm1(-r / n), theta * w
            total += n * (
                math.log1p(hit * math.expm1(x)) if x < 600 else x + math.log(hit + none * math.exp(-x))
            )
    return total


def log_tail(seen, rates, trials, weights):
    """Chernoff's bound on P(sum of weights * X >= what was seen), by cutting an interval for theta in three.

    X of a bin: of so many trials, those that have a meeting or more, where the rate is that of meetings.
    """
    x = sum(w * k for w, k in zip(weights, seen, strict=True))
    if x <= sum(w * r for w, r in zip(weights, rates, strict=True)):
        return 0.0
    possible = [i for i, (w, r) in enumerate(zip(weights, rates, strict=True)) if w > 0 and r > 0]
    if not possible:
        return -745.0
    if x > (1 + 1e-9) * sum(weights[i] * trials[i] for i in possible):
        trials = [OPEN] * len(trials)

    def bound(theta):
        return cumulant(theta, rates, trials, weights) - theta * x

    low, high = 0.0, 1.0
    while bound(2 * high) < bound(high) and high < 1e6:
        high *= 2
    high *= 2
    for _ in range(300):
        third = (high - low) / 3
        low, high = (low, high - third) if bound(low + third) < bound(high - third) else (low + third, high)
    return min(0.0, bound((low + high) / 2))


def count_trials(numbers, rates):
    """Events that are expected to have these meetings count for more trials where chances are small."""
    return [n + 0.1 * n * n / r if r > 0 else n for n, r in zip(numbers, rates, strict=True)]


def worth(rate, n_events):
    """Nats of a co-action: a pair moved by one hand shares a tenth of what it does."""
    return math.log1p(0.1 / (rate * n_events + 1e-12))


def local_test(pair, seen, mass, n_events, total, *, per_event=1):
    """(log p, expected): the larger of the two directions.

    ``mass``: {account: summed densities by bin, then numbers of events by bin}.
    """
    busier = max(n_events[a] for a in pair)
    weights = [worth(4.0**z * 0.5 / total, busier) for z in range(N_BINS)]
    answers = []
    for one, other in (pair, pair[::-1]):
        rates = [m * n_events[other] / total for m in mass[one][:N_BINS]]
        trials = count_trials([per_event * n for n in mass[one][N_BINS:]], rates)
        answers.append((log_tail(seen, rates, trials, weights), sum(rates)))
    return max(p for p, _ in answers), max(e for _, e in answers)


def class_test(pair, seen, sums, around, prior, *, per_event=1):
    """(log p, expected) against the two accounts' own classes of events. ``around``: from ``background``."""
    answers = []
    for one, other in (pair, pair[::-1]):
        common = sums[one].keys() & sums[other].keys()
        rates = [0.0] * N_BINS
        n_common = sum(sums[other][c][0] for c in common)
        n_around = sum(sums[other][c][0] * (max(around[one, c], 0) + 1) for c in common)
        for c in common:
            _, mass, number = sums[one][c]
            for z in range(N_BINS):
                near = mass[z] + prior * number[z]
                rates[z] += sums[other][c][0] * near / (max(around[one, c], 0) + 1)
        typical = [prior, *(4.0**z * 0.5 for z in range(1, N_BINS))]
        weights = [worth(t * n_common / max(n_around, 1), n_common) for t in typical]
        numbers = [per_event * sum(n[z] for _, _, n in sums[one].values()) for z in range(N_BINS)]
        trials = count_trials(numbers, rates)
        answers.append((log_tail(seen, rates, trials, weights) if common else 0.0, sum(rates)))
    return max(p for p, _ in answers), max(e for _, e in answers)


def lag_trials(events, pair, horizon, near, far, typical, posts=None):
    """For each feature that both act on within the horizon: (smallest lag, chances of the meetings with that lag).

    The chance is None where the posts of a meeting share a rarer feature: then it is no trial.
    """
    meetings = defaultdict(list)
    for i, (a, f, t) in enumerate(events):
        for j, (b, g, u) in enumerate(events):
            if (a, b) == pair and f == g and abs(t - u) <= horizon:
                chance = max((near[x] + typical) / (far[x] + 1) for x in (i, j))
                meetings[f].append((abs(t - u), None if shares_rarer(events, posts, i, j) else chance))
    trials = []
    for found in meetings.values():
        least = min(lag for lag, _ in found)
        n = len(found)  # the smallest of so many lags
        closest = [chance for lag, chance in found if lag == least]
        chances = [None if c is None else 1 - (1 - min(1.0, c)) ** n for c in closest]
        trials.append((least, sorted(set(chances), key=str)))
    return trials


def log_lag_p_values(trials, window):
    """The smallest and the largest p-value (logs) that the choice among equally close meetings allows."""
    lags = [lag for lag, _ in trials]
    values = []
    for choice in itertools.product(*(chances for _, chances in trials)):
        n_near = sum(lag <= window for lag, chance in zip(lags, choice, strict=True) if chance is not None)
        p = binomial_sum_tail(n_near, [chance for chance in choice if chance is not None])
        values.append(math.log(p) if p > 0 else -745.0)
    return min(values), max(values)
