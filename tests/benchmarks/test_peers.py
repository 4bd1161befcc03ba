"""The peers: what their papers and tools publish, slow obvious twins, and a tiny comparison."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import side_by_side
from harness.cells import Cell, Done
from peers import coortweet, copycatch, fraudar, plan, sections, synchrotrap
from peers.log import Group, Log, join, one_group_each, read_log
from peers.measure import as_tables
from samehand.evaluation.metrics import evaluate

Event = tuple[float, str, str, str | None]


def log_of(rows: Sequence[Event]) -> Log:
    """Rows of second, account, action, target."""
    second, account, action, target = zip(*rows, strict=True) if rows else ((), (), (), ())
    events = pa.table(
        {
            "time": pa.array([round(s * 1e6) for s in second], pa.timestamp("us", tz="UTC")),
            "account": pa.array(account, pa.string()),
            "action": pa.array(action, pa.string()),
            "target": pa.array(target, pa.string()),
        }
    )
    return read_log(events)


def likes(account: str, *targets: str, at: float = 0.0) -> list[Event]:
    return [(at, account, "like", target) for target in targets]


def found(groups: Sequence[Group]) -> list[list[str]]:
    return sorted(list(group.accounts) for group in groups)


SMALL = st.lists(
    st.tuples(
        st.integers(0, 12).map(float),
        st.sampled_from("abcd"),
        st.sampled_from(["like", "view"]),
        st.sampled_from("xyz"),
    ),
    min_size=1,
    max_size=25,
)


# the log


@given(SMALL, st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[Event], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    one, other = log_of(rows), log_of(shuffled)
    for field in dataclasses.fields(Log):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_events_without_a_target_are_left_out() -> None:
    log = log_of([(5, "a", "register", None), (7, "b", "like", "x"), (9, "a", "view", "x")])
    assert log.names == ("a", "b")
    assert log.time_us.tolist() == [0, 2_000_000]
    assert log.feature.tolist() == [0, 1]
    assert log.target.tolist() == [0, 0]


def test_components_are_those_of_the_edges() -> None:
    parts = join(6, np.array([0, 3]), np.array([1, 1]))
    assert [part.tolist() for part in parts] == [[0, 1, 3]]


# SynchroTrap


def test_similarity_is_matched_actions_over_all_actions_of_either() -> None:
    rows = likes("a", "p", "q", "r", "s") + likes("b", "p", "q", "r", at=60)
    log = log_of(rows)
    (first,), (second,), (similarity,) = synchrotrap.similar_pairs(
        log, np.arange(len(log)), synchrotrap.Settings(window_s=60)
    )
    assert (log.names[first], log.names[second], similarity) == ("a", "b", 3 / 4)
    assert synchrotrap.find(log, synchrotrap.Settings(window_s=59)) == []


def test_actions_of_different_applications_do_not_match() -> None:
    rows = likes("a", "p", "q", "r") + [(0.0, "b", "view", target) for target in "pqr"]
    assert synchrotrap.find(log_of(rows)) == []
    assert found(synchrotrap.find(log_of(rows + likes("b", *"pqr")))) == [["a", "b"]]


def test_single_linkage_chains_accounts_that_are_not_similar() -> None:
    rows = likes("a", *"pqrst") + likes("b", *"rstuvw"[:5]) + likes("c", *"tuvwx")
    linked = synchrotrap.Settings(least_similarity=3 / 7, least_matches=3)
    assert found(synchrotrap.find(log_of(rows), linked)) == [["a", "b", "c"]]  # a and c share one of nine


def test_periods_are_compared_by_themselves() -> None:
    later = 7 * 86_400.0
    rows = likes("a", *"pq") + likes("b", *"pq") + likes("a", "r", at=later) + likes("b", "r", at=later)
    assert synchrotrap.find(log_of(rows)) == []
    assert found(synchrotrap.find(log_of(rows), synchrotrap.Settings(period_days=8))) == [["a", "b"]]


def slow_similarity(log: Log, wanted: synchrotrap.Settings) -> dict[tuple[int, int], float]:
    actions = [
        [(log.feature[row], log.time_us[row]) for row in range(len(log)) if log.account[row] == account]
        for account in range(len(log.names))
    ]

    def n_matched(mine: int, other: int) -> int:
        return sum(
            any(feature == f and abs(time - t) <= wanted.window_s * 1e6 for f, t in actions[other])
            for feature, time in actions[mine]
        )

    similar = {}
    for a, b in combinations(range(len(log.names)), 2):
        both = min(n_matched(a, b), n_matched(b, a))
        either = len(actions[a]) + len(actions[b]) - both
        if both >= wanted.least_matches and both / either >= wanted.least_similarity:
            similar[a, b] = both / either
    return similar


@given(
    SMALL,
    st.integers(0, 6),
    st.sampled_from([0.1, 0.25, 0.5]),
    st.integers(1, 3),
    st.sampled_from([1, 10, 10**6]),
)
def test_similar_pairs_are_those_of_the_slow_twin(
    rows: list[Event], window_s: int, least: float, matches: int, chunk: int
) -> None:
    log = log_of(rows)
    wanted = synchrotrap.Settings(window_s=window_s, least_similarity=least, least_matches=matches)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synchrotrap, "CHUNK", chunk)
        first, second, similarity = synchrotrap.similar_pairs(log, np.arange(len(log)), wanted)
    fast = dict(zip(zip(first.tolist(), second.tolist(), strict=True), similarity.tolist(), strict=True))
    assert fast == slow_similarity(log, wanted)


# FRAUDAR


def density(
    edges: Sequence[tuple[int, int]], weight: np.ndarray, accounts: set[int], targets: set[int]
) -> float:
    inside = [w for (a, t), w in zip(edges, weight, strict=True) if a in accounts and t in targets]
    return float(sum(inside) / max(len(accounts) + len(targets), 1))


def subsets(values: set[int]) -> list[set[int]]:
    return [
        set(some) for some in chain.from_iterable(combinations(values, n) for n in range(len(values) + 1))
    ]


EDGES = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14).map(sorted)


@given(EDGES, st.sampled_from([0.0, 5.0]))
@settings(max_examples=60, deadline=None)
def test_the_block_has_at_least_half_of_the_greatest_density(
    edges: list[tuple[int, int]], flat: float
) -> None:
    account, target = np.array(edges).T
    weight = fraudar.edge_weights(target, 5.0) + flat
    block = fraudar.densest_block(account, target, weight)
    mine = density(edges, weight, set(block.accounts.tolist()), set(block.targets.tolist()))
    assert mine == pytest.approx(block.density)
    greatest = max(
        density(edges, weight, accounts, targets)
        for accounts in subsets({a for a, _ in edges})
        for targets in subsets({t for _, t in edges})
    )
    assert greatest / 2 - 1e-9 <= mine <= greatest + 1e-9


def test_an_edge_weighs_one_over_the_logarithm_of_its_targets_degree() -> None:
    np.testing.assert_allclose(fraudar.edge_weights(np.array([0, 1, 1, 1]), 5.0), 1 / np.log([6, 8, 8, 8]))


def sparse_edges(seed: int) -> set[tuple[int, int]]:
    """300 accounts with three of 300 targets each, and among the first 20 of both everybody with everything."""
    rng = np.random.default_rng(seed)
    noise = {(a, int(t)) for a in range(300) for t in rng.integers(0, 300, 3)}
    return noise | {(a, t) for a in range(20) for t in range(20)}


def block_of(edges: set[tuple[int, int]]) -> fraudar.Block:
    account, target = np.array(sorted(edges)).T
    return fraudar.densest_block(account, target, fraudar.edge_weights(target, 5.0))


def test_the_authors_example_a_planted_square_is_found() -> None:
    block = block_of(sparse_edges(1))
    assert block.accounts.tolist() == list(range(20))
    assert block.targets.tolist() == list(range(20))


def test_camouflage_does_not_change_the_density_of_a_block() -> None:
    plain = sparse_edges(1)
    rng = np.random.default_rng(2)
    hidden = plain | {(a, int(t)) for a in range(20) for t in rng.integers(20, 300, 20)}
    accounts = targets = set(range(20))
    densities = []
    for edges in (sorted(plain), sorted(hidden)):
        weight = fraudar.edge_weights(np.array(edges).T[1], 5.0)
        densities.append(density(edges, weight, accounts, targets))
    assert densities[0] == pytest.approx(densities[1])
    assert set(block_of(hidden).accounts.tolist()) == accounts  # and it is still found


def test_further_blocks_are_found_one_after_the_other() -> None:
    rows = [event for who in "abcdef" for event in likes(who, *"pqrstu")]
    rows += [event for who in "ghi" for event in likes(who, *"xyz")] + likes("k", "p")
    one = fraudar.find(log_of(rows))
    two = fraudar.find(log_of(rows), fraudar.Settings(n_blocks=2))
    assert found(one) == [list("abcdef")]
    assert found(two) == [list("abcdef"), list("ghi")]
    assert (
        len(fraudar.find(log_of(rows), fraudar.Settings(n_blocks=9))) == 3
    )  # nothing is left after the third


# CopyCatch

CORE = copycatch.Settings(n_accounts=3, n_targets=4, rho=0.75, delta_s=5.0)


def planted() -> list[Event]:
    """Four accounts on four of five targets at nearly one time each, and others that come by alone."""
    rows: list[Event] = []
    for number, who in enumerate("abcd"):
        for place, target in enumerate("pqrst"):
            if number != place:
                rows.append((100 * place + number * 3, who, "like", target))
    rows += [(37 * n + 500 * (n % 3), f"z{n}", "like", "pqrst"[n % 5]) for n in range(15)]
    return rows


def test_a_planted_core_is_found() -> None:
    assert found(copycatch.find(log_of(planted()), CORE)) == [list("abcd")]


def test_what_is_spread_over_more_than_the_window_is_no_core() -> None:
    assert copycatch.find(log_of(planted()), dataclasses.replace(CORE, delta_s=1.0)) == []


def check_core(firsts: copycatch.Firsts, core: copycatch.Core, wanted: copycatch.Settings) -> None:
    """The paper's definition: each account on at least rho m of the targets, at most delta_t from their times."""
    assert len(set(core.features.tolist())) == wanted.n_targets
    time_of = {
        (account, feature): time
        for account, feature, time in zip(firsts.account, firsts.feature, firsts.time_us, strict=True)
    }
    value = 0
    for account in range(firsts.n_accounts):
        n_near = sum(
            (account, feature) in time_of and abs(time_of[account, feature] - center) <= wanted.delta_s * 1e6
            for feature, center in zip(core.features, core.center_us, strict=True)
        )
        assert (n_near >= wanted.rho * wanted.n_targets) == (account in core.accounts)
        value += n_near if account in core.accounts else 0
    assert value == core.value


