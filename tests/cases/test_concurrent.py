"""Several reviewers at once: nobody overwrites anybody, and nothing that was acknowledged is lost by a kill."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from samehand.cases.audit_check import check_audit
from samehand.cases.errors import ConflictError
from samehand.cases.model import Action, Status
from samehand.cases.store import CaseStore
from tests.cases.steps import decide

KILLED = Path(__file__).with_name("killed_reviewer.py")


def test_of_many_who_saw_one_version_one_decides(store) -> None:
    said: list[str] = []

    def take(name: str) -> str | None:
        try:
            decide(store, 1, Action.confirm, reviewer=name, expected_version=1)
        except ConflictError as error:
            said.append(error.found)
            return None
        return name

    with ThreadPoolExecutor(8) as pool:
        winners = [name for name in pool.map(take, [f"reviewer{i}" for i in range(8)]) if name]
    case = store.case(1)
    assert [one.reviewer for one in case.decisions] == winners
    assert len(winners) == 1
    assert len(said) == 7
    assert all(
        f"was changed by {winners[0]}" in one and "you saw version 1, it has version 2" in one for one in said
    )
    assert case.lead.version == 2


def test_two_stores_on_one_database(place) -> None:
    with CaseStore.open(place) as one, CaseStore.open(place) as other:
        seen = other.case(1).lead.version
        decide(one, 1, Action.dismiss)
        with pytest.raises(ConflictError, match=r"F0001 was changed by ann at .* \(decide\)"):
            decide(other, 1, Action.confirm, expected_version=seen)
        assert other.case(1).lead.status is Status.dismissed


def test_all_that_many_do_at_once_is_in_one_chain(store) -> None:
    def work(number: int) -> None:
        for i in range(5):
            store.note(number, f"remark {i}", author=f"reviewer{number}")
        decide(store, number, Action.need_more, reviewer=f"reviewer{number}", expected_version=1)

    with ThreadPoolExecutor(6) as pool:
        working = [pool.submit(work, number) for number in range(1, 7)]
        while not all(one.done() for one in working):
            assert check_audit(store.database).problems == ()  # half-way, too
    for one in working:
        one.result()
    found = check_audit(store.database)
    assert found.problems == ()
    assert found.n_entries == 1 + 6 * 6


def test_killed_at_any_moment_no_acknowledged_decision_is_lost(place) -> None:
    command = [sys.executable, str(KILLED), place, "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    kills = [tuple(int(number) for number in line.split()) for line in done.stdout.splitlines()]
    assert len(kills) == 5
    for acknowledged, written, problems in kills:
        assert acknowledged <= written <= acknowledged + 1  # the last may be written and not yet told
        assert problems == 0
    assert kills[-1][1] >= 5
