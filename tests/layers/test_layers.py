"""What every layer must pass. A layer comes with a file of cases: tests/layers/cases/<name>.py."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from typing import get_args

import numpy as np
import pytest

import samehand as sh
from samehand.columns import ROLES
from samehand.engines.answers import LogSize
from samehand.engines.interface import Columns
from samehand.graph.choose import usable_scales
from samehand.layers import LAYERS, Layer
from samehand.layers.interface import Family
from tests.engines.load import to_table
from tests.layers.cases.rhythm import same_slots

every_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
HOUR, DAY = 3_600_000_000, 86_400_000_000


def cases_of(layer, kind):
    """Cases of a layer's file; none where there is no file, which ``test_a_layer_has_cases`` reports."""
    name = f"tests.layers.cases.{layer.name}"
    return getattr(importlib.import_module(name), kind, ()) if importlib.util.find_spec(name) else ()


def every_case(kind):
    return pytest.mark.parametrize(
        ("layer", "case"),
        [
            pytest.param(layer, case, id=f"{layer.name}: {case.name}")
            for layer in LAYERS
            for case in cases_of(layer, kind)
        ],
    )


def check_cases(layer: Layer) -> None:
    assert importlib.util.find_spec(f"tests.layers.cases.{layer.name}"), (
        f"layer {layer.name} needs tests/layers/cases/{layer.name}.py with FLEETS and CROWDS"
    )
    assert len(cases_of(layer, "FLEETS")) >= 1, f"{layer.name}: at least one fleet"
    assert len(cases_of(layer, "CROWDS")) >= 1, f"{layer.name}: at least one innocent crowd"


@every_layer
def test_a_layer_has_cases(layer):
    check_cases(layer)


def test_a_layer_without_cases_is_noticed():
    with pytest.raises(AssertionError, match=r"cases/newcomer\.py"):
        check_cases(dataclasses.replace(LAYERS[0], name="newcomer"))


@every_layer
def test_a_layer_says_what_it_is(layer):
    assert layer.name.isidentifier()
    assert layer.name == layer.name.lower()
    for text in (layer.title, layer.catches, *layer.innocent_causes):
        assert len(text.strip()) > 3
    assert layer.innocent_causes, "every layer has its innocent causes"
    assert len(set(layer.innocent_causes)) == len(layer.innocent_causes)
    assert layer.family in get_args(Family)
    assert set(layer.roles) <= set(ROLES) - {"time", "account"}
    assert layer.avoid is None or layer.avoid in ROLES


@every_layer
def test_scales_are_ascending(layer):
    assert len(layer.scales_us) > 0
    assert layer.scales_us[0] > 0
    assert (np.diff(layer.scales_us) > 0).all()
    assert all(isinstance(scale, int) for scale in layer.scales_us)


@every_layer
def test_an_occasion_is_no_shorter_than_a_window(layer):
    assert layer.n_windows_an_occasion >= 0


def test_names_are_distinct():
    assert len({layer.name for layer in LAYERS}) == len(LAYERS)


@every_layer
def test_without_its_columns_a_layer_is_skipped_with_a_reason(layer):
    if not layer.roles:  # nothing to lack: it works on times and accounts alone
        usable, (use,) = usable_scales([layer], frozenset({"time", "account"}), LogSize(9, 9, 0, 30 * DAY), 1)
        assert use.used
        return
    anything = dataclasses.replace(layer, name="other", roles=())
    for lacking in layer.roles:
        roles = frozenset(ROLES) - {lacking}
        usable, (use, _) = usable_scales([layer, anything], roles, LogSize(9, 9, 0, 30 * DAY, 9), 1)
        assert [one.name for one, _ in usable] == ["other"]
        assert (use.used, use.scales_us) == (False, ())
        assert lacking in use.reason


def some_columns(layer, *, roles=(), n=300, seed=0):
    """Any events; each role has values for most of them."""
    rng = np.random.default_rng(seed)
    codes = {role: rng.integers(-1, 12, n).astype(np.int32) for role in (*layer.roles, *roles)}
    return Columns(np.sort(rng.integers(0, DAY, n)), rng.integers(0, 40, n).astype(np.int32), codes)


def grouping(traces, events):
    """Which events share a feature, as numbers of the first of them in the order of ``events``."""
    shared = {}
    for event, feature in zip(traces.event.tolist(), traces.feature.tolist(), strict=True):
        shared.setdefault(feature, set()).add(int(events[event]))
    return {frozenset(some) for some in shared.values()}


