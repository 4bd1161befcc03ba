"""Commands that count what fleets did, and hand fleets over to others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samehand.errors import InputError, OptionError
from samehand.options import DEFAULT_DB, DbOption, Lang, LangOption, PresetOption, QuietOption, ZoneOption
from samehand.telling import note, say, show_progress

if TYPE_CHECKING:
    from samehand.casefile.exports.dsa import Decision
    from samehand.run_folder import RunTables

_Run = Annotated[
    Path | None,
    typer.Argument(help="A folder that `samehand detect` wrote.", metavar="RUN", show_default=False),
]
_PricesOption = Annotated[
    Path | None,
    typer.Option("--prices", metavar="FILE.toml", help="Prices with low, mid, high and source."),
]
_LogOption = Annotated[
    list[str] | None,
    typer.Option("--log", metavar="SOURCE", help="The log of the run; repeat [the files that it names]."),
]
_HarmOut = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder of the ledger [harm in the run].")
]
_FleetOption = Annotated[
    list[str] | None,
    typer.Option("--fleet", metavar="F0003", help="Count this fleet; repeat [all reported]."),
]
_AllOption = Annotated[bool, typer.Option("--all", help="Count candidates that are not reported, too.")]
_TracksOption = Annotated[
    Path | None,
    typer.Option("--tracks", metavar="DIR", help="A folder of `samehand track` that holds the run."),
]
_Example = Annotated[
    bool, typer.Option("--example-prices", help="Print a file of prices with comments, and leave.")
]


def harm(
    run: _Run = None,
    prices: _PricesOption = None,
    log: _LogOption = None,
    out: _HarmOut = None,
    fleet: _FleetOption = None,
    all_candidates: _AllOption = False,
    tracks: _TracksOption = None,
    example_prices: _Example = False,
    preset: PresetOption = None,
    timezone: ZoneOption = None,
    lang: LangOption = Lang.en,
    quiet: QuietOption = False,
) -> None:
    """Count what suspected fleets did, and value what has a price: low, mid and high, each figure with its query."""
    from samehand.harm.prices import NO_PRICES, read_prices
    from samehand.harm.prices import example_prices as example

    if example_prices:
        say(example().rstrip())
        return
    if run is None:
        raise OptionError("no run is named", where="RUN", hint="samehand harm runs/monday")
    from samehand.harm.folder import check_target
    from samehand.harm.ledger import count_harm
    from samehand.harm.terminal import show_ledger

    folder = out or run / "harm"
    check_target(folder)
    told = NO_PRICES if prices is None else read_prices(prices)
    with show_progress(quiet) as step:
        ledger = count_harm(
            run,
            told,
            log or None,
            fleets=fleet or (),
            all=all_candidates,
            tracks=tracks,
            preset=preset,
            timezone=timezone,
            progress=step,
        )
    ledger.save(folder, lang)
    if not quiet:
        show_ledger(ledger, folder, lang)


_OfRun = Annotated[Path, typer.Argument(help="A folder that `samehand detect` wrote.", metavar="RUN")]
_Fleets = Annotated[
    list[str] | None, typer.Argument(help="Fleets [all reported].", metavar="FLEET", show_default=False)
]
_Form = Annotated[
    str,
    typer.Option("--format", metavar="NAME", help="stix, csvzip, minimum, dsa, json, csv, graphml or gexf."),
]
_ExportOut = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="File [export.* in the run folder].")
]
_SaltOption = Annotated[
    Path | None,
    typer.Option("--salt", metavar="FILE", help="Secret bytes for salted names [made beside the file]."),
]
_Decisions = Annotated[
    Path | None,
    typer.Option(
        "--decisions", metavar="FILE.json", help="What was decided, for dsa [confirmed cases of --db]."
    ),
]
_AllCandidates = Annotated[bool, typer.Option("--all", help="Candidates that are not reported, too.")]


def export(
    run: _OfRun,
    fleets: _Fleets = None,
    form: _Form = "stix",
    out: _ExportOut = None,
    salt: _SaltOption = None,
    decisions: _Decisions = None,
    db: DbOption = DEFAULT_DB,
    all_candidates: _AllCandidates = False,
    lang: LangOption = Lang.en,
) -> None:
    """Write suspected fleets for others: tables, graphs, STIX 2.1, DSA statements of reasons, or counts alone."""
    from samehand.casefile.exports.export import SALTED, SUFFIXES, check_format, write_export
    from samehand.casefile.exports.export import export as render
    from samehand.casefile.exports.salt import check_salt_place, keep_salt, make_salt, read_salt
    from samehand.run_folder import read_run

    suffix = SUFFIXES[check_format(form)]
    if form != "dsa" and decisions is not None:
        raise OptionError("--decisions goes with --format dsa", where="--decisions", hint="both, or neither")
    info, tables = read_run(run)
    told = _decided(run, tables, decisions, db, fleets or ()) if form == "dsa" else ()
    named = fleets or sorted({one.fleet_id for one in told if decisions is None})
    path = out or run / f"export{suffix}"
    fresh = path.with_name(f"{path.name}.salt") if form in SALTED and salt is None else None
    if fresh is not None:
        check_salt_place(fresh)
    secret = make_salt() if salt is None else read_salt(salt)
    content = render(
        info, tables, form, named, everything=all_candidates, lang=lang, salt=secret, decisions=told
    )
    if fresh is not None:
        keep_salt(fresh, secret)
    try:
        write_export(path, content)
    except OptionError:
        if fresh is not None:
            fresh.unlink()
        raise
    if fresh is not None:
        note(f"a salt was made; keep it, and give it only to those who may know the accounts: {fresh}")
    say(str(path))


def _decided(
    run: Path, tables: RunTables, file: Path | None, db: str, fleets: Sequence[str]
) -> tuple[Decision, ...]:
    """Give what was decided: as a file says, or as the store of cases has it, of these fleets or of all."""
    from samehand.casefile.exports.dsa import read_decisions
    from samehand.cases.statements import confirmed_of
    from samehand.cases.store import CaseStore

    if file is not None:
        return read_decisions(file)
    if "://" not in db and not Path(db).is_file():
        raise OptionError(
            "there is no database of cases", where=db, hint="--db FILE, or --decisions FILE.json"
        )
    with CaseStore.open(db) as store:
        found = confirmed_of(store, run, tables)
    if found.n_without:
        note(f"confirmed cases without a measure, of which nothing is stated: {found.n_without}")
    stated = tuple(one for one in found.stated if not fleets or one.fleet_id in fleets)
    if not stated:
        raise InputError(
            "no fleet is confirmed with a measure",
            where=str(run),
            hint="decide in `samehand review`, with one",
        )
    return stated
