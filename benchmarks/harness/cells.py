"""Cells of an experiment: run each once, keep its result at once, go on where a run was stopped."""

from __future__ import annotations

import json
import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from typing import Any

Work = Callable[["Cell"], dict[str, Any]]


@dataclass(frozen=True)
class Cell:
    """One piece of work: its settings decide its result."""

    part: str
    settings: dict[str, Any]
    """Plain values, as JSON has them."""

    @property
    def key(self) -> str:
        """The same for the same work."""
        return json.dumps([self.part, self.settings], sort_keys=True)

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.part}: " + ", ".join(f"{name} {value}" for name, value in self.settings.items())


@dataclass(frozen=True)
class Done:
    """A cell with its result."""

    cell: Cell
    result: dict[str, Any]
    seconds: float


@dataclass
class Store:
    """Results in a file of JSON lines: one is added as soon as it is there."""

    file: Path
    version: str
    """Of the code; results of other code stay in the file and are not used."""
    done: dict[str, Done] = field(default_factory=dict)

    @classmethod
    def open(cls, file: Path, version: str) -> Store:
        """Open a file of results; it need not exist."""
        store = cls(file, version)
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        for line in lines:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:  # cut short when a run was killed
                continue
            if entry["version"] == version:
                cell = Cell(entry["part"], entry["settings"])
                store.done[cell.key] = Done(cell, entry["result"], entry["seconds"])
        return store

    def add(self, done: Done) -> None:
        """Keep a result."""
        entry = {
            "part": done.cell.part,
            "settings": done.cell.settings,
            "version": self.version,
            "seconds": round(done.seconds, 2),
            "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "result": done.result,
        }
        torn = self.file.exists() and not self.file.read_bytes().endswith(b"\n")
        with self.file.open("a", encoding="utf-8") as out:
            out.write("\n" * torn + json.dumps(entry) + "\n")
        self.done[done.cell.key] = done

    def results(self, cells: Sequence[Cell]) -> list[Done]:
        """Give the results of those cells that are done."""
        return [self.done[cell.key] for cell in cells if cell.key in self.done]


def run_cells(
    cells: Sequence[Cell], work: Work, store: Store, *, jobs: int, say: Callable[[str], None]
) -> list[Cell]:
    """Run the cells that are not done, several at a time.

    Args:
        cells: Wanted cells.
        work: A function of a module, so that other processes can find it.
        store: Where results are kept.
        jobs: Cells at a time; 1: in this process.
        say: Told of each cell that is done.

    Returns:
        Cells that failed: their traceback was said, and they are tried again by the next run.
    """
    missing = [cell for cell in cells if cell.key not in store.done]
    if len(missing) < len(cells):
        say(f"{len(cells) - len(missing)} of {len(cells)} cells were done before: {store.file}")
    failed = []
    begun = perf_counter()
    for n, (cell, outcome) in enumerate(_outcomes(missing, work, jobs), start=1):
        if isinstance(outcome, Done):
            store.add(outcome)
            how = f"{outcome.seconds:6.1f} s"
        else:
            failed.append(cell)
            say(outcome)
            how = "failed"
        missing_s = _left(missing[n:], store, jobs, (perf_counter() - begun) / n)
        say(f"[{n:3} of {len(missing)}] {how}  {cell.title}; {in_words(missing_s)} left")
    return failed


def _outcomes(cells: list[Cell], work: Work, jobs: int) -> Iterator[tuple[Cell, Done | str]]:
    """Give results, or tracebacks, in the order in which they are there."""
    if jobs <= 1:
        for cell in cells:
            yield cell, _timed(cell, work)
        return
    # Forked copies of a process that has threads can hang: start new ones.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_end_with, initargs=(os.getpid(),)
    ) as pool:
        running: dict[Future[Done | str], Cell] = {pool.submit(_timed, cell, work): cell for cell in cells}
        for future in as_completed(running):
            error = future.exception()
            yield running[future], future.result() if error is None else f"{type(error).__name__}: {error}"


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: a killed run must leave nothing that takes the time of the next."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _timed(cell: Cell, work: Work) -> Done | str:
    since = perf_counter()
    try:
        return Done(cell, work(cell), perf_counter() - since)
    except Exception:  # noqa: BLE001 - one cell must not stop the others, whatever happens in it
        return f"{cell.title}\n{traceback.format_exc()}"


def _left(cells: list[Cell], store: Store, jobs: int, typical_s: float) -> float:
    """Estimate the seconds that cells take, by what others of their part took."""
    times: dict[str, list[float]] = {}
    for done in store.done.values():
        times.setdefault(done.cell.part, []).append(done.seconds)
    mean = {part: sum(seconds) / len(seconds) for part, seconds in times.items()}
    return sum(mean.get(cell.part, typical_s * jobs) for cell in cells) / max(1, jobs)


def in_words(seconds: float) -> str:
    """Say a duration.

    >>> in_words(75), in_words(8000)
    ('1 min 15 s', '2 h 13 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
