"""Ids that the log does not have, also where it uses the first ones that come to mind."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from samehand.pricing.plant import plant
from tests.pricing.logs import fleet, look, plain_log

MOST = 2**63 - 1


def with_accounts(names):
    table = plain_log(n_accounts=len(names))
    return table.set_column(1, "account", pa.array([names[i] for i in table["account"].to_pylist()]))


@pytest.mark.parametrize(
    "names",
    [
        list(range(200)),
        [MOST - i for i in range(200)],
        [*(MOST - i for i in range(100)), *(-(2**63) + i for i in range(100))],
        np.random.default_rng(1).integers(-(2**63), MOST, 200).tolist(),
        [f"planted-{i:07d}" for i in range(200)],
        [f"xplanted-{i:07d}" if i % 2 else f"planted-{i:07d}" for i in range(200)],
    ],
    ids=["small", "large", "both ends", "hashes", "our own words", "and again"],
)
def test_no_planted_id_is_in_the_log(names):
    ordinary = look(with_accounts(names))
    ids = ordinary.accounts.take(np.arange(60)).to_pylist()
    assert len(set(ids)) == 60
    assert not set(ids) & set(names)


def test_an_id_that_is_a_target_is_not_taken():
    targets = pa.array([f"planted-{i % 900:07d}" for i in range(6_000)])
    names = [f"a{i}" for i in range(200)]
    table = with_accounts(names).set_column(3, "target", targets)
    ids = look(table).accounts.take(np.arange(60)).to_pylist()
    assert not set(ids) & set(targets.to_pylist())


def test_fleets_have_no_id_of_an_event_in_common():
    table = plain_log()
    ordinary = look(table)
    from samehand.events.read import read_events

    schema = read_events(table).schema
    ids = [
        set(plant(ordinary, one, 30, schema, 0).rows["event_id"].to_pylist())
        for one in (fleet(), fleet(first=10), fleet(first=20))
    ]
    assert not ids[0] & ids[1]
    assert not ids[1] & ids[2]
    assert min(min(one) for one in ids) > table.num_rows
