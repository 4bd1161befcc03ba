"""Which layers and scales a log allows."""

from __future__ import annotations

import dataclasses

import pytest

from samehand.engines.answers import LogSize
from samehand.errors import OptionError
from samehand.graph.choose import chosen, usable_scales
from samehand.layers import LAYERS

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
CO_TARGET, RHYTHM = (next(x for x in LAYERS if x.name == name) for name in ("co_target", "rhythm"))
EVERYTHING = frozenset({"time", "account", "action", "target"})


def choose(*, roles=EVERYTHING, span=30 * DAY, clock=1, layers=(CO_TARGET, RHYTHM), first=0, n_accounts=100):
    usable, uses = usable_scales(layers, roles, LogSize(1000, n_accounts, first, first + span), clock)
    return {layer.name: scales for layer, scales in usable}, {use.name: use for use in uses}


def test_a_long_log_with_a_fine_clock_allows_everything():
    usable, uses = choose()
    assert usable == {"co_target": CO_TARGET.scales_us, "rhythm": RHYTHM.scales_us}
    assert all(use.used and not use.reason and use.scales_us == usable[name] for name, use in uses.items())


@pytest.mark.parametrize("clock", [1, SECOND, 3 * SECOND, 10 * SECOND])
def test_no_scale_is_finer_than_the_clock(clock):
    usable, _ = choose(clock=clock)
    for layer in (CO_TARGET, RHYTHM):
        assert usable[layer.name] == tuple(s for s in layer.scales_us if s >= clock)


def test_a_clock_of_minutes_leaves_no_rhythm_and_says_so():
    usable, uses = choose(clock=MINUTE)
    assert usable == {"co_target": tuple(s for s in CO_TARGET.scales_us if s >= MINUTE)}
    use = uses["rhythm"]
    assert (use.used, use.scales_us) == (False, ())
    assert "60 s" in use.reason, "the clock that was found"
    assert "10 s" in use.reason, "the clock that is needed"


@pytest.mark.parametrize("first", [0, -400 * DAY, 20_000 * DAY])
@pytest.mark.parametrize("span", [3 * HOUR, 12 * HOUR, 2 * DAY])
def test_a_scale_is_no_longer_than_half_the_log(span, first):
    usable, _ = choose(span=span, first=first)
    assert usable["co_target"] == tuple(s for s in CO_TARGET.scales_us if 2 * s <= span)
    assert len(usable["co_target"]) < len(CO_TARGET.scales_us) or span >= 2 * DAY


def test_a_log_too_short_for_one_layer_says_so():
    usable, uses = choose(span=10 * SECOND)
    assert usable == {"rhythm": (SECOND, 3 * SECOND)}
    assert "too short" in uses["co_target"].reason


def test_missing_columns_are_named():
    usable, uses = choose(roles=frozenset({"time", "account", "action"}))
    assert list(usable) == ["rhythm"]
    assert "target" in uses["co_target"].reason
    picky = dataclasses.replace(CO_TARGET, name="picky", roles=("device", "target", "address"))
    _, uses = choose(layers=(picky, RHYTHM))
    assert "device" in uses["picky"].reason
    assert "address" in uses["picky"].reason
    assert "target" not in uses["picky"].reason, "what is there is not missing"


def test_no_layer_at_all_is_an_error_that_says_why():
    with pytest.raises(OptionError, match=r"rhythm: .*60 s.*") as error:
        choose(roles=frozenset({"time", "account"}), clock=MINUTE)
    assert "co_target" in str(error.value)
    assert "--map" in str(error.value)


@pytest.mark.parametrize("n_accounts", [0, 1])
def test_a_log_of_one_account_needs_no_layer(n_accounts):
    usable, uses = choose(span=0, n_accounts=n_accounts)
    assert usable == {}
    assert [use.used for use in uses.values()] == [False, False]


def test_layers_stay_in_the_order_in_which_they_were_asked_for():
    _, uses = choose(layers=(RHYTHM, CO_TARGET))
    assert list(uses) == ["rhythm", "co_target"]
    usable, _ = usable_scales((RHYTHM, CO_TARGET), EVERYTHING, LogSize(9, 9, 0, 30 * DAY), 1)
    assert chosen(usable) == [
        *((RHYTHM, s) for s in RHYTHM.scales_us), *((CO_TARGET, s) for s in CO_TARGET.scales_us)
    ]  # fmt: skip


def test_without_sign_ups_there_is_no_age_and_the_run_says_so():
    layer = next(x for x in LAYERS if x.reads_ages)
    size = LogSize(1000, 100, 0, 30 * DAY, n_sign_ups=1)
    _, uses = usable_scales((CO_TARGET, layer), EVERYTHING, size, 1)
    assert "sign-ups" in next(use for use in uses if use.name == layer.name).reason
    usable, _ = usable_scales((CO_TARGET, layer), EVERYTHING, dataclasses.replace(size, n_sign_ups=2), 1)
    assert dict(usable_by_name(usable))[layer.name] == layer.scales_us[-1:], "the longest only"


def usable_by_name(usable):
    return [(layer.name, scales) for layer, scales in usable]
