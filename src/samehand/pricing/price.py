"""START HERE: from a finished run to the floor of its log.

The order of things: the log of the run is read again (log), fleets are chosen that it has room for (plan), lives and
events are drawn from it (ordinary), rows are planted in memory (plant) and looked for (search), and what was seen
becomes floors (outcome) beside the packing bound (bound).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from time import perf_counter

from samehand.config import Config
from samehand.events.events import Events
from samehand.pricing.log import read_again
from samehand.pricing.ordinary import count_ordinary, look_at
from samehand.pricing.outcome import FORMAT, Price, PriceInfo, floor_of
from samehand.pricing.plan import Plan, cells_of
from samehand.pricing.search import begin, hunt_all
from samehand.run import Run, open_run
from samehand.version import __version__


def price(
    run: Run | str | PathLike[str],
    source: object = None,
    plan: Plan | None = None,
    *,
    preset: str | None = None,
    timezone: str | None = None,
    threads: int | None = None,
    memory_gib: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Price:
    """Measure what ``detect`` would miss in a log: the most joint actions of a fleet that stay hidden in it.

    Fleets are planted into the log in memory and looked for with the settings of the run. Neither the log nor the run
    changes, and no planted row is kept.

    Args:
        run: A finished run, or its folder.
        source: The log of the run: Events, or what ``read_events`` takes; None: the files that the run names.
        plan: What is planted; None: the defaults.
        preset, timezone: As they were given to ``detect``.
        threads, memory_gib: None: as in the run.
        progress: Is told what is being done.

    Raises:
        InputError: The log is not there, is not that of the run, or has no room for a fleet.
        OptionError: The plan does not fit the log.
    """
    plan, step, since = plan or Plan(), progress or (lambda _: None), perf_counter()
    folder = None if isinstance(run, Run) else Path(run)
    run = run if isinstance(run, Run) else open_run(Path(run))
    config = _settings(run, plan, threads, memory_gib)
    events = read_again(run.info, source, folder, config, preset=preset, timezone=timezone, progress=step)
    try:
        return _measure(run, events, plan, config, step, since)
    finally:
        if events is not source:
            events.close()


def _settings(run: Run, plan: Plan, threads: int | None, memory_gib: float | None) -> Config:
    """The settings of the run, but for surrogates and what belongs to the machine."""
    config = Config.from_dict(dict(run.info.config), where="run.json")
    return dataclasses.replace(
        config,
        surrogates=plan.surrogates,
        threads=threads or config.threads,
        memory_gib=memory_gib or config.memory_gib,
    )


def _measure(
    run: Run, events: Events, plan: Plan, config: Config, step: Callable[[str], None], since: float
) -> Price:
    suspects = run.tables.members["account"].combine_chunks()
    quality = events.quality
    span_us = round((quality.last_time - quality.first_time).total_seconds() * 1e6)
    cells = cells_of(
        plan,
        n_ordinary=count_ordinary(events, suspects),
        span_us=span_us,
        min_accounts=config.min_accounts,
    )
    step("ordinary accounts")
    n_planted = plan.replicates * sum(cell.n_accounts for cell in cells)
    ordinary = look_at(
        events,
        suspects,
        n_lives=n_planted,
        seed=plan.seed,
        memory_gib=config.memory_gib,
        threads=config.threads,
    )
    hunts = begin(plan, cells, ordinary)
    n_searches = hunt_all(events, ordinary, hunts, config, plan.seed, step)
    return Price(
        PriceInfo(
            format=FORMAT,
            samehand=__version__,
            created_at=datetime.now(UTC).replace(microsecond=0),
            sources=run.info.sources,
            plan=plan,
            config=dataclasses.asdict(config),
            days=ordinary.days,
            n_events=quality.n_events,
            n_accounts=quality.n_accounts,
            n_searches=n_searches,
            seconds=round(perf_counter() - since, 1),
            floors=tuple(floor_of(hunt, ordinary.days) for hunt in hunts),
        )
    )
