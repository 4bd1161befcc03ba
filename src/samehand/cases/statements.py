"""Confirmed cases as decisions of the platform, of which an export makes statements of reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from samehand.casefile.exports.dsa import Decision as Stated
from samehand.cases.errors import NotFoundError
from samehand.cases.model import Action, Case, Decision, LeadQuery, RegisteredRun, Status
from samehand.cases.registering import digest_of
from samehand.cases.store import CaseStore
from samehand.cases.wording import storable
from samehand.run_folder import RunTables

_MOST: Final = 100_000
"""Confirmed cases of a run that are looked at."""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What was confirmed of a run."""

    stated: tuple[Stated, ...]
    """A decision for each fleet that present members of a case came with."""
    n_without: int
    """Confirmed cases whose decision names no measure: there is nothing to state."""


def confirmed_of(store: CaseStore, folder: Path, tables: RunTables) -> Confirmed:
    """Read which measures were decided about the fleets of a run, and stand.

    Args:
        store: Where it was decided.
        folder: The run.
        tables: Of the run; the accounts are named as they are there.

    Raises:
        NotFoundError: The run is not in the store.
        InputError: The folder cannot be read.
    """
    run = _run_of(store, folder)
    asked = LeadQuery(run_id=run.run_id, statuses=frozenset({Status.confirmed}))
    cases = [store.case(lead.case_id) for lead in store.leads(asked, limit=_MOST).rows]
    names = {storable(str(one)): str(one) for one in tables.members["account"].to_pylist()}
    stated = [list(_stated(case, names)) for case in cases]
    return Confirmed(
        stated=tuple(one for ones in stated for one in ones), n_without=sum(not ones for ones in stated)
    )


def _run_of(store: CaseStore, folder: Path) -> RegisteredRun:
    digest = digest_of(folder)
    for run in store.runs():
        if run.digest == digest:
            return run
    raise NotFoundError(
        "the run is not among those under review", where=str(folder), hint="--decisions FILE, or another --db"
    )


def _stated(case: Case, names: dict[str, str]) -> Iterator[Stated]:
    made = _standing(case)
    if made is None or made.measure is None:
        return
    present: dict[str, list[str]] = {}
    for member in case.members:
        if not member.removed:
            present.setdefault(member.fleet_id, []).append(names[member.account])
    for fleet_id, accounts in sorted(present.items()):
        yield Stated(
            fleet_id=fleet_id,
            measure=made.measure.kind,
            decided_on=(made.second_at or made.decided_at).date(),
            ground=made.measure.ground,
            rule=made.policy,
            reason=made.reason,
            territory=made.measure.territory,
            automated=made.measure.automated,
            accounts=tuple(accounts),
            until=made.measure.until,
        )


def _standing(case: Case) -> Decision | None:
    """Give the decision that confirmed a case."""
    return next(
        (one for one in reversed(case.decisions) if one.action is Action.confirm and one.stands), None
    )
