"""Each figure against answers known by hand, and against a slow obvious twin."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.errors import InputError
from samehand.evaluation.metrics import AT, evaluate
from samehand.texts import say
from samehand.texts.lines import columns_of
from tests.evaluation.answers import key_of, run_of
from tests.report.fake_run import fake_run


def test_accounts_by_hand() -> None:
    # reported: a b c d (c and d are innocent); true: a b e f g
    found = evaluate(run_of({"F1": "abcd"}), key_of({"boost_1": "abefg"}))
    assert (found.n_accounts_reported, found.n_accounts_true) == (4, 5)
    assert found.precision == 2 / 4
    assert found.recall == 2 / 5
    assert found.f1 == pytest.approx(2 * 0.5 * 0.4 / 0.9)


def test_candidates_that_are_not_reported_count_for_nothing_but_the_ranking() -> None:
    run = run_of({"F1": "ab", "F2": "cdefghij"}, unreported=["F2"])
    found = evaluate(run, key_of({"x": "cdefghij"}))
    assert (found.n_accounts_reported, found.precision, found.recall, found.f1) == (2, 0.0, 0.0, 0.0)
    assert (found.n_fleets_reported, found.n_fleets_false, found.fleet_false_discovery) == (1, 1, 1.0)
    assert found.recall_by_kind == {"x": 0.0}
    assert found.precision_at == {10: 0.8}


@pytest.mark.parametrize(
    ("run", "truth", "expected"),
    [
        ({}, {}, (None, None, None, None)),
        ({"F1": "ab"}, {}, (0.0, None, 0.0, 1.0)),
        ({}, {"x": "ab"}, (None, 0.0, 0.0, None)),
        ({"F1": "ab"}, {"x": "cd"}, (0.0, 0.0, 0.0, 1.0)),
    ],
)
def test_rates_without_a_denominator_are_none_and_others_are_not(run, truth, expected) -> None:
    found = evaluate(run_of(run), key_of(truth))
    assert (found.precision, found.recall, found.f1, found.fleet_false_discovery) == expected


@pytest.mark.parametrize(
    ("group", "is_false"), [("ab12", False), ("a123", True), ("1234", True), ("abc1", False), ("ac", False)]
)
def test_a_reported_fleet_is_false_when_less_than_half_of_it_is_in_any_true_fleet(group, is_false) -> None:
    found = evaluate(run_of({"F1": group, "F2": "xyz"}), key_of({"t1": "ab", "t2": "c", "t3": "xyz"}))
    assert (found.n_fleets_reported, found.n_fleets_false) == (2, int(is_false))
    assert found.fleet_false_discovery == is_false / 2


@pytest.mark.parametrize(
    ("run", "found"),
    [
        ({"F1": "abc"}, 1.0),  # three of four
        ({"F1": "ab"}, 0.0),  # half is not more than half
        ({"F1": "ab", "F2": "cd"}, 0.0),  # all, in two
        ({"F1": "abc", "F2": "d"}, 1.0),
        ({"F1": "abc123456789"}, 1.0),  # who else is in it does not matter here
    ],
)
def test_a_true_fleet_is_found_when_more_than_half_of_it_sits_in_one_reported_fleet(run, found) -> None:
    assert evaluate(run_of(run), key_of({"t": "abcd"})).recall_by_kind == {"t": found}


def test_recall_by_kind() -> None:
    truth = key_of(
        {"b1": "abc", "b2": "def", "b3": "ghijkl", "f1": "mno"},
        kinds={"b1": "boost", "b2": "boost", "b3": "boost", "f1": "farm"},
    )
    found = evaluate(run_of({"F1": "abc", "F2": "de", "F3": "ghi"}), truth)
    assert found.recall_by_kind == {"boost": pytest.approx(2 / 3), "farm": 0.0}
    assert found.account_recall_by_kind == {"boost": 8 / 12, "farm": 0.0}
    assert list(found.recall_by_kind) == sorted(found.recall_by_kind)


def test_b_cubed_by_hand() -> None:
    # precision: a b c each 3/5, d e each 2/5 of F1; 1 is in no true fleet: 0; recall: a b c 3/3, d e 2/3, f 0
    found = evaluate(run_of({"F1": "abcde", "F2": "1"}), key_of({"t1": "abc", "t2": "def"}))
    assert found.b_cubed_precision == pytest.approx((3 * 3 / 5 + 2 * 2 / 5 + 0) / 6)
    assert found.b_cubed_recall == pytest.approx((3 * 1 + 2 * 2 / 3 + 0) / 6)


def slow_b_cubed(found_in: dict[str, str], fleet_of: dict[str, str]) -> tuple[float | None, float | None]:
    """Account by account, as Bagga and Baldwin say it."""

    def mean(mine: dict[str, str], other: dict[str, str]) -> float | None:
        shares = []
        for account, group in mine.items():
            together = [a for a in mine if mine[a] == group]
            right = [a for a in together if account in other and other.get(a) == other[account]]
            shares.append(Fraction(len(right), len(together)))
        return float(sum(shares) / len(shares)) if shares else None

    return mean(found_in, fleet_of), mean(fleet_of, found_in)


accounts = st.dictionaries(
    st.sampled_from("abcdefghijklmnopqrst"), st.sampled_from(["A", "B", "C", "D"]), max_size=20
)


@given(accounts, accounts)
def test_all_rates_against_slow_twins(found_in: dict[str, str], fleet_of: dict[str, str]) -> None:
    def grouped(group_of):
        return {g: "".join(a for a in group_of if group_of[a] == g) for g in sorted(set(group_of.values()))}

    found = evaluate(run_of(grouped(found_in)), key_of(grouped(fleet_of)))
    twin = slow_b_cubed(found_in, fleet_of)
    assert (found.b_cubed_precision, found.b_cubed_recall) == (
        None if twin[0] is None else pytest.approx(twin[0]),
        None if twin[1] is None else pytest.approx(twin[1]),
    )
    both = set(found_in) & set(fleet_of)
    assert found.precision == (len(both) / len(found_in) if found_in else None)
    assert found.recall == (len(both) / len(fleet_of) if fleet_of else None)
    if found.precision and found.recall:
        harmonic = 2 / (1 / found.precision + 1 / found.recall)
        assert found.f1 == pytest.approx(harmonic)
    assert sum(found.false_accounts_by_cause.values()) == len(found_in) - len(both)


def test_precision_at_k_goes_by_rank_of_the_fleet_and_then_by_bits() -> None:
    # F1: 4 true, then 4 false; F2: 2 true, then 2 false
    fleets = {"F0001": "abcd1234", "F0002": "ef56"}
    found = evaluate(run_of(fleets), key_of({"t": "abcdef"}))
    assert found.precision_at == {10: 6 / 10}
    turned = evaluate(run_of({"F0001": "1234abcd", "F0002": "56ef"}), key_of({"t": "abcdef"}))
    assert turned.precision_at == {10: 4 / 10}


def test_precision_at_k_does_not_hang_on_the_order_of_the_rows() -> None:
    # F10000 ranks last, though its name sorts before F9999
    run = run_of({"F0001": "abcd", "F9999": "efgh", "F10000": "1234"})
    truth = key_of({"t": "abcdefgh"})
    for seed in range(5):
        rows = np.random.default_rng(seed).permutation(run.members.num_rows)
        assert evaluate(replace(run, members=run.members.take(rows)), truth).precision_at == {10: 8 / 10}


def test_precision_is_given_at_the_ranks_that_there_are() -> None:
    names = [f"u{i}" for i in range(500)]
    run = run_of({"F1": " ".join(names)})
    found = evaluate(run, key_of({"t": " ".join(names[:100])}))
    assert found.precision_at == {10: 1.0, 50: 1.0, 100: 1.0, 500: 0.2}
    assert tuple(found.precision_at) == AT
    assert evaluate(run_of({"F1": " ".join(names[:99])}), key_of({"t": "u0 u1"})).precision_at == {
        10: 0.2,
        50: 0.04,
    }


def test_false_accounts_are_counted_by_cause() -> None:
    run = run_of({"F1": "ab12", "F2": "34567"})
    crowds = key_of(
        {"class_1": "123", "class_2": "4", "cafe_1": "5"},
        "crowd",
        {"class_1": "classroom", "class_2": "classroom", "cafe_1": "cafe"},
    )
    found = evaluate(run, key_of({"t": "ab"}), crowds)
    assert found.false_accounts_by_cause == {"classroom": 4, "none": 2, "cafe": 1}
    assert evaluate(run, key_of({"t": "ab"})).false_accounts_by_cause == {"none": 7}
    # two of five are of one class and a cafe holds one: nobody has more than half
    assert found.innocent_found_by_kind == {}


@pytest.mark.parametrize(("crowd", "found"), [("123", {"fans": 1}), ("12", {}), ("1234", {"fans": 1})])
def test_an_innocent_crowd_is_found_when_it_makes_up_more_than_half_of_a_reported_fleet(crowd, found) -> None:
    crowds = key_of({"c": crowd}, "crowd", {"c": "fans"})
    run = run_of({"F1": "1234", "F2": "abc"})
    assert evaluate(run, key_of({"t": "abc"}), crowds).innocent_found_by_kind == found


def test_an_account_in_several_crowds_counts_for_the_one_that_explains_most() -> None:
    crowds = key_of({"a": "1", "b": "1234", "z": "12"}, "crowd", {"a": "aunts", "b": "fans", "z": "zoo"})
    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0]):
        found = evaluate(run_of({"F1": "1234"}), key_of({}), crowds.take(order))
        assert found.false_accounts_by_cause == {"fans": 4}


@pytest.mark.parametrize(
    "kind", [pa.int64(), pa.int32(), pa.uint64(), pa.float64(), pa.string(), pa.large_string()]
)
def test_ids_match_whatever_type_the_answer_key_gives_them(kind) -> None:
    run = run_of({"F1": "7 8 9"}, account=pa.int64())
    truth = key_of({"t": "7 8 10"})
    truth = truth.set_column(0, "account", truth["account"].cast(pa.int64()).cast(kind))
    assert evaluate(run, truth).recall == pytest.approx(2 / 3)


def test_text_ids_are_compared_as_they_are() -> None:
    assert evaluate(run_of({"F1": "007 008"}), key_of({"t": "7 008"})).recall == 0.5


def test_a_key_can_come_from_a_file_or_from_polars_or_pandas(tmp_path) -> None:
    import pandas as pd
    import polars as pl

    run, truth = run_of({"F1": "abc"}), key_of({"t": "abd"})
    pq.write_table(truth, tmp_path / "truth.parquet")
    sources = [tmp_path / "truth.parquet", str(tmp_path / "truth.parquet"), pl.DataFrame(truth)]
    frame = truth.to_pandas()
    if hasattr(pd.DataFrame, "__arrow_c_stream__"):
        sources.append(frame)
    assert len({evaluate(run, source).to_text() for source in [truth, *sources]}) == 1


@pytest.mark.parametrize("column", ["account", "fleet", "kind"])
def test_a_key_without_a_column_or_a_value_is_refused(column) -> None:
    truth = key_of({"t": "ab", "u": "c"})
    with pytest.raises(InputError, match=f"the column '{column}' is missing"):
        evaluate(run_of({"F1": "ab"}), truth.drop([column]))
    values = truth[column].to_pylist()
    gap = truth.set_column(
        truth.column_names.index(column), column, pa.array([None, *values[1:]], pa.string())
    )
    with pytest.raises(InputError, match=f"the column '{column}' has 1 rows without a value") as caught:
        evaluate(run_of({"F1": "ab"}), gap)
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_a_key_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InputError, match="'b' is both 't' and 'u'"):
        evaluate(run_of({"F1": "ab"}), key_of({"t": "ab", "u": "bc"}))
    twice = pa.concat_tables([key_of({"t": "ab"}), key_of({"t": "cd"}, kinds={"t": "other"})])
    with pytest.raises(InputError, match="'t' is both 't' and 'other'"):
        evaluate(run_of({"F1": "ab"}), twice)
    same = pa.concat_tables([key_of({"t": "ab"})] * 2)
    assert evaluate(run_of({"F1": "ab"}), same).n_accounts_true == 2


@pytest.mark.parametrize(
    "accounts", [pa.array([1.5, 2.0]), pa.array([["a"], ["b"]]), pa.array([{"x": 1}, {"x": 2}])]
)
def test_a_key_with_accounts_that_are_no_ids_is_refused(accounts) -> None:
    truth = key_of({"t": "ab"}).set_column(0, "account", accounts)
    with pytest.raises(InputError, match="no ids or names"):
        evaluate(run_of({"F1": "ab"}), truth)


def test_a_file_that_cannot_be_read_is_named(tmp_path) -> None:
    (tmp_path / "truth.csv").write_text("account,fleet,kind\na,b,c\n")
    for source in (tmp_path / "missing.parquet", tmp_path / "truth.csv"):
        with pytest.raises(InputError, match="cannot be read") as caught:
            evaluate(run_of({}), source)
        assert caught.value.where == str(source)
    with pytest.raises(InputError, match="truth is a int"):
        evaluate(run_of({}), 7)


def test_the_text_and_the_file_hold_the_figures(tmp_path) -> None:
    run = run_of({"F1": "abc1", "F2": "2345", "F3": "d"})
    crowds = key_of({"c": "234"}, "crowd", {"c": "fan_club"})
    found = evaluate(run, key_of({"t": "abcd", "u": "xyz"}), crowds)
    text = found.to_text()
    assert str(found) == text
    for part in (
        "precision  44.4%",
        "recall  57.1%",
        "F1  50.0%",
        "9 reported, 7 true",
        "3 reported, 1 false",
    ):
        assert part in text
    assert "fan_club" in text
    assert "innocent" in text
    assert max(columns_of(line) for line in text.splitlines()) <= 80
    path = tmp_path / "evaluation.json"
    path.write_text("old")
    found.write(path)
    assert json.loads(path.read_text()) == json.loads(json.dumps(asdict(found)))
    assert [file.name for file in tmp_path.iterdir()] == ["evaluation.json"]


def test_what_the_figures_cannot_tell_is_said() -> None:
    run, strangers = run_of({"F1": "ab"}), key_of({"t": "xy"})
    assert "No account of the truth is among the candidates" in " ".join(evaluate(run, strangers).warnings)
    assert evaluate(run, key_of({"t": "ax"})).warnings == ()
    assert evaluate(run_of({}), strangers).warnings == ()
    for surrogates in (0, 20):
        info, _ = fake_run(1, 5, surrogates=surrogates)
        found = evaluate(run, key_of({"t": "ab"}), info=info)
        assert (say("answer.no_estimate", "en") in found.warnings) == (surrogates == 0)
        said = " ".join(found.to_text().split())
        assert (say("answer.no_estimate", "en") in said) == (surrogates == 0)
