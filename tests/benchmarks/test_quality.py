"""The exam: figures by known answers, and tiny worlds through the whole of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import quality
from exam import figures, real_logs
from exam.calibration import count_pairs
from exam.german import describe_german, german_document, read_fleet
from exam.plan import EVASIONS, Plan
from exam.sections import SECTIONS
from harness.cells import Cell, Done
from samehand import columns


def fleet(kind: str, size: int, n_reported: int, n_together: int | None = None) -> dict[str, Any]:
    together = n_reported if n_together is None else n_together
    return {"kind": kind, "size": size, "n_reported": n_reported, "n_together": together}


def false_fleet() -> dict[str, Any]:
    return {
        "fleet_id": "F0001",
        "n_accounts": 9,
        "score_bits": 99.0,
        "layers": ["co_target"],
        "scale_us": 60_000_000,
        "causes": {"innocent: fan_club": 9},
        "innocent": None,
        "innocent_weight": None,
    }


def result(fleets: list[dict[str, Any]], n_false: int = 0, n_fleets_false: int = 0) -> dict[str, Any]:
    n_good = sum(one["n_reported"] for one in fleets)
    return {
        "n_accounts": 10_000 + sum(one["size"] for one in fleets),
        "n_true": sum(one["size"] for one in fleets),
        "n_innocent": 10_000,
        "n_reported": n_good + n_false,
        "n_good": n_good,
        "n_false": n_false,
        "n_fleets_reported": sum(one["n_reported"] > 0 for one in fleets) + n_fleets_false,
        "n_fleets_false": n_fleets_false,
        "fleets": fleets,
        "false_by_cause": {"fan_club": n_false} if n_false else {},
        "n_in_crowds": {"fan_club": 80},
        "n_in_no_crowd": 9_920,
        "false_fleets": [false_fleet()] * n_fleets_false,
    }


def done(part: str, made: dict[str, Any], **settings: Any) -> Done:
    return Done(Cell(part, settings), made, 1.0)


def verdicts(judged: list[Any]) -> dict[str, bool | None]:
    return {one.name: one.passed for one in judged}


def test_good_fleets_keep_all_limits_on_them() -> None:
    made = result([fleet("boost", 100, 96), fleet("bulk_registration", 50, 0)])
    judged = verdicts(figures.fleet_limits([done("fleets", made, evasion=e, seed=0) for e in EVASIONS]))
    assert set(judged.values()) == {True}
    assert len(judged) == 9


def test_each_shortfall_misses_its_own_limit() -> None:
    cells = [
        done("fleets", result([fleet("boost", 100, 94)]), evasion=0, seed=0),
        done("fleets", result([fleet("boost", 100, 100)], n_false=2, n_fleets_false=1), evasion=1, seed=0),
        done("fleets", result([fleet("rented", 100, 0), fleet("mixed", 20, 20)]), evasion=2, seed=0),
        done("fleets", result([fleet("boost", 60, 40), fleet("boost", 49, 49)]), evasion=3, seed=0),
    ]
    judged = verdicts(figures.fleet_limits(cells))
    assert judged["evasion 0: account recall, 5 kinds"] is False
    assert judged["evasion 0: account precision"] is True
    assert judged["evasion 1: account precision"] is False  # 100 of 102
    assert judged["evasion 2: account recall, 5 kinds"] is True  # rented is not one of the kinds
    assert judged["evasion 0 to 2: false among reported fleets"] is False  # 1 of 4
    assert judged["evasion 3: members of fleets of >= 50 that share targets"] is False  # 40 of 60
    assert judged["evasion 0 to 4: innocents reported per 10,000"] is True  # 2 of 40,000


def test_what_was_not_run_is_not_measured() -> None:
    everything = figures.fleet_limits([]) + figures.calibration_limits([]) + figures.real_limits([])
    assert {one.passed for one in everything} == {None}


def test_a_fleet_is_found_by_more_than_half_of_it_in_one() -> None:
    made = [result([fleet("boost", 10, 10, 5), fleet("boost", 10, 6)])]
    assert figures.fleets_found(made, "boost") == (1, 2)


def no_fleets(n_reported: int, n_at: list[int], n_apart: list[int]) -> dict[str, Any]:
    row = {"layer": "co_target", "scale_us": 60_000_000, "n_pairs": 10**8}
    row |= {"n_at": n_at, "n_before": n_at, "n_apart": n_apart}
    return {
        "n_reported": n_reported,
        "n_candidates": 3,
        "reported": [false_fleet()] * n_reported,
        "pairs": [row],
    }


def test_calibration_is_judged_over_all_logs() -> None:
    cells = [
        done("calibration", no_fleets(int(seed < 2), [10_000, 1_000, 100, 30], [0, 0, 0, 5]), seed=seed)
        for seed in range(20)
    ]
    fleets, pairs = figures.calibration_limits(cells)
    assert fleets.passed is True  # 2 of 20
    assert (pairs.value, pairs.passed) == (pytest.approx(3), False)
    assert "without pairs of one innocent crowd 0.5 for" in pairs.note
    assert "co_target 60 s" in SECTIONS["calibration"](cells).text


def test_pairs_are_counted_at_each_level_and_by_crowd() -> None:
    rows: list[dict[str, Any]] = [
        {"account_a": "a", "account_b": "b", "p_local": 1e-8, "p_interest": 1e-9, "p_lag": 1e-9},
        {"account_a": "a", "account_b": "c", "p_local": 1e-9, "p_interest": 5e-5, "p_lag": 1e-9},
        {"account_a": "b", "account_b": "c", "p_local": 1e-9, "p_interest": 1e-9, "p_lag": None},
        {"account_a": "c", "account_b": "d", "p_local": 1e-9, "p_interest": 1e-9, "p_lag": 1e-9},
    ]
    innocent = [None, None, None, 0.9]
    edges = columns.edges(pa.string()).empty_table()
    for row, weight in zip(rows, innocent, strict=True):
        known = [p for p in (row["p_local"], row["p_interest"], row["p_lag"] or 1.0, weight) if p is not None]
        row |= {"layer": "rhythm", "scale_us": 1_000_000, "p_value": max(known), "p_innocent": weight}
        edges = pa.concat_tables([edges, pa.Table.from_pylist([row], schema=edges.schema)])
    crowds = {"a": {"class_01"}, "b": {"class_01", "fans_01"}, "c": {"fans_01"}}
    (counts,) = count_pairs(edges, 1_000, crowds)
    assert counts["n_pairs"] == 499_500
    assert counts["n_at"] == [2, 1, 1, 1]
    assert counts["n_before"] == [3, 2, 2, 2]
    assert counts["n_apart"] == [2, 1, 1, 1]
    (counts,) = count_pairs(edges, 1_000_000, {})  # candidates there are rarer than 1e-4
    assert counts["n_at"] == [None, 1, 1, 1]


def test_tables_stay_within_their_width() -> None:
    many = [
        done("fleets", result([fleet("boost", 10, 9)], 9, 1), evasion=e, seed=s)
        for e in EVASIONS
        for s in (0, 1)
    ]
    text = SECTIONS["fleets"](many).text
    assert "mostly innocent: fan_club" in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two accounts that star together on two repositories, one that does so on one, and retweets years before."""
    star = "WatchEvent"
    rows = [
        ("2024-05-01 10:00:00", "ann", star, "r1"),
        ("2024-05-01 10:01:00", "bob", star, "r1"),
        ("2024-05-02 10:00:00", "bob", star, "r2"),
        ("2024-05-02 10:00:30", "ann", star, "r2"),
        ("2024-05-02 10:01:30", "cid", star, "r2"),
        ("2024-05-03 10:00:00", "cid", "ForkEvent", "r1"),
    ]
    stars = pa.table(
        dict(zip(("ts", "account", "action", "target"), map(list, zip(*rows, strict=True)), strict=True))
    )
    stars = stars.set_column(0, "ts", stars["ts"].cast(pa.timestamp("s")))
    pq.write_table(stars, tmp_path / real_logs.STARS)
    retweets = {"object_id": ["o"], "account_id": ["ann"], "content_id": ["c"], "timestamp_share": [1e9]}
    pq.write_table(pa.table(retweets), tmp_path / real_logs.RETWEETS)
    return tmp_path


