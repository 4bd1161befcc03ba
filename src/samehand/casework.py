"""Commands for cases: what is under review, what was decided, and whether the record is whole."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samehand.casefile.exports.measures import Ground, MeasureKind
from samehand.cases.model import Action, Status
from samehand.errors import InputError, OptionError
from samehand.options import DEFAULT_DB, DbOption, RunFolder, examples
from samehand.telling import say

if TYPE_CHECKING:
    from samehand.cases.model import Case, Lead

cases = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

_Case = Annotated[int, typer.Argument(help="Number of the case.", metavar="CASE", min=1)]
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
_Version = Annotated[
    int | None,
    typer.Option("--version", metavar="N", help="Version that you saw; another one is a conflict [any]."),
]


@cases.command(
    short_help="Put the fleets of a run under review.",
    epilog=examples(
        "samehand cases register runs/monday", "samehand cases register runs/monday --db team.sqlite"
    ),
)
def register(
    run: RunFolder,
    db: DbOption = DEFAULT_DB,
    again: Annotated[
        bool, typer.Option("--again", help="The folder holds another run now: register it as a new one.")
    ] = False,
) -> None:
    """Put the fleets of a run under review: one open case for each. A run that is there already stays."""
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        entered = store.register_run(run, actor=getpass.getuser(), again=again)
    say(
        f"run {entered.run_id}: {entered.n_candidates} cases, {entered.n_reported} of them reported as suspected"
    )


@cases.command(
    "list",
    short_help="List cases.",
    epilog=examples("samehand cases list --status open", "samehand cases list --run 2 --all"),
)
def list_cases(
    db: DbOption = DEFAULT_DB,
    run: Annotated[int | None, typer.Option("--run", metavar="N", help="Cases of this run [all].")] = None,
    status: Annotated[
        list[Status], typer.Option("--status", help="Cases that stand so; repeat [all].", metavar="STATUS")
    ] = [],  # noqa: B006
    every: Annotated[bool, typer.Option("--all", help="Those that are not reported, too.")] = False,
) -> None:
    """List cases in order of run and rank: open, need_more, second, confirmed, dismissed, merged."""
    from samehand.cases.model import LeadQuery
    from samehand.cases.store import CaseStore

    query = LeadQuery(
        run_id=run, statuses=frozenset(status) if status else None, reported=None if every else True
    )
    with CaseStore.open(db) as store:
        runs, found = store.runs(), store.leads(query, limit=10_000)
    for one in runs:
        say(f"run {one.run_id}: {one.folder}")
    say(f"{'case':>6} {'run':>4} {'fleet':<10} {'status':<10} {'accounts':>8} {'bits':>9}  {'has it':<16}")
    for lead in found.rows:
        say(_line(lead))
    if found.total > len(found.rows):
        say(f"and {found.total - len(found.rows):,} more")


def _line(lead: Lead) -> str:
    named = f"{lead.case_id:>6} {lead.run_id:>4} {lead.name:<10} {lead.status:<10}"
    return f"{named} {lead.n_accounts:>8,} {lead.score_bits:>9,.0f}  {lead.assignee or '-':<16}".rstrip()


@cases.command(
    short_help="Show a case: its members, decisions, notes and history.",
    epilog=examples("samehand cases show 7"),
)
def show(case: _Case, db: DbOption = DEFAULT_DB) -> None:
    """Show a case: its members, decisions, notes, and all that was done to it."""
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        found, done = store.case(case), store.history(case)
    _show(found)
    for entry in done:
        detail = entry.detail
        parts = (detail.decision, detail.measure and detail.measure.kind, detail.reason or detail.text)
        said = " ".join(str(part) for part in parts if part)
        say(f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.actor}: {entry.action} {said}".rstrip())


def _show(case: Case) -> None:
    lead = case.lead
    say(
        f"{lead.name} of run {lead.run_id}: {lead.status}, version {lead.version}, {lead.n_accounts:,} accounts"
    )
    say(f"assigned to: {lead.assignee or 'nobody'}")
    shown = [f"{one.account}{' (removed)' if one.removed else ''}" for one in case.members]
    say(f"members: {', '.join(shown)}" if shown else "members: none")


@cases.command(
    short_help="Decide a case.",
    epilog=examples(
        "samehand cases decide 7 confirm --policy 'spam 3.2' --reason 'one script'",
        "samehand cases decide 7 remove_member --account u12 --policy p --reason r",
        "samehand cases decide 7 merge --into 9 --policy p --reason 'same hand'",
    ),
)
def decide(
    case: _Case,
    action: Annotated[Action, typer.Argument(help="What is decided.", metavar="ACTION")],
    reason: _Reason,
    policy: Annotated[str, typer.Option("--policy", metavar="TEXT", help="Rule that it rests on.")],
    db: DbOption = DEFAULT_DB,
    account: Annotated[
        list[str], typer.Option("--account", metavar="ID", help="To split off or remove; repeat.")
    ] = [],  # noqa: B006
    into: Annotated[int | None, typer.Option("--into", metavar="CASE", help="Case to merge into.")] = None,
    second: Annotated[bool, typer.Option("--second", help="A second reviewer must agree.")] = False,
    measure: Annotated[
        MeasureKind | None,
        typer.Option("--measure", metavar="KIND", help="Measure that is taken, as in docs/exports.md."),
    ] = None,
    territory: Annotated[
        list[str],
        typer.Option("--territory", metavar="CC", help="Where it holds: DE, EU; repeat [EEA]."),
    ] = [],  # noqa: B006
    ground: Annotated[
        Ground, typer.Option("--ground", metavar="GROUND", help="terms or law.")
    ] = Ground.terms,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until", metavar="DAY", formats=["%Y-%m-%d"], help="The day on which it ends [never]."
        ),
    ] = None,
    version: _Version = None,
) -> None:
    """Decide a case: confirm, dismiss, need_more, split, merge or remove_member."""
    from samehand.casefile.exports.measures import Measure, countries_of
    from samehand.cases.store import CaseStore

    if measure is None and (territory or until):
        raise OptionError("--territory and --until go with --measure", where="--measure", hint="a measure")
    with CaseStore.open(db) as store:
        decided = store.decide(
            case,
            action,
            reviewer=getpass.getuser(),
            reason=reason,
            policy=policy,
            expected_version=version or store.case(case).lead.version,
            accounts=account,
            into=into,
            needs_second=second,
            measure=None
            if measure is None
            else Measure(
                kind=measure,
                territory=countries_of(territory or ["EEA"]),
                ground=ground,
                until=until and until.date(),
            ),
        )
    say(f"{decided.lead.name}: {decided.lead.status}, version {decided.lead.version}")


@cases.command(
    short_help="Take back the latest decision of a case.",
    epilog=examples("samehand cases undo 7 --reason 'wrong case'"),
)
def undo(case: _Case, reason: _Reason, db: DbOption = DEFAULT_DB, version: _Version = None) -> None:
    """Take back the latest decision of a case. It stays in the record, marked as undone."""
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        seen = version or store.case(case).lead.version
        left = store.undo(case, reviewer=getpass.getuser(), reason=reason, expected_version=seen)
    say(f"{left.lead.name}: {left.lead.status}, version {left.lead.version}")


@cases.command(
    short_help="Check that the record is whole and unchanged.",
    epilog=examples("samehand cases audit", "samehand cases audit --head 5d1c..."),
)
def audit(
    db: DbOption = DEFAULT_DB,
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="HASH", help="A head written down earlier; it must still be in the log."
        ),
    ] = None,
) -> None:
    """Check the audit log: every hash of its chain, and cases, members, decisions and notes against it.

    Write the head down elsewhere: whoever can write to the database could make a new chain, but not one with it in.
    """
    from samehand.cases.audit_check import check_audit
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        found = check_audit(store.database, head)
    if found.problems:
        raise InputError(
            "\n".join(("the record was changed:", *found.problems)),
            where=db if "://" not in db else "audit log",
            hint="a copy of the database from before",
        )
    say(
        f"{found.n_entries:,} entries, whole; cases, members, decisions and notes agree with them\nhead {found.head}"
    )


@cases.command(
    short_help="Say how often second reviewers agreed.", epilog=examples("samehand cases agreement")
)
def agreement(db: DbOption = DEFAULT_DB) -> None:
    """Say how often second reviewers agreed. They know what the first said, so it is no kappa."""
    from samehand.cases.agreement import agreement_of
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        found = agreement_of(store.decisions())
    if found.share is None or found.low is None or found.high is None:
        say(f"no decision was seconded yet; {found.n_waiting} wait")
        return
    say(
        f"{found.n_agreed} of {found.n_seconded} agreed: {found.share:.0%} "
        f"(95 % interval {found.low:.0%} to {found.high:.0%}); {found.n_waiting} wait"
    )
    for pair in found.pairs:
        say(f"  {pair.first}, then {pair.second}: {pair.n_agreed} of {pair.n_seconded}")


def calibrate(
    db: DbOption = DEFAULT_DB,
    run: Annotated[
        list[int], typer.Option("--run", metavar="N", help="Decisions of this run; repeat [all].")
    ] = [],  # noqa: B006
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE.json", help="Write the weights [only shown].")
    ] = None,
) -> None:
    """Fit the weight of each layer to what was confirmed and dismissed; show it, with its error on fleets left out.

    Nothing changes by itself: detection does not read the file.
    """
    from samehand.cases.calibrate import calibrate as fit
    from samehand.cases.store import CaseStore
    from samehand.placing import check_place, write_whole

    if write is not None:
        check_place(write)
    with CaseStore.open(db) as store:
        made = fit(store, tuple(run) or None)
    say(made.to_text())
    if write is not None:
        write_whole(write, made.to_json())
        say(f"\n{write}")
