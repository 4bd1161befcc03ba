"""Innocent causes: each explains what it should, and does not explain what it should not."""

from __future__ import annotations

import dataclasses
import math

import pytest

from samehand.columns import ROLES
from samehand.fleets.innocent import CAUSES, explain_away, ramp
from samehand.texts.sentences import explanation_sentence
from tests.fleets.scene import GUILTY, HOUR, NAN, SECOND, facts

ALL_ROLES = frozenset(ROLES)
BY_NAME = {cause.name: cause for cause in CAUSES}
NEW = {"of_first_steps": True, "lag_control": False}
WORDS = {"on_targets": False, "of_texts": True}
FANS = {"focus": 5.0, "own_life": 0.5, "address_shared": 0.3}

EXPLAINED = {
    "shared_interest": [
        facts(lag_bits=1.0, own_life=0.5),
        facts(lag_bits=0.0, scale_us=6 * HOUR, own_life=0.0),
    ],
    "common_words": [facts(lag_bits=1.0, **WORDS), facts(lag_bits=0.0, own_life=0.0, **WORDS)],
    "invitation": [facts(n_joint_features=3.0, **NEW), facts(n_occasions=3.0, **NEW)],
    "shared_network": [facts(convicts=False)],
    "fan_club": [facts(**FANS, at_birth=0.5, lag_bits=20.0)],
    "push_notification": [
        facts(**FANS, at_birth=0.8),
        facts(**{**FANS, "focus": NAN}, at_birth=0.95),  # hardly anybody else was ever there
    ],
    "live_event": [
        facts(at_birth=0.6, n_occasions=3.0, own_life=0.5, address_shared=0.2),
        facts(n_outside=400.0, n_occasions=3.0, own_life=0.5, address_shared=0.2),
        facts(at_birth=0.0, n_occasions=3.0, own_life=0.5, address_shared=0.2),  # very seldom
    ],
    "classroom": [
        facts(together_in_place=0.95, apart_in_place=0.1, own_life=0.6, n_occasions=8.0),
        facts(
            together_in_place=NAN, apart_in_place=NAN, own_life=0.35, n_occasions=8.0
        ),  # a log without addresses
    ],
    "link_group": [
        facts(at_birth=0.9, address_shared=0.2, own_life=0.6, lag_bits=40.0),
        facts(at_birth=NAN, address_shared=0.2, own_life=0.6, lag_bits=40.0),  # nobody else was ever there
        facts(at_birth=0.9, address_shared=NAN, own_life=0.6, lag_bits=14.0),  # a log without addresses
    ],
    "syndication": [facts(audience=60.0)],
    "household": [facts(n_accounts=5, device_shared=0.9, lag_bits=0.0, own_life=0.8)],
    "call_centre": [facts(answered=0.5)],
    "scheduler": [facts(round_clock=0.95, own_life=0.7)],
}
"""What each cause explains."""

NOT_EXPLAINED = {
    "shared_interest": [
        facts(lag_bits=60.0, own_life=0.5),  # others of that interest do not come at once
        facts(lag_bits=0.0, own_life=0.0),  # they do nothing else
    ],
    "common_words": [facts(lag_bits=60.0, **WORDS)],
    "invitation": [facts(n_joint_features=4.0, n_occasions=5.0, **NEW)],
    "shared_network": [facts()],
    "fan_club": [
        facts(**{**FANS, "focus": 1.2}, at_birth=0.5, lag_bits=20.0),
        facts(**FANS, at_birth=0.0, lag_bits=20.0),
        facts(**FANS, at_birth=0.5, lag_bits=200.0),
        facts(**{**FANS, "own_life": 0.0}, at_birth=0.5, lag_bits=20.0),
        facts(**{**FANS, "address_shared": 1.0}, at_birth=0.5, lag_bits=20.0),
    ],
    "push_notification": [
        facts(**FANS, at_birth=0.2),
        facts(**{**FANS, "focus": 1.0}, at_birth=0.8),
        facts(**{**FANS, "focus": NAN}, at_birth=0.5),
        facts(**{**FANS, "own_life": 0.0}, at_birth=0.8),
        facts(**{**FANS, "address_shared": 1.0}, at_birth=0.8),
    ],
    "live_event": [
        facts(at_birth=0.6, n_occasions=60.0, own_life=0.5, address_shared=0.2),
        facts(at_birth=0.0, n_occasions=15.0, own_life=0.5, address_shared=0.2),
        facts(at_birth=0.0, n_occasions=3.0, own_life=0.3, address_shared=0.2),
        facts(at_birth=0.0, n_occasions=3.0, own_life=0.5, address_shared=1.0),
        facts(at_birth=0.6, n_occasions=3.0, own_life=0.0, address_shared=0.2),
    ],
    "classroom": [
        facts(together_in_place=0.2, apart_in_place=0.1, own_life=0.6, n_occasions=8.0),
        facts(together_in_place=0.95, apart_in_place=0.9, own_life=0.6, n_occasions=8.0),
        facts(together_in_place=0.95, apart_in_place=0.1, own_life=0.0, n_occasions=8.0),
        facts(together_in_place=0.95, apart_in_place=0.1, own_life=0.6, n_occasions=80.0),
        facts(together_in_place=NAN, apart_in_place=NAN, own_life=0.1, n_occasions=8.0),
        facts(together_in_place=NAN, apart_in_place=NAN, own_life=0.6, n_occasions=80.0),
    ],
    "link_group": [
        facts(at_birth=0.1, address_shared=0.2, own_life=0.6, lag_bits=40.0),
        facts(at_birth=0.9, address_shared=1.0, own_life=0.6, lag_bits=40.0),
        facts(at_birth=0.9, address_shared=0.2, own_life=0.1, lag_bits=40.0),
        facts(at_birth=0.9, address_shared=0.2, own_life=0.6, lag_bits=300.0),
        facts(at_birth=0.9, address_shared=NAN, own_life=0.6, lag_bits=40.0),
    ],
    "syndication": [
        facts(audience=3.0),
        facts(audience=3.0, audience_usual=0.1),
        facts(audience=60.0, audience_usual=90.0),
    ],
    "household": [
        facts(n_accounts=30, device_shared=0.9, lag_bits=0.0, own_life=0.8),
        facts(n_accounts=5, device_shared=0.0, lag_bits=0.0, own_life=0.8),
        facts(n_accounts=5, device_shared=0.9, lag_bits=90.0, own_life=0.8),
    ],
    "call_centre": [facts(answered=0.05)],
    "scheduler": [facts(round_clock=0.05, own_life=0.7), facts(round_clock=0.95, own_life=0.0)],
}
"""What each cause does not explain, one reason at a time."""

