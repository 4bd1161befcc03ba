"""A run that was detected, reviewed by what is true, and learned from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from samehand.cases import calibrate as calibrating
from samehand.cases.calibrate import calibrate
from samehand.cases.errors import RefusedError
from samehand.cases.model import Action, LeadQuery
from samehand.cases.store import CaseStore
from samehand.pipeline import detect
from samehand.simulation.platform import SimulationConfig, simulate
from tests.cases.steps import decide, second
from tests.cli.terminal import samehand
from tests.pipeline.worlds import QUICK

LARGEST_LOSS = 0.5
"""Nats a fleet: the run's own posterior must be far better than not knowing, which costs 0.69."""


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """A store in which each fleet is confirmed if most members are of a planted one; every third one is seconded."""
    made, folder = (
        simulate(SimulationConfig(accounts=600, days=7, seed=1)),
        tmp_path_factory.mktemp("reviewed"),
    )
    detect(made.events, QUICK).save(folder / "run")
    planted = {str(account) for account in made.truth["account"].to_pylist()}
    with CaseStore.open(folder / "cases.sqlite") as store:
        store.register_run(folder / "run", actor="setup")
        for number, lead in enumerate(store.leads(LeadQuery(), limit=1_000).rows):
            accounts = [member.account for member in store.case(lead.case_id).members]
            true = 2 * len(planted.intersection(accounts)) > len(accounts)
            action = Action.confirm if true else Action.dismiss
            decide(store, lead.case_id, action, needs_second=number % 3 == 0)
            if number % 3 == 0:
                second(store, lead.case_id, agrees=number != 3)
        yield store


def test_so_few_decisions_are_refused_with_their_numbers(reviewed) -> None:
    with pytest.raises(RefusedError, match=r"too few decisions: \d+ confirmed and \d+ dismissed"):
        calibrate(reviewed)


def test_before_is_the_posterior_of_the_run_and_after_is_judged_on_what_was_left_out(
    reviewed, monkeypatch
) -> None:
    monkeypatch.setattr(calibrating, "FEWEST", 8)
    monkeypatch.setattr(calibrating, "FEWEST_OF_A_KIND", 1)
    made = calibrate(reviewed)
    decided = [lead for lead in reviewed.leads().rows if lead.status in {"confirmed", "dismissed"}]
    told = np.array(
        [lead.posterior if lead.status == "confirmed" else 1 - lead.posterior for lead in decided]
    )
    assert made.n_confirmed + made.n_dismissed == len(decided) == len(reviewed.leads().rows) - 1
    np.testing.assert_allclose(made.held_out.log_loss_before, -np.log(told).mean(), rtol=1e-6)
    np.testing.assert_allclose(made.held_out.brier_before, ((1 - told) ** 2).mean(), rtol=1e-6)
    assert made.held_out.log_loss_before < LARGEST_LOSS
    assert {"co_target", "innocent_causes"} <= {one.name for one in made.weights}
    assert all(0 < one.se <= 1.001 for one in made.weights), "decisions never make a weight less certain"
    assert (made.agreement.n_seconded, made.agreement.n_agreed) == (
        (len(decided) + 3) // 3,
        (len(decided) + 3) // 3 - 1,
    )
    text = made.to_text()
    assert f"agreed with {made.agreement.n_agreed} of {made.agreement.n_seconded}" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    if not made.better:
        with pytest.raises(RefusedError, match="nothing was written"):
            made.to_json()
    else:
        assert json.loads(made.to_json())["agreement"]["n_seconded"] == made.agreement.n_seconded


def test_agreement_is_told_by_the_command(reviewed) -> None:
    done = samehand("cases", "agreement", "--db", reviewed.database.where)
    assert done.code == 0
    assert "ann, then bob" in done.out
