"""Every behaviour is found by name, and on the fleets that do it."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pyarrow.compute as pc
import pytest

from samehand.config import Config
from samehand.pipeline import detect
from samehand.simulation.platform import SimulationConfig, simulate

NAMES = {
    "boost": {"boost"},
    "follow_farm": {"follow_farm"},
    "mass_add": {"mass_add"},
    "mass_message": {"mass_message"},
    "bulk_registration": {"bulk_registration", "boost"},
    "rented": {"rented", "boost"},
    "mixed": {"boost", "follow_farm", "mass_add", "mass_message", "mixed"},
    "small_fleets": {"boost"},
}
"""What fleets of each kind do; a fleet may be new, or go on after a ban, besides."""


@cache
def world():
    return simulate(SimulationConfig(accounts=2_000, days=4, seed=1, bans=True))


@cache
def found():
    """Of each reported fleet: what it is named, and the fleets and kinds of its members in truth."""
    run = detect(world().events, Config(surrogates=0), known=world().banned)
    truth = {row["account"]: row for row in world().truth.to_pylist()}
    members = run.members.to_pylist()
    fleets = []
    for fleet in run.fleets.to_pylist():
        own = [row["account"] for row in members if row["fleet_id"] == fleet["fleet_id"]]
        if fleet["reported"]:
            fleets.append((set(fleet["behaviours"]), own, [truth[account] for account in own]))
    return fleets


@pytest.mark.parametrize("kind", NAMES)
def test_a_fleet_is_named_for_what_it_does(kind):
    fleets = [fleet for fleet in found() if {row["kind"] for row in fleet[2]} == {kind}]
    assert fleets
    for names, _, _ in fleets:
        assert NAMES[kind] <= names
        assert names <= NAMES[kind] | {"bulk_registration", "ban_evasion"}


def test_new_accounts_are_named_where_the_log_has_their_sign_ups():
    log = world().events
    new = set(log.filter(pc.equal(log["action"], "register"))["account"].to_pylist())
    for names, own, _ in found():
        assert ("bulk_registration" in names) == (2 * len(new & set(own)) >= len(own))


def test_ban_evasion_is_named_on_fleets_that_were_banned():
    hit = Counter(row["fleet"] for row in world().truth.to_pylist() if row["replaces"])
    evading = [{row["fleet"] for row in rows} for names, _, rows in found() if "ban_evasion" in names]
    others = [{row["fleet"] for row in rows} for names, _, rows in found() if "ban_evasion" not in names]
    assert len(evading) >= 3
    assert all(fleets & set(hit) for fleets in evading)
    assert sum(not fleets & set(hit) for fleets in others) >= 3, (
        "and there are others, which are not named so"
    )
