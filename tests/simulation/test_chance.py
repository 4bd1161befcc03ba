from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.simulation.addresses import BUSINESS_BITS, CARRIER_BITS, HOME_BITS, HOSTING_BITS, Addresses
from samehand.simulation.chance import expand, generator, mix, round_randomly, scramble, uniform


@given(st.integers(1, 14), st.integers(0, 2**40))
def test_scramble_is_one_to_one(bits: int, key: int):
    scrambled = scramble(np.arange(1 << bits), bits, key)
    assert np.array_equal(np.sort(scrambled), np.arange(1 << bits))


def test_scramble_forgets_the_order():
    scrambled = scramble(np.arange(100_000), 45, key=3).astype(float)
    assert abs(np.corrcoef(np.arange(100_000), scrambled)[0, 1]) < 0.02
    assert abs(np.corrcoef(scrambled[1:], scrambled[:-1])[0, 1]) < 0.02
    assert scrambled.mean() == pytest.approx(2.0**44, rel=0.01)


@given(st.lists(st.integers(0, 6), max_size=20))
def test_expand_against_a_loop(count: list[int]):
    owner, place = expand(np.array(count, dtype=np.int64))
    assert list(zip(owner.tolist(), place.tolist(), strict=True)) == [
        (i, k) for i, n in enumerate(count) for k in range(n)
    ]


def test_uniform_is_uniform_and_depends_on_every_part():
    x = uniform(np.arange(50_000), 7)
    assert np.histogram(x, 20, (0, 1))[0] == pytest.approx(2_500, abs=250)
    for other in (
        uniform(np.arange(50_000), 8),
        uniform(np.arange(1, 50_001), 7),
        uniform(7, np.arange(50_000)),
    ):
        assert abs(np.corrcoef(x, other)[0, 1]) < 0.02


def test_mix_does_not_depend_on_the_type_of_the_numbers():
    assert np.array_equal(mix(np.arange(-5, 5, dtype=np.int8), 3), mix(np.arange(-5, 5, dtype=np.int64), 3))


def test_generators_of_different_parts_are_apart():
    draws = [
        generator(*path).random(4).tolist()
        for path in ((0, "life", 0), (0, "life", 1), (0, "push"), (1, "push"))
    ]
    assert len({tuple(draw) for draw in draws}) == 4
    assert generator(0, "life", 1).random(4).tolist() == draws[1]


def test_round_randomly_keeps_the_mean():
    rounded = round_randomly(np.full(100_000, 2.3), generator(0, "test"))
    assert set(rounded.tolist()) == {2, 3}
    assert rounded.mean() == pytest.approx(2.3, abs=0.01)


def test_networks_have_different_addresses():
    addresses = Addresses(seed=5)
    n = 20_000
    rng = np.random.default_rng(0)
    drawn = [
        network(rng.choice(1 << bits, n, replace=False))
        for network, bits in (
            (addresses.home, HOME_BITS),
            (addresses.carrier, CARRIER_BITS),
            (addresses.business, BUSINESS_BITS),
            (addresses.hosting, HOSTING_BITS),
        )
    ]
    assert len(np.unique(np.concatenate(drawn))) == 4 * n
    first = np.concatenate(drawn) >> 24
    assert first.min() >= 1
    assert first.max() < 224
    assert not np.isin(first, (10, 127)).any()


def test_a_rack_is_one_prefix_of_the_hosting_network():
    addresses = Addresses(seed=5)
    rack = addresses.rack(np.full(200, 3), np.arange(1, 201))
    assert len(np.unique(rack)) == 200
    assert len(np.unique(rack >> 8)) == 1
    assert np.isin(rack >> 16, addresses.hosting(np.arange(1 << HOSTING_BITS)) >> 16).all()
