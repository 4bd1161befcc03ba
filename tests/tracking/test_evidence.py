"""Evidence in bits: never more than chance allows, against slow twins."""

from __future__ import annotations

from itertools import product
from math import comb, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.tracking.chance import accounts_bits, tail_bits
from samehand.tracking.evidence import MOST_BITS, Between
from samehand.tracking.habits import LONGEST_PAUSE_S
from samehand.tracking.traces import collect
from tests.tracking.made import Fleet, names, others, run


@given(st.integers(1, 12), st.integers(1, 12), st.integers(24, 200), st.data())
def test_shared_accounts_are_the_tail_of_a_draw(n_one, n_other, n_accounts, data) -> None:
    n_shared = data.draw(st.integers(0, min(n_one, n_other)))
    ways = sum(
        comb(n_one, k) * comb(n_accounts - n_one, n_other - k)
        for k in range(n_shared, min(n_one, n_other) + 1)
    )
    expected = log2(comb(n_accounts, n_other)) - log2(ways)
    assert accounts_bits(n_shared, n_one, n_other, n_accounts) == pytest.approx(expected, abs=1e-6)


def test_very_many_shared_accounts_give_a_finite_number() -> None:
    assert 10_000 < accounts_bits(5_000, 5_000, 5_000, 1_000_000) < 1e6
    assert accounts_bits(4, 4, 4, 3) >= 0, "a log cannot hold fewer accounts than its fleets"


def chance_of_as_much(chance, shared) -> float:
    """Go through all that could be shared, and add up the chance of what weighs at least as much."""
    weight = -np.log(chance)
    seen = weight[shared].sum()
    total = 0.0
    for has in product([False, True], repeat=len(chance)):
        marks = np.array(has)
        if weight[marks].sum() >= seen - 1e-9:
            total += np.prod(np.where(marks, chance, 1 - chance))
    return total


@given(st.lists(st.tuples(st.floats(0.01, 0.95), st.booleans()), min_size=1, max_size=9))
def test_shared_traces_never_say_more_than_their_chance(features) -> None:
    chance = np.array([p for p, _ in features])
    shared = np.array([has for _, has in features], np.bool_)
    bits = tail_bits(chance, shared)
    assert 0 <= bits <= -log2(min(1.0, chance_of_as_much(chance, shared))) + 1e-6


def test_shared_traces_say_most_of_what_they_could() -> None:
    assert tail_bits(np.array([1 / 32]), np.array([True])) == pytest.approx(5, abs=0.2)
    assert tail_bits(np.full(8, 1 / 32), np.full(8, True)) == pytest.approx(40, abs=2)
    few = np.arange(100) < 3
    assert tail_bits(np.full(100, 0.05), few) == 0, "chance gives five"


def weigh(one: Fleet, other: Fleet, crowd: list[Fleet]):
    runs = [run(one, *crowd), run(other, day=7)]
    shown = collect([one.tables for one in runs])
    return Between(shown, 0, 1).weigh(0, len(crowd) + 1, 5_000)


def test_the_more_candidates_have_a_trace_the_less_it_says() -> None:
    one = Fleet(names("a", 0, 6), devices=["shared"])
    said = []
    for n in range(0, 9, 2):
        crowd = [Fleet(f.accounts, devices=["shared"]) for f in others(n, "x")] + others(8 - n, "y")
        said.append(weigh(one, Fleet(names("b", 0, 6), devices=["shared"]), crowd).sorts_bits["device"])
    assert said == sorted(said, reverse=True)
    assert said[0] > 2
    assert said[-1] < 0.2


def test_no_sort_says_more_than_its_bound() -> None:
    many = names("t", 0, 200)
    one = Fleet(
        names("a", 0, 6),
        devices=many,
        addresses=many,
        targets=many,
        texts=[f"{t} is the best lamp" for t in many],
    )
    evidence = weigh(one, Fleet(names("b", 0, 6), *(many, many, one.texts, many)), others(20, "x"))
    assert {sort: bits for sort, bits in evidence.sorts_bits.items() if sort != "script"} == {
        sort: bits for sort, bits in MOST_BITS.items() if sort != "script"
    }
    assert evidence.kinds_bits["infrastructure"] == MOST_BITS["device"] + MOST_BITS["network"]


def shared(evidence, trace: str) -> tuple[int, int]:
    return next((t.n_shared, t.n_of) for t in evidence.traces if t.trace == trace)


def test_texts_in_disguise_are_the_same_template() -> None:
    plain = ["Cheap followers, write to me now", "金融理财稳赚不赔加我微信"]
    dressed = ["CHEAP  f\u200bоllоwers 🙂 write tо me nоw!!", "金融理财 稳赚不赔 加我微信🙂"]
    evidence = weigh(
        Fleet(names("a", 0, 6), texts=plain), Fleet(names("b", 0, 6), texts=dressed), others(8, "x")
    )
    n_shared, n_of = shared(evidence, "template")
    assert n_shared == n_of == 2, "one for each text, however many fingerprints it has"


def test_scripts_are_told_by_actions_and_pauses() -> None:
    def of(name: str, pause_s: float, action: str = "like") -> Fleet:
        return Fleet(names(name, 0, 6), targets=names(name, 0, 5), pause_s=pause_s, action=action)

    def script(other: Fleet) -> int:
        evidence = weigh(of("a", 20), other, others(8, "x"))
        return next((t.n_shared for t in evidence.traces if t.trace == "script"), 0)

    assert script(of("b", 25)) == 1
    assert script(of("b", 200)) == 0
    assert script(of("b", 25, "follow")) == 0
    assert script(of("b", LONGEST_PAUSE_S + 1)) == 0


def test_what_one_member_writes_alone_is_no_template_of_its_fleet() -> None:
    one = Fleet(["a0"], texts=["This is a letter to my old aunt"])
    evidence = weigh(one, Fleet(names("b", 0, 6), texts=one.texts), others(8, "x"))
    assert "template" not in {trace.trace for trace in evidence.traces}
