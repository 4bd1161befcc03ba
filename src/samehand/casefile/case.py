"""One fleet of a run, opened for a case file: checked to be reported and whole, with the hashes of the run's files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from samehand.casefile.against_run import hash_run
from samehand.casefile.harm import Harm
from samehand.errors import InputError
from samehand.report.dossier import Dossier, Fleet, open_dossiers, read_fleets
from samehand.report.fleet_page import FleetPage, Told, build_fleet_page
from samehand.run_folder import RunInfo, RunTables, read_run


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a case file is made of."""

    info: RunInfo
    tables: RunTables
    dossier: Dossier
    page: FleetPage
    """The fleet's sentences and charts."""
    lang: str
    run_json: bytes
    run_hashes: dict[str, str]
    """Name -> SHA-256 of the run's files, as they are now."""
    harm: Harm | None

    @property
    def fleet(self) -> Fleet:
        """The fleet."""
        return self.dossier.fleet

    @property
    def row(self) -> dict[str, Any]:
        """The fleet as a row of its table."""
        return asdict(self.fleet)

    @property
    def n_log(self) -> int:
        """Events of the log."""
        return self.info.quality.n_events


def open_case(folder: Path, fleet_id: str, lang: str, harm: Harm | None = None) -> Case:
    """Open a run for a case file of one of its fleets.

    Raises:
        InputError: The run is missing, damaged or of another version; there is no such fleet; or it is a candidate
            that the run does not report, of which no case file is made; or the ledger is of another log.
    """
    info, tables = read_run(folder)
    if harm is not None:
        harm.check_log(frozenset(source.sha256 for source in info.sources))
    try:
        fleets = {fleet.fleet_id: fleet for fleet in read_fleets(tables.fleets)}
        fleet = _reported(fleets, fleet_id, folder)
        dossier = next(open_dossiers(tables, (fleet,)))
        page = build_fleet_page(
            dossier, tables.timeline, lang, told=Told(info.known, info.quality.n_accounts)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"a table of the run lacks what is needed: {error!r}",
            where=str(folder),
            hint="run `samehand detect` again",
        ) from error
    names = ["run.json", *(f"{field.name}.parquet" for field in fields(RunTables))]
    return Case(
        info=info,
        tables=tables,
        dossier=dossier,
        page=page,
        lang=lang,
        run_json=(folder / "run.json").read_bytes(),
        run_hashes=hash_run(folder, sorted(names)),
        harm=harm,
    )


def _reported(fleets: dict[str, Fleet], fleet_id: str, folder: Path) -> Fleet:
    fleet = fleets.get(fleet_id)
    named = ", ".join(name for name, one in fleets.items() if one.reported)[:200]
    hint = f"one of {named}" if named else "a run that reports a fleet"
    if fleet is None:
        raise InputError(f"no fleet {fleet_id!r} in this run", where=str(folder), hint=hint)
    if not fleet.reported:
        raise InputError(
            f"{fleet_id} is a candidate that the run does not report: it is no suspect, and no case is made of it",
            where=str(folder),
            hint=hint,
        )
    return fleet
