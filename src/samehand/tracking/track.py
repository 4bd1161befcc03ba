"""Fleets followed from run to run. START HERE: ``track`` is the data flow."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from samehand.errors import InputError, OptionError
from samehand.frame import Frame
from samehand.run import Run, open_run
from samehand.tracking.evidence import BITS_A_DOUBLING, MOST_BITS
from samehand.tracking.folder import FORMAT, Settings, Tracked, TrackInfo, write_tracking
from samehand.tracking.follow import CLEAR_BITS, LEAST_SORTS, LINK_BITS, REARMED_SHARE, RIVAL_BITS, follow
from samehand.tracking.page import render_page, write_page
from samehand.tracking.tables import TrackTables, build_tables
from samehand.tracking.traces import collect
from samehand.version import __version__

VERSIONED: Final = ("numba", "numpy", "pyarrow", "scipy")


@dataclass(frozen=True, eq=False)
class Tracking:
    """What ``track`` found: ``tracks`` says what became of each fleet, ``links`` why it is taken to be the same."""

    info: TrackInfo
    tables: TrackTables

    @property
    def tracks(self) -> Frame:
        """One row a track in a run."""
        return Frame(self.tables.tracks)

    @property
    def links(self) -> Frame:
        """One row a fleet that goes on an earlier one."""
        return Frame(self.tables.links)

    def report(self, path: str | Path, *, lang: str = "en") -> Path:
        """Write the page with the timeline."""
        write_page(self.info, self.tables, Path(path), lang)
        return Path(path)

    def save(self, folder: str | Path, *, lang: str = "en") -> Path:
        """Write tracks.parquet, links.parquet, track.json and track.html into a folder, whole or not at all."""
        page = render_page(self.info, self.tables, lang)
        write_tracking(Path(folder), self.info, self.tables, page)
        return Path(folder)

    def __repr__(self) -> str:
        return f"<Tracking: {self.info.n_tracks} tracks in {len(self.info.runs)} runs, {self.info.n_links} links>"

    def _repr_html_(self) -> str:
        return f"<p>{repr(self)[1:-1]}</p>" + self.tracks._repr_html_()


def track(runs: Sequence[str | Path | Run], *, all: bool = False) -> Tracking:  # noqa: A002
    """Follow suspected fleets from run to run.

    Args:
        runs: Finished runs, or their folders, in any order: they are put in the order of their logs' time.
        all: Follow every candidate, also those that are not reported.

    Returns:
        The tracks, and the links between fleets with their evidence.

    Raises:
        InputError: A folder is no run, or cannot be read.
        OptionError: Fewer than two runs, or one twice.
    """
    opened = _in_order(_open(runs))
    fleets = [
        row | {"run": n} for n, (_, run) in enumerate(opened, 1) for row in run.tables.fleets.to_pylist()
    ]
    shown = collect([run.tables for _, run in opened])
    tracked = [i for i, row in enumerate(fleets) if all or row["reported"]]
    places, links = follow(shown, tracked, [run.info.quality.n_accounts for _, run in opened])
    tables = build_tables(fleets, places, links)
    info = TrackInfo(
        format=FORMAT,
        samehand=__version__,
        created_at=datetime.now(UTC).replace(microsecond=0),
        settings=Settings(
            all=all,
            link_bits=LINK_BITS,
            clear_bits=CLEAR_BITS,
            least_sorts=LEAST_SORTS,
            rival_bits=RIVAL_BITS,
            re_armed_share=REARMED_SHARE,
            most_bits={str(sort): bits for sort, bits in MOST_BITS.items()},
            bits_a_doubling=BITS_A_DOUBLING,
        ),
        runs=tuple(_describe(n, name, run, tracked, fleets) for n, (name, run) in enumerate(opened, 1)),
        n_tracks=max((place.track for place in places), default=0),
        n_links=len(links),
        versions={"python": platform.python_version()} | {name: version(name) for name in VERSIONED},
    )
    return Tracking(info, tables)


def _open(runs: Sequence[str | Path | Run]) -> list[tuple[str, Run]]:
    """Open the runs; each keeps the name that it was given by."""
    if isinstance(runs, (str, Path, Run)) or len(runs) < 2:
        raise OptionError(
            "tracking needs two runs at least", hint="samehand track runs/monday runs/tuesday --out tracks"
        )
    seen: set[object] = set()
    for run in runs:
        if not isinstance(run, (str, Path, Run)):
            raise InputError(
                f"cannot take a {type(run).__name__} for a run",
                hint="a folder, or what detect or open_run gave",
            )
        key: object = id(run) if isinstance(run, Run) else Path(run).resolve()
        if key in seen:
            raise OptionError(
                "a run is named twice", where="" if isinstance(run, Run) else str(run), hint="name it once"
            )
        seen.add(key)
    names = [_source_of(run) if isinstance(run, Run) else Path(run).resolve().name for run in runs]
    return [
        (name, run) if isinstance(run, Run) else (_told_apart(name, names, Path(run)), open_run(run))
        for name, run in zip(names, runs, strict=True)
    ]


def _told_apart(name: str, names: list[str], folder: Path) -> str:
    """Where runs in several folders have one name, the folder above tells them apart."""
    return name if names.count(name) == 1 else f"{folder.resolve().parent.name}/{name}"


def _source_of(run: Run) -> str:
    return run.info.sources[0].name if run.info.sources else "in memory"


def _in_order(opened: list[tuple[str, Run]]) -> list[tuple[str, Run]]:
    """Put runs in the order of their logs' time. Of equals, the order of their names does not depend on the caller."""

    def key(one: tuple[str, Run]) -> tuple[Any, ...]:
        name, run = one
        quality = run.info.quality
        return quality.first_time, quality.last_time, quality.n_events, run.info.created_at, name

    return sorted(opened, key=key)


def _describe(
    number: int, name: str, run: Run, tracked: Sequence[int], fleets: Sequence[dict[str, Any]]
) -> Tracked:
    quality = run.info.quality
    return Tracked(
        run=number,
        name=name,
        created_at=run.info.created_at,
        samehand=run.info.samehand,
        sources=run.info.sources,
        first_time=quality.first_time,
        last_time=quality.last_time,
        n_accounts=quality.n_accounts,
        n_events=quality.n_events,
        n_candidates=run.info.n_candidates,
        n_reported=run.info.n_reported,
        n_tracked=sum(fleets[i]["run"] == number for i in tracked),
        estimated=run.info.false_discovery.n_surrogates > 0,
    )
