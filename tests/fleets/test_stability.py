"""How a fleet stands as the window and the cut move."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand import columns
from samehand.fleets.score import STAY_P, score
from samehand.fleets.stability import CUTS, carrying_scales_us, stability, stability_table
from tests.fleets.scene import (
    CO_TARGET,
    HOUR,
    MINUTE,
    NOBODY,
    RHYTHM,
    SECOND,
    ToldEngine,
    candidate_of,
    evidence_of,
)

GROUP = np.arange(10, dtype=np.int32)
N_ACCOUNTS = 1000
LOOKS = [(CO_TARGET, scale) for scale in (10 * SECOND, MINUTE, 10 * MINUTE, HOUR)] + [(RHYTHM, SECOND)]
FAR, NEVER = 900.0, 0.0
"""Bits with which a member stands at every cut, and at none."""


def seen(bits_at, n_accounts=N_ACCOUNTS):
    """The group with the bits of each member by (layer, scale)."""
    engine = ToldEngine(lambda layer, scale, *_: evidence_of(GROUP, bits_at[layer.name, scale]), n_accounts)
    (one,) = score(engine, LOOKS, [GROUP], [NOBODY], None)
    return one


def bits_by_look(**of_co_target):
    """Bits at each scale of co_target, by its place; nothing in rhythm."""
    looks = [(layer.name, scale) for layer, scale in LOOKS]
    return {look: of_co_target.get(f"at{n}", NEVER) for n, look in enumerate(looks)}


def test_a_fleet_that_shows_everywhere_is_wholly_stable():
    one = seen(bits_by_look(at0=FAR, at1=FAR, at2=FAR, at3=FAR))
    assert stability(one) == 1.0
    assert carrying_scales_us(one) == [10 * SECOND, MINUTE, 10 * MINUTE, HOUR]


def test_a_fleet_seen_at_one_of_four_scales_stands_at_a_quarter():
    one = seen(bits_by_look(at1=FAR))
    assert stability(one) == 1 / 4
    assert carrying_scales_us(one) == [MINUTE]


def test_a_group_without_evidence_stands_nowhere():
    one = seen(bits_by_look())
    assert stability(one) == 0.0
    assert carrying_scales_us(one) == []


def test_only_the_layer_that_carries_it_counts():
    bits = bits_by_look(at0=100.0) | {(RHYTHM.name, SECOND): FAR}
    one = seen(bits)
    assert one.layer is RHYTHM
    assert stability(one) == 1.0
    assert carrying_scales_us(one) == [SECOND]


def test_half_of_the_members_are_enough_and_fewer_are_not():
    assert stability(seen(bits_by_look(at0=[FAR] * 5 + [NEVER] * 5))) == 1 / 4
    # With less the group has no score, but the layer is still the one looked at first.
    assert stability(seen(bits_by_look(at0=[FAR] * 4 + [NEVER] * 6))) == 0


def test_a_stricter_cut_takes_more_evidence_and_so_does_a_larger_log():
    bits = np.log2(N_ACCOUNTS) - np.log2(1e-6) + 0.01  # passes 1e-6 and not 1e-7
    one, in_larger = seen(bits_by_look(at0=bits)), seen(bits_by_look(at0=bits), 10 * N_ACCOUNTS)
    assert stability(one) == CUTS.index(1e-6) / len(CUTS) / 4 + 1 / len(CUTS) / 4
    assert stability(in_larger) == CUTS.index(1e-6) / len(CUTS) / 4


def test_cuts_begin_where_detection_lets_members_go_and_become_stricter():
    assert CUTS[0] == STAY_P
    assert list(CUTS) == sorted(CUTS, reverse=True)
    assert len(CUTS) == 12
    assert pytest.approx(1e-12) == CUTS[-1]


BITS = st.lists(st.floats(0, 120), min_size=10, max_size=10)


@given(st.lists(BITS, min_size=5, max_size=5))
def test_the_table_and_the_figures_are_those_of_a_plain_count(bits):
    bits_at = {(layer.name, scale): own for (layer, scale), own in zip(LOOKS, bits, strict=True)}
    one = seen(bits_at)
    rows = stability_table("F0007", one).to_pylist()
    assert len(rows) == len(LOOKS) * len(CUTS)
    standing, carrying = [], set()
    for row in rows:
        own = bits_at[row["layer"], row["scale_us"]]
        share = sum(2.0**-b * N_ACCOUNTS <= row["cut"] * (1 + 1e-9) for b in own) / 10
        assert row["share_standing"] == pytest.approx(share)
        assert row["carries"] == (row["layer"] == one.layer.name)
        if row["carries"]:
            standing.append(share >= 0.5)
            carrying |= {row["scale_us"]} if share >= 0.5 and row["cut"] == STAY_P else set()
    assert stability(one) == pytest.approx(np.mean(standing))
    assert carrying_scales_us(one) == sorted(carrying)


def test_the_table_has_its_schema():
    table = stability_table("F0001", seen(bits_by_look(at0=FAR)))
    assert table.schema == columns.STABILITY


def log_of(spread_us, *, n_orders=30, n_members=12):
    """Strangers, and a fleet that serves its orders so many microseconds apart."""
    rng = np.random.default_rng(4)
    rows = [
        {"time": int(rng.integers(200 * HOUR)), "account": f"p{rng.integers(300):03d}", "action": "like",
         "target": f"x{rng.integers(400):03d}"}
        for _ in range(6_000)
    ]  # fmt: skip
    for order in range(n_orders):
        at = int(rng.integers(199 * HOUR))
        rows += [
            {"time": at + place * spread_us + int(rng.integers(SECOND)), "account": f"f{member:02d}",
             "action": "like", "target": f"x{order:03d}"}
            for place, member in enumerate(rng.permutation(n_members).tolist())
        ]  # fmt: skip
    return rows, [f"f{member:02d}" for member in range(n_members)]


def test_perfect_lockstep_within_seconds_is_stable(engine_of):
    rows, fleet = log_of(SECOND // 2)
    engine = engine_of(rows)
    one = candidate_of(engine, fleet, [(CO_TARGET, scale) for scale in CO_TARGET.scales_us])
    assert stability(one) > 0.9
    assert carrying_scales_us(one) == list(CO_TARGET.scales_us)


def test_a_fleet_that_spreads_its_orders_over_hours_hangs_on_the_window(engine_of):
    rows, fleet = log_of(3 * HOUR)
    engine = engine_of(rows)
    one = candidate_of(engine, fleet, [(CO_TARGET, scale) for scale in CO_TARGET.scales_us])
    assert 0 < stability(one) <= 2 / 7
    assert carrying_scales_us(one) == [6 * HOUR, 24 * HOUR]
