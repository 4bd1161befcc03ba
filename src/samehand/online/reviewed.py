"""Leads under review: each becomes one case of the store, and what is told of it later a note on that case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from samehand.cases.model import Case, LeadQuery
from samehand.cases.store import CaseStore
from samehand.cases.wording import storable
from samehand.errors import InputError
from samehand.fleets.find import silent
from samehand.online.kept import run_of
from samehand.online.leads import Lead
from samehand.online.outputs import Cursor, read_leads
from samehand.run_folder import read_run

ACTOR: Final = "samehand watch"
"""Who enters leads, in the audit log."""
_MOST_NAMED: Final = 20
"""Accounts that a note names; the rest is counted."""
_LONGEST_NAME: Final = 64


class ReviewStore:
    """The store that ``samehand review`` shows.

    A case keeps the run of the look that made it, whatever comes later: a decision must stay about what was seen. Which
    case a lead has follows from the outbox and the kept runs, so that nothing else is to be remembered, and telling a
    lead again changes nothing.
    """

    needs_runs = True

    def __init__(
        self, state: Path, store: CaseStore, place: str, warn: Callable[[str], None] = silent
    ) -> None:
        self._state, self._store, self._warn = state, store, warn
        self.name = f"the cases in {store.database.where}"
        self._cursor = Cursor(state, "review", place)

    def last(self) -> int:
        return self._cursor.at

    def tell(self, leads: Sequence[Lead]) -> None:
        entered = self._first_kept()
        for lead in leads:
            first = entered.get(lead.fleet_id)
            if first is None or lead.seq < first.seq:
                self._warn(f"lead {lead.fleet_id}, line {lead.seq}, makes no case: its run was not kept")
            elif lead.seq == first.seq:
                self._enter(first)
            else:
                self._note(self._enter(first), lead, self._before(lead))
            self._cursor.move(lead.seq)

    def _first_kept(self) -> dict[str, Lead]:
        """Give for each lead the first line whose run was kept."""
        found: dict[str, Lead] = {}
        for lead in read_leads(self._state / "leads.ndjson"):
            reported = lead.status in ("new", "changed") and lead.fleet_id not in found
            if reported and run_of(self._state, lead).exists():
                found[lead.fleet_id] = lead
        return found

    def _before(self, lead: Lead) -> Lead:
        """Give the line that was told of a lead before."""
        lines = read_leads(self._state / "leads.ndjson")
        return [one for one in lines if one.fleet_id == lead.fleet_id and one.seq < lead.seq][-1]

    def _enter(self, lead: Lead) -> Case:
        """Give the case of a lead, made where it is not there yet."""
        folder = run_of(self._state, lead)
        fleet = _fleet_of(folder, lead)
        run = self._store.register_run(folder, actor=ACTOR, fleets=[fleet])
        cases = self._store.leads(LeadQuery(run_id=run.run_id, text=fleet, in_accounts=False), limit=1_000)
        (mine,) = [one for one in cases.rows if one.name == fleet]
        case = self._store.case(mine.case_id)
        self._remark(case, lead, f"raised at {lead.time} by look {lead.look} of the stream in {self._state}")
        return case

    def _note(self, case: Case, lead: Lead, before: Lead) -> None:
        match lead.status:
            case "gone":
                what = "not reported any more"
            case "merged":
                what = f"most of it is in lead {lead.into} now"
            case _:
                what = _changes(before, lead)
        self._remark(case, lead, f"{lead.time}: {what}")

    def _remark(self, case: Case, lead: Lead, text: str) -> None:
        """Write a note on a case, unless it is there: a kill may have come between the note and the cursor."""
        begin = f"Lead {lead.fleet_id}, line {lead.seq}"
        if not any(one.author == ACTOR and one.text.startswith(f"{begin}:") for one in case.notes):
            self._store.note(case.lead.case_id, storable(f"{begin}: {text}"), author=ACTOR)


def _fleet_of(folder: Path, lead: Lead) -> str:
    """Find the fleet of a run that a lead rests on: the one with the same members.

    Raises:
        InputError: The run is gone or damaged, or is another one.
    """
    members: dict[str, set[str]] = {}
    for row in read_run(folder)[1].members.select(["fleet_id", "account"]).to_pylist():
        members.setdefault(row["fleet_id"], set()).add(str(row["account"]))
    for fleet, accounts in members.items():
        if accounts == set(lead.accounts):
            return fleet
    raise InputError(f"no fleet with the members of lead {lead.fleet_id}", where=str(folder))


def _changes(before: Lead, lead: Lead) -> str:
    """Say what changed of a lead, in words."""
    came, went = set(lead.accounts) - set(before.accounts), set(before.accounts) - set(lead.accounts)
    said = [f"{len(lead.accounts):,} accounts, {lead.score_bits:,.0f} bits"]
    said += [f"new: {_named(came)}"] if came else []
    said += [f"no more: {_named(went)}"] if went else []
    if lead.behaviours != before.behaviours:
        said.append(f"behaviours {', '.join(lead.behaviours) or 'none'}")
    if set(lead.layers) != set(before.layers):
        said.append(f"seen in {', '.join(lead.layers)}")
    return "; ".join(said)


def _named(accounts: Iterable[str]) -> str:
    names = sorted(accounts)
    shown = ", ".join(name[:_LONGEST_NAME] for name in names[:_MOST_NAMED])
    return f"{shown} and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else shown
