"""``--surrogates 0``: every output says that the false-discovery rate was not estimated, and only then."""

from __future__ import annotations

import csv
import json
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from samehand.run import open_run
from samehand.texts import say
from tests.cli.terminal import samehand

SAID = {lang: say("answer.no_estimate", lang) for lang in ("en", "zh")}


def said(text: str, lang: str = "en") -> bool:
    """Whether a text says so; lines may be broken anywhere between words, and in Chinese anywhere."""
    squeezed = "".join(text.split())
    return "".join(SAID[lang].split()) in squeezed


def test_the_terminal(monday, unestimated) -> None:
    assert "the false-discovery rate was NOT estimated (--surrogates 0)" in unestimated[1].said
    assert "estimated" not in monday[1].said


def test_run_json_and_the_tables(monday, unestimated) -> None:
    for (folder, _), n in ((monday, 20), (unestimated, 0)):
        info = json.loads((folder / "run.json").read_text())
        assert info["false_discovery"]["n_surrogates"] == n
        assert info["config"]["surrogates"] == n
        fleets = pq.read_table(folder / "fleets.parquet")
        for column in ("q_value", "chance_count", "coordination"):
            assert fleets[column].null_count == (fleets.num_rows if n == 0 else 0)
        assert all(("was not estimated" in text) == (n == 0) for text in fleets["summary"].to_pylist())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("format_name", ["html", "graphml", "gexf"])
def test_pages_and_graphs(monday, unestimated, tmp_path, format_name, lang) -> None:
    for (folder, _), expected in ((monday, False), (unestimated, True)):
        out = tmp_path / "report"
        assert samehand("report", folder, "--format", format_name, "--lang", lang, "--out", out).code == 0
        if format_name == "html":
            text = out.read_text()
        else:
            root = ElementTree.parse(out).getroot()  # noqa: S314
            wanted = {"graphml": "desc", "gexf": "description"}[format_name]
            (element,) = [e for e in root.iter() if e.tag.endswith("}" + wanted)]
            text = element.text or ""
        assert said(text, lang) == expected


def test_the_json_report(monday, unestimated, tmp_path) -> None:
    for (folder, _), estimated in ((monday, True), (unestimated, False)):
        assert samehand("report", folder, "--format", "json", "--out", tmp_path / "r.json").code == 0
        assert json.loads((tmp_path / "r.json").read_text())["false_discovery_estimated"] is estimated


@pytest.mark.parametrize(("lang", "words"), [("en", "was not estimated"), ("zh", "未估计")])
def test_the_csv_report(monday, unestimated, tmp_path, lang, words) -> None:
    for (folder, _), expected in ((monday, False), (unestimated, True)):
        out = tmp_path / "r.csv"
        assert samehand("report", folder, "--format", "csv", "--lang", lang, "--out", out).code == 0
        rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
        assert rows
        assert {words in row["fleet_summary"] for row in rows} == {expected}
        assert {row["fleet_q_value"] == "" for row in rows} == {expected}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("what", ["fleet", "member", "outsider"])
def test_explanations(monday, unestimated, what, lang) -> None:
    for (folder, _), expected in ((monday, False), (unestimated, True)):
        run = open_run(folder)
        members = run.members["account"].to_pylist()
        linked = {account for side in ("account_a", "account_b") for account in run.edges[side].to_pylist()}
        asked = {
            "fleet": "F0001",
            "member": members[0],
            "outsider": min(linked - set(members)),
        }[what]
        done = samehand("explain", folder, asked, "--lang", lang)
        assert done.code == 0
        assert said(done.out, lang) == expected


def test_the_evaluation(monday, unestimated, sim) -> None:
    for (folder, _), expected in ((monday, False), (unestimated, True)):
        done = samehand("evaluate", folder, "--truth", sim / "truth.parquet")
        assert done.code == 0
        assert said(done.out) == expected
        assert (SAID["en"] in json.loads((folder / "evaluation.json").read_text())["warnings"]) == expected


def test_python(monday, unestimated) -> None:
    for (folder, _), expected in ((monday, False), (unestimated, True)):
        run = open_run(folder)
        for text in (repr(run), run._repr_html_()):
            assert ("false-discovery rate not estimated" in text) == expected
