"""How good a run is where the answer is known: accounts, fleets, false alarms by cause.

Definitions. An account counts as found when a reported fleet holds it. A true fleet is found when more than half of its
accounts sit in one reported fleet. A reported fleet is false when less than half of its accounts are in any true
fleet. B-cubed (Bagga and Baldwin 1998) is over the accounts that are in a true or in a reported fleet.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import InputError
from samehand.run_folder import RunTables

AT: Final = (10, 50, 100, 500)
"""Ranks at which precision is given."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How a run compares with the truth. Rates that have no denominator are None."""

    n_accounts_true: int
    n_accounts_reported: int
    precision: float | None
    """Of the reported accounts, the share that is in a true fleet."""
    recall: float | None
    """Of the accounts in true fleets, the share that is reported."""
    f1: float | None
    n_fleets_reported: int
    n_fleets_false: int
    fleet_false_discovery: float | None
    """Of the reported fleets, the share that is false."""
    recall_by_kind: dict[str, float]
    """Kind -> share of its true fleets that are found."""
    account_recall_by_kind: dict[str, float]
    b_cubed_precision: float | None
    b_cubed_recall: float | None
    precision_at: dict[int, float]
    """k -> share of the k surest members (of all candidates, in order of rank) that are in a true fleet."""
    false_accounts_by_cause: dict[str, int]
    """Innocent crowd (or "none") -> reported accounts that are in no true fleet."""
    innocent_found_by_kind: dict[str, int]
    """Kind of innocent crowd -> reported fleets of which it makes up more than half."""

    def to_text(self) -> str:
        """Write the figures as a small table for a terminal."""
        lines = [
            f"accounts   precision {_pct(self.precision)}  recall {_pct(self.recall)}  F1 {_pct(self.f1)}",
            f"           {self.n_accounts_reported:,} reported, {self.n_accounts_true:,} true",
            f"fleets     false discovery {_pct(self.fleet_false_discovery)}",
            f"           {self.n_fleets_reported} reported, {self.n_fleets_false} false",
            f"B-cubed    precision {_pct(self.b_cubed_precision)}  recall {_pct(self.b_cubed_recall)}",
        ]
        lines += [
            f"kind       {kind:<20} fleets found {_pct(share)}  accounts {_pct(self.account_recall_by_kind[kind])}"
            for kind, share in self.recall_by_kind.items()
        ]
        lines += [f"at {k:<7} precision {_pct(value)}" for k, value in self.precision_at.items()]
        lines += [
            f"false      {cause:<20} {n:,} accounts" for cause, n in self.false_accounts_by_cause.items()
        ]
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def __str__(self) -> str:
        return self.to_text()


def evaluate(run: RunTables, truth: object, crowds: object = None) -> Evaluation:
    """Compare a run with the truth.

    Args:
        run: Tables of the run.
        truth: Columns account, fleet, kind: a path of a Parquet file, or anything with an Arrow stream.
        crowds: Columns account, crowd, kind of innocent crowds, likewise; None: not known.

    Raises:
        InputError: A table cannot be read or lacks a column, or shares no account with the run although both have some.
    """
    fleet_of, kind_of = _answers(truth, "fleet", "truth")
    crowd_of = {} if crowds is None else _answers(crowds, "crowd", "crowds")[0]
    crowd_kind = {} if crowds is None else _answers(crowds, "crowd", "crowds")[1]
    members = run.members.select(["fleet_id", "account", "reported", "bits"]).to_pylist()
    found_in = {str(row["account"]): row["fleet_id"] for row in members if row["reported"]}
    reported: dict[str, list[str]] = {}
    for account, fleet_id in found_in.items():
        reported.setdefault(fleet_id, []).append(account)
    true: dict[str, list[str]] = {}
    for account, fleet in fleet_of.items():
        true.setdefault(fleet, []).append(account)
    good = sum(account in fleet_of for account in found_in)
    false = [group for group in reported.values() if 2 * sum(a in fleet_of for a in group) < len(group)]
    precision, recall = _share(good, len(found_in)), _share(good, len(fleet_of))
    b_precision, b_recall = _b_cubed(found_in, fleet_of)
    majority = [
        Counter(crowd_kind.get(crowd_of.get(a, ""), "") for a in group).most_common(1)[0] for group in false
    ]
    return Evaluation(
        n_accounts_true=len(fleet_of),
        n_accounts_reported=len(found_in),
        precision=precision,
        recall=recall,
        f1=None if not precision or not recall else 2 * precision * recall / (precision + recall),
        n_fleets_reported=len(reported),
        n_fleets_false=len(false),
        fleet_false_discovery=_share(len(false), len(reported)),
        recall_by_kind=_recall_by_kind(true, kind_of, found_in),
        account_recall_by_kind=_accounts_by_kind(true, kind_of, found_in),
        b_cubed_precision=b_precision,
        b_cubed_recall=b_recall,
        precision_at=_precision_at(members, fleet_of),
        false_accounts_by_cause=dict(
            Counter(
                crowd_kind.get(crowd_of.get(a, ""), "none") for a in found_in if a not in fleet_of
            ).most_common()
        ),
        innocent_found_by_kind=dict(Counter(kind for kind, _ in majority if kind)),
    )


