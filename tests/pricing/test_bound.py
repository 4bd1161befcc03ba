"""The packing bound and k*, against slow twins."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.pricing.bound import k_star, most_orders, most_per_day
from samehand.pricing.plan import Cell

COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)


@given(COUNTS)
def test_k_star_makes_the_fewest_mistakes(counts):
    significant = np.array([s for s, _ in counts])
    other = np.array([o for _, o in counts])

    def mistakes(k):
        return sum(significant[:k]) + sum(other[k:])

    best = min(range(1, len(counts) + 1), key=mistakes)
    assert k_star(significant + other, significant) == (best if best < len(counts) else None)


def test_k_star_of_a_clean_cut_is_the_cut():
    assert k_star(np.array([50, 9, 9, 9, 9]), np.array([0, 0, 0, 9, 9])) == 3
    assert k_star(np.array([50, 9, 9]), np.array([0, 0, 0])) is None
    assert k_star(np.zeros(0, np.int64), np.zeros(0, np.int64)) is None


def test_no_way_of_dealing_out_orders_beats_the_bound():
    # All pairs of 5 accounts, each served once by pairs: 10 orders; an eleventh makes some pair meet twice.
    cell = Cell(n_accounts=5, delay_us=1, n_serving=2)
    assert most_orders(2, cell) == len(list(itertools.combinations(range(5), 2))) == 10
    # The seven lines of the Fano plane: 7 accounts, orders of 3, each pair exactly once.
    assert most_orders(2, Cell(n_accounts=7, delay_us=1, n_serving=3)) == 7


@given(st.integers(2, 9), st.integers(3, 40), st.integers(2, 20), st.floats(0.5, 100))
def test_the_rate_is_the_actions_of_the_orders(k, n_accounts, n_serving, days):
    cell = Cell(n_accounts=n_accounts, delay_us=1, n_serving=min(n_serving, n_accounts))
    actions = most_orders(k, cell) * cell.n_serving
    assert np.isclose(most_per_day(k, cell, days), actions / n_accounts / days)
    assert np.isclose(most_per_day(k, cell, days), (k - 1) * (n_accounts - 1) / (cell.n_serving - 1) / days)
