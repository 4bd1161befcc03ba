"""The engine for one machine: DuckDB reads and codes, NumPy arrays and compiled kernels count."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, Final, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import BOOL, I32, I64
from samehand.columns import Role
from samehand.engines import classes, coding, groups, overview, shuffle, sign_ups, sweeps
from samehand.engines.answers import (
    Attention,
    Contacts,
    GroupEvidence,
    Holdings,
    Interests,
    LogSize,
    Pairs,
    Retest,
    Surroundings,
)
from samehand.engines.asked import with_codes, with_persons, with_texts, with_what_is_asked
from samehand.engines.attendance import Attendance
from samehand.engines.contacts import contacts
from samehand.engines.holding import held
from samehand.engines.interface import Asking, Columns, TraceLayer
from samehand.engines.retest import Around, common_words, retest
from samehand.engines.sharing import sharing
from samehand.engines.traces import Classes, Sorted, reassigned, take_sorted
from samehand.kernels import sweep
from samehand.kernels.order import first_of_each, most_frequent

DAY_US: Final = 86_400_000_000
MOST_KEPT: Final = 120_000_000
"""Densities of events, over all layers and scales, that are kept for looking again."""
LEAST_CROWDED: Final = 256
"""Accounts that were with a group in moments no more crowded than this are always looked at as possible members."""
LARGE: Final = 20_000_000
"""Events from which on one thing is worked out at a time: several would not fit into memory."""
CODED: Final[tuple[Role, ...]] = ("action", "target")
"""Columns that are read as codes at once; others are where a layer asks for them."""


@dataclass
class LocalEngine:
    """A log in memory, as codes and times in order of time; ids and all the rest stay in the Parquet files."""

    database: duckdb.DuckDBPyConnection
    ids: pa.Array[Any]
    """Account ids, ascending: the place is the code."""
    columns: Columns
    row: I64
    """Row of each event in the files, counted through."""
    post: I32
    """The post that each event is one of several of, -1 for none; empty where no post has several."""
    roles: frozenset[Role]
    size: LogSize
    sign_up_us: I64
    """When each account signed up; see ``sign_ups.times``."""
    n_threads: int
    _sorted: dict[str, Sorted] = field(default_factory=dict)
    _densities: dict[tuple[str, int], I32] = field(default_factory=dict)
    _class_of: dict[str, tuple[Interests | None, Classes]] = field(default_factory=dict)
    """Classes of each layer's traces, and the interests that they rest on; accounts have no part in them."""
    _scenes: dict[tuple[str, int], groups.Scene] = field(default_factory=dict)
    """Of the interests that the classes rest on."""
    _similar: shuffle.Groups | None = None
    _by_target: Attendance | None = None
    _class_of_target: tuple[Interests | None, I32] | None = None
    _n_events: I64 | None = None
    _lock: RLock = field(default_factory=RLock)
    """Held while something is worked out that is kept."""

    @classmethod
    def load(
        cls,
        files: Sequence[Path],
        roles: Sequence[Role],
        *,
        added: pa.Table | None = None,
        threads: int | None = None,
        memory_gib: float | None = None,
    ) -> Self:
        """Load normalised events; repeats of an (account, time, action, target) are taken once.

        Args:
            files: Parquet files in samehand's columns.
            roles: Columns that they have.
            added: Rows in memory with the same columns, which follow those of the files.
            threads: Threads to use; None: all cores.
            memory_gib: Memory that the database may take before it spills to disk; None: its default.
        """
        n_threads = threads or os.cpu_count() or 1
        config: dict[str, str | bool | int | float | list[str]] = {"threads": n_threads}
        if memory_gib is not None:
            config["memory_limit"] = f"{memory_gib}GiB"
        database = duckdb.connect(config=config)
        coding.open_events(database, files, added)
        coded = tuple(role for role in CODED if role in roles)
        time, row, account, codes = coding.read_codes(database, coded)
        ids = database.sql("SELECT account FROM codes_account ORDER BY code").to_arrow_table()["account"]
        order = coding.in_order(time, [account, *codes.values()])
        columns = Columns(time[order], account[order], {role: codes[role][order] for role in coded})
        columns, row = coding.once(columns, row[order])
        post = coding.read_posts(database, columns, row) if "event_id" in roles else np.empty(0, np.int32)
        signed_up = sign_ups.times(database, columns, len(ids))
        size = overview.size(columns, len(ids), signed_up)
        return cls(
            database, ids.combine_chunks(), columns, row, post, frozenset(roles), size, signed_up, n_threads
        )

    @property
    def n_parallel(self) -> int:
        return self.n_threads if len(self.columns.time_us) < LARGE else 1

    def account_ids(self, codes: I32) -> pa.Array[Any]:
        return self.ids.take(codes)

    def account_codes(self, ids: pa.Array[Any]) -> I32:
        # To look each of all accounts up among the few that are asked for is far quicker than the other way round.
        asked = ids.cast(self.ids.type).dictionary_encode()
        found = pc.index_in(self.ids, value_set=asked.dictionary)
        known = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
        code_of = np.full(len(asked.dictionary) + 1, -1, np.int32)  # the last place is for nulls
        code_of[found.take(known).to_numpy()] = known
        codes: I32 = code_of[asked.indices.fill_null(len(asked.dictionary)).to_numpy(zero_copy_only=False)]
        return codes

    def n_events_of(self, codes: I32) -> I64:
        if self._n_events is None:
            self._n_events = np.bincount(self.columns.account, minlength=len(self.ids))
        return self._n_events[codes]

    def n_accounts_in(self, layer: TraceLayer) -> int:
        return int((self._traces(layer).n_events_of > 0).sum())

    def candidate_pairs(self, layer: TraceLayer, scale_us: int, log_p: float) -> Pairs:
        counts = self._density(layer, scale_us)
        return sweeps.candidate_pairs(self._traces(layer), scale_us, counts, log_p, self.n_threads)

    def attention(self, layer: TraceLayer, at_most: int) -> Attention:
        traces = self._traces(layer)
        once = first_of_each(traces.feature, traces.account, traces.n_accounts)
        account, feature = traces.account[once], traces.feature[once]
        n_all = len(account)
        if n_all > at_most:
            drawn = np.random.default_rng(0).random(traces.n_features) < at_most / n_all
            account, feature = account[drawn[feature]], feature[drawn[feature]]
        return Attention(account, feature, traces.n_accounts, traces.n_features, n_all - len(account))

    def vote(self, layer: TraceLayer, class_of_account: I32) -> I32:
        traces = self._traces(layer)
        votes = class_of_account[traces.account]
        return most_frequent(
            traces.feature, traces.n_features, votes, int(class_of_account.max(initial=0)) + 1
        )

    def retest(
        self,
        layer: TraceLayer,
        scale_us: int,
        pairs: Pairs,
        suspects: BOOL,
        interests: Interests | None,
        limit: float,
    ) -> Retest:
        traces, around = self._traces(layer), self._around(layer, scale_us)
        of_layer = self._classes(layer, interests)
        common = common_words(traces, pairs, suspects) if layer.reads_texts else None
        return retest(traces, around, pairs, suspects, of_layer, limit, self.n_threads, common)

    def _density(self, layer: TraceLayer, window: int) -> I32:
        """Densities within a window; kept as long as they fit."""
        key = layer.name, window
        with self._lock:
            if key not in self._densities:
                counts = sweeps.densities(self._traces(layer), window, self.n_threads)
                while self._densities and (len(self._densities) + 1) * len(counts) > MOST_KEPT:
                    self._densities.pop(next(iter(self._densities)))
                self._densities[key] = counts
            return self._densities[key]

    def _around(self, layer: TraceLayer, scale_us: int) -> Around:
        horizon = horizon_of(layer, scale_us)
        near = self._density(layer, scale_us)
        if horizon is None:
            return Around(scale_us, near, None, near, 1.0)
        far = self._density(layer, horizon)
        return Around(scale_us, near, horizon, far, sweep.mean_share(near, far))

    def group_evidence(
        self,
        layer: TraceLayer,
        scale_us: int,
        members: Sequence[I32],
        suspects: Sequence[I32],
        interests: Interests | None,
        *,
        others: bool = False,
    ) -> list[GroupEvidence]:
        scene = self._scene(layer, scale_us, interests)
        with ThreadPoolExecutor(self.n_threads) as pool:
            look = partial(groups.group_evidence, scene, others=others)
            return list(pool.map(look, members, suspects))

    def _scene(self, layer: TraceLayer, scale_us: int, interests: Interests | None) -> groups.Scene:
        key = layer.name, scale_us
        of_layer = self._classes(layer, interests)
        if key not in self._scenes:
            traces = self._traces(layer)
            around = self._around(layer, scale_us)
            while self._scenes and (len(self._scenes) + 1) * len(around.near) > MOST_KEPT:
                self._scenes.pop(next(iter(self._scenes)))
            self._scenes[key] = groups.Scene(
                traces=traces,
                classes=of_layer,
                window=scale_us,
                counts=around.near,
                crowded=max(LEAST_CROWDED, sweeps.choose_cap(around.near)),
                row=self.row,
                horizon=around.horizon,
                typical=around.typical,
            )
        return self._scenes[key]

    def surrogate(self, seed: int, suspects: I32, interests: Interests | None) -> LocalEngine:
        time, codes = self.columns.time_us, self.columns.codes
        none = np.full(len(time), -1, np.int32)
        target = codes.get("target", none)
        with self._lock:  # several surrogates begin at one time; all deal among the same groups
            if self._similar is None:
                interest = classes.interest_of_events(interests, self._learned_on(interests), len(time))
                self._similar = shuffle.similar_events(time, codes.get("action", none), target, interest)
        account = shuffle.deal_again(self.columns.account, time, self._similar, suspects, seed)
        again = {name: reassigned(traces, account) for name, traces in self._sorted.items()}
        columns = Columns(time, account, codes)
        return LocalEngine(
            self.database,
            self.ids,
            columns,
            self.row,
            self.post,
            self.roles,
            self.size,
            self.sign_up_us,
            self.n_threads if self.n_parallel == 1 else 1,
            _sorted=again,
            _class_of=self._class_of.copy(),
        )

    def events_of(self, codes: I32) -> pa.Table:
        return overview.events_of(self.database, self.columns, self.row, self.ids, codes)

    def surroundings(self, members: I32, events: I64, interests: Interests | None) -> Surroundings:
        if "target" not in self.columns.codes:
            empty = np.empty(0, np.int64)
            return Surroundings(empty, empty, empty.astype(np.int32), float("nan"))
        if self._by_target is None:
            self._by_target = Attendance.of(self.columns, self.row)
        return self._by_target.around(members, events, self._target_classes(interests))

    def _target_classes(self, interests: Interests | None) -> I32:
        """Community of each target, 0 for none."""
        if self._class_of_target is None or self._class_of_target[0] is not interests:
            target = self.columns.codes["target"]
            of_target = classes.interest_of_targets(interests, self._learned_on(interests), target)
            self._class_of_target = interests, of_target
        return self._class_of_target[1]

    def sharing(
        self, role: Role, left_out: I32, sizes: Sequence[tuple[int, int]], at_most: int
    ) -> list[list[I32]]:
        if role not in self.roles:
            return [[] for _ in sizes]
        value = self.columns.codes.get(role)
        if value is None:
            value = coding.read_role(self.database, role)[self.row]
        out = np.zeros(len(self.ids), np.bool_)
        out[left_out] = True
        return sharing(value, self.columns.account, out, sizes, at_most)

    def held(self, trait: Asking, groups: Sequence[I32]) -> Holdings:
        self._read_what_is_asked(trait)
        return held(trait.take(self.columns), self.columns.account, self.row, len(self.ids), groups)

    def contacts(self) -> Contacts:
        if "target" in self.roles:
            wanted: tuple[Role, ...] = ("outcome", "content")
            self.columns = with_codes(self.columns, wanted, self.roles, self.database, self.row)
            self.columns = with_persons(self.columns, self.database)
            if "content" in self.roles:
                self.columns = with_texts(self.columns, self.database, self.n_threads)
        return contacts(self.database, self.columns, self.ids)

    def audience(self) -> I32:
        return overview.audience(self.database, self.columns, len(self.ids))

    def outcomes(self) -> pa.Table:
        return overview.outcomes(self.database, self.row, self.roles)

    def timeline(self, n_bins: int) -> pa.Table:
        return overview.timeline(self.columns, self.size, len(self.ids), n_bins)

    def _read_what_is_asked(self, asking: Asking) -> None:
        self.columns = with_what_is_asked(
            self.columns,
            asking,
            self.roles,
            self.database,
            self.row,
            self.sign_up_us,
            self.ids,
            self.n_threads,
        )

    def _traces(self, layer: TraceLayer) -> Sorted:
        with self._lock:
            if layer.name not in self._sorted:
                self._read_what_is_asked(layer)
                self._sorted[layer.name] = take_sorted(
                    layer, self.columns, len(self.ids), self.post, self.n_threads
                )
            return self._sorted[layer.name]

    def _learned_on(self, interests: Interests | None) -> Sorted | None:
        """The traces that communities of interest were learned on."""
        return None if interests is None else self._sorted.get(interests.layer)

    def _classes(self, layer: TraceLayer, interests: Interests | None) -> Classes:
        with self._lock:
            known = self._class_of.get(layer.name)
            if known is None or known[0] is not interests:
                self._scenes = {key: scene for key, scene in self._scenes.items() if key[0] != layer.name}
                traces = self._traces(layer)
                found = classes.of_layer(layer, traces, interests, self._learned_on(interests), self.size)
                known = self._class_of[layer.name] = interests, found
            return known[1]


def horizon_of(layer: TraceLayer, scale_us: int) -> int | None:
    """How far apart two events on a feature still show a shared interest; None: the layer has no lag control."""
    return max(DAY_US, 4 * scale_us) if layer.lag_control else None
