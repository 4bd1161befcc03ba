"""Tails against their twins: right where they are exact, never too small where they are bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samehand.kernels import tail
from tests.kernels import pair_twins, twins


@given(st.integers(0, 200), st.floats(1e-6, 150))
def test_poisson_tail(k, rate):
    assert math.exp(tail.log_poisson_tail(k, rate)) == pytest.approx(
        twins.poisson_tail(k, rate), rel=1e-9, abs=1e-300
    )


@pytest.mark.parametrize(("k", "rate"), [(50, 1e-3), (400, 2.0), (3, 1e-12)])
def test_poisson_tail_far_below_what_a_float_holds(k, rate):
    first = stats.poisson.logpmf(k, rate)
    got = tail.log_poisson_tail(k, rate)
    # The tail is its first term, times at most the geometric series of rate / k.
    assert first * (1 + 1e-12) <= got <= first - math.log1p(-rate / k) + 1e-9


@given(st.integers(0, 9), st.lists(st.floats(0, 1), max_size=8))
def test_binomial_sum_tail(k, chances):
    got = tail.log_binomial_sum_tail(k, np.array([*chances, 0.5]), len(chances), np.empty(300))
    expected = twins.binomial_sum_tail(k, chances)
    assert math.exp(got) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_binomial_sum_tail_of_many_trials_is_an_upper_bound():
    chances = np.full(1000, 0.01)
    got = tail.log_binomial_sum_tail(30, chances, 1000, np.empty(300))
    exact = stats.binom.logsf(29, 1000, 0.01)
    assert exact <= got <= exact + 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=2),
    st.lists(st.floats(1e-3, 2), min_size=2, max_size=2),
    st.lists(st.floats(0.1, 5), min_size=2, max_size=2),
)
def test_weighted_tail_is_the_best_of_chernoffs_bounds_and_never_below_the_truth(seen, rates, weights):
    got = tail.log_weighted_tail(np.array(seen, np.int32), np.array(rates), np.array(weights))
    truth = twins.weighted_tail(seen, rates, weights)
    assert math.exp(got) >= truth * (1 - 1e-6)
    # Chernoff: exp(sum(r (exp(tw) - 1)) - t x) for any t >= 0; here the best of many t.
    t = np.linspace(0, 25 / min(weights), 200_001)[:, None]
    with np.errstate(over="ignore"):
        bounds = (np.array(rates) * np.expm1(t * np.array(weights))).sum(1) - t[:, 0] * np.dot(seen, weights)
    assert got == pytest.approx(bounds.min(), abs=2e-3)


def test_weighted_tail_without_any_rate_is_impossible():
    assert tail.log_weighted_tail(np.array([1], np.int32), np.zeros(1), np.ones(1)) <= -700
    assert tail.log_weighted_tail(np.array([0], np.int32), np.zeros(1), np.ones(1)) == 0.0


def test_weighted_tail_where_a_bin_without_rate_weighs_much():
    # Only the light bin can happen: 0.01 X >= 11 takes X >= 1100 of a Poisson(1).
    got = tail.log_weighted_tail(np.array([1, 0], np.int32), np.array([0.0, 1.0]), np.array([11.0, 0.01]))
    assert got <= math.log(1e-300)


@settings(max_examples=300)
@given(
    st.lists(st.integers(0, 50), min_size=4, max_size=4),
    st.lists(st.sampled_from([1e-6, 1e-3, 0.1, 1.0, 30.0]), min_size=4, max_size=4),
    st.lists(st.floats(1e-2, 25), min_size=4, max_size=4),
)
def test_weighted_tail_is_that_of_the_twin_for_weights_and_rates_of_all_sizes(seen, rates, weights):
    got = tail.log_weighted_tail(np.array(seen, np.int32), np.array(rates), np.array(weights))
    assert got == pytest.approx(pair_twins.log_tail(seen, rates, weights), abs=1e-6, rel=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 12))
def test_binomial_sum_tail_grows_with_each_chance_and_falls_with_k(chances, k):
    room = np.empty(300)

    def tail_of(these, least):
        return tail.log_binomial_sum_tail(least, np.array(these), len(these), room)

    assert tail_of(chances, k) <= tail_of(chances, k - 1) + 1e-12
    likelier = [min(1.0, 1.1 * chance + 0.01) for chance in chances]
    assert tail_of(chances, k) <= tail_of(likelier, k) + 1e-9
