"""Weights from decisions: known answers, and refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit
from sqlalchemy import delete, insert

from samehand.cases.calibrate import Decided, calibrate, fit, held_out, read_decided
from samehand.cases.errors import RefusedError
from samehand.cases.model import Action
from samehand.cases.schema import CASES, LAYER_BITS, MEMBERS, RUNS
from samehand.cases.store import CaseStore
from tests.cases.steps import decide


def _x(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.column_stack([np.ones(n), rng.normal(0, 1.5, (n, 3))])


def _decided(x: np.ndarray, confirmed: np.ndarray, group: np.ndarray | None = None) -> Decided:
    return Decided(
        names=tuple(f"layer{i}" for i in range(x.shape[1])),
        x=x,
        offset=np.full(len(x), -0.5),
        confirmed=confirmed,
        group=np.arange(len(x)) if group is None else group,
    )


def test_without_decisions_nothing_changes() -> None:
    nothing = np.empty((0, 4)), np.empty(0), np.empty(0, dtype=bool)
    np.testing.assert_allclose(fit(*nothing), [0, 1, 1, 1], atol=1e-6)


def test_many_decisions_give_their_factors() -> None:
    rng = np.random.default_rng(1)
    x, offset = _x(40_000, rng), rng.normal(0, 1, 40_000)
    true = np.array([0.7, 0.5, 1.5, -0.5])
    found = fit(x, offset, rng.random(len(x)) < expit(offset + x @ true))
    np.testing.assert_allclose(found, true, atol=0.1)


def test_decisions_as_the_run_has_it_change_little() -> None:
    rng = np.random.default_rng(2)
    x, offset = _x(4_000, rng), np.full(4_000, -0.5)
    found = fit(x, offset, rng.random(len(x)) < expit(offset + x.sum(axis=1) - 1))
    np.testing.assert_allclose(found, [0, 1, 1, 1], atol=0.2)


def test_held_out_error_falls_where_there_is_something_to_learn() -> None:
    rng = np.random.default_rng(3)
    x = _x(400, rng)
    held = held_out(_decided(x, rng.random(400) < expit(x @ np.array([0.0, 0.2, -1.0, 1.5]))))
    assert held.gain > 3 * held.gain_se
    assert held.brier_after < held.brier_before


def test_held_out_error_does_not_fall_by_noise() -> None:
    """Decisions that are as the run has it leave nothing to learn, and must not look so."""
    gains = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = _x(60, rng)
        gains.append(held_out(_decided(x, rng.random(60) < expit(x[:, 1:].sum(axis=1) - 0.5))).gain)
    assert np.mean(gains) < 0


def test_the_same_fleet_in_two_runs_is_never_on_both_sides() -> None:
    """Copies of a fleet would tell the answer: with groups, what is noise stays noise."""
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(40), rng.normal(0, 3, (40, 15))])
    y = rng.random(40) < 0.5
    thrice, group = np.vstack([x, x, x]), np.tile(np.arange(40), 3)
    leaking = held_out(_decided(thrice, np.tile(y, 3)))
    honest = held_out(_decided(thrice, np.tile(y, 3), group))
    assert honest.log_loss_after > leaking.log_loss_after + 0.2


def _fill(store: CaseStore, n: int) -> None:
    """Add a run with ``n`` fleets: even ones seen by targets, odd ones by words."""
    run = {"run_id": 2, "folder": "/x", "digest": "d" * 64, "created_at_us": 0, "registered_at_us": 0}
    run |= {"samehand": "0", "n_candidates": n, "n_reported": n}
    fleet = {"run_id": 2, "part": 1, "reported": True, "status": "open", "version": 1, "n_accounts": 5}
    fleet |= {
        "n_events": 9,
        "first_time_us": 0,
        "last_time_us": 1,
        "score_bits": 50.0,
        "innocent_weight": 0.0,
    }
    fleet |= {"layers": "[]", "behaviours": "[]", "updated_at_us": 0}
    with store.database.writing() as connection:
        connection.execute(insert(RUNS).values(run))
        for i in range(n):
            named = {
                "case_id": 100 + i,
                "fleet_id": f"F{i:04d}",
                "rank": i + 1,
                "q_value": 0.02 + 0.3 * (i % 2),
            }
            connection.execute(insert(CASES).values(fleet | named))
            bits = {"run_id": 2, "fleet_id": f"F{i:04d}"}
            for layer, weight in (("co_content" if i % 2 else "co_target", 3.0), ("prior", -1.0)):
                connection.execute(insert(LAYER_BITS).values(bits | {"layer": layer, "bits": weight}))
            member = {"run_id": 2, "account": f"a{i}", "case_id": 100 + i, "fleet_id": f"F{i:04d}"}
            connection.execute(insert(MEMBERS).values(member | {"bits": 9.0, "removed": False}))


def test_from_decisions_to_a_file(store) -> None:
    _fill(store, 24)
    with pytest.raises(RefusedError, match="too few decisions: 0 confirmed and 0 dismissed"):
        calibrate(store)
    for i in range(24):
        decide(store, 100 + i, Action.dismiss if i % 2 else Action.confirm, needs_second=i == 23)
    made = calibrate(store)
    assert (made.n_confirmed, made.n_dismissed, made.n_groups) == (
        12,
        11,  # one more waits for a second reviewer
        23,
    )
    weights = {one.name: one for one in made.weights}
    assert weights["co_target"].after > 1 > weights["co_content"].after
    assert [(one.name, one.before) for one in made.weights] == [
        ("all fleets", 0),
        ("co_content", 1),
        ("co_target", 1),
    ]
    assert made.better
    text = made.to_text()
    assert "better than before" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    content = json.loads(made.to_json())
    assert content["runs"] == [store.run(1).digest, "d" * 64]
    assert content["held_out"]["log_loss_after"] < content["held_out"]["log_loss_before"]
    assert calibrate(store, [2]).n_groups == 23
    with pytest.raises(RefusedError, match="too few"):
        calibrate(store, [1])
    with pytest.raises(RefusedError, match="no run 9"):
        calibrate(store, [9])


def test_what_is_no_better_is_not_written(lite) -> None:
    _fill(lite, 40)
    for i in range(40):  # four of five, as the run has it
        decide(lite, 100 + i, Action.dismiss if i % 10 in {0, 5} else Action.confirm)
    made = calibrate(lite)
    assert not made.better
    assert "worse than before" in made.to_text()
    with pytest.raises(RefusedError, match="nothing was written"):
        made.to_json()


def test_fleets_with_common_accounts_are_one_group(lite) -> None:
    _fill(lite, 2)
    account = lite.case(1).members[0].account
    with lite.database.writing() as connection:
        member = {
            "run_id": 2,
            "account": account,
            "case_id": 100,
            "fleet_id": "F0000",
            "bits": 1.0,
            "removed": False,
        }
        connection.execute(insert(MEMBERS).values(member))
    for number in (1, 100, 101):
        decide(lite, number, Action.confirm)
    with lite.database.reading() as connection:
        group = read_decided(connection, None).group
    assert group[0] == group[1] != group[2]


def test_a_run_of_an_older_samehand_counts_by_its_q_value(lite) -> None:
    _fill(lite, 2)
    with lite.database.writing() as connection:
        connection.execute(delete(LAYER_BITS).where(LAYER_BITS.c.run_id == 2))
    decide(lite, 100, Action.confirm)
    with lite.database.reading() as connection:
        decided = read_decided(connection, [2])
    assert decided.names == ("all fleets",)
    np.testing.assert_allclose(expit(decided.offset), [0.98])


def test_before_any_decision_it_is_the_posterior_of_the_run(lite) -> None:
    """What counts in layer_bits adds up to the log odds of a fleet."""
    decide(lite, 1, Action.confirm)
    with lite.database.reading() as connection:
        decided = read_decided(connection, None)
    assert decided.names == ("all fleets", "co_content", "co_device", "co_target", "innocent_causes")
    total_bits = -1.0 + 4.2 + 2.1 - 0.4 - 2.5
    np.testing.assert_allclose((decided.offset + decided.x[:, 1:].sum(axis=1)) / np.log(2), [total_bits])