def test_accounts_that_star_together_are_known(data: Path) -> None:
    assert real_logs.costars(data) == {"gh_ann", "gh_bob"}


def test_the_campaign_is_shifted_into_the_middle_of_the_retweets(data: Path) -> None:
    mixed = real_logs.mixed_log(data)
    times = {row["account"]: row["time"].timestamp() for row in mixed.to_pylist()}
    assert mixed.num_rows == 7
    assert times["tw_ann"] == 1e9
    seconds = [row["time"].timestamp() for row in mixed.to_pylist() if row["account"].startswith("gh_")]
    assert (min(seconds) + max(seconds)) / 2 == 1e9
    assert max(seconds) - min(seconds) == 2 * 86_400


@pytest.fixture
def german(tmp_path: Path) -> Path:
    """Six accounts; the first three post links to one domain of their own."""
    n = 30
    account = [f"fb_{i % 6}" for i in range(n)]
    own = [i % 6 < 3 for i in range(n)]
    table = pa.table(
        {
            "account_id": account,
            "post_id": list(range(n)),
            "url_id": [i if mine else None for i, mine in enumerate(own)],
            "hashtag_id": pa.array([None if mine else 7 for mine in own], pa.int64()),
            "domain_id": [5 if mine else 6 for mine in own],
            "phash_id": pa.array([None] * n, pa.int64()),
            "timestamp": [1.63e9 + i for i in range(n)],
        }
    )
    pq.write_table(table, tmp_path / "german.parquet")
    return tmp_path / "german.parquet"


