"""On a simulated log, where it is known which events an order drove: the count holds."""

from __future__ import annotations

from collections import Counter

import numpy as np

from samehand.harm.ledger import Ledger, count_harm
from samehand.simulation import rows as r
from samehand.simulation.encode import fleet_event_ids
from samehand.simulation.platform import SimulationConfig, draw
from tests.pipeline.worlds import found_without_estimate


def test_the_true_number_of_driven_actions_lies_between_low_and_high():
    config = SimulationConfig(accounts=1_500, days=3, seed=5)
    rows = draw(config).fleet_rows
    driven = rows.order != r.NONE
    ids = np.array(fleet_event_ids(config.seed, len(rows)).to_pylist())
    ordered = set(ids[driven].tolist())
    events = found_without_estimate().tables.member_events.to_pylist()
    assert ordered & {row["event_id"] for row in events}, "the world is the one that was searched"
    true = Counter(row["fleet_id"] for row in events if row["event_id"] in ordered)
    ledger = count_harm(found_without_estimate())
    assert ledger.info.fleets
    for fleet in ledger.info.fleets:
        one = ledger.count("actions", fleet)
        assert one.low <= true[fleet] <= one.high, fleet
        assert abs(one.mid - _sign_ups(ledger, fleet) - true[fleet]) < 0.02 * true[fleet], fleet


def _sign_ups(ledger: Ledger, fleet: str) -> float:
    """Of the middle figure: a sign-up of a fleet's account serves no order, and may yet be driven."""
    return sum(
        one.mid
        for one in ledger.counts
        if (one.item, one.scope, one.of) == ("actions", fleet, "bulk_registration")
    )
