"""explain, report, simulate, evaluate and network from the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.run import open_run
from samehand.texts.lines import columns_of
from tests.cli.terminal import samehand
from tests.pipeline.worlds import world

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain_fleets_accounts_and_others(monday, lang) -> None:
    folder, _ = monday
    run = open_run(folder)
    members = run.members["account"].to_pylist()
    linked = {account for side in ("account_a", "account_b") for account in run.edges[side].to_pylist()}
    for what in ("F0001", members[0], min(linked - set(members))):
        done = samehand("explain", folder, what, "--lang", lang)
        assert done.code == 0
        assert what in done.out.splitlines()[0]
        assert done.out.rstrip() == run.explain(what, lang).text.rstrip()
        assert max(columns_of(line) for line in done.out.splitlines()) <= 80
    assert "F0001" in samehand("explain", folder, "f0001").err


def test_report_writes_where_it_says(monday, tmp_path) -> None:
    folder, _ = monday
    for format_name in ("html", "json", "graphml", "gexf", "csv"):
        done = samehand("report", folder, "--format", format_name)
        assert done.code == 0
        file = folder / f"report.{format_name}"
        assert done.out.strip() == str(file)
        assert file.stat().st_size > 1_000
        done = samehand("report", folder, "--format", format_name, "--lang", "zh", "--out", tmp_path / "r")
        assert (done.code, done.out.strip()) == (0, str(tmp_path / "r"))
    assert samehand("report", folder, "--lang", "zh").out.strip() == str(folder / "report.zh.html")
    assert 'lang="zh-Hans"' in (folder / "report.zh.html").read_text()
    assert 'lang="en"' in (folder / "report.html").read_text()
    assert open_run(folder).info.n_reported > 0


def test_evaluate_prints_and_writes(monday, sim) -> None:
    folder, _ = monday
    done = samehand("evaluate", folder, "--truth", sim / "truth.parquet", "--crowds", sim / "crowds.parquet")
    assert done.code == 0
    assert "precision 100.0%  recall 100.0%" in done.out
    for kind in set(world().truth["kind"].to_pylist()):
        assert kind in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    written = json.loads((folder / "evaluation.json").read_text())
    assert (written["precision"], written["recall"], written["f1"]) == (1.0, 1.0, 1.0)
    assert written["n_accounts_true"] == world().truth.num_rows
    assert written["fleet_false_discovery"] == 0.0
    assert {"b_cubed_precision", "b_cubed_recall", "precision_at", "recall_by_kind"} <= set(written)
    text = samehand("evaluate", folder, "--truth", sim / "truth.parquet").out
    assert "false " not in text.replace("false discovery", "")


def test_simulate_writes_the_same_twice(tmp_path) -> None:
    arguments = ("--accounts", 500, "--days", 1, "--seed", 3, "--evasion", 1)
    for name in ("a", "b"):
        done = samehand("simulate", "--out", tmp_path / name, *arguments)
        assert done.code == 0
        assert "events.parquet" in done.out
    names = ["crowds.parquet", "events.parquet", "truth.parquet"]
    assert sorted(f.name for f in (tmp_path / "a").iterdir()) == names
    for name in names:
        digests = {hashlib.sha256((tmp_path / f / name).read_bytes()).hexdigest() for f in ("a", "b")}
        assert len(digests) == 1
    done = samehand("simulate", "--out", tmp_path / "c", "--no-fleets", "--no-crowds", *arguments)
    assert done.code == 0
    assert pq.read_table(tmp_path / "c" / "truth.parquet").num_rows == 0
    assert pq.read_table(tmp_path / "c" / "crowds.parquet").num_rows == 0


@pytest.fixture
def posts(tmp_path) -> Path:
    """Give posts in CooRTweet's columns: ann and bob share two objects within ten seconds, cid one."""
    rows = [
        ("x", "ann", "1", 0),
        ("x", "bob", "2", 10),
        ("y", "ann", "3", 100),
        ("y", "bob", "4", 104),
        ("y", "cid", "5", 101),
    ]
    names = ("object_id", "account_id", "content_id", "timestamp_share")
    table = pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})
    pq.write_table(table, tmp_path / "posts.parquet")
    return tmp_path / "posts.parquet"


