"""How good a run is where the answer is known: accounts, fleets, false alarms by cause.

Definitions. An account counts as found when a reported fleet holds it. A true fleet is found when more than half of its
accounts sit in one reported fleet. A reported fleet is false when less than half of its accounts are in any true
fleet. B-cubed (Bagga and Baldwin 1998): precision is the mean, over the reported accounts, of the share of its reported
fleet that is in the same true fleet as the account (0 for an account in none); recall is the mean, over the accounts in
true fleets, of the share of its true fleet that is in the same reported fleet (0 for an account in none).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samehand.errors import InputError
from samehand.placing import write_whole
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import say
from samehand.texts.lines import wrap

AT: Final = (10, 50, 100, 500)
"""Ranks at which precision is given."""
WIDTH: Final = 80
NO_CAUSE: Final = "none"


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
    """2 * found / (reported + true); None where nothing is reported and nothing is true."""
    n_fleets_reported: int
    n_fleets_false: int
    fleet_false_discovery: float | None
    """Of the reported fleets, the share that is false."""
    recall_by_kind: dict[str, float]
    """Kind -> share of its true fleets that are found."""
    account_recall_by_kind: dict[str, float]
    """Kind -> share of the accounts in its true fleets that are reported."""
    b_cubed_precision: float | None
    b_cubed_recall: float | None
    precision_at: dict[int, float]
    """k -> share of the k surest members (of all candidates, in order of rank) that are in a true fleet."""
    false_accounts_by_cause: dict[str, int]
    """Kind of innocent crowd (or "none") -> reported accounts that are in no true fleet. Of an account in several
    crowds, the kind that explains most of its reported fleet."""
    innocent_found_by_kind: dict[str, int]
    """Kind of innocent crowd -> reported fleets of which its accounts make up more than half."""
    warnings: tuple[str, ...]
    """What a reader of the figures must know, a sentence each."""

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
        lines += [f"innocent   {kind:<20} {n} fleets" for kind, n in self.innocent_found_by_kind.items()]
        lines += [wrap(f"warning: {warning}", WIDTH) for warning in self.warnings]
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Write as JSON."""
        write_whole(path, (json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n").encode())

    def __str__(self) -> str:
        return self.to_text()


def evaluate(
    run: RunTables, truth: object, crowds: object = None, *, info: RunInfo | None = None
) -> Evaluation:
    """Compare a run with the truth.

    Args:
        run: Tables of the run.
        truth: Columns account, fleet, kind: a path of a Parquet file, or anything with an Arrow stream.
        crowds: Columns account, crowd, kind of innocent crowds, likewise; None: not known.
        info: Of the run, for the warnings.

    Raises:
        InputError: A table cannot be read, lacks a column or a value, or puts an account into two fleets.
    """
    rows = _answers(truth, "fleet", "truth")
    fleet_of, kind_of = _true_fleets(rows)
    kinds_of: dict[str, set[str]] = defaultdict(set)
    for account, _, kind in [] if crowds is None else _answers(crowds, "crowd", "crowds"):
        kinds_of[account].add(kind)
    members = _in_order_of_rank(run)
    found_in = {account: fleet_id for account, fleet_id, is_reported in members if is_reported}
    reported, true = _groups(found_in), _groups(fleet_of)
    good = sum(account in fleet_of for account in found_in)
    n_false = sum(2 * sum(a in fleet_of for a in group) < len(group) for group in reported.values())
    b_precision, b_recall = _b_cubed(found_in, fleet_of)
    return Evaluation(
        n_accounts_true=len(fleet_of),
        n_accounts_reported=len(found_in),
        precision=_share(good, len(found_in)),
        recall=_share(good, len(fleet_of)),
        f1=_share(2 * good, len(found_in) + len(fleet_of)),
        n_fleets_reported=len(reported),
        n_fleets_false=n_false,
        fleet_false_discovery=_share(n_false, len(reported)),
        recall_by_kind=_recall_by_kind(true, kind_of, found_in),
        account_recall_by_kind=_accounts_by_kind(true, kind_of, found_in),
        b_cubed_precision=b_precision,
        b_cubed_recall=b_recall,
        precision_at=_precision_at([account in fleet_of for account, _, _ in members]),
        false_accounts_by_cause=_by_cause(reported, fleet_of, kinds_of),
        innocent_found_by_kind=_innocent_fleets(reported, kinds_of),
        warnings=tuple(_warnings(members, fleet_of, info)),
    )


def _warnings(
    members: list[tuple[str, str, bool]], fleet_of: Mapping[str, str], info: RunInfo | None
) -> list[str]:
    warnings = []
    if info is not None and info.false_discovery.n_surrogates == 0:
        warnings.append(say("answer.no_estimate", "en"))
    if members and fleet_of and not any(account in fleet_of for account, _, _ in members):
        warnings.append("No account of the truth is among the candidates. Are they of the same log?")
    return warnings


def _in_order_of_rank(run: RunTables) -> list[tuple[str, str, bool]]:
    """Account, fleet and whether it is reported, of all members: by rank of the fleet, then the surest first."""
    place = {fleet_id: row for row, fleet_id in enumerate(run.fleets["fleet_id"].to_pylist())}
    rows = run.members.select(["fleet_id", "account", "reported", "bits"]).to_pylist()
    rows.sort(key=lambda row: (place[row["fleet_id"]], -row["bits"]))
    return [(str(row["account"]), row["fleet_id"], row["reported"]) for row in rows]


def _answers(source: object, column: str, what: str) -> list[tuple[str, str, str]]:
    """Rows of an answer key: account as text, group and kind."""
    table = _read(source, what)
    where = str(source) if isinstance(source, (str, Path)) else what
    for name in ("account", column, "kind"):
        if name not in table.column_names:
            raise InputError(
                f"the column {name!r} is missing (found: {', '.join(table.column_names)})",
                where=where,
                hint=f"a table with the columns account, {column}, kind",
            )
        if table[name].null_count:
            raise InputError(
                f"the column {name!r} has {table[name].null_count:,} rows without a value",
                where=where,
                hint="leave out the rows of accounts that are in none",
            )
    accounts = table["account"]
    try:
        if pa.types.is_floating(accounts.type):  # what pandas makes of numbers with gaps
            accounts = accounts.cast(pa.int64())
        texts = [pc.cast(values, pa.string()) for values in (accounts, table[column], table["kind"])]
    except pa.ArrowException as error:
        raise InputError(
            f"values that are no ids or names: {error}", where=where, hint="ids as they are in the log"
        ) from error
    return list(zip(*(text.to_pylist() for text in texts), strict=True))


def _true_fleets(rows: list[tuple[str, str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Account -> fleet, and fleet -> kind."""
    fleet_of: dict[str, str] = {}
    kind_of: dict[str, str] = {}
    for account, fleet, kind in rows:
        for known, key, value in ((fleet_of, account, fleet), (kind_of, fleet, kind)):
            if known.setdefault(key, value) != value:
                raise InputError(
                    f"{key!r} is both {known[key]!r} and {value!r}",
                    where="truth",
                    hint="one fleet an account, and one kind a fleet",
                )
    return fleet_of, kind_of


def _groups(group_of: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for account, group in group_of.items():
        groups.setdefault(group, []).append(account)
    return groups


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


def _by_cause(
    reported: Mapping[str, list[str]], fleet_of: Mapping[str, str], kinds_of: Mapping[str, set[str]]
) -> dict[str, int]:
    causes: Counter[str] = Counter()
    for group in reported.values():
        weight = Counter(kind for account in group for kind in kinds_of.get(account, ()))
        for account in group:
            if account not in fleet_of:
                kinds = kinds_of.get(account, ())
                causes[min(kinds, key=lambda kind: (-weight[kind], kind), default=NO_CAUSE)] += 1
    return dict(sorted(causes.items(), key=lambda item: (-item[1], item[0])))


def _innocent_fleets(reported: Mapping[str, list[str]], kinds_of: Mapping[str, set[str]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for group in reported.values():
        counts = Counter(kind for account in group for kind in kinds_of.get(account, ()))
        found.update(kind for kind, n in counts.items() if 2 * n > len(group))
    return dict(sorted(found.items()))


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


def _precision_at(ranked: list[bool]) -> dict[int, float]:
    return {k: sum(ranked[:k]) / k for k in AT if len(ranked) >= k}


def _pct(value: float | None) -> str:
    return "     -" if value is None else f"{100 * value:5.1f}%"
