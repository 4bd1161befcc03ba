"""`samehand track`: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

import samehand as sh
from samehand import columns
from samehand.texts.lines import columns_of
from samehand.tracking.folder import TrackInfo
from tests.cli.terminal import samehand
from tests.tracking.made import Fleet, names, others, run
from tests.tracking.test_follow import rearmed


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Give a folder with two runs, monday and tuesday."""
    folder = tmp_path_factory.mktemp("runs")
    before, after = rearmed()
    stays = Fleet(names("s", 0, 9))
    run(before, stays, *others(8, "x")).save(folder / "monday")
    run(after, stays, *others(8, "y"), day=7).save(folder / "tuesday")
    return folder


def test_the_folder_and_what_is_said(runs, tmp_path) -> None:
    done = samehand("track", runs / "tuesday", runs / "monday", "--out", tmp_path / "tracks")
    assert done.code == 0, done
    assert {file.name for file in (tmp_path / "tracks").iterdir()} == {
        "tracks.parquet", "links.parquet", "track.json", "track.html"
    }  # fmt: skip
    assert pq.read_schema(tmp_path / "tracks" / "tracks.parquet").remove_metadata() == columns.TRACKS
    assert pq.read_schema(tmp_path / "tracks" / "links.parquet").remove_metadata() == columns.LINKS
    info = msgspec.json.decode((tmp_path / "tracks" / "track.json").read_bytes(), type=TrackInfo)
    assert [one.name for one in info.runs] == ["monday", "tuesday"]
    assert (info.n_tracks, info.n_links) == (2, 2)
    assert "R1 monday: 2024-03-01 00:00 to 2024-03-07 23:59 UTC, 2 fleets followed" in done.said
    assert "2 tracks, 2 links, 1 suspected re-armed" in done.said
    assert all(columns_of(line) <= 80 for line in done.out.splitlines() if not line.startswith("page: "))


def test_a_tracking_is_replaced_and_the_page_is_in_chinese(runs, tmp_path) -> None:
    for lang in ("en", "zh"):
        done = samehand(
            "track", runs / "monday", runs / "tuesday", "--out", tmp_path / "t", "--lang", lang, "-q"
        )
        assert (done.code, done.out, done.err) == (0, "", "")
    assert "疑似换号重来" in (tmp_path / "t" / "track.html").read_text("utf-8")


def test_all_follows_candidates_too(runs, tmp_path) -> None:
    done = samehand("track", runs / "monday", runs / "tuesday", "--out", tmp_path / "t", "--all")
    assert done.code == 0
    assert json.loads((tmp_path / "t" / "track.json").read_text())["settings"]["all"] is True
    assert pq.read_table(tmp_path / "t" / "tracks.parquet").num_rows > 20


def test_python_gives_the_same(runs, tmp_path) -> None:
    samehand("track", runs / "monday", runs / "tuesday", "--out", tmp_path / "t")
    tracking = sh.track([runs / "monday", sh.open_run(runs / "tuesday")])
    assert tracking.tracks.to_arrow().equals(pq.read_table(tmp_path / "t" / "tracks.parquet"))
    assert tracking.links.to_arrow().equals(pq.read_table(tmp_path / "t" / "links.parquet"))
    assert repr(tracking) == "<Tracking: 2 tracks in 2 runs, 2 links>"
    assert "T0001" in tracking._repr_html_()
    assert tracking.report(tmp_path / "page.html", lang="zh").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["monday"], "two runs at least"),
        (["monday", "monday"], "named twice"),
        (["monday", "nowhere"], "no run here"),
        (["monday", "tuesday", "--out", "monday"], "exists and is not a folder of tracks"),
        (["monday", "tuesday", "--out", "file"], "exists and is not a folder of tracks"),
    ],
)
def test_what_is_refused(runs, given, said, monkeypatch) -> None:
    monkeypatch.chdir(runs)
    Path("file").write_text("mine")
    before = {file: file.read_bytes() for file in runs.rglob("*") if file.is_file()}
    done = samehand("track", *given, *(() if "--out" in given else ("--out", "tracks")))
    assert done.code == 2
    assert said in done.said
    assert "Try: " in done.err
    assert {file: file.read_bytes() for file in runs.rglob("*") if file.is_file()} == before


def test_what_python_refuses(runs) -> None:
    with pytest.raises(sh.InputError, match="cannot take a int for a run"):
        sh.track([runs / "monday", 7])
    with pytest.raises(sh.OptionError, match="two runs at least"):
        sh.track(runs / "monday")
    one = run()
    with pytest.raises(sh.OptionError, match="named twice"):
        sh.track([one, one])


def test_runs_of_one_name_are_told_apart(runs, tmp_path) -> None:
    for folder, day in (("a", 0), ("b", 7)):
        run(Fleet(names("s", 0, 9)), day=day).save(tmp_path / folder / "run")
    tracking = sh.track([tmp_path / "a" / "run", tmp_path / "b" / "run"])
    assert [one.name for one in tracking.info.runs] == ["a/run", "b/run"]
