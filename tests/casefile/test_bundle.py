"""A bundle: whole, the same each time, true to the run; what cannot be bundled is refused with a reason."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from asn1crypto import tsp

from samehand.casefile.bundle import make_bundle
from samehand.casefile.case import open_case
from samehand.casefile.papers import read_custody
from samehand.casefile.verifier import check
from samehand.casefile.verify import verify_bundle
from samehand.errors import InputError
from tests.cli.terminal import samehand

EXPECTED = {
    "alternatives.txt", "case.json", "clock.txt", "custody.csv", "error-rate.txt", "exhibits/01-raster.svg",
    "exhibits/02-zoom.svg", "exhibits/03-timeline.svg", "exhibits/04-network.svg", "lock.txt", "manifest.json",
    "raw/events.csv", "raw/events.jsonl", "readme.txt", "report.pdf", "report.txt", "run.json", "statement.txt",
    "tables/behaviours.jsonl", "tables/controls.jsonl", "tables/driven.jsonl", "tables/evidence.jsonl",
    "tables/explanations.jsonl", "tables/fleet.jsonl", "tables/layer_bits.jsonl", "tables/links.jsonl",
    "tables/members.jsonl",
    "tables/stability.jsonl", "tables/timeline.jsonl", "timestamp-request.tsq", "verify.py",
}  # fmt: skip


@pytest.fixture(scope="module")
def files(bundle) -> dict[str, bytes]:
    found, problems, _ = check(str(bundle))
    assert problems == []
    return {name: content for name, content in found.items() if content is not None}


def test_everything_is_in_it(files):
    assert set(files) >= EXPECTED
    assert files["report.pdf"].startswith(b"%PDF-")
    assert b"samehand==" in files["lock.txt"]
    assert b"numpy==" in files["lock.txt"]


def test_the_same_input_gives_the_same_bytes(run_folder, fleet_id, bundle):
    assert make_bundle(open_case(run_folder, fleet_id, "en"), timestamp_request=True) == bundle.read_bytes()


def test_raw_rows_are_those_of_the_run_and_exact(files, case):
    events = case.tables.member_events
    own = events.filter(pc.equal(events["fleet_id"], pa.scalar(case.fleet.fleet_id)))
    rows = [json.loads(line) for line in files["raw/events.jsonl"].splitlines()]
    assert len(rows) == own.num_rows > 0
    for name in ("event_id", "account", "action", "target", "content", "coaction"):
        assert sorted(str(row[name]) for row in rows) == sorted(map(str, own[name].to_pylist())), name
    assert {len(row["time"]) for row in rows} <= {20, 27}


def test_the_spreadsheet_runs_nothing(files):
    rows = list(csv.DictReader(io.StringIO(files["raw/events.csv"].decode("utf-8-sig"), newline="")))
    assert any(row["account"].startswith("'=1+1") for row in rows)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values())


def test_nothing_tells_of_this_machine_or_this_moment(files, log):
    for name, content in files.items():
        assert str(log.parent).encode() not in content, name


def test_the_facts_for_programs(files, case):
    facts = json.loads(files["case.json"])
    assert facts["fleet"]["fleet_id"] == case.fleet.fleet_id
    assert (facts["seed"], facts["settings"]["surrogates"]) == (3, 4)
    assert facts["error_rate"]["q_value"] == case.fleet.q_value
    assert facts["called"] in ("suspected", "strongly supported")
    assert facts["called"] == "suspected" or all(point["met"] for point in facts["rule"])
    assert facts["run_files_sha256"].keys() >= {"run.json", "fleets.parquet", "member_events.parquet"}


def test_the_statement_names_the_root_and_the_request_is_of_the_statement(files, bundle):
    root = json.loads(files["manifest.json"])["merkle_root"]
    assert root in files["statement.txt"].decode()
    request = tsp.TimeStampReq.load(files["timestamp-request.tsq"])
    imprint = request["message_imprint"]
    assert imprint["hash_algorithm"]["algorithm"].native == "sha256"
    assert imprint["hashed_message"].native == hashlib.sha256(files["statement.txt"]).digest()
    assert request["cert_req"].native is True


def test_commands(tmp_path, run_folder, fleet_id, bundle):
    custody = tmp_path / "custody.csv"
    custody.write_text("time,who,what\n2024-03-04,J. Doe,=export of the log\n")
    out = tmp_path / "case.zip"
    done = samehand("bundle", run_folder, fleet_id, "--out", out, "--custody", custody)
    assert done.code == 0, done.err
    root = check(str(out))[2]
    assert f"Merkle root {root}" in done.out
    with zipfile.ZipFile(out) as archive:
        assert "'=export of the log" in archive.read("custody.csv").decode()
        assert "timestamp-request.tsq" not in archive.namelist()
    done = samehand("verify", out, "--root", root)
    assert done.code == 0
    assert "Nothing was found." in done.out
    assert max(len(line) for line in done.out.splitlines() if str(out) not in line and root not in line) <= 80
    out.write_bytes(out.read_bytes().replace(b"export", b"Export"))
    done = samehand("verify", out, "-q")
    assert done.code == 1
    assert "custody.csv: changed" in done.out
    out.write_bytes(out.read_bytes()[:1000])
    done = samehand("verify", out)
    assert done.code == 2
    assert "no bundle that can be verified" in done.err


def copied(run_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


@pytest.mark.parametrize("name", ["members", "member_events", "evidence", "fleets"])
def test_a_run_that_is_half_there(tmp_path, run_folder, fleet_id, name):
    folder = copied(run_folder, tmp_path)
    (folder / f"{name}.parquet").unlink()
    done = samehand("bundle", folder, fleet_id, "--out", tmp_path / "case.zip")
    assert done.code == 2
    assert f"{name}.parquet is missing or damaged" in done.said
    assert not (tmp_path / "case.zip").exists()


def test_a_run_of_an_older_samehand_that_has_fewer_tables(tmp_path, run_folder, fleet_id):
    folder = copied(run_folder, tmp_path)
    for name in ("stability", "controls", "behaviours", "layer_bits"):
        (folder / f"{name}.parquet").unlink()
    info = json.loads((folder / "run.json").read_text()) | {"controls": None}
    (folder / "run.json").write_text(json.dumps(info))
    (tmp_path / "case.zip").write_bytes(make_bundle(open_case(folder, fleet_id, "en")))
    assert verify_bundle(tmp_path / "case.zip").sound


def test_a_bundle_is_not_replaced_by_another(tmp_path, run_folder, fleet_id, bundle):
    at = tmp_path / "case.zip"
    at.write_bytes(bundle.read_bytes())
    assert samehand("bundle", run_folder, fleet_id, "--out", at, "--timestamp-request").code == 0
    done = samehand("bundle", run_folder, fleet_id, "--out", at)
    assert done.code == 2
    assert "exists and is not the same bundle" in done.err
    assert at.read_bytes() == bundle.read_bytes()


def test_a_run_that_was_changed_after_its_bundle_was_made(tmp_path, run_folder, bundle):
    folder = copied(run_folder, tmp_path)
    assert verify_bundle(bundle, run=folder).sound
    assert samehand("verify", bundle, "--run", folder, "-q").code == 0
    (folder / "controls.parquet").unlink()
    edges = pq.read_table(folder / "edges.parquet")
    pq.write_table(edges.slice(1), folder / "edges.parquet")
    done = samehand("verify", bundle, "--run", folder)
    assert done.code == 1
    assert "DIFFERS: controls.parquet, edges.parquet" in done.out
    assert samehand("verify", bundle, "--run", tmp_path / "none").code == 2


def test_a_run_of_another_version(tmp_path, run_folder, fleet_id):
    folder = copied(run_folder, tmp_path)
    text = (folder / "run.json").read_text().replace('"format": 1', '"format": 9')
    (folder / "run.json").write_text(text)
    with pytest.raises(InputError, match="the run has format 9"):
        open_case(folder, fleet_id, "en")


@pytest.mark.parametrize(
    ("table", "column", "what"),
    [
        ("fleets", "n_coactions", "events marked as made together"),
        ("members", "n_events", "members: events"),
        ("evidence", "expected", "evidence: expected by chance"),
    ],
)
def test_a_run_that_was_changed_since(tmp_path, run_folder, fleet_id, table, column, what):
    folder = copied(run_folder, tmp_path)
    rows = pq.read_table(folder / f"{table}.parquet")
    place = rows.column_names.index(column)
    more = pc.add(rows[column], pa.scalar(1, rows[column].type))
    pq.write_table(rows.set_column(place, column, more), folder / f"{table}.parquet")
    with pytest.raises(InputError, match=f"contradict each other.*{what}"):
        make_bundle(open_case(folder, fleet_id, "en"))


def test_no_case_is_made_of_who_is_not_reported(tmp_path, run_folder, fleet_id):
    folder = copied(run_folder, tmp_path)
    fleets = pq.read_table(folder / "fleets.parquet")
    place = fleets.column_names.index("reported")
    nobody = pa.array([False] * fleets.num_rows)
    pq.write_table(fleets.set_column(place, "reported", nobody), folder / "fleets.parquet")
    with pytest.raises(InputError, match="does not report: it is no suspect"):
        open_case(folder, fleet_id, "en")
    with pytest.raises(InputError, match="no fleet 'F9999'"):
        open_case(run_folder, "F9999", "en")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "time,who,what\n1,2\n", "time,who,what\n1,2,3,4\n", 'time,who,what\n"1,2,3\n']
)
def test_a_custody_log_that_is_none(tmp_path, text):
    (tmp_path / "custody.csv").write_text(text)
    with pytest.raises(InputError, match="custody log"):
        read_custody(tmp_path / "custody.csv")


def test_a_place_that_cannot_be_written(run_folder, fleet_id, tmp_path):
    done = samehand("bundle", run_folder, fleet_id, "--out", tmp_path / "none" / "case.zip")
    assert done.code == 2
    assert "cannot write the case file" in done.err
