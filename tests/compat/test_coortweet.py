"""CooRTweet's rules, each on a log small enough to check by eye: object, account, content, seconds."""

from __future__ import annotations

import pyarrow as pa
import pytest

from samehand.compat import window
from samehand.compat.network import network
from samehand.errors import InputError

TWO_APART_BY_TEN = """
    x ann c1 100
    x bob c2 110
"""


def run(table, window_s=10, **options):
    return network(table, compat="coortweet", window_s=window_s, **({"min_participation": 1} | options))


def contents(found):
    return [(row["content_id"], row["content_id_y"]) for row in found.pairs.to_pylist()]


def test_the_window_is_inclusive(shares):
    assert contents(run(shares(TWO_APART_BY_TEN), 10)) == [("c1", "c2")]
    assert contents(run(shares(TWO_APART_BY_TEN), 9.999)) == []


def test_a_window_of_zero_pairs_what_is_simultaneous(shares):
    log = shares("""
        x ann c1 5
        x bob c2 5
        x cid c3 6
    """)
    assert contents(run(log, 0)) == [("c1", "c2")]


def test_the_pair_names_the_older_share_first(shares):
    log = shares("""
        x ann late 110
        x bob early 100
    """)
    assert run(log).pairs.to_pylist() == [
        {
            "object_id": "x",
            "content_id": "early",
            "content_id_y": "late",
            "time_delta": 10.0,
            "account_id": "bob",
            "account_id_y": "ann",
        }
    ]


def test_another_object_is_no_pair(shares):
    assert contents(run(shares("x ann c1 0\ny bob c2 0"))) == []


@pytest.mark.parametrize(
    "log",
    [
        "x ann c1 0 \n x ann c2 1",  # one account
        "x ann x  0 \n x bob c2 1",  # an account's own object, as in a self-retweet
        "x ann c1 0 \n x bob x  1",
        "x ann c1 0 \n x bob c1 1",  # one content
    ],
)
def test_loops_are_left_out_unless_kept(shares, log):
    assert run(shares(log)).pairs.num_rows == 0
    assert run(shares(log)).edges.num_rows == 0
    assert run(shares(log), keep_loops=True).pairs.num_rows == 1
    assert run(shares(log), keep_loops=True).edges["weight"].to_pylist() == [1]


def test_first_step_of_participation_an_account_with_too_few_rows_takes_no_part(shares):
    log = shares("""
        x ann c1 0
        x bob c2 1
        y bob c3 0
        x cid c4 2
        z cid c5 0
    """)
    # ann has one row; bob and cid have two, but two of bob's or cid's are in no pair
    assert contents(run(log, min_participation=1)) == [("c1", "c2"), ("c1", "c4"), ("c2", "c4")]
    assert contents(run(log, min_participation=2)) == []


def test_second_step_of_participation_one_account_with_enough_rows_in_pairs_keeps_the_pair(shares):
    log = shares("""
        x ann c1 0
        y ann c2 0
        x bob c3 1
        z bob c4 0
        y cid c5 1
        z cid c6 99
        v dan c7 0
        v eve c8 0
        u dan c9 0
        w eve c0 0
    """)
    # all have two rows; only ann has two in pairs, and her pairs stay; dan and eve have one each
    assert contents(run(log, min_participation=2)) == [("c1", "c3"), ("c2", "c5")]


def test_an_edge_counts_pairs_and_averages_their_delay(shares):
    log = shares("""
        x ann c1 0
        x bob c2 4
        y bob c3 100
        y ann c4 110
    """)
    assert run(log).edges.to_pylist() == [
        {
            "account_a": "ann",
            "account_b": "bob",
            "weight": 2,
            "avg_time_delta": 7.0,
            "n_content_id": 2,
            "n_content_id_y": 2,
            "edge_symmetry_score": 1.0,
            "weight_threshold": 0,
        }
    ]


ONE_AMONG_THREE = """
    x bob b1 0
    x bob b2 3
    x ann a1 5
    x bob b3 8
"""


def test_contents_are_counted_by_age_as_coortweet_does(shares):
    found = run(shares(ONE_AMONG_THREE))
    assert contents(found) == [("b1", "a1"), ("b2", "a1"), ("a1", "b3")]
    edge = found.edges.to_pylist()[0]
    assert (edge["n_content_id"], edge["n_content_id_y"], edge["edge_symmetry_score"]) == (3, 2, 2 / 3)


def test_corrected_contents_are_counted_by_account(shares):
    found = run(shares(ONE_AMONG_THREE), correct=True)
    edge = found.edges.to_pylist()[0]
    assert (edge["account_a"], edge["n_content_id"], edge["n_content_id_y"]) == ("ann", 1, 3)
    assert edge["edge_symmetry_score"] == 1 / 3
    assert "Contents were counted by account, not by age: 1 of 1 edges changed." in found.notes


