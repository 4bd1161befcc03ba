"""Fleets on devices of banned accounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import samehand as sh
from tests.engines.load import to_table
from tests.layers.cases.case import DAY, SECOND, event, own_life, people

FLEET = [f"z{n:02d}" for n in range(12)]
BANNED = [f"old{n}" for n in range(6)]


def log(rng, phone_of):
    """Six accounts use three phones on the first day; then twelve others serve orders."""
    rows = people(rng) + own_life(rng, FLEET, 6)
    rows += [event(rng.integers(DAY), name, "like", f"t{n}") for name in BANNED for n in range(8)]
    for n in range(20):
        at = 2 * DAY + rng.integers(7 * DAY)
        rows += [event(at + rng.integers(20 * SECOND), name, "like", f"order{n}") for name in FLEET]
    return [{**row, "device": phone_of(row["account"])} for row in rows]


def on_the_same_phones(name):
    if name in BANNED or name in FLEET:
        return f"phone{int(name[-1]) % 3}"
    return f"own {name}"


def on_phones_of_their_own(name):
    return f"phone{int(name[-1]) % 3}" if name in BANNED else f"own {name}"


def run_of(phone_of, banned=BANNED):
    rows = log(np.random.default_rng(0), phone_of)
    known = pa.table({"account": [*banned, "nobody"], "status": ["banned"] * (len(banned) + 1)})
    return sh.detect(to_table(rows), sh.Config(surrogates=0), known=known)


def test_a_fleet_on_phones_of_banned_accounts_is_named():
    run = run_of(on_the_same_phones)
    (fleet,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    assert fleet["behaviours"][-1] == "ban_evasion"
    (row,) = [row for row in run.behaviours.to_pylist() if row["behaviour"] == "ban_evasion"]
    assert (row["fleet_id"], row["n_accounts"]) == (fleet["fleet_id"], 12)
    holders = len(BANNED) + len(FLEET)
    n_accounts = run.info.quality.n_accounts
    assert row["expected"] == pytest.approx(12 * holders / n_accounts)
    assert row["p_value"] < 1e-10
    assert "12 of 12 accounts act from devices of accounts that were banned" in row["sentence"]
    assert row["sentence"].split(":")[0] in run.explain(fleet["fleet_id"]).text


@pytest.mark.parametrize(
    ("phone_of", "banned"),
    [
        (on_phones_of_their_own, BANNED),
        (on_the_same_phones, FLEET),  # banned themselves: nobody goes on in their place
        (lambda _: "0000", BANNED),  # a device id that all have
        (on_the_same_phones, []),
    ],
    ids=["own phones", "banned themselves", "one id for all", "nobody banned"],
)
def test_others_are_not(phone_of, banned):
    run = run_of(phone_of, banned)
    (fleet,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    assert "ban_evasion" not in fleet["behaviours"]
