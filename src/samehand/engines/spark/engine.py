"""The engine for many machines: see the head of ``engines/interface.py`` for what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from samehand.arrays import BOOL, I32, I64
from samehand.columns import Role
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
from samehand.engines.interface import Asking, TraceLayer
from samehand.engines.local import LEAST_CROWDED, horizon_of
from samehand.engines.names import patterns
from samehand.engines.spark import facts
from samehand.engines.spark.blocks import density_name, with_densities
from samehand.engines.spark.classes import Classed, Learned, of_layer
from samehand.engines.spark.groups import Looking, group_evidence
from samehand.engines.spark.log import Log, read
from samehand.engines.spark.pairs import candidate_pairs, choose_cap
from samehand.engines.spark.pieces import column
from samehand.engines.spark.retest import Testing, mean_share, retest
from samehand.engines.spark.shuffle import deal_again, similar_events
from samehand.engines.spark.stages import Stages
from samehand.engines.spark.taking import taken, traces, with_posts


@dataclass(frozen=True)
class LayerTraces:
    """The traces of a layer with their densities, and how many there are."""

    table: DataFrame
    n_rows: int
    n_accounts: int
    n_features: int
    n_repeats: int


@dataclass
class SparkEngine:
    """A log in Spark. To the driver come pairs, evidence of groups, and one number an account or a target."""

    log: Log
    ids: pa.Array[Any]
    """Account ids, ascending: the place is the code."""
    _traces: dict[str, LayerTraces] = field(default_factory=dict)
    _learned: tuple[Interests, Learned] | None = None
    _classed: dict[str, tuple[Interests | None, Classed]] = field(default_factory=dict)
    _typical: dict[tuple[str, int], float] = field(default_factory=dict)
    _caps: dict[tuple[str, int], int] = field(default_factory=dict)
    _n_events: I64 | None = None
    _lock: RLock = field(default_factory=RLock)

    @classmethod
    def load(
        cls, stages: Stages, files: Sequence[Path], roles: Sequence[Role], *, added: pa.Table | None = None
    ) -> Self:
        """Load normalised events; repeats of an (account, time, action, target) are taken once.

        Args:
            stages: Where tables are kept, and how to cut.
            files: Parquet files in samehand's columns.
            roles: Columns that they have.
            added: Rows in memory with the same columns, which follow those of the files.
        """
        log = read(stages, files, roles, added)
        ids = log.accounts.orderBy("code").select("value").toArrow()["value"]
        return cls(log, pa.concat_arrays(ids.chunks) if ids.num_chunks else pa.array([], ids.type))

    @property
    def size(self) -> LogSize:
        return self.log.size

    @property
    def roles(self) -> frozenset[Role]:
        return self.log.roles

    @property
    def n_parallel(self) -> int:
        return 1  # a job uses all executors

    def account_ids(self, codes: I32) -> pa.Array[Any]:
        return self.ids.take(codes)

    def account_codes(self, ids: pa.Array[Any]) -> I32:
        found = pc.index_in(ids.cast(self.ids.type), value_set=self.ids)
        return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)

    def n_events_of(self, codes: I32) -> I64:
        if self._n_events is None:
            counted = self.log.events.groupBy("account").count().toArrow()
            self._n_events = np.zeros(len(self.ids), np.int64)
            self._n_events[column(counted, "account")] = column(counted, "count")
        return self._n_events[codes]

    def n_accounts_in(self, layer: TraceLayer) -> int:
        return self._of(layer).n_accounts

    def candidate_pairs(self, layer: TraceLayer, scale_us: int, log_p: float) -> Pairs:
        own = self._of(layer)
        found = candidate_pairs(self.log.stages, own.table, layer, scale_us, log_p, own.n_rows, own.n_repeats)
        self._caps[layer.name, scale_us] = found.densest
        return found

    def attention(self, layer: TraceLayer, at_most: int) -> Attention:
        own = self._of(layer)
        place = F.struct("time", "account", "action", "target", "row")
        once = own.table.groupBy("feature", "account").agg(F.min(place).alias("first"))
        n_all = once.count()
        if n_all > at_most:
            drawn = np.flatnonzero(np.random.default_rng(0).random(own.n_features) < at_most / n_all)
            once = once.join(self.log.stages.of_arrow(feature=pa.array(drawn, pa.int32())), "feature")
        found = once.select("feature", "first.time", "account").toArrow()
        found = found.sort_by([(name, "ascending") for name in ("feature", "time", "account")])
        account, feature = (column(found, name).astype(np.int32) for name in ("account", "feature"))
        return Attention(account, feature, self.size.n_accounts, own.n_features, n_all - len(account))

    def vote(self, layer: TraceLayer, class_of_account: I32) -> I32:
        own = self._of(layer)
        voters = np.flatnonzero(class_of_account)
        of_account = self.log.stages.of_arrow(
            account=pa.array(voters, pa.int32()), vote=pa.array(class_of_account[voters], pa.int32())
        )
        votes = own.table.join(of_account, "account").groupBy("feature", "vote").agg(F.count("*").alias("n"))
        found = (
            votes.groupBy("feature")
            .agg(F.sum("n").alias("n"), F.max(F.struct("n", (-F.col("vote")).alias("minus"))).alias("best"))
            .where("n >= 2")
            .select("feature", (-F.col("best.minus")).alias("class"))
            .toArrow()
        )
        classes = np.zeros(own.n_features, np.int32)
        classes[column(found, "feature")] = column(found, "class")
        return classes

    def retest(
        self,
        layer: TraceLayer,
        scale_us: int,
        pairs: Pairs,
        suspects: BOOL,
        interests: Interests | None,
        limit: float,
    ) -> Retest:
        classed = self._classes(layer, interests)
        horizon = horizon_of(layer, scale_us)
        testing = Testing(
            scale_us, horizon, self._typical_share(layer, scale_us), classed.totals, classed.extent_us, limit,
            pairs.densest, layer.n_windows_an_occasion, layer.reads_texts,
        )  # fmt: skip
        return retest(self.log.stages, layer, testing, classed, pairs, suspects)

    def group_evidence(
        self,
        layer: TraceLayer,
        scale_us: int,
        groups: Sequence[I32],
        suspects: Sequence[I32],
        interests: Interests | None,
        *,
        others: bool = False,
    ) -> list[GroupEvidence]:
        classed = self._classes(layer, interests)
        looking = Looking(
            scale_us, horizon_of(layer, scale_us), self._typical_share(layer, scale_us), classed.totals,
            classed.extent_us, max(LEAST_CROWDED, self._cap(layer, scale_us)),
            layer.n_windows_an_occasion,
        )  # fmt: skip
        return group_evidence(self.log.stages, looking, classed, groups, suspects, others=others)

    def surrogate(self, seed: int, suspects: I32, interests: Interests | None) -> SparkEngine:
        learned = self._learn(interests)
        name = "none" if learned is None else learned.name
        own = self.log.stages
        similar = own.table(
            f"similar-{name}",
            lambda: similar_events(self.log, None if learned is None else learned.of_events()),
        )
        told = hashlib.sha256(f"{seed} {name}".encode() + suspects.tobytes()).hexdigest()[:12]
        stages = replace(own, folder=f"{own.folder}/surrogate-{told}")
        dealt = deal_again(stages, similar, suspects, seed, self.size.first_us)
        events = self.log.events.drop("account").join(dealt, "row")
        log = replace(self.log, stages=stages, events=stages.table("events", lambda: events))
        again = {name: self._reassigned(stages, name, dealt) for name in self._traces}
        return SparkEngine(log, self.ids, _traces=again)

    def _reassigned(self, stages: Stages, name: str, dealt: DataFrame) -> LayerTraces:
        """The traces of a layer with other accounts."""
        before = self._traces[name]
        windows = [int(c.removeprefix("near_")) for c in before.table.columns if c.startswith("near_")]
        plain = before.table.drop("account", "post_ranks", *(density_name(window) for window in windows))
        found = with_posts(plain.join(dealt, "row"))
        table = stages.table(f"traces-{name}", lambda: with_densities(stages, found, windows, before.n_rows))
        n_accounts = table.select("account").distinct().count()
        return replace(before, table=table, n_accounts=n_accounts)

    def events_of(self, codes: I32) -> pa.Table:
        return facts.events_of(self.log, codes, self.ids)

    def surroundings(self, members: I32, events: I64, interests: Interests | None) -> Surroundings:
        if self.log.targets is None:
            empty = np.empty(0, np.int64)
            return Surroundings(empty, empty, empty.astype(np.int32), float("nan"))
        learned = self._learn(interests)
        if learned is None:
            none = self.log.stages.of_arrow(
                target=pa.array([], pa.int32()), interest=pa.array([], pa.int32())
            )
            return facts.surroundings(self.log, members, events, none, np.zeros(1, np.int64))
        of_target = self.log.stages.table(f"targets-{learned.name}", lambda: _of_targets(learned))
        counted = of_target.groupBy("interest").count().collect()
        n_by_class = np.zeros(learned.interests.n_classes, np.int64)
        for row in counted:
            n_by_class[row["interest"]] = row["count"]
        return facts.surroundings(self.log, members, events, of_target, n_by_class)

    def sharing(
        self, role: Role, left_out: I32, sizes: Sequence[tuple[int, int]], at_most: int
    ) -> list[list[I32]]:
        return facts.sharing(self.log, role, left_out, sizes, at_most)

    def held(self, trait: Asking, groups: Sequence[I32]) -> Holdings:
        names = None
        if trait.reads_names:
            codes = patterns(self.ids)
            names = self.log.stages.of_arrow(
                account=pa.array(np.arange(len(codes)), pa.int32()),
                stem=pa.array(codes[:, 0]),
                shape=pa.array(codes[:, 1]),
            )
        return facts.held(self.log, trait.name, taken(self.log, trait, names=names), groups)

    def contacts(self) -> Contacts:
        return facts.contacts(self.log)

    def audience(self) -> I32:
        return facts.audience(self.log)

    def outcomes(self) -> pa.Table:
        return facts.outcomes(self.log)

    def timeline(self, n_bins: int) -> pa.Table:
        return facts.timeline(self.log, n_bins)

    def _of(self, layer: TraceLayer) -> LayerTraces:
        with self._lock:
            if layer.name not in self._traces:
                self._traces[layer.name] = self._take(layer)
            return self._traces[layer.name]

    def _take(self, layer: TraceLayer) -> LayerTraces:
        stages = self.log.stages
        found, n_repeats = traces(self.log, layer)
        windows = sorted(
            {*layer.scales_us, *(horizon_of(layer, scale) or scale for scale in layer.scales_us)}
        )
        table = stages.table(
            f"traces-{layer.name}", lambda: with_densities(stages, found, windows, self.size.n_events)
        )
        counted = table.agg(
            F.count("*").alias("rows"),
            F.count_distinct("account").alias("accounts"),
            F.max("feature").alias("last"),
        ).first()
        assert counted is not None  # noqa: S101 - for the type checker
        last = -1 if counted["last"] is None else counted["last"]
        return LayerTraces(table, counted["rows"], counted["accounts"], last + 1, n_repeats)

    def _learn(self, interests: Interests | None) -> Learned | None:
        if interests is None:
            return None
        if self._learned is None or self._learned[0] is not interests:
            found = Learned.of(self.log.stages, interests, self._traces[interests.layer].table)
            self._learned = interests, found
        return self._learned[1]

    def _classes(self, layer: TraceLayer, interests: Interests | None) -> Classed:
        known = self._classed.get(layer.name)
        if known is None or known[0] is not interests:
            own = self._of(layer)
            found = of_layer(self.log.stages, layer, own.table, self._learn(interests), self.size)
            known = self._classed[layer.name] = interests, found
        return known[1]

    def _typical_share(self, layer: TraceLayer, scale_us: int) -> float:
        horizon = horizon_of(layer, scale_us)
        if horizon is None:
            return 1.0
        key = layer.name, scale_us
        if key not in self._typical:
            self._typical[key] = mean_share(self._of(layer).table, scale_us, horizon)
        return self._typical[key]

    def _cap(self, layer: TraceLayer, scale_us: int) -> int:
        key = layer.name, scale_us
        if key not in self._caps:
            self._caps[key] = choose_cap(self._of(layer).table, scale_us)[0]
        return self._caps[key]


def _of_targets(learned: Learned) -> DataFrame:
    """target, interest: of its last feature that has one, as in the local engine."""
    with_interest = learned.traces.join(learned.of_feature, "feature").where("target >= 0")
    return with_interest.groupBy("target").agg(F.max_by("interest", "feature").alias("interest"))
