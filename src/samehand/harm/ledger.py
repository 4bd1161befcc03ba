"""START HERE: from a finished run to the ledger of what its fleets did.

Nothing is added up: heads overlap, and gain and lost advertising may be two sides of one sum.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Final

from samehand.config import Config
from samehand.errors import InputError, OptionError
from samehand.events.events import Events
from samehand.events.sql import Session, literals, open_session
from samehand.frame import Frame
from samehand.harm.count import Figure, count_all
from samehand.harm.evidence import re_armed_links
from samehand.harm.prices import NO_PRICES, Price, Prices
from samehand.harm.queries import COUNTED, Need
from samehand.harm.table import build_table
from samehand.harm.value import Valuation, value_all
from samehand.harm.views import ALL, OPTIONAL, make_views, register
from samehand.pricing.log import read_again
from samehand.run import Run, open_run
from samehand.run_folder import Source

FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class HarmInfo:
    """What harm.json holds beside the figures."""

    format: int
    samehand: str
    """Version that made the run."""
    run_created_at: datetime
    sources: tuple[Source, ...]
    """The log, as in run.json."""
    mapping: dict[str, list[str]]
    fleets: tuple[str, ...]
    """Those that are counted, in the order of the ranking."""
    chosen: bool
    """They were named one by one."""
    all: bool
    """Candidates that are not reported are counted, too."""
    log: str | None
    """Why the log was not at hand; None: it was."""
    bounded: tuple[str, ...]
    """What the run does not hold of these fleets, so that figures are too low by it."""
    track_run: int | None
    """Number of the run in the tracks; None: none were given."""
    prices_name: str
    """File of the prices."""
    prices: tuple[Price, ...]
    views: tuple[str, ...]
    """SQL that makes the views that the queries ask."""
    queries: dict[str, str]
    """Item -> SQL, of those that could be asked."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """What fleets did, counted, and what that was worth, valued apart."""

    info: HarmInfo
    counts: tuple[Figure, ...]
    values: tuple[Valuation, ...]

    @property
    def table(self) -> Frame:
        """One row a figure; see ``columns.HARM``."""
        return Frame(build_table(self.counts, self.values))

    @property
    def scopes(self) -> tuple[str, ...]:
        """``all``, then the fleets."""
        return (ALL, *self.info.fleets)

    def count(self, item: str, scope: str = ALL, of: str | None = None) -> Figure:
        """Give one figure that was counted.

        Raises:
            KeyError: There is none.
        """
        for figure in self.counts:
            if (figure.item, figure.scope, figure.of) == (item, scope, of):
                return figure
        raise KeyError((item, scope, of))

    def value(self, item: str, scope: str = ALL) -> Valuation:
        """Give one valuation.

        Raises:
            KeyError: There is none.
        """
        for valuation in self.values:
            if (valuation.item, valuation.scope) == (item, scope):
                return valuation
        raise KeyError((item, scope))

    def save(self, folder: str | Path, lang: str = "en") -> Path:
        """Write ledger.parquet, harm.json, harm.csv, harm.sql and harm.html into a folder, whole or not at all.

        Raises:
            OptionError: There is something else in the folder, or it cannot be written.
        """
        from samehand.harm.folder import write_ledger

        return write_ledger(self, Path(folder), lang)


def count_harm(
    run: Run | str | PathLike[str],
    prices: Prices = NO_PRICES,
    log: object = None,
    *,
    fleets: Sequence[str] = (),
    all: bool = False,  # noqa: A002
    tracks: str | PathLike[str] | None = None,
    preset: str | None = None,
    timezone: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Ledger:
    """Count what fleets did, and value what has a price.

    Args:
        run: A finished run, or its folder.
        prices: From ``read_prices``; without them there are counts alone.
        log: The log of the run: Events, or what ``read_events`` takes; None: the files that the run names, where they
            are found. Without it, what needs it is not counted.
        fleets: The fleets that are counted; none: all reported ones.
        all: Count the candidates that are not reported, too.
        tracks: A folder of tracks that holds the run.
        preset, timezone: As they were given to ``detect``.
        progress: Is told what is being done.

    Raises:
        InputError: The log that was named is not that of the run, or the tracks do not hold the run.
        OptionError: There is no such fleet.
    """
    folder = None if isinstance(run, Run) else Path(run)
    run = run if isinstance(run, Run) else open_run(Path(run))
    counted, step = _counted(run, fleets, all), progress or (lambda _: None)
    config = Config.from_dict(dict(run.info.config), where="run.json")
    came_back = None if tracks is None else re_armed_links(Path(tracks), run.info)
    events, why = _log(run, log, folder, config, preset, timezone, step)
    try:
        step("count")
        views = make_views(run.tables, fleets, all)
        with (
            tempfile.TemporaryDirectory(prefix="samehand-") as scratch,
            open_session(Path(scratch), config.memory_gib, config.threads) as session,
        ):
            register(session, run.tables, views)
            if came_back is not None:
                session.register("re_armed_links", came_back[1])
            if events is not None:
                _register_log(session, events)
            at_hand = _at_hand(run, events, came_back is not None)
            figures = count_all(session, (ALL, *counted), at_hand)
    finally:
        if events is not None and events is not log:
            events.close()
    info = HarmInfo(
        format=FORMAT,
        samehand=run.info.samehand,
        run_created_at=run.info.created_at,
        sources=run.info.sources,
        mapping=run.info.mapping,
        fleets=counted,
        chosen=bool(fleets),
        all=all,
        log=why,
        bounded=_bounded(run, counted),
        track_run=came_back[0] if came_back else None,
        prices_name=prices.name,
        prices=tuple(prices.by_name.values()),
        views=views.all,
        queries={query.item: query.sql for query in COUNTED if query.needs <= at_hand},
    )
    values = value_all(figures, (ALL, *counted), prices)
    return Ledger(info=info, counts=tuple(figures), values=tuple(values))


def _counted(run: Run, fleets: Sequence[str], everything: bool) -> tuple[str, ...]:
    rows = run.tables.fleets.select(["fleet_id", "reported"]).to_pylist()
    known = [row["fleet_id"] for row in rows]
    for name in fleets:
        if name not in known:
            raise OptionError(
                f"the run has no fleet {name!r}", where="--fleet", hint=f"one of {', '.join(known[:5])}, ..."
            )
    if fleets:
        return tuple(one for one in known if one in set(fleets))
    return tuple(row["fleet_id"] for row in rows if everything or row["reported"])


def _log(
    run: Run, log: object, folder: Path | None, config: Config, preset: str | None, timezone: str | None,
    step: Callable[[str], None],
) -> tuple[Events | None, str | None]:  # fmt: skip
    """Read the log again; where nobody named it and it is not found as it was, say why."""
    try:
        events = read_again(run.info, log, folder, config, preset=preset, timezone=timezone, progress=step)
    except InputError as error:
        if log is not None:
            raise
        return None, f"{error.where}: {error.found}"
    return events, None


def _register_log(session: Session, events: Events) -> None:
    lacking = [name for name in ("action", "target") if name not in events.roles]
    nulls = "".join(f", CAST(NULL AS VARCHAR) AS {name}" for name in lacking)
    if events.files:
        names = literals([str(file) for file in events.files])
        source = f"read_parquet([{names}])"
    else:
        session.register("log_rows", events.to_arrow())
        source = "log_rows"
    session.execute(f"CREATE VIEW log AS SELECT *{nulls} FROM {source}")  # noqa: S608


def _at_hand(run: Run, events: Events | None, tracked: bool) -> frozenset[Need]:
    names = run.tables.member_events.column_names
    found: set[Need] = {name for name in OPTIONAL if name in names}
    if events is not None:
        found.add("log")
    if run.info.known is not None:
        found.add("known")
    if tracked:
        found.add("tracks")
    return frozenset(found)


def _bounded(run: Run, counted: tuple[str, ...]) -> tuple[str, ...]:
    """What the run does not hold of some fleets; its sentences name them."""
    names = set(counted)
    return tuple(f"{one.count:,} {one.what}" for one in run.info.bounded if names & set(one.what.split()))
