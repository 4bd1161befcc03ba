"""From events to a run. START HERE: ``search`` and ``conclude`` are the data flow, one line a stage."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.config import Config
from samehand.engines.interface import Engine
from samehand.engines.opening import open_log
from samehand.errors import OptionError
from samehand.events.check import LeftOut
from samehand.events.events import Events
from samehand.events.for_engine import read_for
from samehand.events.known import KnownAccounts, read_known
from samehand.fleets import facts
from samehand.fleets.ban_evasion import name_ban_evasion
from samehand.fleets.control_counts import Controls
from samehand.fleets.controls import Bar, negative_controls
from samehand.fleets.driven import Driven, attribute_events
from samehand.fleets.edges import edge_table
from samehand.fleets.find import Found, find_candidates, silent
from samehand.fleets.judge import ChanceGroups, Judged, judge, q_values, surrogate_groups
from samehand.fleets.known import mark_known
from samehand.fleets.known_groups import FoundGroups, KnownGroups, find_known_groups, read_known_groups
from samehand.fleets.small_groups import Cleared, clear_small_groups
from samehand.fleets.tables import Ranked, build_tables, rank
from samehand.fusion.gather import gather
from samehand.fusion.table import layer_bits_table, member_posteriors
from samehand.fusion.weigh import Fused, fuse
from samehand.graph.choose import chosen, usable_scales
from samehand.layers import LAYERS, Layer, LayerUse
from samehand.run import Run
from samehand.run_folder import FORMAT, FalseDiscovery, RunInfo, RunTables, Source
from samehand.version import __version__

TIMELINE_BINS: Final = 336
VERSIONED: Final = ("duckdb", "numba", "numpy", "pyarrow", "scikit-network", "scipy")

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


def detect(
    source: object,
    config: Config | None = None,
    *,
    innocent: object = None,
    known: object = None,
    progress: Progress | None = None,
) -> Run:
    """Find suspected fleets in a log, with evidence and a rate of false accusation.

    Args:
        source: Events, or anything that ``read_events`` takes.
        config: Settings; None: the defaults.
        innocent: Groups of accounts that are known to be innocent, to see whether they would be accused: a CSV or
            Parquet file, or a table, with the columns account, group. They change nothing in what is found.
        known: Accounts that were banned or cleared before, for ``read_known``; shown beside the evidence.
        progress: Told the name of each step as it begins.

    Returns:
        The run: ``fleets``, ``members``, ``evidence`` and the other tables, ``explain``, ``report``, ``save``.

    Raises:
        InputError: The log, or the table of innocent groups, cannot be used as it is.
        OptionError: A setting contradicts the log.
    """
    config = config or Config()
    wanted_layers(config)
    harmless = innocent if isinstance(innocent, KnownGroups | None) else read_known_groups(innocent)
    told = known if known is None or isinstance(known, KnownAccounts) else read_known(known)
    clock = Clock(progress)
    events = source if isinstance(source, Events) else read_for(config, source, progress=clock.step)

    searched = search(events, config, clock, harmless)
    run = conclude(searched)
    return run if told is None else _with_known(searched.engine, run, told)


@dataclass(frozen=True)
class Searched:
    """A log that was searched: candidates with their innocent causes; what chance gives is not known yet."""

    events: Events
    config: Config
    engine: Engine
    uses: tuple[LayerUse, ...]
    looks: list[tuple[Layer, int]]
    """Layers and scales in use."""
    found: Found
    setting: facts.Setting
    judged: list[Judged]
    small: list[Cleared]
    """Groups beside the candidates that an innocent cause explains."""
    innocent: FoundGroups | None
    """Groups that the user knows to be innocent."""
    clock: Clock


def search(events: Events, config: Config, clock: Clock, innocent: KnownGroups | None = None) -> Searched:
    """Find the candidates of a log and the innocent causes that explain them.

    Raises:
        InputError: The log holds no account of the groups that are known to be innocent.
        OptionError: No layer can be used on this log.
    """
    clock.step("load")
    engine = open_log(events.files, events.roles, config, added=events.added, digest=events.digest)
    in_log = None if innocent is None else find_known_groups(engine, innocent)
    layers, uses = usable_scales(
        wanted_layers(config), engine.roles, engine.size, events.quality.clock_resolution_us
    )
    looks = chosen(layers)
    found = find_candidates(
        engine, looks, min_accounts=config.min_accounts, seed=config.seed, step=clock.step
    )
    clock.step("innocent explanations")
    setting = facts.survey(engine, events.quality.clock_resolution_us)
    judged = judge(engine, looks, found.candidates, found.interests, setting)
    small = clear_small_groups(engine, looks, found.edges, judged, found.interests, setting)
    return Searched(events, config, engine, uses, looks, found, setting, judged, small, in_log, clock)


def conclude(searched: Searched) -> Run:
    """Say what chance gives the candidates of a search, which of them are reported, and make the tables of a run."""
    engine, config, clock = searched.engine, searched.config, searched.clock
    looks, found, setting, judged = searched.looks, searched.found, searched.setting, searched.judged
    surrogates = _surrogates(engine, looks, found, setting, config, clock)
    bar = Bar.of(judged, surrogates, config.fdr)
    ranked = _rank(judged, bar)
    clock.step("controls")
    controls = negative_controls(
        engine, looks, found, ranked, surrogates, bar, setting, config.min_accounts, searched.innocent
    )
    clock.step("driven events")
    driven = attribute_events(engine, looks, [one.judged for one in ranked], found.interests, setting)
    clock.step("fusion")
    gathered = gather(engine, [one.judged for one in ranked])
    fused = fuse(gathered.said, [one.judged.weight for one in ranked])
    clock.step("tables")
    uses = (*searched.uses, *gathered.uses)
    return _assemble(searched, ranked, driven, fused, surrogates, controls, uses)


def _with_known(engine: Engine, run: Run, known: KnownAccounts) -> Run:
    """Say beside the evidence who was banned or cleared before: it comes last, so that it can change nothing else."""
    marked = mark_known(engine, run.tables.fleets, run.tables.members, known)
    fleets, behaviours = name_ban_evasion(engine, marked.fleets, marked.members, run.tables.behaviours, known)
    return Run(
        dataclasses.replace(run.info, known=marked.use),
        dataclasses.replace(run.tables, fleets=fleets, members=marked.members, behaviours=behaviours),
    )


class Clock:
    """Tells the steps of a run and adds up their times."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress or silent
        self.seconds: dict[str, float] = {}
        self.name = ""
        self.since = perf_counter()

    def step(self, name: str) -> None:
        now = perf_counter()
        if self.name:
            self.seconds[self.name] = self.seconds.get(self.name, 0.0) + now - self.since
        self.name, self.since = name.split(" of ")[0].rstrip("0123456789 "), now
        self.progress(name)