def test_network_of_coortweet(posts, tmp_path) -> None:
    out = tmp_path / "net"
    done = samehand("network", posts, "--compat", "coortweet", "--window", 10, "--out", out)
    assert done.code == 0
    assert f"1 edges in {out}" in done.said
    assert sorted(f.name for f in out.iterdir()) == ["edges.parquet", "pairs.parquet"]
    (edge,) = pq.read_table(out / "edges.parquet").to_pylist()
    assert (edge["account_a"], edge["account_b"], edge["weight"]) == ("ann", "bob", 2)
    done = samehand(
        *("network", posts, "--compat", "coortweet", "--window", 10, "--min-participation", 1),
        *("--min-weight", 2, "--correct", "--edge-weight", 0.9, "--keep-loops", "--out", out, "--quiet"),
    )
    assert (done.code, done.out, done.err) == (0, "", "")
    assert [e["weight"] for e in pq.read_table(out / "edges.parquet").to_pylist()] == [2]


def test_network_of_the_toolkit(tmp_path) -> None:
    names = ("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls")
    rows = [("1", "u1", "one", "r", "", "hello", 0, ""), ("2", "u2", "two", "r", "", "world", 5, "")]
    pq.write_table(
        pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)}), tmp_path / "m.parquet"
    )
    for kind in ("co_retweet", "co_tweet", "co_reply", "co_link", "co_post"):
        done = samehand(
            *("network", tmp_path / "m.parquet", "--compat", "cnt", "--window", 10),
            *("--network-type", kind, "--out", tmp_path / kind),
        )
        assert done.code == 0, done
    edges = pq.read_table(tmp_path / "co_retweet" / "edges.parquet")
    assert {(e["account_a"], e["account_b"]) for e in edges.to_pylist()} >= {("u1", "u2")}


def test_network_on_the_tools_own_file(tmp_path) -> None:
    file = DATA / "cnt_coretweet_test_input.csv"
    if not file.is_file():
        pytest.skip("needs ../shared/data/cnt_coretweet_test_input.csv, which is not here")
    done = samehand("network", file, "--compat", "cnt", "--window", 60, "--out", tmp_path / "net")
    assert done.code == 0
    assert pq.read_table(tmp_path / "net" / "edges.parquet").num_rows > 0


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--compat", "coornet", "--window", "10"), "compat is 'coornet'"),
        (("--compat", "coortweet", "--window", "-1"), "window_s is -1"),
        (("--compat", "coortweet", "--window", "soon"), "--window"),
        (("--compat", "coortweet", "--window", "10", "--min-participation", "0"), "min_participation is 0"),
        (("--compat", "coortweet", "--window", "10", "--min-weight", "0"), "min_weight is 0"),
        (
            ("--compat", "coortweet", "--window", "10", "--network-type", "co_link"),
            "network_type is 'co_link'",
        ),
        (("--compat", "cnt", "--window", "10"), "message_id"),
        (("--compat", "cnt", "--window", "10", "--min-participation", "2"), "min_participation is set"),
        (("--compat", "coortweet"), "--window"),
        (("--window", "10"), "--compat"),
    ],
)
def test_network_refuses_what_it_cannot_do(posts, tmp_path, options, part) -> None:
    done = samehand("network", posts, *options, "--out", tmp_path / "net")
    assert done.code == 2
    assert part in " ".join(done.err.split())
    assert [f.name for f in tmp_path.iterdir()] == ["posts.parquet"]


def test_network_replaces_networks_only(posts, tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    options = ("--compat", "coortweet", "--window", 10)
    for out in (tmp_path / "mine", posts, posts / "net"):
        done = samehand("network", posts, *options, "--out", out)
        assert done.code == 2
        assert "\n  Try: another --out" in done.err
    assert sorted(f.name for f in tmp_path.iterdir()) == ["mine", "posts.parquet"]
    for source in (tmp_path / "missing.parquet", tmp_path / "mine" / "notes.txt"):
        done = samehand("network", source, *options, "--out", tmp_path / "net")
        assert done.code == 2
        assert source.name in done.err
    assert not (tmp_path / "net").exists()
