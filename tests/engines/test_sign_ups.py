"""When accounts signed up, and how old they were."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.columns import ROLES
from samehand.engines.sign_ups import ages
from tests.engines.load import HOUR, MINUTE, to_table


def rows_of(*events):
    return [
        {"time": time, "account": account, "action": action, "target": None}
        for time, account, action in events
    ]


LOG = rows_of(
    (1 * HOUR, "a", "like"),  # before its sign-up: a clock that is wrong, or an account that was made again
    (2 * HOUR, "a", "Sign-Up"),
    (2 * HOUR + MINUTE, "a", "like"),
    (3 * HOUR, "a", "register"),
    (1 * HOUR, "b", "like"),
    (4 * HOUR, "c", "注册"),
    (9 * HOUR, "c", "sign_in"),
)


@pytest.fixture
def engine(engine_of):
    return engine_of(to_table(LOG))


def test_the_first_sign_up_counts_in_any_language(engine):
    assert engine.size.n_sign_ups == 2


def test_ages_count_from_the_sign_up(engine):
    columns = engine.columns
    ids = engine.account_ids(columns.account).to_pylist()
    found = ages(columns, engine.sign_up_us).tolist()
    by_account = {}
    for name, age in zip(ids, found, strict=True):
        by_account.setdefault(name, []).append(age)
    assert by_account == {"a": [-1, 0, MINUTE, HOUR], "b": [-1], "c": [0, 5 * HOUR]}


def test_against_the_slow_way(engine_of):
    rng = np.random.default_rng(3)
    log = rows_of(
        *(
            (
                int(rng.integers(100)) * HOUR,
                f"u{rng.integers(12)}",
                str(rng.choice(["like", "signup", "view"])),
            )
            for _ in range(150)
        )
    )
    engine = engine_of(to_table(log))
    first = {}
    for row in sorted(log, key=lambda row: row["time"]):
        if row["action"] == "signup":
            first.setdefault(row["account"], row["time"])
    assert engine.size.n_sign_ups == len(first)
    columns = engine.columns
    found = ages(columns, engine.sign_up_us).tolist()
    for name, time, age in zip(
        engine.account_ids(columns.account).to_pylist(),
        columns.time_us.tolist(),
        found,
        strict=True,
    ):
        born = first.get(name)
        assert age == (time - born if born is not None and time >= born else -1)


def test_without_actions_nobody_signed_up(engine_of):
    table = to_table(LOG, tuple(role for role in ROLES if role in ("event_id", "time", "account", "target")))
    assert engine_of(table).size.n_sign_ups == 0
