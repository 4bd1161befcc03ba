"""The numbers that the tools themselves give on real logs."""

from __future__ import annotations

import time

import pyarrow.compute as pc
import pytest

from samehand.compat.network import network


def accounts(found):
    return {*found.edges["account_a"].to_pylist(), *found.edges["account_b"].to_pylist()}


@pytest.mark.parametrize(
    ("window_s", "min_participation", "keep_loops", "rows", "sum_of_deltas", "nodes", "edges", "largest"),
    [
        (10, 2, False, 447, 2335, 525, 442, 3),
        (60, 2, False, 3791, 115243, 2110, 3721, 4),
        (300, 2, False, 19887, 2963468, 3440, 19239, 8),
        (10, 5, False, 22, 118, 23, 20, 3),
        (10, 5, True, 60, 362, 30, 27, 26),
    ],
)
def test_coortweet(
    shared_log, window_s, min_participation, keep_loops, rows, sum_of_deltas, nodes, edges, largest
):
    found = network(
        shared_log("russian_coord_tweets.parquet"),
        compat="coortweet",
        window_s=window_s,
        min_participation=min_participation,
        keep_loops=keep_loops,
    )
    assert found.pairs.num_rows == rows
    assert pc.sum(found.pairs["time_delta"]).as_py() == sum_of_deltas
    assert len(accounts(found)) == nodes
    assert found.edges.num_rows == edges
    assert pc.max(found.edges["weight"]).as_py() == largest
    assert pc.sum(found.edges["weight"]).as_py() == rows


@pytest.mark.parametrize(
    ("window_s", "edge_weight", "contents", "contents_y", "symmetry", "above", "average"),
    [
        (60, 0.99, 3773, 3781, 3708.3333333333335, 9, 113259.08333333334),
        (300, 0.9, 19813, 19817, 19180.658333333333, 505, 2871593.901190476),
        (3600, 0.995, 182543, 182554, 169091.58333333334, 515, 283194763.4976615),
    ],
)
def test_coortweet_columns_of_edges(
    shared_log, window_s, edge_weight, contents, contents_y, symmetry, above, average
):
    """Sums over the edges, from CooRTweet's aggregation run in R 4.2.2 with data.table 1.14.8."""
    edges = network(
        shared_log("russian_coord_tweets.parquet"),
        compat="coortweet",
        window_s=window_s,
        edge_weight=edge_weight,
    ).edges
    assert pc.sum(edges["n_content_id"]).as_py() == contents
    assert pc.sum(edges["n_content_id_y"]).as_py() == contents_y
    assert pc.sum(edges["edge_symmetry_score"]).as_py() == pytest.approx(symmetry, rel=1e-12)
    assert pc.sum(edges["weight_threshold"]).as_py() == above
    assert pc.sum(edges["avg_time_delta"]).as_py() == pytest.approx(average, rel=1e-12)


def test_coortweet_corrected_says_what_changed(shared_log):
    log = shared_log("russian_coord_tweets.parquet")
    found = network(log, compat="coortweet", window_s=60, correct=True)
    assert found.notes == (
        "40 content ids stand in more than one row (80 rows): each row counts for itself.",
        "1 rows that repeat an earlier row in every column were left out.",
        "Participation was counted by row, not by content id: 0 pairs changed.",
        "Contents were counted by account, not by age: 22 of 3721 edges changed.",
    )
    assert network(log, compat="coortweet", window_s=60).notes == (
        (
            "40 content ids stand in more than one row (80 rows): as in CooRTweet, all rows of a content "
            "count as soon as one of them is in a pair."
        ),
    )


def test_coortweet_takes_well_under_a_second(shared_log):
    log = shared_log("russian_coord_tweets.parquet")
    network(log, compat="coortweet", window_s=10)  # imports
    start = time.process_time()
    network(log, compat="coortweet", window_s=300)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("window_s", "min_weight", "keep_loops", "n_accounts"),
    [
        (1, 1, False, 2),
        (1, 1, True, 3),
        (1, 2, False, 0),
        (1, 2, True, 1),
        (60, 1, False, 6),
        (60, 1, True, 7),
    ],
)
def test_cnt(shared_log, window_s, min_weight, keep_loops, n_accounts):
    found = network(
        shared_log("cnt_coretweet_test_input.csv"),
        compat="cnt",
        window_s=window_s,
        min_weight=min_weight,
        keep_loops=keep_loops,
    )
    assert len(accounts(found)) == n_accounts


def test_cnt_weights(shared_log):
    log = shared_log("cnt_coretweet_test_input.csv")
    found = network(log, compat="cnt", window_s=60, keep_loops=True)
    assert [tuple(row.values()) for row in found.edges.to_pylist()] == [
        ("uid0", "uid0", 2, "co_retweet"),
        ("uid0", "uid1", 2, "co_retweet"),
        ("uid1", "uid0", 1, "co_retweet"),
        ("uid10", "uid10", 2, "co_retweet"),
        ("uid2", "uid3", 1, "co_retweet"),
        ("uid3", "uid2", 1, "co_retweet"),
        ("uid4", "uid5", 2, "co_retweet"),
        ("uid5", "uid4", 2, "co_retweet"),
    ]
