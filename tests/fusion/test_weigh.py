"""One probability from what all families say."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.fusion import weigh
from samehand.fusion.gather import Said, rank_sum
from samehand.fusion.weigh import INNOCENT, MOST_INNOCENT_WEIGHT, MOST_WEIGHT, fuse


def said(**bits):
    """One entry a family, named as the family."""
    return [Said(name, name, float(value), 5 if value else 0) for name, value in bits.items()]


def many(n, kind):
    """Candidates as a log has them: fleets that several families see, and fans that one sees."""
    fleet = said(timing_and_targets=900, network=300, content=80)
    fans = said(timing_and_targets=900, network=0, content=0)
    return [fleet if kind == "fleet" else fans] * n


def test_the_parts_add_up_to_the_whole():
    found = fuse([*many(3, "fleet"), *many(4, "fans")], [0.0] * 3 + [0.9] * 4)
    for one in found:
        total = one.prior_bits + one.innocent_bits + sum(part.weight_bits for part in one.parts)
        assert one.posterior == pytest.approx(1 / (1 + 2.0**-total))
    assert found[0].posterior > 0.9 > 0.1 > found[-1].posterior


def test_only_the_strongest_of_a_family_counts():
    some = [Said("co_target", "timing_and_targets", 90.0, 9), Said("script", "timing_and_targets", 20.0, 4)]
    (one,) = fuse([some], [0.0])
    assert [part.counts for part in one.parts] == [True, False]
    assert one.parts[1].weight_bits == 0.0


def test_more_evidence_never_counts_less_and_no_family_convicts_alone():
    bits = (0.0, 5.0, 30.0, 100.0, 1000.0)
    for family in weigh.FLEETS:
        if family == INNOCENT:
            continue
        found = fuse([said(**{family: b}) for b in bits], [0.0] * len(bits))
        weights = [one.parts[0].weight_bits for one in found]
        assert weights == sorted(weights)
        assert max(map(abs, weights)) <= MOST_WEIGHT
    found = fuse([said(network=0)] * 3, [0.0, 0.3, 1.0])
    innocent = [one.innocent_bits for one in found]
    assert innocent == sorted(innocent, reverse=True)
    assert max(map(abs, innocent)) <= MOST_INNOCENT_WEIGHT


def test_a_family_that_the_log_lacks_says_nothing():
    with_it, without = (
        fuse([said(timing_and_targets=900, network=0)], [0.0]),
        fuse([said(timing_and_targets=900)], [0.0]),
    )
    assert with_it[0].posterior < without[0].posterior, "to have looked and seen nothing speaks against"


def test_a_log_teaches():
    """Where all that share words share a network too, neither does the one without the other stay as strange."""
    alone = fuse([said(timing_and_targets=900, network=300)], [0.0])[0]
    among = fuse(
        [said(timing_and_targets=900, network=300)] * 200 + many(5, "fans"), [1.0] * 200 + [0.0] * 5
    )[0]
    assert among.parts[1].weight_bits < alone.parts[1].weight_bits, "innocents of this log share networks"


def test_no_candidates_are_no_error_and_order_does_not_matter():
    assert fuse([], []) == []
    rng = np.random.default_rng(0)
    some = [said(timing_and_targets=float(b), network=float(b) / 2) for b in rng.integers(0, 400, 12)]
    weights = rng.random(12).tolist()
    one = [f.posterior for f in fuse(some, weights)]
    two = [f.posterior for f in fuse(some[::-1], weights[::-1])][::-1]
    assert one == pytest.approx(two, abs=1e-12)


def test_ranks():
    values = np.array([5.0, 1.0, 3.0, 3.0, 9.0, 2.0])
    inside = np.array([True, False, False, False, True, False])
    assert rank_sum(values, inside) == pytest.approx(-rank_sum(-values, inside))
    assert rank_sum(np.ones(5), inside[:5]) == 0.0, "all equal: nothing told"