def test_german_fleets_are_described_by_what_the_log_says(german: Path) -> None:
    made = describe_german(german, ["fb_0", "fb_1", "fb_2"])
    assert made["platforms"] == {"fb": 3}
    assert made["domains"] == [[5, 15, 3, 15]]
    assert made["german_counts"]["posts_url"] == 15
    told = false_fleet() | made | {
        "n_accounts": 3, "n_events": 15, "n_coactions": 15, "first_time": "2021-08-26 17:46",
        "last_time": "2021-08-26 17:47", "q_value": 0.01, "behaviours": [], "n_targets": 15,
        "top_targets": [("post:url_id 3", 2)], "summary": "Together.",
    }  # fmt: skip
    assert "a publisher's, party's or office's own pages" in read_fleet(told)
    assert "url_id 3 (2)" in german_document([told], 4, "Lead.")


def test_a_tiny_exam_runs_is_written_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--seeds", "1", "--accounts", "600", "--days", "2", "--surrogates", "2", "--jobs", "1"]
    words += [
        "--only",
        "calibration,fleets",
        "--work",
        str(tmp_path / "work"),
        "--out",
        str(tmp_path / "out"),
    ]
    first = quality.main(words)
    said = capsys.readouterr().out
    assert "[  6 of 6]" in said
    assert "NOT COMPLETE, cells done: sparse 0 of 18, heldout 0 of 90, real 0 of 3" in " ".join(said.split())
    data = json.loads((tmp_path / "out" / "quality.json").read_text(encoding="utf-8"))
    assert [cell["part"] for cell in data["figures"]["cells"]] == ["calibration"] + ["fleets"] * 5
    assert {cell["seconds"] > 0 for cell in data["figures"]["cells"]} == {True}
    assert first == int(any(limit["passed"] is False for limit in data["limits"]))
    assert quality.main([*words, "--show"]) == first
    assert quality.main(words) == first
    assert "6 of 6 cells were done before" in capsys.readouterr().out


@pytest.mark.parametrize(("part", "shown"), [("heldout", "forum"), ("sparse", "addresses")])
def test_a_tiny_world_is_measured(part: str, shown: str) -> None:
    from exam.plan import Worker

    cell = Plan(accounts=3_000, days=4, surrogates=0, heldout_seeds=1).cells(part)[3]
    made = Worker(threads=1)(cell)
    assert cell.settings["evasion"] == 2
    assert made["n_accounts"] == made["n_true"] + made["n_innocent"]
    assert made["n_reported"] == made["n_good"] + made["n_false"]
    assert shown in SECTIONS[part]([Done(cell, made, 1.0)]).text
