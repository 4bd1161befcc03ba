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


def log_weighted_tail(seen, rates, trials, weights):
    return tail.log_weighted_tail(
        np.array(seen, np.int32), np.array(rates), np.array(trials, np.float64), np.array(weights)
    )


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


TWO = {"min_size": 2, "max_size": 2}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 6), **TWO),
    st.lists(st.floats(1e-3, 4), **TWO),
    st.lists(st.integers(1, 8), **TWO),
    st.lists(st.floats(0.1, 5), **TWO),
)
def test_weighted_tail_is_never_below_the_truth(seen, rates, trials, weights):
    chances = [1 - math.exp(-r / n) for r, n in zip(rates, trials, strict=True)]
    truth = twins.binomials_tail(seen, chances, trials, weights)
    assert math.exp(log_weighted_tail(seen, rates, trials, weights)) >= truth * (1 - 1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(0, 8), st.floats(0.1, 5))
def test_weighted_tail_holds_for_trials_of_different_chances(meetings, k, weight):
    # ``meetings``: expected of each trial, which succeeds where there is one or more.
    n = len(meetings)
    k = min(k, n)
    truth = twins.binomial_sum_tail(k, [1 - math.exp(-m) for m in meetings])
    assert math.exp(log_weighted_tail([k], [sum(meetings)], [n], [weight])) >= truth * (1 - 1e-6)


def test_weighted_tail_of_trials_that_all_succeed_is_the_power_of_their_chance():
    # Twenty events, each with half a meeting expected: Poisson would say exp(-3.9), but no trial succeeds twice.
    chance = 1 - math.exp(-0.5)
    assert log_weighted_tail([20], [10.0], [20], [1.5]) == pytest.approx(20 * math.log(chance), rel=1e-6)


def test_weighted_tail_without_any_rate_is_impossible():
    assert log_weighted_tail([1], [0.0], [1], [1.0]) <= -700
    assert log_weighted_tail([0], [0.0], [1], [1.0]) == 0.0


@pytest.mark.parametrize("trials", [2, tail.OPEN])
def test_weighted_tail_of_more_than_all_trials_or_with_open_trials_is_poisson(trials):
    bound = 5 * (math.log(1 / 5) + 1) - 1  # Chernoff's
    assert log_weighted_tail([5], [1.0], [trials], [0.3]) == pytest.approx(bound, abs=1e-6)


def test_weighted_tail_where_a_bin_without_rate_weighs_much():
    # Only the light bin can happen: 0.01 X >= 11 takes X >= 1100 of about 1.
    assert log_weighted_tail([1, 0], [0.0, 1.0], [5, 5000], [11.0, 0.01]) <= math.log(1e-300)


@settings(max_examples=300)
@given(
    st.lists(st.integers(0, 50), min_size=4, max_size=4),
    st.lists(st.sampled_from([0.0, 1e-6, 1e-3, 0.1, 1.0, 30.0]), min_size=4, max_size=4),
    st.lists(st.sampled_from([1, 3, 60, 10_000, tail.OPEN]), min_size=4, max_size=4),
    st.lists(st.floats(1e-2, 25), min_size=4, max_size=4),
)
def test_weighted_tail_is_that_of_the_twin_for_weights_and_rates_of_all_sizes(seen, rates, trials, weights):
    got = log_weighted_tail(seen, rates, trials, weights)
    assert got == pytest.approx(pair_twins.log_tail(seen, rates, trials, weights), abs=1e-5, rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 12))
def test_binomial_sum_tail_grows_with_each_chance_and_falls_with_k(chances, k):
    room = np.empty(300)

    def tail_of(these, least):
        return tail.log_binomial_sum_tail(least, np.array(these), len(these), room)

    assert tail_of(chances, k) <= tail_of(chances, k - 1) + 1e-12
    likelier = [min(1.0, 1.1 * chance + 0.01) for chance in chances]
    assert tail_of(chances, k) <= tail_of(likelier, k) + 1e-9
