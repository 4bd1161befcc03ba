"""The exam's tables: one section a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from exam import figures as fig
from exam.calibration import COUNTS, LEVELS
from exam.plan import EVASIONS
from harness.cells import Done
from harness.stats import Spread, wilson
from harness.tables import percent, table, wrapped
from harness.writing import Section
from heldout import SHARES_TARGETS, STYLES

SHOWN_FLEETS = 12


PAIRS = (
    "Pairs: observed over nominal rate, against all pairs of accounts, all logs taken together. The first table is by "
    "p_value as the run folder has it: the largest of the p-values against local density, background and lags, and of "
    "the weight of the innocent cause that explains the group that both accounts are in. The second leaves innocent "
    "causes out: the logs hold crowds (fan clubs, classes, households), whose accounts do act together. The third is "
    "the same without the pairs that are in one such crowd together. Pairs with fewer than two co-actions are no "
    "candidates and are not counted."
)
RATES = (
    "Recall is over the kinds {kinds}; mean over logs [95 % interval] worst log. False fleets and "
    "innocents: all logs taken together."
)
KINDS = (
    "Recall by kind, % of the members of all logs that are reported (fleets found of fleets); in the "
    "last row members of fleets of at least {size} accounts of the kinds {kinds}."
)
SHORT = ["evasion", "logs", "precision", "recall", "false fleets", "innocents/10,000"]
SPARSE = (
    "Worlds of the project's own simulator of which only time, account, action and target are told, as of a log that "
    "somebody scraped: causes that rest on addresses, devices, outcomes or texts cannot be tested. No limits. "
    "Precision and recall in %, mean over logs; recall over {kinds}."
)
EXAM = (
    "Worlds by code that shares nothing with the project's simulator, and that nobody tuned on. No "
    "limits: this is the exam. Precision and recall in %, mean over logs; recall over {kinds}."
)
STARS = (
    "Star campaign in the retweets log: all events of the campaign and all retweets in one log; ids "
    "with the prefix gh_ or tw_; the campaign's times shifted by one amount, so that the middles of "
    "both spans meet. {n_costars_reported} of {n_costars} accounts that star within 60 s of another "
    "on at least two repositories are reported (by the definition in words; the note beside the data "
    "counts 468); {n_campaign_reported} accounts of the campaign in all; {n_background_reported} "
    "background accounts; {n_background_fleets} fleets of mostly background accounts."
)


def calibration(done: Sequence[Done]) -> Section:
    """Logs without fleets."""
    results = fig.at(done)
    n_hit = sum(one["n_reported"] > 0 for one in results)
    low, high = wilson(n_hit, len(results))
    lead = wrapped(
        f"{len(results)} logs without fleets: {n_hit} with a reported fleet (95 % interval of the rate "
        f"{percent(low)} to {percent(high)} %), {sum(one['n_reported'] for one in results)} fleets reported of "
        f"{sum(one['n_candidates'] for one in results)} candidates."
    )
    false = _false_fleets([row for one in results for row in one["reported"]])
    blocks = [lead, *false, wrapped(PAIRS), *(_pairs(results, count) for count in COUNTS)]
    return Section("Calibration: logs without fleets", "\n\n".join(blocks))


def _pairs(results: list[dict[str, Any]], count: str) -> str:
    rows = [
        [f"{layer} {scale_us / 1e6:g} s", *("-" if r is None else f"{r.value:.3g}" for r in rates)]
        for layer, scale_us, rates in fig.pair_rates(results, count)
    ]
    return table([COUNTS[count], *(f"p <= {level:g}" for level in LEVELS)], rows)


def fleets(done: Sequence[Done]) -> Section:
    """Simulated fleets by evasion."""
    results = fig.at(done)
    blocks = [
        wrapped(RATES.format(kinds=", ".join(fig.SEEN_KINDS))),
        _levels(done, list(EVASIONS)),
        *_kinds(done, list(EVASIONS), fig.SHARE_TARGETS),
        "Innocent accounts reported, evasion 0 to 4, by cause:",
        _causes(results),
        *_false_fleets([row for one in results for row in one["false_fleets"]]),
    ]
    return Section("Fleets: the project's own simulator", "\n\n".join(blocks))


def sparse(done: Sequence[Done]) -> Section:
    """The project's own worlds without addresses, devices, outcomes and texts."""
    results = fig.at(done)
    blocks = [
        wrapped(SPARSE.format(kinds=", ".join(fig.SEEN_KINDS))),
        table(SHORT, _short_rows(done), "<>>>>>"),
        *_kinds(done, list(EVASIONS), fig.SHARE_TARGETS),
        "Innocent accounts reported, by cause:",
        _causes(results),
        *_false_fleets([row for one in results for row in one["false_fleets"]]),
    ]
    return Section("Logs that tell little", "\n\n".join(blocks))


def _short_rows(done: Sequence[Done], **where: str) -> list[list[str]]:
    """A row for each level of evasion that was measured."""
    rows = []
    for level in (None, *EVASIONS):
        results = fig.at(done, **where, evasion=level)
        if results:
            rows.append(["no fleets" if level is None else str(level), *_level_cells(results, short=True)])
    return rows


def heldout(done: Sequence[Done]) -> Section:
    """Held-out worlds by style and evasion."""
    rows = [[style, *row] for style in STYLES for row in _short_rows(done, style=style)]
    results = fig.at(done)
    blocks = [
        wrapped(EXAM.format(kinds=", ".join(fig.SEEN_KINDS))),
        table(["style", *SHORT], rows, "<>>>>>>"),
        *_kinds(done, list(EVASIONS), tuple(sorted(SHARES_TARGETS))),
        "Innocent accounts reported, all worlds, by cause:",
        _causes(results),
        *_false_fleets([row for one in results for row in one["false_fleets"]]),
    ]
    return Section("Held-out worlds", "\n\n".join(blocks))


