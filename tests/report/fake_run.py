"""A made-up finished run of any size, shaped like what detection writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from scipy.stats import poisson

from samehand import columns
from samehand.events.check import HotTarget, LeftOut, Quality
from samehand.fleets.control_counts import Controls, summed
from samehand.run_folder import FORMAT, FalseDiscovery, LayerUse, RunInfo, RunTables, Source
from samehand.texts import evidence_sentence, explanation_sentence, fleet_summary
from samehand.texts.sentences import behaviour_sentence

START = datetime(2024, 3, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
SPAN_US = 14 * 86_400_000_000
EXPLANATIONS = (
    "fan_club", "shared_interest", "classroom", "shared_place", "household", "syndication", "brand_schedule",
    "flash_sale", "launch_day", "push_notification", "festival_chain", "call_centre", "shared_device",
    "protest", "live_event", "scheduler",
)  # fmt: skip
FIGURES = {
    "shared_interest": ("lag_bits", "lag_scale_us"),
    "push_notification": ("focus", "at_birth", "own_life"),
    "live_event": ("at_birth", "n_occasions", "n_occasions_log", "own_life"),
    "syndication": ("audience", "audience_usual"),
    "scheduler": ("round_clock", "own_life"),
}
NEEDS = {"shared_place": ["address"], "household": ["device", "address"], "shared_device": ["device"],
         "call_centre": ["outcome"], "classroom": ["address"]}  # fmt: skip


@dataclass
class Made:
    """The rows made so far, a list a table."""

    fleets: list[dict]
    members: list[dict]
    evidence: list[dict]
    explanations: list[dict]
    edges: list[pa.Table]
    events: list[pa.Table]


@dataclass
class Naming:
    """How ids look: ``texts`` (hostile ones, say) are used in turn for every name, else plain names."""

    ints: bool
    texts: Sequence[str] | None

    @property
    def id_type(self) -> pa.DataType:
        return pa.int64() if self.ints else pa.string()

    def account(self, i: int) -> int | str:
        if self.ints:
            return 9_007_199_254_740_993 + i
        return f"{self.texts[i % len(self.texts)]}{i}" if self.texts else f"user_{i:06d}"

    def target(self, name: str) -> str:
        return f"{self.texts[hash_of(name) % len(self.texts)]}{name}" if self.texts else name

    def event(self, i: int) -> int | str:
        return i if self.ints else f"ev{i}"


def hash_of(name: str) -> int:
    return sum(name.encode())


def fake_run(
    n_fleets: int = 4,
    n_members: int = 200,
    *,
    n_unreported: int = 2,
    ids: str = "text",
    surrogates: int = 20,
    texts: Sequence[str] | None = None,
    events_per_member: int = 30,
    seed: int = 0,
) -> tuple[RunInfo, RunTables]:
    """Make a run with ``n_fleets`` reported fleets, ``n_members`` in all, and ``n_unreported`` candidates."""
    rng = np.random.default_rng(seed)
    naming = Naming(ids == "int", texts)
    made = Made([], [], [], [], [], [])
    sizes = _sizes(rng, n_fleets, n_members) + [8] * n_unreported
    first = 0
    for rank, size in enumerate(sizes):
        _add_fleet(
            rng,
            made,
            naming,
            rank,
            range(first, first + size),
            rank < n_fleets,
            surrogates,
            events_per_member,
        )
        first += size
    tables = _tables(made, naming)
    return _info(made, tables, surrogates, seed), tables


def _sizes(rng: np.random.Generator, n_fleets: int, n_members: int) -> list[int]:
    if not n_fleets:
        return []
    weights = rng.pareto(2.5, n_fleets) + 0.5
    sizes = np.maximum(np.round(weights / weights.sum() * n_members).astype(int), 5)
    sizes[0] += max(n_members - sizes.sum(), 0)
    return [int(s) for s in np.sort(sizes)[::-1]]


def _add_fleet(rng, made, naming, rank, accounts, reported, surrogates, events_per_member) -> None:
    kind = ("boost", "mass_add", "mixed", "follow_farm")[rank % 4]
    layers = {"boost": ["co_target"], "mass_add": ["rhythm"], "follow_farm": ["co_target"]}.get(
        kind, ["co_target", "rhythm"]
    )
    scale = 2_000_000 if layers == ["rhythm"] else (10_000_000, 60_000_000, 600_000_000)[rank % 3]
    n, n_occasions = len(accounts), int(rng.integers(10, 26)) if reported else 4
    fleet_id = f"F{rank + 1:04d}"
    took_part = rng.random((n_occasions, n)) < (0.7 if reported else 0.6)
    took_part[:, : max(n // 20, 1)] = rng.random((n_occasions, max(n // 20, 1))) < 0.25
    took_part[0] = True
    took_part[:, -2:] = True  # so that no occasion is without anybody
    events = _events(rng, naming, kind, accounts, took_part, scale, events_per_member)
    _add_evidence(made, naming, fleet_id, layers, scale, took_part, events)
    _add_edges(made, naming, layers, scale, accounts, took_part)
    table = _event_table(naming, fleet_id, events, len(made.events))
    made.events.append(table)
    _add_members(made, naming, fleet_id, reported, accounts, took_part, events)
    innocent = _add_explanations(rng, made, fleet_id, n)
    co = int(events["coaction"].sum())
    q, chance = (0.003 * (rank + 1) / 4, 0.0004 * (rank + 1)) if reported else (0.4, 3.0)
    row = {
        "fleet_id": fleet_id, "reported": reported, "n_accounts": n, "n_events": len(events["time"]),
        "n_coactions": co,
        "first_time": _time(events["time"].min()), "last_time": _time(events["time"].max()),
        "score_bits": float(900 / (rank + 1) + 40 if reported else 12.5),
        "q_value": min(q, 0.049) if reported and surrogates else q if surrogates else None,
        "chance_count": chance if surrogates else None, "coordination": 0.99 if reported else 0.7,
        "inauthenticity": 1 - innocent[1], "layers": layers, "scale_us": scale,
        "stability": [0.8, 0.2][rank % 2], "carrying_scales_us": [scale, 10 * scale], "behaviours": [kind],
        "innocent": innocent[0], "innocent_weight": innocent[1], "n_part_time": (n + 3) // 7,
        "posterior": 0.97 if reported else 0.2,
    }  # fmt: skip
    row["summary"] = fleet_summary(
        "en",
        **{k: row[k] for k in ("n_accounts", "n_events", "n_coactions", "first_time", "last_time", "scale_us",
                               "chance_count", "innocent", "innocent_weight")},
    )  # fmt: skip
    made.fleets.append(row)


def _events(rng, naming, kind, accounts, took_part, scale, events_per_member) -> dict[str, np.ndarray]:
    """All events of the members in order of time: joint ones (occasion >= 0) and their own (-1)."""
    n_occasions, n = took_part.shape
    starts = np.sort(rng.integers(0, SPAN_US // 60_000_000, n_occasions)) * 60_000_000
    occasion, who = np.nonzero(took_part)
    joint = starts[occasion] + rng.integers(0, max(int(scale * 0.9), 1), len(occasion))
    own_n = rng.poisson(events_per_member, n)
    own_who = np.repeat(np.arange(n), own_n)
    hour = rng.normal(15, 4, len(own_who)) % 24
    own = (rng.integers(0, 14, len(own_who)) * 86_400 + hour * 3600).astype(np.int64) * 1_000_000
    time = np.concatenate([joint, own]) + START_US
    occasion = np.concatenate([occasion, np.full(len(own), -1)])
    who = np.concatenate([who, own_who])
    other = rng.integers(0, 5000, len(time))
    order = np.lexsort((who, time))
    return {"time": time[order], "occasion": occasion[order], "who": who[order], "other": other[order],
            "coaction": occasion[order] >= 0, "first": np.array(accounts.start),
            "kind": np.array(kind)}  # fmt: skip


def _names(naming, events) -> tuple[list[str], list[str]]:
    kind = str(events["kind"])
    word = {"boost": "like", "mass_add": "add_friend", "follow_farm": "follow", "mixed": "share"}[kind]
    start = int(events["first"])
    actions = [
        word if c else ("view", "like", "comment")[o % 3]
        for c, o in zip(events["coaction"], events["other"], strict=True)
    ]
    targets = [
        naming.target(
            (f"person_{o}" if kind == "mass_add" else f"post_{start}_{k}") if k >= 0 else f"post_{o}"
        )
        for k, o in zip(events["occasion"].tolist(), events["other"].tolist(), strict=True)
    ]
    return actions, targets


def _event_table(naming, fleet_id, events, n_before) -> pa.Table:
    actions, targets = _names(naming, events)
    start = int(events["first"])
    n = len(actions)
    account_type = naming.id_type
    schema = columns.member_events(account_type, account_type)
    keep = [
        f
        for f in schema
        if f.name in {"fleet_id", "coaction", "event_id", "time", "account", "action", "target", "content"}
    ]
    return pa.table(
        {
            "fleet_id": [fleet_id] * n,
            "coaction": events["coaction"],
            "event_id": pa.array([naming.event(n_before * 1_000_000 + i) for i in range(n)], account_type),
            "time": pa.array(events["time"], pa.int64()).cast(columns.TIME),
            "account": pa.array([naming.account(start + w) for w in events["who"].tolist()], account_type),
            "action": actions,
            "target": targets,
            "content": [naming.target("hello")] * n,
        },
        schema=pa.schema(keep),
    )


def _add_evidence(made, naming, fleet_id, layers, scale, took_part, events) -> None:
    actions, targets = _names(naming, events)
    n_before = len(made.events)
    for k in range(len(took_part)):
        rows = np.flatnonzero(events["occasion"] == k)
        layer = layers[k % len(layers)]
        first, last = _time(events["time"][rows[0]]), _time(events["time"][rows[-1]])
        target = targets[rows[0]] if layer == "co_target" else None
        action = actions[rows[0]]
        feature = f"{action} -> {target}" if target is not None else action
        n, expected = int(took_part[k].sum()), 0.02 * (k + 1)
        p = float(poisson.sf(n - 1, expected))
        row = {
            "fleet_id": fleet_id, "layer": layer, "scale_us": scale, "feature": feature, "action": action,
            "target": target, "n_accounts": n, "n_events": len(rows), "n_others": k % 3, "first_time": first,
            "last_time": last, "expected": expected, "p_value": p,
            "bits": float(-poisson.logsf(n - 1, expected) / np.log(2)),
            "event_ids": [naming.event(n_before * 1_000_000 + int(i)) for i in rows],
        }  # fmt: skip
        given = ("layer", "feature", "action", "target", "scale_us", "n_accounts", "n_events", "first_time",
                 "last_time", "expected")  # fmt: skip
        row["sentence"] = evidence_sentence("en", n_fleet=took_part.shape[1], **{g: row[g] for g in given})
        made.evidence.append(row)


def _add_edges(made, naming, layers, scale, accounts, took_part) -> None:
    shared = took_part.astype(np.float32).T @ took_part.astype(np.float32)
    a, b = np.nonzero(np.triu(shared >= max(4, len(took_part) // 2), 1))
    k = shared[a, b].astype(np.int32)
    p, id_type = poisson.sf(k - 1, 0.05), naming.id_type
    names = pa.array([naming.account(i) for i in accounts], id_type)
    made.edges.append(
        pa.table(
            {"layer": pa.array([layers[0]]).take(pa.array(np.zeros(len(k), np.int64))),
             "scale_us": np.full(len(k), scale), "account_a": names.take(pa.array(a)),
             "account_b": names.take(pa.array(b)), "n_features": k, "expected": np.full(len(k), 0.05),
             "p_value": p, "bits": -poisson.logsf(k - 1, 0.05) / np.log(2), "p_local": p, "p_interest": p,
             "p_lag": p, "p_innocent": [None] * len(p), "strong": k > 6},
            schema=columns.edges(id_type),
        )
    )  # fmt: skip


def _add_members(made, naming, fleet_id, reported, accounts, took_part, events) -> None:
    order = np.argsort(events["who"], kind="stable")
    ends = np.searchsorted(events["who"][order], np.arange(len(accounts) + 1))
    for i, account in enumerate(accounts):
        mine = order[ends[i] : ends[i + 1]]
        times, co = events["time"][mine], int(events["coaction"][mine].sum())
        bits = float(took_part[:, i].sum() * 7.3)
        made.members.append(
            {"fleet_id": fleet_id, "account": naming.account(account), "reported": reported, "bits": bits,
             "leave_one_out_bits": bits * 0.93, "share_of_events": co / len(times), "n_events": len(times),
             "n_coactions": co, "first_time": _time(times.min()), "last_time": _time(times.max()),
             "n_driven": co, "share_driven": co / len(times), "part_time": i % 7 == 3, "posterior": 0.9}
        )  # fmt: skip


def _add_explanations(rng, made, fleet_id, n) -> tuple[str, float]:
    best = ("", 0.0)
    for name in EXPLANATIONS:
        tested = name not in NEEDS
        weight = float(np.round(rng.beta(1, 9), 3)) if tested else None
        names = FIGURES.get(name, ("n", "share", "observed", "expected"))
        figures = (
            {figure: float(n) if figure in {"n", "n_accounts"} else _figure(rng, figure) for figure in names}
            if tested
            else dict.fromkeys(NEEDS[name], 0.0)
        )
        made.explanations.append(
            {"fleet_id": fleet_id, "explanation": name, "tested": tested, "weight": weight,
             "figures": list(figures.items()),
             "sentence": explanation_sentence(
                 "en", explanation=name, tested=tested, figures=figures, sentence=None)}
        )  # fmt: skip
        if weight is not None and weight > best[1]:
            best = (name, weight)
    return best


def _figure(rng, name: str) -> float:
    whole = {"lag_scale_us": 60_000_000.0, "n_occasions_log": 91.0, "expected": 4.2}
    few = {"lag_bits", "focus", "n_outside", "n_occasions", "audience", "audience_usual", "observed"}
    return whole.get(name, float(np.round(rng.random() * (9 if name in few else 1), 3)))


def _time(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(us))


def _tables(made: Made, naming: Naming) -> RunTables:
    id_type = naming.id_type
    n_bins = 336
    hour = np.arange(n_bins) % 24
    level = (1200 + 1000 * np.sin((hour - 9) / 24 * 2 * np.pi)).astype(np.int64)
    timeline = pa.table(
        {
            "time": pa.array(START_US + np.arange(n_bins) * (SPAN_US // n_bins)).cast(columns.TIME),
            "n_events": level,
            "n_accounts": level // 3,
        },
        schema=columns.TIMELINE,
    )
    events_schema = columns.member_events(id_type, id_type)
    events = pa.concat_tables(made.events) if made.events else events_schema.empty_table()
    return RunTables(
        fleets=pa.Table.from_pylist(made.fleets, columns.FLEETS),
        members=pa.Table.from_pylist(made.members, columns.members(id_type)),
        evidence=pa.Table.from_pylist(made.evidence, columns.evidence(id_type)),
        explanations=pa.Table.from_pylist(made.explanations, columns.EXPLANATIONS),
        edges=pa.concat_tables([columns.edges(id_type).empty_table(), *made.edges]),
        member_events=events,
        driven=_driven(events, id_type),
        timeline=timeline,
        behaviours=_behaviours(made),
        stability=_stability(made),
        controls=_controls(naming),
        layer_bits=_layer_bits(made, naming),
    )


def _layer_bits(made: Made, naming: Naming) -> pa.Table:
    """Of each fleet a prior, four layers and the innocent causes."""
    rows = []
    for fleet in made.fleets:
        own = [
            {"family": "prior", "layer": "prior", "weight_bits": -1.0, "counts": True},
            {"family": "timing_and_targets", "layer": "co_target", "found_bits": 812.0,
             "n_members": fleet["n_accounts"], "weight_bits": 4.2, "counts": True},
            {"family": "timing_and_targets", "layer": "script", "found_bits": 3.0, "n_members": 2, "weight_bits": 0.0,
             "counts": False},
            {"family": "device", "layer": "co_device", "found_bits": 40.0, "n_members": 4, "weight_bits": 2.1,
             "counts": True, "value": naming.target("phone"), "n_sharing": 3, "n_holders": 5},
            {"family": "content", "layer": "co_content", "found_bits": 0.0, "n_members": 0, "weight_bits": -0.4,
             "counts": True},
            {"family": "innocent_causes", "layer": "innocent_causes", "weight_bits": -2.5, "counts": True},
        ]  # fmt: skip
        rows += [{"fleet_id": fleet["fleet_id"], **row} for row in own]
    return pa.Table.from_pylist(rows, columns.LAYER_BITS)


def _controls(naming: Naming) -> pa.Table:
    known = [naming.texts[1] if naming.texts else "night shift", naming.target("choir")]
    rows = [
        {"kind": "surrogate", "source": "1", "n_groups": 3, "n_scored_above_0": 3, "n_explained": 2, "n_accused": 0,
         "worst_bits": 4.5},
        {"kind": "known", "source": known[0], "n_groups": 1, "n_accounts": 9, "n_scored_above_0": 1, "n_explained": 0,
         "n_accused": 1, "n_accounts_reported": 0, "worst_bits": 77.0},
        {"kind": "known", "source": known[1], "n_groups": 1, "n_accounts": 40, "n_scored_above_0": 0, "n_explained": 0,
         "n_accused": 1, "n_accounts_reported": 2},
        {"kind": "household", "source": "address", "n_groups": 20, "n_accounts": 113, "n_scored_above_0": 1,
         "n_explained": 1, "n_accused": 0},
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, columns.CONTROLS)


def _behaviours(made: Made) -> pa.Table:
    """Of each fleet what it does; of every other one also that it is of new accounts."""
    rows = []
    for number, fleet in enumerate(made.fleets):
        nothing = dict.fromkeys(columns.BEHAVIOURS.names)
        acts = nothing | {
            "fleet_id": fleet["fleet_id"], "behaviour": fleet["behaviours"][0], "n_accounts": fleet["n_accounts"],
            "n_events": fleet["n_coactions"], "n_targets": 7, "share": 0.9, "answered": [None, 0.04][number % 2],
            "first_time": fleet["first_time"], "last_time": fleet["last_time"],
        }  # fmt: skip
        new = acts | {
            "behaviour": "bulk_registration", "n_targets": None, "share": None, "answered": None, "expected": 0.2,
            "p_value": 1e-9,
        }  # fmt: skip
        rows += [acts, new][: 1 + number % 2]
    sentences = [behaviour_sentence("en", row, row["n_accounts"]) for row in rows]
    named = [row | {"sentence": sentence} for row, sentence in zip(rows, sentences, strict=True)]
    return pa.Table.from_pylist(named, columns.BEHAVIOURS)


def _stability(made: Made) -> pa.Table:
    rows = [
        {"fleet_id": fleet["fleet_id"], "layer": layer, "carries": place == 0, "scale_us": times * fleet["scale_us"],
         "cut": 10.0**-cut, "share_standing": max(0.0, 1 - cut / 12 / fleet["stability"])}
        for fleet in made.fleets
        for place, layer in enumerate(fleet["layers"])
        for times in (1, 10)
        for cut in range(1, 13)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, columns.STABILITY)


def _driven(events: pa.Table, id_type: pa.DataType) -> pa.Table:
    """What was done together was driven, but for every tenth event; and some of what was not."""
    number = np.arange(events.num_rows)
    together = events["coaction"].to_numpy() if events.num_rows else np.zeros(0, np.bool_)
    rows = events.filter(pa.array(np.where(together, number % 10 > 0, number % 25 == 0)))
    n = rows.num_rows
    arrays = [rows[name] for name in ("fleet_id", "event_id", "account")]
    return pa.table([*arrays, np.full(n, 6.5), np.full(n, 0.98)], schema=columns.driven(id_type, id_type))


def _info(made: Made, tables: RunTables, surrogates: int, seed: int) -> RunInfo:
    reported = [f for f in made.fleets if f["reported"]]
    n_events = int(np.sum(tables.timeline["n_events"].to_numpy()))
    quality = Quality(
        n_rows=n_events + 231, n_events=n_events, n_accounts=50_000, first_time=START,
        last_time=_time(START_US + SPAN_US), n_duplicates=120, missing={"target": 40},
        clock_resolution_us=1_000_000, time_format="epoch seconds",
        hot_targets=(HotTarget(target="post_hot", n_events=n_events // 9, share=1 / 9),),
        left_out=(LeftOut(what="rows without an account", count=111, why="an event needs an account"),),
        warnings=("12 times lie more than a day before all others; they were kept.",),
    )  # fmt: skip
    return RunInfo(
        format=FORMAT, samehand="0.1.0", created_at=datetime(2024, 3, 20, 9, 30, tzinfo=UTC),
        sources=(Source(name="events.parquet", n_bytes=12_345_678, sha256="ab" * 32),),
        mapping={"account": ["user_id"], "time": ["ts"], "action": ["verb"], "target": ["object"]},
        config={"fdr": 0.05, "surrogates": surrogates, "min_accounts": 5, "seed": seed}, quality=quality,
        layers=(
            LayerUse(name="co_target", used=True, reason="", scales_us=(10_000_000, 60_000_000, 600_000_000)),
            LayerUse(name="rhythm", used=True, reason="", scales_us=(2_000_000,)),
            LayerUse(name="co_device", used=False, reason="the log has no device", scales_us=()),
        ),
        bounded=(
            LeftOut(what="targets with more than 50,000 events an hour", count=1, why="scored, not searched"),
        ),
        false_discovery=FalseDiscovery(
            n_surrogates=surrogates, n_surrogate_clusters=3 if surrogates else 0,
            best_surrogate_bits=21.5 if surrogates else None,
        ),
        n_candidates=len(made.fleets), n_reported=len(reported),
        n_accounts_reported=sum(f["n_accounts"] for f in reported),
        n_events_reported=sum(f["n_events"] for f in reported), timings_s={"read": 1.5, "detect": 20.25},
        versions={"python": "3.11.7", "numpy": "2.4.6"},
        controls=Controls(
            known_source="innocent.csv", by_kind=summed(tables.controls),
            left_out=(LeftOut(what="accounts of known groups", count=4, why="the log does not hold them"),),
        ),
    )  # fmt: skip
