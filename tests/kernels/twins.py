"""Slow, obvious twins of the kernels. Plain Python over plain lists; nothing shared with what they check."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict


def density(events, window):
    """events: list of (account, feature, time)."""
    return [sum(1 for b, g, u in events if b != a and g == f and abs(u - t) <= window) for a, f, t in events]


def shares_rarer(events, posts, i, j):
    """Whether two events' posts have a feature in common that is rarer than the events' own.

    ``posts``: the post of each event, None for none; of one account each.
    """
    if posts is None or posts[i] is None or posts[j] is None:
        return False
    one, other = ({events[k][1] for k, post in enumerate(posts) if post == posts[x]} for x in (i, j))

    def rarity(f):
        return sum(g == f for _, g, _ in events), f

    return any(rarity(f) < rarity(events[i][1]) for f in (one & other) - {events[i][1]})


def answers(events, persons, i, j):
    """Whether each of two events is on the account that the other is of."""
    return persons is not None and persons[i] == events[j][0] and persons[j] == events[i][0]


def pair_units(events, window, avoid=None, occasion=0, allowed=None, posts=None, persons=None):
    """{(a, b): {unit: smallest larger-density bin}} over co-actions of different accounts."""
    counts = density(events, window)
    units = defaultdict(dict)
    for (i, (a, f, t)), (j, (b, g, u)) in itertools.combinations(enumerate(events), 2):
        if a == b or f != g or abs(t - u) > window:
            continue
        if avoid is not None and avoid[i] >= 0 and avoid[i] == avoid[j]:
            continue
        if shares_rarer(events, posts, i, j) or answers(events, persons, i, j):
            continue
        if allowed is not None and not (counts[i] <= allowed and counts[j] <= allowed):
            continue
        unit = (f, min(t, u) // occasion) if occasion else f
        b_of = bin_of(max(counts[i], counts[j]))
        pair = (min(a, b), max(a, b))
        units[pair][unit] = min(units[pair].get(unit, 99), b_of)
    return units


def bin_of(count):
    return 0 if count == 0 else min(7, int(math.log(count, 4) + 1e-12) + 1)


def sum_by_bin(events, counts, cap, n_accounts):
    """By account: the densities of its events summed up by bin, then the numbers of events by bin."""
    rows = [[0.0] * 16 for _ in range(n_accounts)]
    for (account, _, _), count in zip(events, counts, strict=True):
        if count <= cap:
            rows[account][bin_of(count)] += count
            rows[account][8 + bin_of(count)] += 1
    return rows


def poisson_tail(k, rate):
    """P(X >= k) by adding up terms until they vanish."""
    total, term = 0.0, math.exp(-rate)
    for i in range(5000):
        if i >= k:
            total += term
        term *= rate / (i + 1)
    return total


def binomial_sum_tail(k, chances):
    """P(at least k successes) over all outcomes."""
    total = 0.0
    for outcome in itertools.product([0, 1], repeat=len(chances)):
        if sum(outcome) >= k:
            total += math.prod(p if x else 1 - p for x, p in zip(outcome, chances, strict=True))
    return total


def binomials_tail(seen, chances, trials, weights):
    """P(sum w X >= what was seen), X independent binomials, over all outcomes."""
    target = sum(w * k for w, k in zip(weights, seen, strict=True))
    total = 0.0
    for outcome in itertools.product(*(range(n + 1) for n in trials)):
        if sum(w * x for w, x in zip(weights, outcome, strict=True)) >= target - 1e-9:
            total += math.prod(
                math.comb(n, x) * c**x * (1 - c) ** (n - x)
                for n, x, c in zip(trials, outcome, chances, strict=True)
            )
    return total


def truss(edges, support):
    """Delete edges with too few triangles until none is left to delete."""
    edges = set(edges)
    while True:
        neighbours = defaultdict(set)
        for a, b in edges:
            neighbours[a].add(b)
            neighbours[b].add(a)
        stays = {(a, b) for a, b in edges if len(neighbours[a] & neighbours[b]) >= support}
        if stays == edges:
            return edges
        edges = stays


def components(edges, n_nodes):
    label = list(range(n_nodes))
    for _ in range(n_nodes):
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    return label
