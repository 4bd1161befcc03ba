"""The seam: a new layer is a ``Layer`` object and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import samehand as sh
from samehand import pipeline
from samehand.engines.interface import Traces
from samehand.layers import LAYERS, RATES, TRAITS, Layer
from tests.engines.load import to_table
from tests.layers.cases.case import HOUR, MINUTE, SECOND, SPAN, event, people


def same_phone(columns):
    """Take each event that has a device."""
    device = columns.codes["device"]
    event_ = np.flatnonzero(device >= 0).astype(np.int32)
    return Traces(event_, device[event_].astype(np.int64))


def same_victim(columns):
    """Take each event that has a target, whatever was done to it."""
    target = columns.codes["target"]
    event_ = np.flatnonzero(target >= 0).astype(np.int32)
    return Traces(event_, target[event_].astype(np.int64))


def toy(name, take, roles, *, background="hour", lag_control=False):
    return Layer(
        name=name, title="A toy", catches="whatever it is told to", innocent_causes=("a toy shop",), family="device",
        roles=roles, scales_us=(10 * SECOND, 10 * MINUTE), take=take, background=background, lag_control=lag_control,
    )  # fmt: skip


def farm_of_phones(rng):
    """Eight accounts are logged into thirty phones, one after the other; every phone is others' as well."""
    rows = [
        {**row, "device": f"phone{rng.integers(200)}", "target": f"{row['target']}-{n}"}
        for n, row in enumerate(people(rng))
    ]
    fleet = [f"z{n}" for n in range(8)]
    for phone in range(30):
        at = rng.integers(SPAN - HOUR)
        rows += [
            event(
                at + n * 40 * SECOND + rng.integers(SECOND),
                name,
                "login",
                f"nothing{phone}{n}",
                device=f"phone{phone}",
            )
            for n, name in enumerate(fleet)
        ]
    return rows, set(fleet)


def many_verbs(rng):
    """Eight accounts do different things to one victim after the other."""
    rows, fleet = people(rng), [f"z{n}" for n in range(8)]
    for victim in range(30):
        at = rng.integers(SPAN - HOUR)
        rows += [
            event(at + rng.integers(5 * MINUTE), name, f"verb{n}", f"t{victim:03d}")
            for n, name in enumerate(fleet)
        ]
    return rows, set(fleet)


TOYS = [
    (toy("toy_phone", same_phone, ("device",)), farm_of_phones),
    (toy("toy_victim", same_victim, ("target",), background="interest", lag_control=True), many_verbs),
]


@pytest.fixture
def with_toys(monkeypatch):
    monkeypatch.setattr(pipeline, "LAYERS", (*LAYERS, *(layer for layer, _ in TOYS)))


@pytest.mark.parametrize(("layer", "make"), TOYS, ids=[layer.name for layer, _ in TOYS])
def test_a_third_layer_passes_through_the_whole_pipeline(with_toys, tmp_path, layer, make):
    rows, fleet = make(np.random.default_rng(0))
    run = sh.detect(to_table(rows), sh.Config(surrogates=20))
    reported = {row["account"] for row in run.members.to_pylist() if row["reported"]}
    assert reported == fleet
    (row,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    assert row["layers"] == [layer.name], "no other layer sees it"
    assert {use.name for use in run.info.layers if use.used} >= {layer.name, "rhythm"}
    assert layer.name in set(run.edges["layer"].to_pylist())
    assert set(run.evidence["layer"].to_pylist()) == {layer.name}
    # ... and out of the other end.
    run.save(tmp_path / "run")
    for lang in ("en", "zh"):
        page = tmp_path / f"{lang}.html"
        run.report(page, lang=lang)
        assert row["fleet_id"] in page.read_text(encoding="utf-8")
    assert run.explain(row["fleet_id"])
    again = sh.detect(to_table(rows), sh.Config(surrogates=20))
    assert again.fleets.to_pylist() == run.fleets.to_pylist()
    assert again.evidence.to_pylist() == run.evidence.to_pylist()


def test_a_toy_can_be_asked_for_by_name_and_is_skipped_where_its_columns_are_missing(with_toys):
    rows, _ = many_verbs(np.random.default_rng(0))
    run = sh.detect(to_table(rows), sh.Config(surrogates=0))
    (use,) = [use for use in run.info.layers if use.name == "toy_phone"]
    assert (use.used, use.scales_us) == (False, ())
    assert "device" in use.reason
    run = sh.detect(to_table(rows), sh.Config(surrogates=0, layers=("toy_victim",)))
    assert [use.name for use in run.info.layers] == ["toy_victim", *(one.name for one in (*TRAITS, *RATES))]


@pytest.mark.parametrize("role", ["device", "address", "content", "client", "outcome"])
def test_an_engine_gives_codes_of_any_column_that_a_layer_asks_for(engine_of, role):
    """The codes are those of the values, whatever the order of rows, and the pairs those of the same log of targets."""
    rng = np.random.default_rng(0)
    rows = [
        {"time": int(rng.integers(HOUR)), "account": f"a{rng.integers(20)}",
         role: None if rng.random() < 0.1 else f"v{rng.integers(15)}"}
        for _ in range(500)
    ]  # fmt: skip
    seen = []

    def take(columns):
        codes = columns.codes[role]
        seen.append(sorted(set(codes.tolist())))
        return same_victim(type(columns)(columns.time_us, columns.account, {"target": codes}))

    asked = engine_of([*rows, *rows[:40]]).candidate_pairs(toy("asked", take, (role,)), MINUTE, 0.0)
    targets = [{**row, "target": row[role]} for row in rows]
    known = engine_of([{k: v for k, v in row.items() if k != role} for row in targets])
    expected = known.candidate_pairs(toy("known", same_victim, ("target",)), MINUTE, 0.0)
    assert len(expected) > 30
    assert seen == [[-1, *range(15)]]
    assert asked.account_a.tolist() == expected.account_a.tolist()
    assert asked.log_p.tolist() == pytest.approx(expected.log_p.tolist())