UNKNOWN = {
    "shared_interest": facts(on_targets=False),
    "common_words": facts(),
    "invitation": facts(n_joint_features=2.0),
    "shared_network": facts(address_shared=NAN),
    "fan_club": facts(**FANS, at_birth=NAN),
    "push_notification": facts(at_birth=NAN),
    "live_event": facts(on_targets=False),
    "classroom": facts(together_in_place=NAN, on_targets=False),
    "link_group": facts(on_targets=False),
    "syndication": facts(audience_usual=NAN),
    "household": facts(device_shared=NAN),
    "call_centre": facts(answered=NAN),
    "scheduler": facts(round_clock=NAN),
}
"""Facts that do not allow the test."""


def each(cases):
    return [
        pytest.param(name, one, id=f"{name}-{n}")
        for name, some in cases.items()
        for n, one in enumerate(some)
    ]


def explanation(name, some, roles=ALL_ROLES):
    return next(one for one in explain_away(some, roles) if one.name == name)


def test_every_cause_is_tried_here():
    assert set(EXPLAINED) == set(NOT_EXPLAINED) == set(UNKNOWN) == set(BY_NAME)


@pytest.mark.parametrize(("name", "some"), each(EXPLAINED))
def test_what_a_cause_explains(name, some):
    found = explanation(name, some)
    assert (found.tested, found.missing) == (True, ())
    assert found.weight >= 0.9


@pytest.mark.parametrize(("name", "some"), each(NOT_EXPLAINED))
def test_what_a_cause_does_not_explain(name, some):
    found = explanation(name, some)
    assert found.tested
    assert found.weight <= 0.1


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_facts_that_are_not_known_are_no_test(cause):
    found = explanation(cause.name, UNKNOWN[cause.name])
    assert (found.tested, found.weight, dict(found.figures), found.missing) == (False, 0.0, {}, ())


@pytest.mark.parametrize("cause", [c for c in CAUSES if c.needs], ids=lambda cause: cause.name)
def test_missing_columns_are_no_test_and_are_named(cause):
    for some in (EXPLAINED[cause.name][0], NOT_EXPLAINED[cause.name][0]):
        for role in cause.needs:
            found = explanation(cause.name, some, ALL_ROLES - {role})
            assert (found.tested, found.weight, found.missing) == (False, 0.0, (role,))


def test_no_cause_explains_the_guilty():
    explained = explain_away(GUILTY, ALL_ROLES)
    assert all(one.weight <= 0.05 for one in explained)
    assert {one.name for one in explained if not one.tested} == {"common_words", "invitation"}, (
        "they write nothing and are not new"
    )


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_cause_has_a_sentence_with_its_figures(cause, lang):
    found = explanation(cause.name, EXPLAINED[cause.name][0])
    assert set(found.figures) == set(cause.figures)
    assert set(cause.figures) <= {field.name for field in dataclasses.fields(GUILTY)}
    text = explanation_sentence(
        lang, explanation=cause.name, tested=True, figures=dict(found.figures), sentence=None
    )
    assert len(text) > 10


def test_the_best_explanation_comes_first_and_untested_ones_last():
    found = explain_away(facts(answered=0.3, audience=60.0, round_clock=NAN), ALL_ROLES - {"device"})
    tested = [one.tested for one in found]
    assert tested == sorted(tested, reverse=True)
    weights = [one.weight for one in found if one.tested]
    assert weights == sorted(weights, reverse=True)
    assert found[0].name == "syndication"
    assert {one.name for one in found if not one.tested} == {
        "household",
        "scheduler",
        "common_words",
        "invitation",
    }


def test_weights_are_between_0_and_1():
    extremes = [0.0, 1.0, 1e9, NAN]
    for cause in CAUSES:
        for value in extremes:
            numbers = {f.name: value for f in dataclasses.fields(GUILTY) if f.type in {"float", float}}
            numbers |= {"n_occasions_log": 1.0, "audience_usual": 1.0, "answered_usual": 1.0}
            weight = cause.weigh(facts(**numbers))
            assert math.isnan(weight) or 0 <= weight <= 1


@pytest.mark.parametrize(
    ("value", "expected"), [(-1, 0), (0.2, 0), (0.3, 0.25), (0.6, 1), (9, 1), (math.inf, 1)]
)
def test_ramp(value, expected):
    assert ramp(value, 0.2, 0.6) == pytest.approx(expected)
    assert ramp(value, 0.6, 0.2) == pytest.approx(1 - expected)


def test_a_shared_interest_counts_beyond_ten_minutes_whatever_else_they_do():
    assert explanation("shared_interest", facts(lag_bits=0, own_life=0, scale_us=600 * SECOND)).weight == 0
    assert explanation("shared_interest", facts(lag_bits=0, own_life=0, scale_us=601 * SECOND)).weight == 1