BUSY = st.lists(
    st.tuples(
        st.integers(0, 20).map(float), st.sampled_from("abcdefg"), st.just("like"), st.sampled_from("pqrstu")
    ),
    min_size=10,
    max_size=50,
)


@given(BUSY, st.sampled_from([(2, 1.0), (3, 0.6), (4, 0.75)]), st.integers(1, 5))
@settings(deadline=None)
def test_cores_are_as_the_definition_says_and_never_worse_than_their_seeds(
    rows: list[Event], shape: tuple[int, float], delta_s: int
) -> None:
    wanted = copycatch.Settings(n_accounts=2, n_targets=shape[0], rho=shape[1], delta_s=delta_s)
    firsts = copycatch.first_actions(log_of(rows), wanted)
    for seed in copycatch.seeds(firsts, wanted):
        n_inside = np.sum([firsts.covered(row) for row in seed], axis=0)
        begun = n_inside[n_inside >= wanted.n_needed].sum()
        core = copycatch.search(firsts, seed, wanted)
        check_core(firsts, core, wanted)
        assert core.value >= begun


def test_accounts_need_rho_of_the_targets() -> None:
    assert [
        copycatch.Settings(n_targets=m, rho=rho).n_needed for m, rho in [(4, 0.75), (5, 0.5), (10, 0.3)]
    ] == [3, 3, 3]