def real(done: Sequence[Done]) -> Section:
    """Real logs."""
    blocks = []
    for stars in fig.at(done, log="stars in retweets"):
        blocks += [wrapped(STARS.format(**stars)), _real_fleets(stars["fleets"])]
    for alone in fig.at(done, log="retweets"):
        lead = (
            f"Retweets alone: {len(alone['fleets'])} fleets reported of {alone['n_candidates']} candidates."
        )
        blocks += [lead, _real_fleets(alone["fleets"])]
    for german in fig.at(done, log="german elections"):
        lead = (
            f"German election posts: {len(german['fleets'])} fleets reported of {german['n_candidates']} candidates; "
            "each is described in german_elections.md."
        )
        blocks += [wrapped(lead), _real_fleets(german["fleets"])]
    return Section("Real logs", "\n\n".join(block for block in blocks if block))


def _levels(done: Sequence[Done], levels: list[int]) -> str:
    rows = [[level, *_level_cells(fig.at(done, evasion=level))] for level in levels]
    header = ["evasion", "logs", "precision %", "recall %", "false fleets", "innocents/10,000"]
    return table(header, rows, ">>>>>>")


def _level_cells(results: list[dict[str, Any]], *, short: bool = False) -> list[str]:
    n_false = sum(one["n_fleets_false"] for one in results)
    n_fleets = sum(one["n_fleets_reported"] for one in results)
    innocents = fig.innocents_reported(results)
    return [
        str(len(results)),
        _rate(fig.precision(results), short),
        _rate(fig.recall(results), short),
        f"{n_false} of {n_fleets}",
        "-" if innocents is None else f"{innocents.value * fig.PER:.2f}",
    ]


def _rate(spread: Spread | None, short: bool) -> str:
    if spread is None:
        return "-"
    value, low, high, least = (percent(x) for x in (spread.value, spread.low, spread.high, spread.least))
    return value if short else f"{value} [{low}, {high}] {least}"


def _kinds(done: Sequence[Done], levels: list[int], share_targets: tuple[str, ...]) -> list[str]:
    kinds = sorted({one["kind"] for result in fig.at(done) for one in result["fleets"]})
    rows = [[kind, *(_kind_cell(fig.at(done, evasion=level), kind) for level in levels)] for kind in kinds]
    large = [
        fig.recall_of_all(fig.at(done, evasion=level), share_targets, fig.LARGE_FLEET) for level in levels
    ]
    rows.append([f">= {fig.LARGE_FLEET} accounts", *(percent(one.value) if one else "-" for one in large)])
    return [
        wrapped(KINDS.format(size=fig.LARGE_FLEET, kinds=", ".join(share_targets))),
        table(["kind", *(f"evasion {level}" for level in levels)], rows),
    ]


def _kind_cell(results: list[dict[str, Any]], kind: str) -> str:
    members = fig.recall_of_all(results, (kind,))
    if members is None:
        return "-"
    n_found, n = fig.fleets_found(results, kind)
    return f"{percent(members.value)} ({n_found}/{n})"


def _causes(results: list[dict[str, Any]]) -> str:
    n_innocent = sum(one["n_innocent"] for one in results)
    rows = [
        [cause, n, f"{fig.PER * n / n_innocent:.2f}" if n_innocent else "-", f"{there:,}"]
        for cause, n, there in fig.causes(results)
    ]
    header = ["cause", "accounts reported", "per 10,000 innocents", "accounts of this cause"]
    return table(header, rows)


def _false_fleets(rows: list[dict[str, Any]]) -> list[str]:
    """Describe reported fleets that are false, by what they are made of."""
    if not rows:
        return ["No reported fleet is false."]
    kinds = Counter(next(iter(row["causes"])) for row in rows)
    lines = [f"- {n} times mostly {cause}" for cause, n in kinds.most_common()]
    shown = [
        wrapped(
            f"- {row['n_accounts']} accounts, {row['score_bits']:.0f} bits, {', '.join(row['layers'])} at "
            f"{row['scale_us'] / 1e6:g} s; "
            + ", ".join(f"{cause} {n}" for cause, n in row["causes"].items())
            + f"; best innocent explanation {row['innocent'] or 'none'} ({row['innocent_weight'] or 0:.2g})",
            "  ",
        )
        for row in sorted(rows, key=lambda row: -row["n_accounts"])[:SHOWN_FLEETS]
    ]
    return [
        "Reported fleets that are false:\n" + "\n".join(lines),
        "The largest of them:\n" + "\n".join(shown),
    ]


def _real_fleets(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    drawn = [
        [
            row["fleet_id"],
            row["n_accounts"],
            row["n_background"] if "german_counts" not in row else "-",
            row["n_coactions"],
            f"{row['score_bits']:.0f}",
            f"{row['scale_us'] / 1e6:g}",
            row["first_time"][:10],
            row["last_time"][:10],
            (row["innocent"] or "none")[:20],
        ]
        for row in rows
    ]
    header = ["fleet", "acc.", "tw_", "together", "bits", "scale s", "from", "to", "best innocent"]
    lines = [
        wrapped(
            f"- {row['fleet_id']}: {row['n_targets']} joint targets, most "
            + ", ".join(f"{name[:40]} ({n})" for name, n in row["top_targets"][:2])
            + f"; {', '.join(row['behaviours']) or 'no behaviour named'}",
            "  ",
        )
        for row in rows[:SHOWN_FLEETS]
    ]
    return table(header, drawn, "<>>>>>>><") + "\n\n" + "\n".join(lines)


SECTIONS = {"calibration": calibration, "fleets": fleets, "sparse": sparse, "heldout": heldout, "real": real}
