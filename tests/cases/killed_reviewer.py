"""Reviewers that decide without end and are killed at a random moment, again and again; counts what is left.

Run as a program of its own, so that each of them is forked from a process without threads.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time

from samehand.cases.audit_check import check_audit
from samehand.cases.model import Action
from samehand.cases.store import CaseStore


def decide_for_ever(place: str, say: int) -> None:
    store = CaseStore.open(place)
    for number in itertools.count():
        case_id = 1 + number % 6
        store.decide(
            case_id,
            (Action.confirm, Action.dismiss)[number // 6 % 2],
            reviewer="ann",
            reason="they post as one",
            policy="spam 3.2",
            expected_version=store.case(case_id).lead.version,
        )
        os.write(say, b".")


def kill_one(place: str, wait_s: float) -> int:
    """Give how many decisions were acknowledged before the kill."""
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        decide_for_ever(place, say)
    os.close(say)
    acknowledged = len(os.read(hear, 1))  # it has begun
    time.sleep(wait_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while part := os.read(hear, 65_536):
        acknowledged += len(part)
    os.close(hear)
    return acknowledged


def main(place: str, n_kills: int) -> None:
    """Print, for each kill: acknowledged and written decisions so far, and problems of the record."""
    rng, before = random.Random(7), 0  # noqa: S311
    for _ in range(n_kills):
        acknowledged = before + kill_one(place, rng.uniform(0.0, 0.2))
        with CaseStore.open(place) as store:
            before = len(store.decisions())
            problems = check_audit(store.database).problems
            sys.stdout.write(f"{acknowledged} {before} {len(problems)}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