# CooRTweet


def test_defaults_are_those_of_the_tool() -> None:
    assert vars(coortweet.Settings()) == {"window_s": 10.0, "min_participation": 2, "edge_weight": 0.5}


def test_edges_must_be_heavier_than_the_median() -> None:
    rows = likes("a", *"pqr") + likes("b", *"pqr", at=10)  # three pairs
    rows += (
        likes("c", *"st") + likes("d", "s", "t", at=3) + likes("d", "u") + likes("e", "u", "v")
    )  # two, and one
    assert found(coortweet.find(log_of(rows))) == [["a", "b"]]
    assert found(coortweet.find(log_of(rows), coortweet.Settings(window_s=9))) == [["c", "d"]]
    assert found(coortweet.find(log_of(rows), coortweet.Settings(edge_weight=0.0))) == [
        ["a", "b"],
        ["c", "d"],
    ]


# the comparison


def test_groups_count_as_fleets_of_a_run() -> None:
    tables = as_tables([Group(("a", "b", "c"), 2.0), Group(("d", "e"), 1.0)])
    truth = pa.table({"account": ["a", "b", "x"], "fleet": ["f"] * 3, "kind": ["boost"] * 3})
    crowds = pa.table({"account": ["d"], "crowd": ["class_01"], "kind": ["classroom"]})
    judged = evaluate(tables, truth, crowds)
    assert (judged.n_accounts_reported, judged.n_fleets_reported, judged.n_fleets_false) == (5, 2, 1)
    assert judged.recall == pytest.approx(2 / 3)
    assert judged.false_accounts_by_cause == {"none": 2, "classroom": 1}
    assert evaluate(as_tables([]), truth, crowds).n_accounts_reported == 0


