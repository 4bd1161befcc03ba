"""From the counts of cells to figures over seeds, and the limits of those figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from exam.calibration import LEVELS
from harness.cells import Done
from harness.limits import Limit
from harness.stats import Spread, mean_of, ratio_of

SEEN_KINDS = ("boost", "follow_farm", "mass_add", "mass_message", "mixed")
"""Kinds that the layers co_target and rhythm can see."""
SHARE_TARGETS = ("boost", "follow_farm", "mixed", "rented")
"""Kinds whose accounts are sent to the same targets, at no matter which fleet size."""
LARGE_FLEET = 50
PER = 10_000

Result = dict[str, Any]


def at(done: Sequence[Done], **settings: object) -> list[Result]:
    """Results of the cells with these settings."""
    return [
        one.result
        for one in done
        if all(one.cell.settings.get(name) == value for name, value in settings.items())
    ]


def share(part: float, whole: float) -> float | None:
    """Part of a whole; None where there is none."""
    return part / whole if whole else None


def precision(results: Sequence[Result]) -> Spread | None:
    """Mean over logs of the share of reported accounts that a fleet holds."""
    return mean_of([share(one["n_good"], one["n_reported"]) for one in results])


def recall(results: Sequence[Result], kinds: Iterable[str] = SEEN_KINDS, least: int = 0) -> Spread | None:
    """Mean over logs of the share of members that is reported: of fleets of some kinds and a least size."""
    return mean_of([share(*_members(one, kinds, least)) for one in results])


def recall_of_all(results: Sequence[Result], kinds: Iterable[str], least: int = 0) -> Spread | None:
    """The same, members of all logs taken together."""
    counts = [_members(one, kinds, least) for one in results]
    return ratio_of([part for part, _ in counts], [whole for _, whole in counts])


def _members(result: Result, kinds: Iterable[str], least: int) -> tuple[int, int]:
    fleets = [one for one in result["fleets"] if one["kind"] in kinds and one["size"] >= least]
    return sum(one["n_reported"] for one in fleets), sum(one["size"] for one in fleets)


def fleets_found(results: Sequence[Result], kind: str) -> tuple[int, int]:
    """Fleets of a kind of which more than half sits in one reported fleet, and all fleets of the kind."""
    fleets = [one for result in results for one in result["fleets"] if one["kind"] == kind]
    return sum(2 * one["n_together"] > one["size"] for one in fleets), len(fleets)


def false_discovery(results: Sequence[Result]) -> Spread | None:
    """False fleets among the reported ones, all logs taken together."""
    return ratio_of([one["n_fleets_false"] for one in results], [one["n_fleets_reported"] for one in results])


def innocents_reported(results: Sequence[Result]) -> Spread | None:
    """Innocent accounts reported, of all innocent accounts."""
    return ratio_of([one["n_false"] for one in results], [one["n_innocent"] for one in results])


def causes(results: Sequence[Result]) -> list[tuple[str, int, int]]:
    """Each cause of false alarms: accounts reported, accounts in such crowds; the worst first."""
    reported: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for one in results:
        reported.update(one["false_by_cause"])
        there.update(one["n_in_crowds"])
        there["none"] += one["n_in_no_crowd"]
    names = sorted(set(there) | set(reported), key=lambda name: (-reported[name], name))
    return [(name, reported[name], there[name]) for name in names]


def pair_rates(results: Sequence[Result], count: str = "n_at") -> list[tuple[str, int, list[Spread | None]]]:
    """For each layer and scale, observed over nominal rate of pairs at each level, all logs taken together."""
    places = [(row["layer"], row["scale_us"]) for row in results[0]["pairs"]] if results else []
    rates = []
    for layer, scale_us in places:
        rows = [
            row
            for result in results
            for row in result["pairs"]
            if (row["layer"], row["scale_us"]) == (layer, scale_us)
        ]
        rates.append((layer, scale_us, [_rate_at(rows, count, n) for n in range(len(LEVELS))]))
    return rates


def _rate_at(rows: list[Result], count: str, n: int) -> Spread | None:
    known = [row for row in rows if row[count][n] is not None]
    return ratio_of([row[count][n] for row in known], [row["n_pairs"] * LEVELS[n] for row in known])


def worst_pair_rate(results: Sequence[Result], count: str = "n_at") -> tuple[float | None, str]:
    """The largest of these rates, and where it is."""
    rates = [
        (rate.value, f"{rate.value:.3g} for {layer} at {scale_us / 1e6:g} s, p <= {level:g}")
        for layer, scale_us, row in pair_rates(results, count)
        for rate, level in zip(row, LEVELS, strict=True)
        if rate is not None
    ]
    return max(rates, default=(None, "not measured"))


def calibration_limits(done: Sequence[Done]) -> list[Limit]:
    """Two limits on logs without fleets."""
    results = at(done)
    n_logs = len(results)
    n_hit = sum(one["n_reported"] > 0 for one in results)
    worst, where = worst_pair_rate(results)
    _, where_before = worst_pair_rate(results, "n_before")
    _, where_apart = worst_pair_rate(results, "n_apart")
    return [
        Limit(
            name="share of logs without fleets where a fleet is reported",
            value=n_hit / n_logs if n_logs else None,
            limit=0.1,
            sense="at most",
            note=f"{n_hit} of {n_logs} logs; the limit is 2 of 20",
        ),
        Limit(
            name="pairs there: observed over nominal rate",
            value=worst,
            limit=2,
            sense="at most",
            note=(
                f"the worst is {where}; with innocent causes left out {where_before}, and without pairs of one "
                f"innocent crowd {where_apart}"
            ),
        ),
    ]


def fleet_limits(done: Sequence[Done]) -> list[Limit]:
    """Limits on simulated fleets."""
    limits = []
    for level in (0, 1, 2):
        results = at(done, evasion=level)
        limits += [
            _limit(f"evasion {level}: account precision", precision(results), 0.99, form="{:.4f}"),
            _limit(
                f"evasion {level}: account recall, {len(SEEN_KINDS)} kinds",
                recall(results),
                0.95,
                form="{:.4f}",
            ),
        ]
    low = [result for level in (0, 1, 2) for result in at(done, evasion=level)]
    everything = at(done)
    return [
        *limits,
        _limit(
            "evasion 0 to 2: false among reported fleets", false_discovery(low), 0.05, "at most", "{:.4f}"
        ),
        _limit(
            f"evasion 3: members of fleets of >= {LARGE_FLEET} that share targets",
            recall_of_all(at(done, evasion=3), SHARE_TARGETS, LARGE_FLEET),
            0.80,
            form="{:.4f}",
        ),
        _limit(
            "evasion 0 to 4: innocents reported per 10,000",
            _times(innocents_reported(everything), PER),
            1,
            "at most",
        ),
    ]


def _times(spread: Spread | None, factor: float) -> Spread | None:
    if spread is None:
        return None
    return Spread(
        value=spread.value * factor,
        low=spread.low * factor,
        high=spread.high * factor,
        least=spread.least * factor,
        most=spread.most * factor,
        n=spread.n,
    )


def _limit(
    name: str, spread: Spread | None, limit: float, sense: Any = "at least", form: str = "{:.3g}"
) -> Limit:
    note = ""
    if spread is not None:
        low, high, worst = (form.format(x) for x in (spread.low, spread.high, _worst(spread, sense)))
        note = f"95 % interval over {spread.n} logs {low} to {high}, worst log {worst}"
    return Limit(
        name=name,
        value=None if spread is None else spread.value,
        limit=limit,
        sense=sense,
        form=form,
        note=note,
    )


def _worst(spread: Spread, sense: str) -> float:
    return spread.least if sense == "at least" else spread.most


def real_limits(done: Sequence[Done]) -> list[Limit]:
    """Limits on real logs."""
    stars = next(iter(at(done, log="stars in retweets")), None)
    alone = next(iter(at(done, log="retweets")), None)
    return [
        Limit(
            name="star campaign: co-starring accounts reported",
            value=stars and stars["n_costars_reported"],
            limit=430,
            sense="at least",
            form="{:.0f}",
            note=f"of {stars['n_costars']} by the definition in words" if stars else "",
        ),
        Limit(
            name="star campaign: reported fleets of background accounts",
            value=stars and stars["n_background_fleets"],
            limit=2,
            sense="at most",
            form="{:.0f}",
        ),
        Limit(
            name="retweets alone: reported fleets",
            value=len(alone["fleets"]) if alone else None,
            limit=2,
            sense="at most",
            form="{:.0f}",
        ),
    ]
