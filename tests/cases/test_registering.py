"""Runs under review: whole or refused, and known by their content."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from samehand.cases.audit_check import check_audit
from samehand.cases.model import Action
from samehand.cases.registering import check_unchanged, digest_of
from samehand.cases.store import CaseStore
from samehand.errors import InputError
from samehand.run_folder import write_run
from tests.cases.steps import decide
from tests.report.fake_run import fake_run


@pytest.fixture
def folder(run_folder, tmp_path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


def test_the_digest_is_of_all_that_counts(folder) -> None:
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
    ]
    assert digest_of(folder) == hashlib.sha256("".join(lines).encode()).hexdigest()
    before = digest_of(folder)
    (folder / "report.zh.html").write_text("made later")
    assert digest_of(folder) == before
    (folder / "members.parquet").touch()
    assert digest_of(folder) == before


def test_the_same_run_again_stays(store, run_folder, tmp_path) -> None:
    decide(store, 1, Action.confirm)
    assert store.register_run(run_folder, actor="ann").run_id == 1
    moved = shutil.copytree(run_folder, tmp_path / "moved")
    assert store.register_run(moved, actor="ann").folder == str(moved)
    assert len(store.runs()) == 1
    assert store.case(1).lead.status == "confirmed"
    check_unchanged(store.run(1))


def test_some_fleets_of_a_run_and_others_later(tmp_path, run_folder) -> None:
    """A stream raises fleets one by one: each is one case, and those of the run that nobody raised are none."""
    with CaseStore.open(tmp_path / "some.sqlite") as store:
        for fleets in (["F0002"], ["F0002", "F0001"], ["F0001"]):
            assert store.register_run(run_folder, actor="ann", fleets=fleets).run_id == 1
        leads = store.leads().rows
        assert [(one.fleet_id, one.rank) for one in leads] == [("F0001", 1), ("F0002", 2)]
        assert all(len(store.case(one.case_id).members) == one.n_accounts for one in leads)
        assert check_audit(store.database).problems == ()
        store.register_run(run_folder, actor="ann")
        assert store.leads().total == 2


def test_a_run_that_was_changed_since(lite, folder) -> None:
    lite.register_run(folder, actor="ann")
    decide(lite, 1, Action.confirm)
    members = folder / "members.parquet"
    members.write_bytes(members.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="changed since it was registered as run 1; its decisions are kept"):
        check_unchanged(lite.run(1))
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="is gone; its decisions are kept"):
        check_unchanged(lite.run(1))
    folder.mkdir()
    write_run(folder, *fake_run(n_fleets=1, n_members=10))
    with pytest.raises(InputError, match="changed since it was registered as run 1"):
        lite.register_run(folder, actor="ann")
    again = lite.register_run(folder, actor="ann", again=True)
    assert again.run_id == 2
    assert lite.case(1).lead.status == "confirmed"
    assert check_audit(lite.database).problems == ()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "run.json").unlink(), "no run here"),
        (lambda f: (f / "run.json").write_text("{"), "run.json cannot be read"),
        (lambda f: (f / "members.parquet").unlink(), "members.parquet is missing or damaged"),
        (lambda f: (f / "evidence.parquet").write_bytes(b"PAR1"), "evidence.parquet is missing or damaged"),
        (lambda f: (f / "run.json").write_text('{"format": 99, "samehand": "9.9"}'), "format 99"),
        (shutil.rmtree, "no run here"),
    ],
)
def test_a_run_that_is_not_whole_leaves_nothing(lite, folder, spoil, said) -> None:
    spoil(folder)
    with pytest.raises(InputError, match=said):
        lite.register_run(folder, actor="ann")
    assert len(lite.runs()) == 1
    assert lite.leads().total == 6


def test_names_from_attackers(store, tmp_path) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    texts = ("'; DROP TABLE cases; --", "\0nul\0", "<script>alert(1)</script>", "=cmd()", "\u202eevil", "😀")
    write_run(folder, *fake_run(n_fleets=1, n_members=12, texts=texts))
    run = store.register_run(folder, actor="ann")
    case = next(store.case(one.case_id) for one in store.leads().rows if one.run_id == run.run_id)
    accounts = {member.account for member in case.members}
    assert "'; DROP TABLE cases; --0" in accounts
    assert "␀nul␀1" in accounts
    chosen = sorted(accounts)[:3]
    decided = decide(store, case.lead.case_id, Action.remove_member, accounts=chosen)
    assert {member.account for member in decided.members if member.removed} == set(chosen)
    assert check_audit(store.database).problems == ()


def test_whole_numbers_as_ids(lite, tmp_path) -> None:
    folder = tmp_path / "ints"
    folder.mkdir()
    write_run(folder, *fake_run(n_fleets=1, n_members=6, ids="int"))
    lite.register_run(folder, actor="ann")
    assert "9007199254740993" in {member.account for member in lite.case(7).members}


def test_a_log_without_fleets(tmp_path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    write_run(folder, *fake_run(n_fleets=0, n_members=0, n_unreported=1))
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        assert store.register_run(folder, actor="ann").n_reported == 0