def test_groups_that_are_small_or_taken_are_dropped() -> None:
    groups = [Group(tuple("abc"), 1.0), Group(tuple("cde"), 2.0), Group(tuple("fg"), 3.0)]
    assert one_group_each(groups, least=3) == [groups[1]]
    assert found(one_group_each(groups, least=2)) == [["a", "b"], ["c", "d", "e"], ["f", "g"]]


def counted(n_good: int, n_false: int, kind: str = "boost") -> dict[str, Any]:
    return {
        "n_good": n_good,
        "n_false": n_false,
        "n_reported": n_good + n_false,
        "n_true": 10,
        "n_fleets_reported": 1,
        "n_fleets_false": 0,
        "seconds": 1.5,
        "fleets": [{"kind": kind, "size": 10, "n_reported": n_good, "n_together": n_good}],
        "false_by_cause": {"classroom": n_false} if n_false else {},
    }


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ((9, 1), "**wins**"),
        ((8, 0), "**wins**"),
        ((8, 1), "even"),
        ((9, 2), "more of both"),
        ((7, 0), "less of both"),
        ((8, 2), "loses"),
        ((7, 1), "loses"),
    ],
)
def test_a_peer_wins_with_more_recall_at_no_more_innocents(peer: tuple[int, int], said: str) -> None:
    assert sections.verdict([counted(*peer)], [counted(8, 1)]) == said


def done(method: str, made: dict[str, Any], **told: Any) -> Done:
    return Done(Cell("worlds", {"method": method, "peer": method, "seed": 0, "evasion": 1} | told), made, 1.0)


def test_wins_are_told_plainly() -> None:
    cells = [
        done(plan.SAMEHAND, counted(8, 1)),
        done("FRAUDAR", counted(9, 0)),
        done("CopyCatch", counted(9, 7)),
    ]
    text = sections.wins(cells).text
    assert "- evasion 1, seed 0: FRAUDAR (recall and innocents 90.0 % and 0; samehand 80.0 % and 1)" in text
    assert "seed 0: CopyCatch" not in text
    assert "| evasion 1 | boost | FRAUDAR |   90.0 |       80.0 |         0 |          1 |" in text
    assert "**wins**" in sections.worlds(cells)[0].text


def test_the_best_settings_of_the_tuning_worlds_are_chosen() -> None:
    first, second = plan.PEERS["FRAUDAR"].grid[:2]
    cells = [
        done("FRAUDAR", counted(good, 0), settings=tried, evasion=level)
        for tried, good in ((first, 5), (second, 6))
        for level in plan.TUNED_ON
    ]
    assert plan.choose(cells) == {"FRAUDAR": second}
    assert plan.choose(cells[:-1]) == {"FRAUDAR": first}  # of what was tried on all of the worlds
    assert plan.tuning(cells)["FRAUDAR"][0][0] == pytest.approx(12 / 16)


def test_tuning_worlds_are_none_of_those_that_are_reported() -> None:
    tuning = plan.Plan(seeds=3).tuning_cells()
    cells = plan.Plan(seeds=3).cells(plan.choose([]))
    assert {cell.settings["seed"] for cell in tuning} == {plan.TUNING_SEED}
    assert {cell.settings["seed"] for cell in cells} == {0, 1, 2}
    assert len(cells) == 3 * 6 * (2 + len(plan.PEERS))


def test_a_tiny_comparison_runs_is_written_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "LEVELS", (1, None))
    monkeypatch.setattr(plan, "TUNED_ON", (1,))
    for name, peer in plan.PEERS.items():
        monkeypatch.setitem(plan.PEERS, name, dataclasses.replace(peer, grid=peer.grid[:1]))
    words = ["--seeds", "1", "--accounts", "500", "--days", "1"]
    words += ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
    assert side_by_side.main(words) == 0
    text = (tmp_path / "out" / "peers.md").read_text(encoding="utf-8")
    assert "## Evasion 1: 1 log" in text
    assert "## No fleets: 1 log" in text
    assert "All cells are done." in " ".join(text.split())
    cells = json.loads((tmp_path / "out" / "peers.json").read_text(encoding="utf-8"))["figures"]["cells"]
    assert [cell["method"] for cell in cells if cell["evasion"] is None] == list(plan.METHODS)
    assert {cell["n_reported"] == cell["n_good"] + cell["n_false"] for cell in cells} == {True}
    capsys.readouterr()
    assert side_by_side.main(words) == 0
    assert "20 of 20 cells were done before" in capsys.readouterr().out
