"""What is known of the floor: a table for machines, and one for the terminal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from samehand import columns
from samehand.errors import OptionError
from samehand.frame import Frame
from samehand.placing import check_place, replaced_folder
from samehand.pricing.bound import k_star, most_per_day
from samehand.pricing.plan import Plan
from samehand.pricing.search import Hunt, Tried
from samehand.run_folder import Source
from samehand.texts import figures, say
from samehand.texts.lines import columns_of, wrap

FORMAT: Final = 1
FILES: Final = frozenset({"price.html", "price.json", "price.parquet"})
WIDTH: Final = 80

Kind = Literal["measured", "always_found", "never_found"]


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The floor of fleets of one size and delay."""

    n_accounts: int
    delay_us: int
    n_serving: int
    kind: Kind
    """``always_found``: at every rate that was tried; ``never_found``: at none."""
    floor_per_day: float | None
    """The highest rate at which at least half of the planted fleets stay hidden; None: always found."""
    next_per_day: float | None
    """The lowest rate at which they are found; None: never found."""
    k_star: int | None
    """Joint orders from which on a pair is significant by itself; None: more than ``most_joint``."""
    most_joint: int
    """The most joint orders of any pair that was planted."""
    bound_per_day: float
    """The rate that the packing bound gives for k_star; where that is None, for the least that it can be."""
    tried: tuple[Tried, ...]
    """By rate, ascending."""


def floor_of(hunt: Hunt, days: float) -> Floor:
    """Say what a finished search has shown."""
    k = k_star(hunt.pairs, hunt.significant)
    most_joint = max(len(hunt.pairs) - 1, 0)
    kind: Kind = "measured"
    if hunt.low < 0:
        kind = "always_found"
    elif hunt.high == len(hunt.rates):
        kind = "never_found"
    return Floor(
        n_accounts=hunt.cell.n_accounts,
        delay_us=hunt.cell.delay_us,
        n_serving=hunt.cell.n_serving,
        kind=kind,
        floor_per_day=hunt.rates[hunt.low] if hunt.low >= 0 else None,
        next_per_day=hunt.rates[hunt.high] if hunt.high < len(hunt.rates) else None,
        k_star=k,
        most_joint=most_joint,
        bound_per_day=most_per_day(k or most_joint + 1, hunt.cell, days),
        tried=tuple(sorted(hunt.tried, key=lambda one: one.rate_per_day)),
    )


@dataclass(frozen=True, kw_only=True)
class PriceInfo:
    """What price.json holds."""

    format: int
    samehand: str
    """Version."""
    created_at: datetime
    sources: tuple[Source, ...]
    """The log, as in run.json."""
    plan: Plan
    """What was planted."""
    config: dict[str, object]
    """Settings of each search."""
    days: float
    """Length of the log."""
    n_events: int
    n_accounts: int
    n_searches: int
    """How often the log was searched."""
    seconds: float
    floors: tuple[Floor, ...]
    """By size and delay."""


@dataclass(frozen=True, eq=False)
class Price:
    """The floor of a log: what stays hidden in it."""

    info: PriceInfo

    @property
    def floors(self) -> tuple[Floor, ...]:
        """One a size and delay."""
        return self.info.floors

    @property
    def table(self) -> Frame:
        """One row a size, delay and rate that was tried; see ``columns.PRICE``."""
        rows = [_row(floor, tried) for floor in self.floors for tried in floor.tried]
        return Frame(pa.Table.from_pylist(rows, schema=columns.PRICE))

    def to_text(self, lang: str = "en") -> str:
        """Write the floors for a terminal of 80 columns, with what they mean."""
        head = [
            say(f"price.head_{name}", lang)
            for name in ("accounts", "delay", "floor", "k_star", "bound", "recall")
        ]
        rows = [_cells(floor, lang) for floor in self.floors]
        notes = [say(f"price.{key}", lang, **figures_of(self.info)) for key in NOTES]
        if not self.info.plan.surrogates:
            notes.append(say("price.no_estimate", lang))
        return "\n".join([*_aligned([head, *rows]), "", *(wrap(note, WIDTH) for note in notes)])

    def save(self, folder: str | Path, lang: str = "en") -> Path:
        """Write price.parquet, price.json and price.html into a folder, whole or not at all.

        Raises:
            OptionError: There is something else in the folder, or it cannot be written.
        """
        from samehand.pricing.page import render

        folder = Path(folder)
        check_target(folder)
        with replaced_folder(folder) as fresh:
            pq.write_table(self.table.table, fresh / "price.parquet", compression="zstd")
            text = msgspec.json.format(msgspec.json.encode(self.info), indent=2)
            (fresh / "price.json").write_bytes(text + b"\n")
            (fresh / "price.html").write_bytes(render(self, lang))
        return folder

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Price: {len(self.floors)} sizes and delays, {self.info.n_searches} searches>"

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


