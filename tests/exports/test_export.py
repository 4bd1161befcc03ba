"""Exports: the part of a run that goes out and nothing else, tables in a ZIP, salted names, statements of reasons."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import hmac
import io
import json
import re
import stat
import zipfile
from datetime import date

import pytest

from samehand.casefile.exports.dsa import MEASURES, Decision, read_decisions
from samehand.casefile.exports.export import SALTED, SUFFIXES, export
from samehand.casefile.exports.measures import MeasureKind
from samehand.casefile.exports.part import part_of
from samehand.casefile.exports.salt import Salt
from samehand.errors import InputError, OptionError
from samehand.run_folder import write_run
from samehand.texts import LANGUAGES
from tests.cli.terminal import samehand
from tests.report.fake_run import fake_run
from tests.report.hostile import hostile_run

SALT = Salt(b"0123456789abcdef")


@pytest.fixture(scope="module")
def run():
    return fake_run(3, 60)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, *run)
    return folder


def accounts_of(run, *fleets):
    return {str(row["account"]) for row in run[1].members.to_pylist() if row["fleet_id"] in fleets}


def decision(**changes):
    plain = {
        "fleet_id": "F0002", "measure": "account_suspended", "decided_on": date(2024, 4, 1), "ground": "terms",
        "rule": "terms of service, 4.2", "reason": "accounts moved in bulk", "territory": ("DE", "FR"),
        "automated": "no",
    }  # fmt: skip
    return Decision(**plain | changes)


# The part


def test_reported_fleets_go_out_and_candidates_only_when_asked(run):
    assert part_of(run[1], (), False).fleets["fleet_id"].to_pylist() == ["F0001", "F0002", "F0003"]
    assert part_of(run[1], (), True).fleets.num_rows == 5
    assert part_of(run[1], ["F0005", "F0002"], False).fleets["fleet_id"].to_pylist() == ["F0002", "F0005"]
    with pytest.raises(OptionError, match="no fleet 'F0099'"):
        part_of(run[1], ["F0099"], False)


@pytest.mark.parametrize("form", SUFFIXES)
def test_nothing_of_other_fleets_is_in_any_export(run, form):
    info, tables = run
    content = export(info, tables, form, ["F0002"], salt=SALT, decisions=[decision()])
    texts = [content]
    if form in {"csvzip", "dsa"}:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts = [archive.read(name) for name in archive.namelist()]
    others = accounts_of(run, "F0001", "F0003", "F0004", "F0005") - accounts_of(run, "F0002")
    for text in texts:
        assert not [one for one in others if re.search(rf"\b{one}\b".encode(), text)]
        assert b"choir" not in text
        assert b"post_hot" not in text
        assert b"night shift" not in text


def test_edges_that_go_out_have_both_ends_in_the_fleet(run):
    part = part_of(run[1], ["F0001"], False)
    mine = accounts_of(run, "F0001")
    assert part.edges.num_rows > 0
    assert {*part.edges["account_a"].to_pylist(), *part.edges["account_b"].to_pylist()} <= mine


@pytest.mark.parametrize("form", SUFFIXES)
def test_the_same_input_gives_the_same_bytes(run, form):
    made = [export(*run, form, salt=SALT, decisions=[decision()]) for _ in range(2)]
    assert made[0] == made[1]


# Tables in a ZIP


def test_the_zip_has_every_table_and_what_it_means(run):
    with zipfile.ZipFile(io.BytesIO(export(*run, "csvzip"))) as archive:
        names = set(archive.namelist())
        members = list(
            csv.DictReader(io.StringIO(archive.read("members.csv").decode("utf-8-sig"), newline=""))
        )
        evidence = list(
            csv.DictReader(io.StringIO(archive.read("evidence.csv").decode("utf-8-sig"), newline=""))
        )
        disarm = list(csv.DictReader(io.StringIO(archive.read("disarm.csv").decode("utf-8-sig"), newline="")))
        assert b"not findings of guilt" in archive.read("README.txt")
        assert json.loads(archive.read("run.json"))["n_reported"] == 3
        assert archive.testzip() is None
    assert names == {f"{one.name}.csv" for one in dataclasses.fields(run[1])} | {
        "README.txt",
        "run.json",
        "disarm.csv",
    }
    assert {row["account"] for row in members} == accounts_of(run, "F0001", "F0002", "F0003")
    assert json.loads(evidence[0]["event_ids"])
    assert {row["technique"] for row in disarm if row["fleet_id"] == "F0001"} == {"T0121"}


def test_no_text_in_the_zip_is_a_formula():
    with zipfile.ZipFile(io.BytesIO(export(*hostile_run(), "csvzip"))) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                rows = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline=""))
                cells = [cell for row in rows for cell in row]
                # Negative numbers of figures are numbers.
                assert not [
                    c
                    for c in cells
                    if c.startswith(tuple("=+@\t\r\n＝＋－＠")) or re.match(r"-(?!\d|inf)", c)
                ]


# Counts and salted names


def test_the_minimum_has_counts_and_salted_names_and_nothing_of_the_log(run):
    _, tables = run
    content = export(*run, "minimum", salt=SALT).decode()
    document = json.loads(content)
    assert [one["fleet_id"] for one in document["fleets"]] == ["F0001", "F0002", "F0003"]
    fleet = document["fleets"][1]
    wanted = [
        hmac.new(SALT.secret, f"7:account{len(one)}:{one}".encode(), hashlib.sha256).hexdigest()
        for one in accounts_of(run, "F0002")
    ]
    assert fleet["accounts"] == sorted(wanted)
    row = tables.fleets.to_pylist()[1]
    assert (fleet["n_accounts"], fleet["n_coactions"]) == (row["n_accounts"], row["n_coactions"])
    secret = {
        str(value)
        for table in (tables.members, tables.member_events)
        for value in table["account"].to_pylist()
    }
    secret |= {
        v for name in ("target", "event_id", "content") for v in tables.member_events[name].to_pylist() if v
    }
    assert not [one for one in secret if f'"{one}"' in content]
    assert not re.search(r"\d\d:\d\d", content), "days, no times"
    assert SALT.secret.hex() not in content


def test_other_salts_give_other_names_and_parts_are_kept_apart():
    assert SALT.name("account", "a") != Salt(b"fedcba9876543210").name("account", "a")
    assert SALT.name("account", "ab", "c") != SALT.name("account", "a", "bc")
    assert SALT.name("account", "a") != SALT.name("statement", "a")
    assert "0123" not in repr(SALT)


@pytest.mark.parametrize("form", sorted(SALTED))
def test_without_a_salt_nothing_is_salted(run, form):
    with pytest.raises(OptionError, match="under a salt"):
        export(*run, form)


# Statements of reasons


def statements_of(run, *decisions, lang="en"):
    content = export(*run, "dsa", salt=SALT, decisions=decisions, lang=lang)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = sorted(archive.namelist())
        parts = [json.loads(archive.read(name))["statements"] for name in names if name.endswith(".json")]
        whose = list(csv.DictReader(io.StringIO(archive.read("puids.csv").decode("utf-8-sig"), newline="")))
    return parts, whose


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_statement_has_what_the_database_wants_and_no_personal_data(run, lang):
    parts, whose = statements_of(run, decision(until=date(2024, 5, 1), account_type="private"), lang=lang)
    (statements,) = parts
    mine = accounts_of(run, "F0002")
    assert len(statements) == len(mine) == len(whose)
    assert {row["account"] for row in whose} == mine
    assert {row["puid"] for row in whose} == {one["puid"] for one in statements}
    one = statements[0]
    assert one | {"puid": "", "decision_facts": "", "content_date": ""} == {
        "decision_account": "DECISION_ACCOUNT_SUSPENDED", "end_date_account_restriction": "2024-05-01",
        "account_type": "ACCOUNT_TYPE_PRIVATE", "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "terms of service, 4.2",
        "incompatible_content_explanation": "accounts moved in bulk", "content_type": ["CONTENT_TYPE_OTHER"],
        "content_type_other": "account", "content_date": "", "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "category_specification": ["KEYWORD_INAUTHENTIC_ACCOUNTS"], "territorial_scope": ["DE", "FR"],
        "application_date": "2024-04-01", "decision_facts": "", "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED", "puid": "",
    }  # fmt: skip
    for one in statements:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,500}", one["puid"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["content_date"])
        assert 0 < len(one["decision_facts"]) <= 5000
        assert not [account for account in mine if account in json.dumps(one)]


def test_some_members_and_the_law(run):
    account = min(accounts_of(run, "F0002"))
    parts, whose = statements_of(run, decision(accounts=(account,), ground="law", measure="content_removed"))
    assert [row["account"] for row in whose] == [account]
    (one,) = parts[0]
    assert one["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert one["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert one["illegal_content_legal_ground"] == "terms of service, 4.2"
    assert "incompatible_content_ground" not in one


def test_identifiers_are_unique_also_where_two_decisions_are_of_one_account(run):
    parts, _ = statements_of(run, decision(), decision(measure="payment_suspended"))
    puids = [one["puid"] for part in parts for one in part]
    assert len(set(puids)) == len(puids)


def test_no_file_holds_more_than_a_call_takes():
    big = fake_run(1, 230)
    parts, whose = statements_of(big, decision(fleet_id="F0001"))
    assert [len(part) for part in parts] == [100, 100, 30]
    assert len(whose) == 230


def test_every_measure_has_a_field():
    assert set(MeasureKind) == MEASURES.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as decisions"),
        ('[{"fleet_id": "F0001"}]', "missing required field"),
        (None, "unknown field `colour`"),
        ({"measure": "beheaded"}, "Invalid enum value 'beheaded'"),
        ({"territory": []}, "territory is empty"),
        ({"territory": ["DE", "US"]}, "territory is US"),
        ({"rule": " "}, "the rule has 1 characters"),
        ({"reason": "x" * 2001}, "the reason has 2001 characters"),
        ({"until": "2024-03-01"}, "before 2024-04-01"),
        ({"decided_on": "April"}, "Invalid"),
    ],
)
def test_decisions_that_cannot_be_are_refused(tmp_path, text, said):
    plain = {
        "fleet_id": "F0002", "measure": "account_suspended", "decided_on": "2024-04-01", "ground": "terms",
        "rule": "4.2", "reason": "bulk", "territory": ["DE"], "automated": "no",
    }  # fmt: skip
    if not isinstance(text, str):
        text = json.dumps([plain | (text or {"colour": "red"})])
    file = tmp_path / "decisions.json"
    file.write_text(text)
    with pytest.raises(InputError, match=re.escape(said)):
        read_decisions(file)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fleet_id": "F0004"}, "'F0004', which is not exported"),
        ({"accounts": ("nobody",)}, "no member of F0002"),
        ({"reason": "user_000007, and others, moved in bulk"}, "names the account 'user_000007'"),
    ],
)
def test_decisions_of_somebody_else_are_refused(run, changes, said):
    with pytest.raises(InputError, match=said):
        statements_of(run, decision(**changes))


# The command


def test_the_command_writes_one_file(folder, tmp_path):
    done = samehand("export", folder, "F0002", "--format", "csvzip", "--out", tmp_path / "out.zip")
    assert (done.code, done.out.strip()) == (0, str(tmp_path / "out.zip"))
    assert [one.name for one in tmp_path.iterdir()] == ["out.zip"]


def test_a_salt_is_made_beside_the_file_and_told_but_never_shown(folder, tmp_path):
    out = tmp_path / "m.json"
    done = samehand("export", folder, "--format", "minimum", "--out", out)
    assert done.code == 0
    salt = tmp_path / "m.json.salt"
    assert str(salt) in done.err
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    assert len(salt.read_bytes()) == 32
    assert salt.read_bytes().hex() not in done.out + done.err + out.read_text()
    again = samehand("export", folder, "--format", "minimum", "--out", out)
    assert again.code == 2
    assert "there is a salt already" in again.err
    first = out.read_bytes()
    assert samehand("export", folder, "--format", "minimum", "--out", out, "--salt", salt).code == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("F0099",), "no fleet 'F0099'"),
        (("--format", "pdf"), "unknown format 'pdf'"),
        (("--decisions", "{tmp}/short"), "--decisions goes with --format dsa"),
        (("--format", "dsa", "--db", "{tmp}/none.sqlite"), "there is no database of cases"),
        (("--format", "minimum", "--salt", "{tmp}/none"), "salt cannot be read"),
        (("--format", "minimum", "--salt", "{tmp}/short"), "the salt has 3 bytes"),
        (("F0099", "--format", "minimum"), "no fleet 'F0099'"),
        (("--format", "minimum", "--out", "{tmp}/no/where.json"), "cannot be written"),
        (("--out", "{tmp}/no/where.json"), "cannot write the export"),
    ],
)
def test_bad_input_leaves_nothing(folder, tmp_path, arguments, said):
    (tmp_path / "short").write_bytes(b"abc")
    out = () if "--out" in arguments else ("--out", tmp_path / "out")
    done = samehand("export", folder, *(one.format(tmp=tmp_path) for one in arguments), *out)
    assert done.code == 2
    assert said in done.said
    assert [one.name for one in tmp_path.iterdir()] == ["short"]
