"""Whose each event was: known answers, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.fleets.attribution import EQUIPMENT_BITS, UNSEEN, Look, attribute
from tests.fleets.scene import MINUTE

N_LOG = 100_000


def look_of(events, scale_us, n_others=0):
    """The look of events (account, feature, time) that have another account within the scale on the feature."""
    places = [
        i
        for i, (a, f, t) in enumerate(events)
        if any(b != a and g == f and abs(u - t) <= scale_us for b, g, u in events)
    ]
    places.sort(key=lambda i: (events[i][1], events[i][2], events[i][0]))
    return Look(
        scale_us=scale_us,
        place=np.array(places, np.int64),
        feature=np.array([events[i][1] for i in places], np.int64),
        time_us=np.array([events[i][2] for i in places], np.int64),
        outside=np.full(len(places), (n_others + 1) / N_LOG),
    )


def fleet(n_members=10, n_orders=30, n_own=10, *, serving=None, seed=0):
    """Events (account, feature, time): orders served within a minute, and own lives; and which are driven."""
    rng = np.random.default_rng(seed)
    events = []
    for order in range(n_orders):
        who = rng.permutation(n_members)[: serving or n_members]
        events += [(int(a), order, order * 100 * MINUTE + int(rng.integers(MINUTE))) for a in who]
    n_driven = len(events)
    for a in range(n_members):
        events += [
            (a, 1_000 + a * n_own + k, int(rng.integers(n_orders * 100 * MINUTE))) for k in range(n_own)
        ]
    return events, np.arange(len(events)) < n_driven


def attributed(events, *equipment, scales=(MINUTE, 10 * MINUTE), n_others=0):
    account = np.array([a for a, _, _ in events], np.int32)
    codes = [np.array(one, np.int64) for one in equipment]
    looks = [look_of(events, scale, n_others * scale // MINUTE) for scale in scales]
    return attribute(looks, account, codes)


def test_orders_are_driven_and_own_lives_are_not():
    events, driven = fleet(serving=6)
    found = attributed(events)
    assert (found.p_driven[driven] > 0.99).all()
    assert (found.p_driven[~driven] < 0.02).all()
    assert (found.bits[driven] > 5).all()
    assert (found.bits[~driven] < -5).all()


def test_the_posterior_is_the_bits_and_the_share_of_the_account():
    events, _ = fleet(serving=6)
    found = attributed(events)
    account = np.array([a for a, _, _ in events])
    for one in range(10):
        odds = found.p_driven[account == one] / (1 - found.p_driven[account == one])
        prior = odds / 2.0 ** found.bits[account == one]
        assert prior == pytest.approx(prior[0], rel=0.01), "one prior an account"


def test_two_who_meet_by_chance_are_no_moment_of_a_fleet():
    events, driven = fleet(serving=8)
    at = 77 * MINUTE
    events += [(0, 5_000, at), (1, 5_000, at + 1), (2, 6_000, at)]
    found = attributed(events, n_others=20)
    assert (found.p_driven[: len(driven)][driven] > 0.9).all()
    assert (found.p_driven[-3:] < 0.5).all()


def test_who_comes_to_an_order_hours_later_was_not_driven():
    events, driven = fleet(serving=8)
    late = next(a for a in range(10) if (a, 3) not in {(b, f) for b, f, _ in events})
    events.append((late, 3, 3 * 100 * MINUTE + 95 * MINUTE))
    found = attributed(events, scales=(MINUTE, 10 * MINUTE, 100 * MINUTE), n_others=1)
    assert (found.p_driven[: len(driven)][driven] > 0.9).all()
    assert found.p_driven[-1] < 0.5


def test_every_event_may_be_driven_and_none_may():
    events, _ = fleet(n_own=0)
    assert (attributed(events).p_driven > 0.99).all()
    alone = [(a, a * 100 + k, k * MINUTE) for a in range(5) for k in range(10)]
    found = attributed(alone)
    assert (found.p_driven < 0.05).all()
    assert found.bits == pytest.approx(np.full(50, np.log2(UNSEEN)), abs=0.1)
    nothing = attribute([], np.empty(0, np.int32))
    assert (len(nothing.bits), len(nothing.p_driven)) == (0, 0)


def proxies(n_hidden=1):
    """A fleet whose orders come through a proxy of its own and whose members live at home; some orders nobody sees."""
    events, driven = fleet(serving=8, n_own=20)
    events += [(a, 9_000 + a * 10 + k, (a * 31 + k * 7) * MINUTE) for a in range(10) for k in range(n_hidden)]
    driven = np.concatenate([driven, np.ones(10 * n_hidden, np.bool_)])
    account = np.array([a for a, _, _ in events])
    return events, driven, np.where(driven, 100, account)


def test_what_comes_from_where_the_fleet_is_driven_from_was_driven():
    events, driven, address = proxies()
    without, found = attributed(events), attributed(events, address)
    hidden = slice(len(events) - 10, None)
    assert (without.p_driven[hidden] < 0.5).all()
    assert (found.p_driven[hidden] > 0.5).all()
    assert (found.p_driven[~driven] < 0.05).all()
    assert np.abs(found.bits - without.bits).max() > 3


def test_one_phone_for_everything_says_nothing():
    events, _ = fleet(serving=8)
    account = np.array([a for a, _, _ in events])
    plain = attributed(events)
    for code in (account, account * 0, account * 0 - 1):
        assert attributed(events, code).bits == pytest.approx(plain.bits, abs=0.05)


def test_equipment_is_bounded():
    events, driven, address = proxies()
    plain, found = attributed(events), attributed(events, address, address, address)
    assert (
        np.abs(found.bits[driven] - plain.bits[driven]).max() < EQUIPMENT_BITS + 3.5
    )  # the shares differ as well


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5), st.randoms(use_true_random=False))
def test_names_and_the_order_of_rows_do_not_matter(seed, random):
    events, _ = fleet(n_members=5, n_orders=6, n_own=4, serving=3, seed=seed)
    plain = attributed(events, [a for a, _, _ in events])
    names, rows = list(range(5)), list(range(len(events)))
    random.shuffle(names)
    random.shuffle(rows)
    moved = [(names[events[i][0]], 7_000 - events[i][1], events[i][2]) for i in rows]
    found = attributed(moved, [a for a, _, _ in moved])
    assert found.bits == pytest.approx(plain.bits[rows], abs=1e-6)
    assert found.p_driven == pytest.approx(plain.p_driven[rows], abs=1e-6)