NOTES: Final = ("means_floor", "means_bound", "means_recall", "planted")
"""Sentences under the floors."""


def check_target(folder: Path) -> None:
    """Refuse a folder with other things in it, before any work is done for it.

    Raises:
        OptionError: It is a file, or a folder with other things in it, or in a place where no folder can be.
    """
    check_place(folder)
    if os.path.lexists(folder) and not (
        folder.is_dir() and {file.name for file in folder.iterdir()} <= FILES
    ):
        raise OptionError("exists and holds something else", where=str(folder), hint="another --out")


def _row(floor: Floor, tried: Tried) -> dict[str, object]:
    return {
        "n_accounts": floor.n_accounts,
        "delay_us": floor.delay_us,
        "n_serving": floor.n_serving,
        "rate_per_day": tried.rate_per_day,
        "n_orders": tried.n_orders,
        "n_fleets": tried.n_fleets,
        "detected": tried.n_found / tried.n_fleets,
        "recall": tried.recall,
        "hidden": tried.hidden,
        "floor": floor.kind,
        "floor_per_day": floor.floor_per_day,
        "k_star": floor.k_star,
        "bound_per_day": floor.bound_per_day if floor.k_star else None,
    }


def floor_words(floor: Floor, lang: str) -> str:
    """Say a floor in a few signs: "2 to 4", "under 0.25", "64 or more"."""
    if floor.kind == "always_found":
        return say("price.under", lang, rate=floor.next_per_day)
    if floor.kind == "never_found":
        return say("price.or_more", lang, rate=floor.floor_per_day)
    return say("price.between", lang, low=floor.floor_per_day, high=floor.next_per_day)


def k_words(floor: Floor) -> str:
    """Say k* in a few signs."""
    return figures.number(floor.k_star) if floor.k_star else f"> {figures.number(floor.most_joint)}"


def bound_words(floor: Floor) -> str:
    """Say the bound in a few signs."""
    return f"{'' if floor.k_star else '> '}{figures.number(floor.bound_per_day)}"


def recall_words(floor: Floor) -> str:
    """The recall of members at each rate that was tried: "0.5: 0%, 1: 40%"."""
    return "  ".join(
        f"{figures.number(one.rate_per_day)}: {figures.percent(one.recall)}" for one in floor.tried
    )


def _cells(floor: Floor, lang: str) -> list[str]:
    return [
        figures.number(floor.n_accounts),
        figures.duration(floor.delay_us, lang),
        floor_words(floor, lang),
        k_words(floor),
        bound_words(floor),
        recall_words(floor),
    ]


def figures_of(info: PriceInfo) -> dict[str, object]:
    """The figures of the sentences of ``NOTES``."""
    return {"n_fleets": info.plan.replicates, "n_searches": info.n_searches}


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Put cells under each other; the last column is not padded and is broken where it is too long."""
    widths = [max(columns_of(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        start = "  ".join(
            f"{cell}{' ' * (width - columns_of(cell))}" for cell, width in zip(row, widths, strict=False)
        )
        lines.append(wrap(row[-1], WIDTH, f"{start}  ", " " * (columns_of(start) + 2)))
    return lines
