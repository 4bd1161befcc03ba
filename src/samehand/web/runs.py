"""Finished runs, read once and sorted so that a page finds its rows without looking through the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.cases.model import RegisteredRun
from samehand.cases.redaction import Redaction
from samehand.cases.registering import check_unchanged
from samehand.errors import InputError
from samehand.report.dossier import Dossier, links_by_fleet, open_dossiers, read_fleets
from samehand.run_folder import RunInfo, RunTables, read_run
from samehand.texts import visible
from samehand.web.grouped import Grouped, Ints, places
from samehand.web.redacted import redact_tables
from samehand.web.values import KINDS, ValueIndex

_OF_FLEETS: Final = (
    "members", "evidence", "explanations", "member_events", "driven", "stability", "behaviours", "layer_bits",
)  # fmt: skip
"""Tables whose rows belong to a fleet."""


@dataclass(frozen=True, kw_only=True)
class AccountHit:
    """An account that a run knows, and the number of the fleet or candidate that it is in."""

    account: str
    fleet: int | None


class RunIndex:
    """One run. Fleets are numbered from 0 in their order of rank."""

    def __init__(self, name: str, info: RunInfo, tables: RunTables) -> None:
        self.name = name
        """Of its folder."""
        self.info = info
        self.tables = tables = _in_one_piece(tables)
        self.fleets = read_fleets(tables.fleets)
        self._number = {fleet.fleet_id: number for number, fleet in enumerate(self.fleets)}
        ids = pa.array(list(self._number), pa.string())
        self._fleet_of_rows = {name: places(getattr(tables, name)["fleet_id"], ids) for name in _OF_FLEETS}
        self._rows = {name: Grouped(code, len(ids)) for name, code in self._fleet_of_rows.items()}
        members = tables.members["account"].combine_chunks()
        ends = [tables.edges[name].cast(members.type) for name in ("account_a", "account_b")]
        everybody = pa.chunked_array([members, *ends[0].chunks, *ends[1].chunks], members.type)
        self.accounts = cast("pa.Array[Any]", everybody.unique())
        self.account_names: pa.Array[Any] = self.accounts.cast(pa.string())
        """Of members, then of others that are linked to somebody; by their numbers."""
        self._number_of = {name: number for number, name in enumerate(self.account_names.to_pylist())}
        self.fleet_of = np.full(len(self.accounts), -1)
        """Number of the fleet of each account; -1: in none."""
        who = places(members, self.accounts)
        self.fleet_of[who] = self._fleet_of_rows["members"]
        self._member_row = np.full(len(self.accounts), -1)
        self._member_row[who] = np.arange(len(who))
        self._ends = [places(end, self.accounts) for end in ends]
        self._across = _group_edges(self._ends, self.fleet_of, len(ids))
        self._links = links_by_fleet(tables, self.fleets)

    def number(self, fleet_id: str) -> int | None:
        """Give the number of a fleet; None where there is none of that id."""
        return self._number.get(fleet_id)

    def fleet_number(self, fleet_id: str) -> int:
        """Give the number of a fleet.

        Raises:
            InputError: There is none of that id, so that the run is not the one that was registered.
        """
        number = self.number(fleet_id)
        if number is None:
            raise InputError(
                f"the run {visible(self.name)} has no fleet {visible(fleet_id)}",
                hint="the run that was registered",
            )
        return number

    def rows(self, name: str, fleet: int) -> pa.Table:
        """Give the rows of one fleet in a table: members, evidence, explanations, member_events, ..."""
        table: pa.Table = getattr(self.tables, name)
        rows = self._rows[name].of(fleet)
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1:  # as detection writes them
            return table.slice(int(rows[0]), len(rows))
        return table.take(rows)

    def dossier(self, fleet: int) -> Dossier:
        """Give all that the run holds on one fleet, the most telling first."""
        own = {name: self.rows(name, fleet) for name in _OF_FLEETS}
        return next(open_dossiers(replace(self.tables, **own), (self.fleets[fleet],), [self._links[fleet]]))

    def links_out(self, fleet: int) -> tuple[Ints, Ints, pa.Table]:
        """Give the links between a fleet's members and accounts that are not in it: members, others, edges."""
        rows = self._across.of(fleet) % max(len(self._ends[0]), 1)
        a, b = self._ends[0][rows], self._ends[1][rows]
        mine = self.fleet_of[a] == fleet
        return np.where(mine, a, b), np.where(mine, b, a), self.tables.edges.take(rows)

    def links_of(self, account: int) -> tuple[Ints, pa.Table]:
        """Give the links of an account: the others, by their numbers, and the edges."""
        n = len(self._ends[0])
        rows = self._by_account.of(account)
        others = np.where(rows < n, self._ends[1][rows % max(n, 1)], self._ends[0][rows % max(n, 1)])
        return others, self.tables.edges.take(rows % max(n, 1))

    def account(self, name: str) -> int | None:
        """Give the number of an account, by its id written as text; None where the run does not know it."""
        return self._number_of.get(name)

    def numbers_of(self, names: Iterable[str]) -> Ints:
        """Give the numbers of accounts that the run knows, in their order."""
        return np.array([self._number_of[name] for name in names], np.int64)

    def members_of(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Give the rows of the table of members of accounts, by their names; an account that is no member has none."""
        numbers = [self.account(name) for name in names]
        rows = self._member_row[np.array([number for number in numbers if number is not None], np.int64)]
        return self.tables.members.take(rows[rows >= 0]).to_pylist()

    def n_known(self, accounts: Ints, known: str) -> int:
        """Count those of some accounts that were banned, or cleared, before."""
        rows = self._member_row[accounts]
        found = self.tables.members["known"].take(rows[rows >= 0])
        return found.to_pylist().count(known)

    def around(self, account: int) -> RunTables:
        """Give the run's tables with the rows of the account's fleet, and of edges those of the account."""
        fleet = int(self.fleet_of[account])
        own = {
            name: self.rows(name, fleet) if fleet >= 0 else getattr(self.tables, name).slice(0, 0)
            for name in _OF_FLEETS
        }
        fleets = self.tables.fleets.slice(max(fleet, 0), 1 if fleet >= 0 else 0)
        return replace(self.tables, fleets=fleets, edges=self.links_of(account)[1], **own)

    def find_accounts(self, text: str, most: int) -> Iterator[AccountHit]:
        """Give at most ``most`` accounts whose names are, or else hold, a text (case does not matter)."""
        same = self.account(text)
        near = np.flatnonzero(pc.match_substring(self.account_names, text, ignore_case=True))
        found = ([] if same is None else [same]) + [one for one in near[: most + 1].tolist() if one != same]
        for account in found[:most]:
            fleet = int(self.fleet_of[account])
            yield AccountHit(account=self.account_names[account].as_py(), fleet=None if fleet < 0 else fleet)

    @cached_property
    def values(self) -> Mapping[str, ValueIndex]:
        """The targets, devices and addresses of members, as far as the log has them."""
        events = self.tables.member_events
        account = places(events["account"], self.accounts)
        fleet = self._fleet_of_rows["member_events"]
        return {
            kind: ValueIndex(events[kind], fleet, account, len(self.fleets))
            for kind in KINDS
            if kind in events.column_names
        }

    def prepare(self) -> None:
        """Make the look-ups that are made when they are first needed, so that no page waits for them."""
        _ = self.values, self._by_account

    @cached_property
    def _by_account(self) -> Grouped:
        return Grouped(np.concatenate(self._ends), len(self.accounts))


def _in_one_piece(tables: RunTables) -> RunTables:
    """Join the chunks of every table: taking rows from many chunks is slow."""
    return RunTables(**{field.name: getattr(tables, field.name).combine_chunks() for field in fields(tables)})


def _group_edges(ends: list[Ints], fleet_of: Ints, n_fleets: int) -> Grouped:
    """Group edges, from both sides, by the fleet that they lead out of."""
    fleet_a, fleet_b = fleet_of[ends[0]], fleet_of[ends[1]]
    return Grouped(
        np.concatenate([np.where(fleet_a != fleet_b, one, -1) for one in (fleet_a, fleet_b)]), n_fleets
    )


def open_index(run: RegisteredRun, redaction: Redaction) -> RunIndex:
    """Read a registered run, as it may be shown.

    Raises:
        InputError: Its folder is gone, damaged, or was changed since it was registered.
    """
    check_unchanged(run)
    folder = Path(run.folder)
    info, tables = read_run(folder)
    made = RunIndex(folder.name, info, redact_tables(tables, redaction))
    made.prepare()
    return made