def _answers(source: object, column: str, what: str) -> tuple[dict[str, str], dict[str, str]]:
    """Account -> group, and group -> kind."""
    table = _read(source, what)
    for name in ("account", column, "kind"):
        if name not in table.column_names:
            raise InputError(
                f"the column {name!r} is missing (found: {', '.join(table.column_names)})",
                where=what,
                hint=f"a table with the columns account, {column}, kind",
            )
    rows = table.select(["account", column, "kind"]).to_pylist()
    return {str(row["account"]): row[column] for row in rows}, {row[column]: row["kind"] for row in rows}


def _read(source: object, what: str) -> pa.Table:
    if isinstance(source, (str, Path)):
        try:
            return pq.read_table(Path(source))
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                f"cannot be read: {error}", where=str(source), hint=f"a Parquet file of the {what}"
            ) from error
    if hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    raise InputError(f"{what} is a {type(source).__name__}", hint="a path, or a table with an Arrow stream")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _recall_by_kind(
    true: dict[str, list[str]], kind_of: dict[str, str], found_in: dict[str, str]
) -> dict[str, float]:
    hits: dict[str, list[bool]] = {}
    for fleet, accounts in true.items():
        most = Counter(found_in[a] for a in accounts if a in found_in).most_common(1)
        hits.setdefault(kind_of[fleet], []).append(bool(most) and 2 * most[0][1] > len(accounts))
    return {kind: sum(found) / len(found) for kind, found in sorted(hits.items())}


def _accounts_by_kind(
    true: dict[str, list[str]], kind_of: dict[str, str], found_in: dict[str, str]
) -> dict[str, float]:
    counts: dict[str, list[int]] = {}
    for fleet, accounts in true.items():
        both = counts.setdefault(kind_of[fleet], [0, 0])
        both[0] += sum(a in found_in for a in accounts)
        both[1] += len(accounts)
    return {kind: part / whole for kind, (part, whole) in sorted(counts.items())}


def _b_cubed(found_in: dict[str, str], fleet_of: dict[str, str]) -> tuple[float | None, float | None]:
    both = Counter((found_in[a], fleet_of[a]) for a in found_in if a in fleet_of)
    found_sizes, true_sizes = Counter(found_in.values()), Counter(fleet_of.values())
    precision = sum(n * n / found_sizes[group] for (group, _), n in both.items())
    recall = sum(n * n / true_sizes[fleet] for (_, fleet), n in both.items())
    return (
        precision / len(found_in) if found_in else None,
        recall / len(fleet_of) if fleet_of else None,
    )


def _precision_at(members: list[dict[str, Any]], fleet_of: dict[str, str]) -> dict[int, float]:
    ranked = [str(row["account"]) in fleet_of for row in members]
    return {k: sum(ranked[:k]) / k for k in AT if len(ranked) >= k}


def _pct(value: float | None) -> str:
    return "     -" if value is None else f"{100 * value:5.1f}%"
