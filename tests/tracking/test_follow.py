"""What becomes of fleets from run to run, told by runs that are made by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pyarrow as pa
import pytest

from samehand import columns
from samehand.tracking.track import Tracking, track
from tests.tracking.made import Fleet, names, others, run

PHRASES = [f"Buy the golden lamp number {word} today" for word in ("one", "two", "three", "four", "five")]
DEVICES = names("phone", 0, 8)


def status(tracking: Tracking) -> list[tuple[str, int, str | None, str]]:
    return [(r["track_id"], r["run"], r["fleet_id"], r["status"]) for r in tracking.tracks.to_pylist()]


def later(tracking: Tracking, number: int = 2) -> list[tuple[str, str | None, str]]:
    return [(one, fleet, said) for one, run_, fleet, said in status(tracking) if run_ == number]


def two(before: list[Fleet], after: list[Fleet], **options: bool) -> Tracking:
    """Track two runs, each with eight candidates more that nobody reports."""
    return track([run(*before, *others(8, "x")), run(*after, *others(8, "y"), day=7)], **options)


def test_a_fleet_that_goes_on() -> None:
    tracking = two([Fleet(names("a", 0, 12))], [Fleet(names("a", 0, 10))])
    assert status(tracking) == [("T0001", 1, "F0001", "new"), ("T0001", 2, "F0001", "continued")]
    (link,) = tracking.links.to_pylist()
    assert (link["n_shared"], link["n_from"], link["n_to"], link["re_armed"]) == (10, 12, 10, False)
    assert link["accounts_bits"] > 80
    assert link["bits"] == pytest.approx(link["accounts_bits"] - link["choice_bits"])
    assert link["sentence"].startswith("10 accounts are in both (12 and 10); chance gives 0.024.")


def test_a_fleet_that_is_gone_and_one_that_is_new() -> None:
    tracking = two([Fleet(names("a", 0, 12))], [Fleet(names("b", 0, 12))])
    assert later(tracking) == [("T0001", None, "gone"), ("T0002", "F0001", "new")]
    assert len(tracking.links) == 0


def test_a_split_fleet_has_one_heir_and_a_branch() -> None:
    tracking = two([Fleet(names("a", 0, 20))], [Fleet(names("a", 0, 7)), Fleet(names("a", 7, 20))])
    assert later(tracking) == [("T0001", "F0002", "split"), ("T0002", "F0001", "split")]


def test_merged_fleets_go_on_as_the_larger_part() -> None:
    tracking = two([Fleet(names("a", 0, 7)), Fleet(names("a", 7, 20))], [Fleet(names("a", 0, 20))])
    assert later(tracking) == [("T0002", "F0001", "merged")]
    assert [row["from_fleet"] for row in tracking.links.to_pylist()] == ["F0001", "F0002"]


def rearmed(**changes: object) -> tuple[Fleet, Fleet]:
    before = Fleet(names("a", 0, 8), devices=DEVICES, addresses=["192.0.2.7"], texts=PHRASES)
    return before, replace(before, accounts=names("b", 0, 8), **changes)


def test_a_fleet_under_new_accounts() -> None:
    before, after = rearmed()
    tracking = two([before], [after])
    assert later(tracking) == [("T0001", "F0001", "re_armed")]
    (link,) = tracking.links.to_pylist()
    assert link["re_armed"]
    assert link["n_shared"] == 0
    assert link["accounts_bits"] == 0
    assert link["infrastructure_bits"] > 14
    assert {(t["trace"], t["n_shared"], t["n_of"]) for t in link["traces"]} >= {
        ("device", 8, 8), ("address", 1, 1), ("prefix", 1, 1)
    }  # fmt: skip
    assert "8 of 8 devices" in link["sentence"]


def test_one_sort_of_traces_alone_links_nothing() -> None:
    for kept in ("devices", "addresses", "texts", "targets"):
        everything = {"devices": names("q", 0, 8), "addresses": ["198.51.100.1"], "texts": [], "targets": []}
        before, after = rearmed(**(everything | {kept: DEVICES if kept != "texts" else PHRASES}))
        tracking = two([replace(before, **{kept: DEVICES if kept != "texts" else PHRASES})], [after])
        assert later(tracking) == [("T0001", None, "gone"), ("T0002", "F0001", "new")], kept


def test_what_is_of_the_trade_links_nothing_without_all_of_it() -> None:
    before = Fleet(names("a", 0, 8), texts=PHRASES, targets=names("shop", 0, 9))
    assert later(two([before], [replace(before, accounts=names("b", 0, 8))]))[0][2] == "gone"


def test_a_carrier_that_many_use_links_nothing() -> None:
    before, after = rearmed(devices=names("q", 0, 8))
    crowd = [replace(one, addresses=["192.0.2.7"]) for one in others(8, "x")]
    assert later(track([run(before, *crowd), run(after, *others(8, "y"), day=7)]))[0][2] == "gone"
    assert later(two([before], [after]))[0][2] == "re_armed", "the same where nobody else has the address"


def test_nothing_is_rare_where_there_is_nobody_to_compare_with() -> None:
    before, after = rearmed()
    assert later(track([run(before), run(after, day=7)]))[0][2] == "gone"


def test_a_rival_as_near_leaves_it_open() -> None:
    before, after = rearmed()
    twin = replace(before, accounts=names("c", 0, 8))
    assert later(two([before, twin], [after]))[0][2] == "gone"


def test_who_goes_on_by_accounts_is_not_said_to_be_rearmed() -> None:
    before, after = rearmed()
    tracking = two([before], [before, after])
    assert later(tracking) == [("T0001", "F0001", "continued"), ("T0002", "F0002", "new")]


def test_traces_of_shared_members_count_once() -> None:
    before, _ = rearmed()
    (link,) = two([before], [before]).links.to_pylist()
    assert link["accounts_bits"] > 0
    assert link["traces"] == []


def test_candidates_that_no_run_reports_are_followed_only_if_asked() -> None:
    crowd = Fleet(names("a", 0, 12), reported=False)
    assert len(two([crowd], [crowd]).tracks) == 0
    tracking = two([crowd], [crowd], all=True)
    assert ("T0001", 2, "F0001", "continued") in status(tracking)
    assert {row["reported"] for row in tracking.tracks.to_pylist()} == {False, None}


def test_a_fleet_that_pauses_keeps_its_track() -> None:
    fleet, other = Fleet(names("a", 0, 12)), Fleet(names("b", 0, 12))
    runs = [run(fleet), run(other, day=7), run(other, day=14), run(fleet, other, day=21)]
    assert [row for row in status(track(runs)) if row[0] == "T0001"] == [
        ("T0001", 1, "F0001", "new"), ("T0001", 2, None, "gone"), ("T0001", 4, "F0001", "continued"),
    ]  # fmt: skip


def history() -> list:
    before, after = rearmed()
    stays = Fleet(names("s", 0, 9))
    return [
        run(before, stays, *others(4, "x")),
        run(stays, *others(4, "y", reported=True), day=7),
        run(after, Fleet(names("s", 0, 5)), Fleet(names("s", 5, 9)), *others(8, "z"), day=14),
    ]


def test_runs_may_be_named_in_any_order() -> None:
    expected = track(history())
    for runs in itertools.permutations(history()):
        tracking = track(runs)
        assert tracking.tables.tracks.equals(expected.tables.tracks)
        assert tracking.tables.links.equals(expected.tables.links)


def test_a_run_more_at_the_end_changes_nothing_before() -> None:
    runs = history()
    for n in (2, 3):
        less, more = track(runs[:n]), track([*runs[:n], run(day=30)])
        assert status(more)[: len(less.tracks)] == status(less)
        assert more.links.to_pylist()[: len(less.links)] == less.links.to_pylist()


def test_other_names_of_accounts_change_nothing() -> None:
    def renamed(one: Fleet) -> Fleet:
        return replace(one, accounts=[f"{hash_(a)}{a}" for a in one.accounts])

    def hash_(name: str) -> int:
        return sum(map(ord, name)) * 7919 % 1000

    before, after = rearmed()
    fleets = [before, Fleet(names("s", 0, 9))], [after, Fleet(names("s", 0, 6))]
    plain, other = two(*fleets), two(*([renamed(one) for one in some] for some in fleets))
    assert plain.tables.tracks.equals(other.tables.tracks)
    assert plain.tables.links.equals(other.tables.links)


def test_logs_that_overlap_are_said() -> None:
    fleet = Fleet(names("a", 0, 12))
    tracking = track([run(fleet), run(fleet, day=4), run(fleet, day=30)])
    assert tracking.info.overlaps == ((1, 2),)
    assert later(tracking) == [("T0001", "F0001", "continued")]


def test_runs_without_fleets_give_empty_tables() -> None:
    tracking = track([run(), run(day=7)])
    assert len(tracking.tracks) == len(tracking.links) == 0


def test_numbers_and_texts_are_the_same_accounts() -> None:
    one = run(Fleet([str(i) for i in range(100, 112)]))
    tables = replace(
        one.tables,
        members=one.tables.members.cast(columns.members(pa.int64())),
        member_events=one.tables.member_events.cast(columns.member_events(pa.int64(), pa.string())),
    )
    other = run(Fleet([str(i) for i in range(100, 112)]), day=7)
    assert later(track([replace(one, tables=tables), other])) == [("T0001", "F0001", "continued")]
