"""Measures of confirmed cases: kept, in the log, and what statements of reasons are made of."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine

from samehand.casefile.exports.measures import COUNTRIES, Automated, Ground, Measure, MeasureKind
from samehand.cases.audit_check import check_audit
from samehand.cases.errors import NotFoundError, RefusedError
from samehand.cases.migrations.versions import v0001_cases
from samehand.cases.model import Action, Choice
from samehand.cases.statements import confirmed_of
from samehand.cases.store import CaseStore
from samehand.run_folder import read_run
from tests.cases.steps import decide, second, undo
from tests.cli.terminal import samehand

SUSPENDED = Measure(kind=MeasureKind.account_suspended, territory=("DE", "FR"))
IN_A_YEAR = datetime.now(UTC).date() + timedelta(days=365)


@pytest.fixture(scope="module")
def tables(run_folder):
    return read_run(run_folder)[1]


def test_a_measure_is_kept_with_its_decision_and_in_the_log(store) -> None:
    full = Measure(
        kind=MeasureKind.payment_terminated, territory=("DE",), ground=Ground.law, automated=Automated.partly,
        until=IN_A_YEAR,
    )  # fmt: skip
    decided = decide(store, 1, Action.confirm, measure=full)
    assert decided.decisions[-1].measure == full
    assert store.history(1)[-1].detail.measure == full
    assert check_audit(store.database).problems == ()
    with CaseStore.open(store.database.where) if "://" not in store.database.where else store as again:
        assert again.case(1).decisions[-1].measure == full


def test_a_measure_that_was_changed_behind_the_log_is_found(lite) -> None:
    decide(lite, 1, Action.confirm, measure=SUSPENDED)
    with lite.database.writing() as connection:
        connection.exec_driver_sql("UPDATE decisions SET measure = NULL")
    assert check_audit(lite.database).problems == ("decision 1 is not what the log says",)


@pytest.mark.parametrize(
    ("action", "measure", "given", "said"),
    [
        (Action.dismiss, SUSPENDED, {}, "dismiss takes no measure"),
        (Action.need_more, SUSPENDED, {}, "need_more takes no measure"),
        (Action.confirm, Measure(kind=SUSPENDED.kind, territory=("US",)), {}, "the territory is US"),
        (Action.confirm, Measure(kind=SUSPENDED.kind, territory=()), {}, "the territory is empty"),
        (
            Action.confirm,
            Measure(kind=SUSPENDED.kind, territory=("DE",), until=date(2020, 1, 1)),
            {},
            "it ends on 2020-01-01",
        ),
        (Action.confirm, SUSPENDED, {"reason": "x" * 2_001}, "has 2,001 characters"),
    ],
)
def test_what_no_statement_could_be_made_of_is_refused(lite, action, measure, given, said) -> None:
    with pytest.raises(RefusedError, match=said):
        decide(lite, 1, action, measure=measure, **given)
    assert lite.case(1).decisions == ()


def test_a_store_of_the_first_version_is_brought_up_to_date(run_folder, tmp_path) -> None:
    """What was decided before stays as it was, the chain included."""
    file = tmp_path / "old.sqlite"
    with CaseStore.open(file) as store:
        store.register_run(run_folder, actor="setup")
        decide(store, 1, Action.confirm)
        before = store.case(1), check_audit(store.database).head
    changing = sqlite3.connect(file)
    with changing:
        changing.execute("ALTER TABLE decisions DROP COLUMN measure")
        changing.execute("UPDATE alembic_version SET version_num = '0001'")
    changing.close()
    with CaseStore.open(file) as store:
        found = check_audit(store.database)
        assert (store.case(1), found.head) == before
        assert found.problems == ()
        decide(store, 2, Action.confirm, measure=SUSPENDED)
        assert check_audit(store.database).problems == ()


def test_the_first_version_had_no_measure(tmp_path) -> None:
    """The step before is as it was published: stores that it made are out there."""
    engine = create_engine(f"sqlite:///{tmp_path / 'first.sqlite'}")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        v0001_cases.upgrade()
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(decisions)")]
    engine.dispose()
    assert "policy" in columns
    assert "measure" not in columns


# Statements


def test_only_what_stands_and_has_a_measure_is_stated(lite, run_folder, tables) -> None:
    decide(lite, 1, Action.confirm, measure=SUSPENDED)
    decide(lite, 2, Action.confirm)
    decide(lite, 3, Action.dismiss)
    decide(lite, 4, Action.confirm, measure=SUSPENDED)
    undo(lite, 4)
    decide(lite, 5, Action.confirm, measure=SUSPENDED, needs_second=True)
    found = confirmed_of(lite, run_folder, tables)
    assert [one.fleet_id for one in found.stated] == [lite.case(1).lead.fleet_id]
    assert found.n_without == 1
    second(lite, 5, agrees=True)
    (_, seconded) = confirmed_of(lite, run_folder, tables).stated
    made = lite.case(5).decisions[-1]
    assert made.second_at is not None
    assert (seconded.fleet_id, seconded.decided_on) == (lite.case(5).lead.fleet_id, made.second_at.date())


def test_members_are_those_of_now(lite, run_folder, tables) -> None:
    """Removed ones are left out, and what came by a merge is stated of the fleet that it came with."""
    removed = lite.case(1).members[0].account
    decide(lite, 1, Action.remove_member, accounts=[removed])
    decide(lite, 2, Action.merge, into=1)
    decide(lite, 1, Action.confirm, measure=SUSPENDED)
    found = confirmed_of(lite, run_folder, tables)
    whose = {
        (member.fleet_id, member.account) for member in lite.case(1).members if member.account != removed
    }
    assert {(one.fleet_id, account) for one in found.stated for account in one.accounts} == whose
    assert len(found.stated) == 2


def test_a_run_that_is_not_under_review(tables, tmp_path, run_folder) -> None:
    with CaseStore.open(tmp_path / "empty.sqlite") as store, pytest.raises(NotFoundError, match="not among"):
        confirmed_of(store, run_folder, tables)


def test_from_the_command_that_decides_to_statements(lite, run_folder, tmp_path) -> None:
    place, out = lite.database.where, tmp_path / "dsa.zip"
    done = samehand("export", run_folder, "--format", "dsa", "--db", place, "--out", out)
    assert done.code == 2
    assert "no fleet is confirmed with a measure" in done.said
    assert not out.exists()
    said = ("--policy", "spam 3.2", "--reason", "moved as one", "--db", place)
    done = samehand(
        "cases", "decide", "1", "confirm", "--measure", "account_suspended", "--until", str(IN_A_YEAR), *said
    )
    assert done.code == 0, done.err
    assert samehand("cases", "decide", "2", "confirm", *said).code == 0
    done = samehand("cases", "decide", "3", "confirm", "--territory", "DE", *said)
    assert done.code == 2
    assert "go with --measure" in done.said
    assert "confirm account_suspended moved as one" in samehand("cases", "show", "1", "--db", place).out
    done = samehand("export", run_folder, "--format", "dsa", "--db", place, "--out", out)
    assert done.code == 0, done.err
    assert "of which nothing is stated: 1" in done.err
    with zipfile.ZipFile(out) as archive:
        statements = json.loads(archive.read("statements-0001.json"))["statements"]
        whose = list(csv.DictReader(io.StringIO(archive.read("puids.csv").decode("utf-8-sig"))))
    assert {row["account"] for row in whose} == {one.account for one in lite.case(1).members}
    first = statements[0]
    assert first["incompatible_content_ground"] == "spam 3.2"
    assert first["incompatible_content_explanation"] == "moved as one"
    assert first["end_date_account_restriction"] == str(IN_A_YEAR)
    assert first["territorial_scope"] == sorted(COUNTRIES)


def test_many_are_confirmed_with_one_measure(lite) -> None:
    choices = [Choice(case_id=number, expected_version=1) for number in (1, 2)]
    said = {"reviewer": "ann", "reason": "they post as one", "policy": "spam 3.2"}
    decided = lite.decide_many(choices, Action.confirm, **said, measure=SUSPENDED)
    assert [case.decisions[-1].measure for case in decided] == [SUSPENDED, SUSPENDED]


def test_without_a_database_nothing_is_made(run_folder, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = samehand("export", run_folder, "--format", "dsa", "--out", tmp_path / "dsa.zip")
    assert done.code == 2
    assert "there is no database of cases" in done.said
    assert list(Path(tmp_path).iterdir()) == []