def test_corrected_a_loop_counts_all_contents_of_its_account_on_both_sides(shares):
    found = run(shares("x ann c1 0\nx ann c2 1\nx ann c3 2"), correct=True, keep_loops=True)
    edge = found.edges.to_pylist()[0]
    assert (edge["weight"], edge["n_content_id"], edge["n_content_id_y"]) == (3, 3, 3)


TWO_OBJECTS_IN_ONE_CONTENT = """
    x ann c1 0
    y ann c1 0
    x bob c2 1
    z bob c3 1
"""


def test_all_rows_of_a_content_count_as_soon_as_one_is_in_a_pair(shares):
    # ann's content c1 stands in two rows, only one of them is in a pair
    found = run(shares(TWO_OBJECTS_IN_ONE_CONTENT), min_participation=2)
    assert contents(found) == [("c1", "c2")]
    assert "1 content ids stand in more than one row (2 rows)" in found.notes[0]


def test_corrected_each_row_counts_for_itself(shares):
    found = run(shares(TWO_OBJECTS_IN_ONE_CONTENT), min_participation=2, correct=True)
    assert contents(found) == []
    assert "Participation was counted by row, not by content id: 1 pairs changed." in found.notes


def test_corrected_a_row_that_repeats_another_is_left_out(shares):
    log = shares("""
        x ann c1 0
        x ann c1 0
        x bob c2 1
    """)
    assert run(log).edges["weight"].to_pylist() == [2]
    found = run(log, correct=True)
    assert found.edges["weight"].to_pylist() == [1]
    assert "1 rows that repeat an earlier row in every column were left out." in found.notes


def test_of_two_simultaneous_shares_the_account_that_the_log_names_first_is_the_older(shares):
    log = """
        y bob c0 50
        x ann c1 0
        x bob c2 0
    """
    assert contents(run(shares(log))) == [("c2", "c1")]
    assert contents(run(shares(log), correct=True)) == [("c1", "c2")]


def test_weights_above_the_quantile_are_marked_and_light_edges_left_out(shares):
    log = shares("""
        x ann c1 0
        x bob c2 0
        y ann c3 0
        y bob c4 0
        z cid c5 0
        z dan c6 0
    """)
    found = run(log)
    assert found.edges["weight"].to_pylist() == [2, 1]
    assert found.edges["weight_threshold"].to_pylist() == [1, 0]  # the median is 1.5
    assert run(log, edge_weight=1).edges["weight_threshold"].to_pylist() == [0, 0]
    heavy = run(log, min_weight=2)
    assert heavy.edges["account_a"].to_pylist() == ["ann"]
    assert heavy.edges["weight_threshold"].to_pylist() == [1]  # of the whole network
    assert heavy.pairs.num_rows == 3


def test_rows_without_an_id_or_a_time_count_as_participation_but_are_in_no_pair():
    log = pa.table(
        {
            "object_id": ["x", "y", "x", "x", "y", None],
            "account_id": ["ann", "ann", "bob", "bob", "cid", "cid"],
            "content_id": ["c1", "c2", "c3", "c4", "c5", "c6"],
            "timestamp_share": [0.0, 0.0, 1.0, float("nan"), 1.0, 1.0],
        }
    )
    for keep_loops in (False, True):
        found = run(log, min_participation=2, keep_loops=keep_loops)
        assert contents(found) == [("c1", "c3"), ("c2", "c5")]
        assert found.notes == (
            "1 rows have no time; they are in no pair.",
            "1 rows lack an object, account or content id; they are in no pair.",
        )


def test_edges_and_pairs_stand_in_a_fixed_order(shares):
    log = shares("""
        y bob c4 2
        y ann c3 2
        x cid c6 9
        x bob c2 1
        x ann c1 0
    """)
    found = run(log, correct=True)
    assert contents(found) == [("c1", "c2"), ("c1", "c6"), ("c2", "c6"), ("c3", "c4")]
    assert list(
        zip(found.edges["account_a"].to_pylist(), found.edges["account_b"].to_pylist(), strict=True)
    ) == [
        ("ann", "bob"),
        ("ann", "cid"),
        ("bob", "cid"),
    ]


def test_too_many_pairs_are_refused(shares, monkeypatch):
    monkeypatch.setattr(window, "MAX_PAIRS", 2)
    log = shares("\n".join(f"x a{i} c{i} {i}" for i in range(3)))
    with pytest.raises(InputError, match=r"more than 2 pairs") as error:
        run(log)
    assert "--window" in error.value.hint
    assert run(log, 1).pairs.num_rows == 2