def wanted_layers(config: Config) -> tuple[Layer, ...]:
    """Give the layers that the settings ask for.

    Raises:
        OptionError: There is no such layer.
    """
    if config.layers is None:
        return LAYERS
    known = {layer.name: layer for layer in LAYERS}
    for name in config.layers:
        if name not in known:
            raise OptionError(f"unknown layer {name!r}", where="layers", hint=f"one of {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(config.layers))


def _surrogates(
    engine: Engine,
    looks: list[tuple[Layer, int]],
    found: Found,
    setting: facts.Setting,
    config: Config,
    clock: Clock,
) -> list[ChanceGroups] | None:
    """What the same search finds in surrogate logs; None where no estimate is wanted."""
    if config.surrogates == 0:
        return None
    if not found.candidates:
        return [ChanceGroups(np.empty(0), np.empty(0))] * config.surrogates
    clock.step("surrogates")
    return surrogate_groups(
        engine,
        looks,
        np.unique(np.concatenate([one.accounts for one in found.candidates])),
        found.interests,
        setting,
        n_surrogates=config.surrogates,
        min_accounts=config.min_accounts,
        seed=config.seed,
        step=clock.step,
    )


def _rank(judged: list[Judged], bar: Bar) -> list[Ranked]:
    if bar.surrogates is None:
        return rank(judged, None, None, bar.fdr)
    return rank(judged, *q_values(bar.scores, bar.counted, bar.surrogates), bar.fdr)


def _assemble(
    searched: Searched,
    ranked: list[Ranked],
    driven: list[Driven],
    fused: list[Fused],
    surrogates: list[ChanceGroups] | None,
    controls: tuple[Controls, pa.Table],
    uses: tuple[LayerUse, ...],
) -> Run:
    engine, events, found, clock = searched.engine, searched.events, searched.found, searched.clock
    judged = [one.judged for one in ranked]
    n_accounts = engine.size.n_accounts
    posteriors = [
        (two.posterior, member_posteriors(one, two, n_accounts))
        for one, two in zip(judged, fused, strict=True)
    ]
    tables = build_tables(engine, ranked, driven, posteriors, events.schema)
    edges, left_out = edge_table(engine, found.edges, judged, searched.small, events.account_type)
    run_tables = RunTables(
        fleets=tables.fleets,
        members=tables.members,
        evidence=tables.evidence,
        explanations=tables.explanations,
        edges=edges,
        member_events=tables.member_events,
        behaviours=tables.behaviours,
        stability=tables.stability,
        controls=controls[1],
        driven=tables.driven,
        layer_bits=layer_bits_table([one.fleet_id for one in ranked], fused),
        timeline=engine.timeline(TIMELINE_BINS),
    )
    clock.step("done")
    bounded = (*_not_looked_at(found), *tables.bounded, *([left_out] if left_out else []))
    return Run(
        _info(events, searched.config, ranked, surrogates, controls[0], uses, bounded, clock), run_tables
    )


def _info(
    events: Events,
    config: Config,
    ranked: list[Ranked],
    surrogates: list[ChanceGroups] | None,
    controls: Controls,
    uses: tuple[LayerUse, ...],
    bounded: tuple[LeftOut, ...],
    clock: Clock,
) -> RunInfo:
    reported = [one for one in ranked if one.reported]
    everything = np.concatenate([np.empty(0), *(one.unexplained for one in surrogates or ())])
    return RunInfo(
        format=FORMAT,
        samehand=__version__,
        created_at=datetime.now(UTC).replace(microsecond=0),
        sources=tuple(Source(name=s.name, n_bytes=s.n_bytes, sha256=s.sha256) for s in events.sources),
        mapping=events.mapping.as_lists(),
        config=dataclasses.asdict(config),
        quality=events.quality,
        layers=uses,
        bounded=bounded,
        false_discovery=FalseDiscovery(
            n_surrogates=config.surrogates,
            n_surrogate_clusters=len(everything),
            best_surrogate_bits=float(everything.max()) if len(everything) else None,
        ),
        controls=controls,
        n_candidates=len(ranked),
        n_reported=len(reported),
        n_accounts_reported=sum(len(one.judged.candidate.accounts) for one in reported),
        n_events_reported=sum(one.judged.events.num_rows for one in reported),
        timings_s={name: round(seconds, 3) for name, seconds in clock.seconds.items()},
        versions={"python": platform.python_version()} | {name: version(name) for name in VERSIONED},
    )


def _not_looked_at(found: Found) -> list[LeftOut]:
    """Events that took no part in the search for pairs."""
    repeated = {edges.layer: edges.pairs.n_events_repeated for edges in found.edges}
    at_a_daily_time = [
        LeftOut(
            what=f"events that repeat a daily time ({layer})",
            count=n_events,
            why="the account is there to the half minute on many days: to meet others who are says it once, not daily",
        )
        for layer, n_events in repeated.items()
        if n_events
    ]
    crowded = [
        LeftOut(
            what=f"events in crowded moments ({edges.layer}, within {edges.scale_us / 1e6:g} s)",
            count=edges.pairs.n_events_crowded,
            why=f"more than {edges.pairs.densest:,} others did the same in the window: they say least of a pair",
        )
        for edges in found.edges
        if edges.pairs.n_events_crowded
    ]
    return at_a_daily_time + crowded