@every_layer
@pytest.mark.parametrize("more", [(), ("action", "target")])
def test_traces_are_the_same_each_time_and_in_any_order_of_rows(layer, more):
    columns = some_columns(layer, roles=more)
    if layer.reads_texts:
        columns = dataclasses.replace(columns, fingerprints=np.arange(36).reshape(12, 3) % 7 - 1)
    if layer.reads_ages:
        columns = dataclasses.replace(columns, age_us=np.arange(300) % 7 * HOUR - 1)
    if layer.reads_networks:
        columns = dataclasses.replace(columns, networks=np.arange(36).reshape(12, 3) % 11 - 1)
    one, again = layer.take(columns), layer.take(columns)
    assert one.event.tolist() == again.event.tolist()
    assert one.feature.tolist() == again.feature.tolist()
    n = len(columns.time_us)
    assert ((one.event >= 0) & (one.event < n)).all()
    assert len(one.event) == len(one.feature) > 0
    order = np.random.default_rng(1).permutation(n)
    shuffled = Columns(
        columns.time_us[order],
        columns.account[order],
        {role: c[order] for role, c in columns.codes.items()},
        columns.fingerprints,
        columns.age_us if columns.age_us is None else columns.age_us[order],
        columns.networks,
    )
    assert grouping(layer.take(shuffled), order) == grouping(one, np.arange(n))


@every_layer
def test_a_log_without_events_has_no_traces(layer):
    none = np.empty(0, np.int64)
    codes = {role: none.astype(np.int32) for role in layer.roles}
    texts, ages = none.reshape(0, 3) if layer.reads_texts else None, none if layer.reads_ages else None
    networks = none.reshape(0, 3) if layer.reads_networks else None
    empty = Columns(none, none.astype(np.int32), codes, texts, ages, networks)
    traces = layer.take(empty)
    assert len(traces.event) == len(traces.feature) == 0


def detect(rows, layer, **more):
    run = sh.detect(to_table(rows), sh.Config(layers=(layer.name,), surrogates=20, **more))
    reported, candidates = set(), set()
    for row in run.members.to_pylist():
        candidates.add(row["account"])
        reported |= {row["account"]} if row["reported"] else set()
    return run, reported, candidates


@every_case("FLEETS")
@pytest.mark.parametrize("seed", [0, 1])
def test_a_fleet_is_found(layer, case, seed):
    rows, fleet = case.make(np.random.default_rng(seed))
    run, reported, candidates = detect(rows, layer)
    if not layer.convicts:
        assert len(candidates & fleet) >= 0.95 * len(fleet), "found"
        assert reported == set(), "but not accused: another layer has to speak against it"
        return
    assert len(reported & fleet) >= 0.95 * len(fleet)
    assert not reported - fleet, "nobody else is accused"
    (found,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    assert found["layers"] == [layer.name]
    assert found["q_value"] <= 0.05
    assert len(run.evidence.to_pylist()) > 0


@every_case("CROWDS")
@pytest.mark.parametrize("seed", [0, 1])
def test_an_innocent_crowd_is_not_reported(layer, case, seed):
    rows, crowd = case.make(np.random.default_rng(seed))
    run, reported, _ = detect(rows, layer)
    assert len(crowd) >= 5
    assert reported == set()
    for row in run.fleets.to_pylist():
        assert row["innocent"] or row["chance_count"] > 0, "what is let go is let go for a reason"


def test_a_daily_time_is_told_and_makes_no_pairs():
    """Without the rule every two people with a slot in common are a pair: ten meetings of ten."""
    layer = next(layer for layer in LAYERS if layer.slot_us > 0)
    rows, crowd = same_slots(np.random.default_rng(0))
    with_rule = sh.detect(to_table(rows), sh.Config(layers=(layer.name,), surrogates=0))
    assert not [row for row in with_rule.edges.to_pylist() if {row["account_a"], row["account_b"]} <= crowd]
    (told,) = [one for one in with_rule.info.bounded if one.what.startswith("events that repeat")]
    n_slots = sum(row["action"] == "post" for row in to_table(rows).to_pylist())
    assert 0.8 * n_slots < told.count < n_slots, "all but the first days, and nobody else's"


@every_layer
def test_some_innocent_crowd_moves_together(layer):
    """A crowd that nothing would ever suspect tests nothing: one at least must be a candidate that is let go."""
    found = [detect(case.make(np.random.default_rng(0))[0], layer)[2] for case in cases_of(layer, "CROWDS")]
    assert any(len(candidates) >= 5 for candidates in found)
