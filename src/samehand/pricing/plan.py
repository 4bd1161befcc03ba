"""Which fleets are planted: their sizes, delays and rates, and which of them a log has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from samehand.errors import InputError, OptionError

SIZES: Final = (5, 10, 20, 50)
DELAYS_S: Final = (10.0, 60.0, 600.0, 3600.0, 21_600.0)
RATES: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
LARGEST_SHARE: Final = 0.05
"""Of the ordinary accounts: a larger fleet is not hidden in a log, it is a good part of it."""
LONGEST_SHARE: Final = 0.25
"""Of the log's length: with a longer delay, orders run into each other and beyond the end."""
SMALLEST: Final = 3
SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a user may set for ``price``.

    >>> Plan(sizes=(10,), delays_s=(60,)).replicates
    3
    """

    sizes: tuple[int, ...] | None = None
    """Accounts of the planted fleets; None: 5, 10, 20 and 50, as far as the log has room for them."""

    delays_s: tuple[float, ...] | None = None
    """Delays: an order is served within so many seconds; None: 10 s, 1 min, 10 min, 1 h and 6 h, as far as the log is
    long enough."""

    rates: tuple[float, ...] = RATES
    """Joint actions of each account per day that are tried, ascending."""

    order: int | None = None
    """Accounts that serve one order; None: half of the fleet, two at least."""

    replicates: int = 3
    """Fleets of each size and delay that are planted."""

    surrogates: int = 0
    """Surrogate logs of each search; 0: reported is what no innocent cause explains."""

    seed: int = 0
    """Seed of what is planted."""

    def __post_init__(self) -> None:
        _check_list(
            "sizes", self.sizes, float(SMALLEST), "whole numbers from 3 on, such as 5,10,20", whole=True
        )
        _check_list("delays_s", self.delays_s, 0.000_001, "seconds above 0, such as 10,60,600")
        _check_list("rates", self.rates, 0.000_001, "actions a day above 0, such as 0.5,1,2,4")
        if list(self.rates) != sorted(set(self.rates)):
            raise OptionError(f"rates are {self.rates!r}", hint="rates: ascending, each once")
        _check(self.order is None or self.order >= 2, "order", self.order, "2 or more")
        _check(self.replicates >= 1, "replicates", self.replicates, "1 or more")
        _check(self.surrogates >= 0, "surrogates", self.surrogates, "0 (no estimate) or a number such as 20")
        _check(self.seed >= 0, "seed", self.seed, "0 or more")


def _check(good: bool, name: str, value: object, wanted: str) -> None:
    if not good:
        raise OptionError(f"{name} is {value!r}", hint=f"{name}: {wanted}")


def _check_list(
    name: str, values: Sequence[float] | None, least: float, wanted: str, *, whole: bool = False
) -> None:
    if values is None:
        return
    good = len(values) > 0 and all(
        isinstance(value, int if whole else (int, float)) and least <= value < 1e9 for value in values
    )
    _check(good, name, values, wanted)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Cell:
    """One kind of fleet that is planted."""

    n_accounts: int
    delay_us: int
    """An order is served within so much time."""
    n_serving: int
    """Accounts that serve one order."""

    def n_orders(self, rate_per_day: float, days: float) -> int:
        """Orders that give each account so many joint actions a day."""
        return round(rate_per_day * days * self.n_accounts / self.n_serving)


def cells_of(plan: Plan, *, n_ordinary: int, span_us: int, min_accounts: int) -> tuple[Cell, ...]:
    """Give each size with each delay, as far as the log has room; what was asked for and does not fit is an error.

    Args:
        plan: What is wanted.
        n_ordinary: Accounts of the log that are in no candidate fleet.
        span_us: Length of the log.
        min_accounts: Smallest group that the run may call a fleet.

    Raises:
        InputError: The log has room for no fleet at all.
        OptionError: A size or delay that was asked for does not fit.
    """
    largest = int(LARGEST_SHARE * n_ordinary)
    sizes = _fitting_sizes(plan.sizes, largest, n_ordinary, min_accounts)
    delays = _fitting_delays(plan.delays_s, span_us)
    cells = []
    for n_accounts in sizes:
        n_serving = plan.order or max(2, n_accounts // 2)
        if n_serving > n_accounts:
            raise OptionError(
                f"an order of {n_serving} accounts cannot be served by a fleet of {n_accounts}",
                where="order",
                hint=f"an order of {n_accounts} or fewer, or larger sizes",
            )
        cells += [Cell(n_accounts=n_accounts, delay_us=delay, n_serving=n_serving) for delay in delays]
    return tuple(cells)


def _fitting_sizes(
    asked: tuple[int, ...] | None, largest: int, n_ordinary: int, min_accounts: int
) -> list[int]:
    sizes = sorted(set(SIZES if asked is None else asked))
    fitting = [size for size in sizes if min_accounts <= size <= largest]
    of_log = f"the log has {n_ordinary:,} ordinary accounts, room for fleets of {largest:,}"
    if not fitting and largest < max(sizes[0], min_accounts):
        raise InputError(
            f"too few accounts to hide a fleet among: {of_log}",
            hint="a log of more accounts: a fleet may be 5 % of the ordinary ones at most",
        )
    if asked is not None and len(fitting) < len(sizes):
        bad = next(size for size in sizes if size not in fitting)
        why = of_log if bad > largest else f"the run reports no fleet under {min_accounts} (min_accounts)"
        raise OptionError(f"a fleet of {bad:,} cannot be measured: {why}", where="sizes", hint="another size")
    if not fitting:
        raise OptionError(
            f"no size fits: {of_log}, and the run reports none under {min_accounts}",
            where="sizes",
            hint=f"a size from {min_accounts} to {largest}",
        )
    return fitting


def _fitting_delays(asked: tuple[float, ...] | None, span_us: int) -> list[int]:
    delays = sorted({round(delay * SECOND_US) for delay in (DELAYS_S if asked is None else asked)})
    longest = int(LONGEST_SHARE * span_us)
    fitting = [delay for delay in delays if delay <= longest]
    too_short = f"the log is {span_us / SECOND_US:,.0f} s long, and a delay may be a quarter of that at most"
    if not fitting:
        raise InputError(f"too short a log: {too_short}", hint="a log of more time")
    if asked is not None and len(fitting) < len(delays):
        raise OptionError(
            f"a delay of {delays[len(fitting)] / SECOND_US:g} s cannot be measured: {too_short}",
            where="delays",
            hint="shorter delays, or a log of more time",
        )
    return fitting
