"""Slow, obvious twins of the kernels that look at whole groups.

Events are tuples (account, feature, time), in the order of (feature, time, account). ``ignore``: by account, 0 for the
background, 1 for a suspect, 2 for a member.
"""

from __future__ import annotations

import math
from collections import defaultdict

from scipy.stats import poisson

from tests.kernels.pair_twins import OPEN, log_tail
from tests.kernels.twins import answers, bin_of, binomial_sum_tail

N_BINS = 8


def near(one, other, window):
    return one[1] == other[1] and abs(one[2] - other[2]) <= window


def partners(events, chosen, inside, window, counts, cap, avoid=None, persons=None):
    """For each chosen event, how many accounts of the group were with it: 0, 1, or 2 for more."""
    found = []
    for i in chosen:
        with_it = set()
        for j in inside:
            avoided = avoid is not None and avoid[i] >= 0 and avoid[i] == avoid[j]
            avoided = avoided or answers(events, persons, i, j)
            crowded = counts[i] > cap or counts[j] > cap
            other = events[j][0] != events[i][0]
            if near(events[i], events[j], window) and other and not avoided and not crowded:
                with_it.add(events[j][0])
        found.append(min(2, len(with_it)))
    return found


def crowd(events, ignore, window, i):
    """Background events within the window of an event, its own account's left out."""
    return sum(1 for e in events if ignore[e[0]] == 0 and e[0] != events[i][0] and near(e, events[i], window))


def density_of_background(events, ignore, window, i):
    """Background events other than this one within the window of it."""
    return sum(1 for j, e in enumerate(events) if j != i and ignore[e[0]] == 0 and near(e, events[i], window))


def covered(events, class_of, ignore, window, hits):
    """{(class, bin): background events near the hits}, and the accounts of events near them that are no member's."""
    by_bin, accounts = defaultdict(int), []
    for i, e in enumerate(events):
        if not any(near(e, events[h], window) for h in hits):
            continue
        if ignore[e[0]] == 0:
            by_bin[class_of[i], bin_of(density_of_background(events, ignore, window, i))] += 1
        if ignore[e[0]] < 2:
            accounts.append(e[0])
    return dict(by_bin), sorted(accounts)


def reach(events, class_of, window, hits):
    """{class: length of time near the hits}: overlapping windows of one feature count once, for their first hit."""
    lengths, until, of = defaultdict(int), {}, {}
    for h in hits:
        _, f, t = events[h]
        begin = t - window
        if begin <= until.get(f, -math.inf):
            begin = until[f]
        else:
            of[f] = class_of[h]
        lengths[of[f]] += t + window - begin
        until[f] = t + window
    return dict(lengths)


def units(hits, least):
    """{unit: lowest bin} of hits (unit, crowd, partners) that count."""
    lowest = {}
    for unit, others, n_partners in hits:
        if n_partners >= least:
            lowest[unit] = min(lowest.get(unit, 99), bin_of(others))
    return lowest


def member_test(hits, own, near_group, background, prior, least):
    """(log p, features, expected). ``own``: {class: the account's events}; ``near_group``: classes x bins."""
    lowest = units(hits, least)
    seen = [sum(1 for b in lowest.values() if b == z) for z in range(N_BINS)]
    rates = [
        sum(n * near_group[c][z] / (max(background[c], 0) + 1) for c, n in own.items()) for z in range(N_BINS)
    ]
    rates[0] += sum(n * prior[c] / (max(background[c], 0) + 1) for c, n in own.items())
    for z in range(N_BINS - 1, 0, -1):  # of what nothing is known, the next lower bin tells
        if rates[z] == 0:
            seen[z - 1] += seen[z]
            seen[z] = 0
    if not any(rates[1:]):
        log_p = float(poisson.logsf(seen[0] - 1, rates[0])) if seen[0] else 0.0
        return log_p, len(lowest), sum(rates)
    total = sum(own.values())
    weights = [math.log1p(0.1 * total / (rate + 1e-9)) for rate in rates]
    return log_tail(seen, rates, [OPEN] * N_BINS, weights), len(lowest), sum(rates)


def lag_trials(events, chosen, group, ignore, window, horizon, typical):
    """{event: (moment, chance, birth, has_audience)} for each chosen event that others of the group act with."""
    found = {}
    for i in chosen:
        account, f, t = events[i]
        others = [events[j] for j in group if events[j][1] == f and events[j][0] != account]
        within = [e[2] for e in others if abs(e[2] - t) <= horizon]
        if not within:
            continue
        crowds = {at: sum(1 for e in others if abs(e[2] - at) <= window) for at in within}
        moment = min(at for at in within if crowds[at] == max(crowds.values()))
        background = [e for e in events if e[1] == f and ignore[e[0]] == 0 and e[0] != account]
        n_near = sum(1 for e in background if abs(e[2] - moment) <= window)
        n_far = sum(1 for e in background if abs(e[2] - moment) <= horizon)
        birth = min(e[2] for e in events if e[1] == f)
        found[i] = (moment, (n_near + 2 * typical) / (n_far + 2), birth, n_far >= 2)
    return found


def member_lags(trials, window, typical):
    """(log p, trials, successes) of one account. Trials: (feature, time, moment, chance, birth, has_audience)."""
    ages = [(f, t - birth) for f, t, _, _, birth, known in trials if known]
    chances, n_near = [], 0
    for f in sorted({trial[0] for trial in trials}):
        here = [trial for trial in trials if trial[0] == f]
        _, t, moment, chance, birth, known = min(here, key=lambda trial: abs(trial[1] - trial[2]))
        success = abs(t - moment) <= window
        chance = 1 - math.prod(1 - min(1.0, trial[3]) for trial in here)
        if known:
            others = list(ages)
            others.remove((f, t - birth))
            habit = sum(1 for _, age in others if abs(age - (moment - birth)) <= window)
            chance = max(chance, (habit + 2 * typical) / (len(others) + 2))
        chances.append(min(1.0, chance))
        n_near += success
    p = binomial_sum_tail(n_near, chances)
    return math.log(p) if p > 0 else -745.0, len(chances), n_near
