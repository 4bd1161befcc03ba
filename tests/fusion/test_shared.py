"""How surely a group shares rare values: known answers, a slow twin, chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, poisson

from samehand.engines.answers import Held, Holdings
from samehand.fusion.shared import Sharing, log_p_at_least, log_p_below, sharing

NOTHING = Sharing([], 0.0)


def holding(owned, group):
    """``owned``: account -> its values; the group is the accounts of that list."""
    holders = {}
    for account, values in owned.items():
        for value in values:
            holders.setdefault(value, set()).add(account)
    pairs = [(place, value) for place, account in enumerate(group) for value in sorted(owned[account])]
    member, value = (
        np.array(column, np.int64) for column in (zip(*pairs, strict=True) if pairs else ((), ()))
    )
    held = Held(
        member.astype(np.int32),
        value,
        np.array([len(holders[v]) for v in value], np.int32),
        np.zeros(len(value), np.int64),
    )
    n_pairs = sum(len(values) for values in owned.values())
    return held, Holdings([held], n_pairs, len(owned), max(map(len, holders.values()), default=0))


@given(st.integers(1, 400), st.floats(1e-6, 300))
def test_the_tail_is_that_of_the_poisson_distribution(k, expected):
    found = log_p_at_least(np.array([k]), np.array([expected]))[0]
    exact = poisson.logsf(k - 1, expected)
    if exact > -600:
        assert found == pytest.approx(exact, rel=1e-6, abs=1e-9)
    else:  # a bound: no less than its first term, and not much more
        first = poisson.logpmf(k, expected)
        assert first - 1e-6 <= found <= first + 7


@given(st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=20))
def test_the_product_of_p_values_is_that_of_fisher(p):
    product = -np.log(p).sum()
    assert log_p_below(np.array([len(p)]), np.array([product]))[0] == pytest.approx(
        chi2.logsf(2 * product, 2 * len(p)), rel=1e-6, abs=1e-9
    )


def test_tiny_products_are_bounded():
    (found,) = log_p_below(np.array([5]), np.array([2000.0]))
    assert -2000 < found < -1950


def test_one_phone_of_few_says_much_and_one_of_all_nothing():
    owned = {n: {1000 + n} for n in range(2000)}
    for n in range(6):
        owned[n] = {1}
    held, holdings = holding(owned, [0, 1, 2, 3, 4, 5, 700, 701])
    found = sharing(held, holdings)
    (share,) = found.shares
    assert share.members.tolist() == [0, 1, 2, 3, 4, 5]
    assert (share.value, share.n_holders) == (1, 6)
    rate = 8 / 2000 * 6
    paid = np.log2(3) + np.log2(2)  # one of three values, and that it is one
    given_one = poisson.logsf(5, rate) - poisson.logsf(0, rate)
    assert found.bits == pytest.approx(-given_one / np.log(2) - paid)
    everybody = {n: {1} for n in range(2000)}
    assert sharing(*holding(everybody, list(range(8)))) == NOTHING


def test_a_member_counts_with_one_value():
    owned = {n: {1000 + n} for n in range(3000)}
    for n in range(5):
        owned[n] = {1, 2, 3, 1000 + n}
    found = sharing(*holding(owned, list(range(5)))).shares
    assert len(found) == 1, "a home and its phones are one thing"
    for n in range(5, 10):
        owned[n] = {4}
    both = sharing(*holding(owned, list(range(10))))
    assert sorted(one.members.tolist() for one in both.shares) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert both.bits > sharing(*holding(owned, list(range(5)))).bits


def test_no_values_say_nothing():
    assert sharing(*holding({0: set(), 1: set()}, [0, 1])) == NOTHING
    assert sharing(*holding({0: {5}, 1: {6}}, [0, 1])) == NOTHING


def test_groups_drawn_by_chance_say_no_more_than_chance():
    """Of 2,000 groups drawn at random, at most 2^-b have b bits or more; accounts differ in how much they have."""
    rng = np.random.default_rng(1)
    owned = {n: set(rng.zipf(1.3, rng.integers(1, 12)) % 4000) for n in range(3000)}
    found = []
    for _ in range(2000):
        group = rng.choice(3000, 15, replace=False).tolist()
        found.append(sharing(*holding_of(owned, group)).bits)
    found = np.array(found)
    for bits in (2, 4, 6):
        nominal = 2000 * 2.0**-bits
        assert (found >= bits).sum() <= nominal + 3 * np.sqrt(nominal), f"{bits} bits"


_HOLDERS: dict[int, dict] = {}


def holding_of(owned, group):
    """As ``holding``, with the holders counted once."""
    if id(owned) not in _HOLDERS:
        counts = {}
        for values in owned.values():
            for value in values:
                counts[value] = counts.get(value, 0) + 1
        _HOLDERS[id(owned)] = counts
    counts = _HOLDERS[id(owned)]
    pairs = [(place, int(value)) for place, account in enumerate(group) for value in sorted(owned[account])]
    member, value = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    n_holders = np.array([counts[v] for v in value], np.int32)
    held = Held(member.astype(np.int32), value, n_holders, np.zeros(len(value), np.int64))
    return held, Holdings([held], sum(map(len, owned.values())), len(owned), max(counts.values()))


def test_no_name_matters():
    rng = np.random.default_rng(3)
    owned = {n: set(rng.integers(0, 60, 3).tolist()) for n in range(60)}
    group = list(range(10))
    other = {n: {997 * v % 1009 for v in values} for n, values in owned.items()}
    one, two = sharing(*holding(owned, group)), sharing(*holding(other, group))
    assert one.bits == pytest.approx(two.bits, rel=0.2, abs=1.0)
