"""Figures from raw rows: known answers, and forged tables that no longer follow from the rows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.casefile.recount import joint_events, recount
from samehand.casefile.verify import verify_bundle
from samehand.errors import InputError
from tests.casefile.made import resealed


def event(account: str, us: int, target: str | None = "p", action: str = "like") -> dict[str, object]:
    return {"account": account, "us": us, "target": target, "action": action}


def test_joint_events_on_one_target():
    events = [
        event("a", 0),
        event("b", 10),
        event("a", 30),
        event("c", 41),
        event("a", 10, "q"),
        event("b", 10, None),
    ]
    assert joint_events(events, 10, in_step=False) == {0, 1}
    assert joint_events(events, 20, in_step=False) == {0, 1, 2, 3}
    assert joint_events(events, 9, in_step=False) == set()


def test_joint_events_in_step_are_on_different_targets():
    events = [
        event("a", 0, "p"),
        event("b", 1, "p"),
        event("c", 1, "q"),
        event("a", 2, "r"),
        event("d", 1, "z", "add"),
    ]
    assert joint_events(events, 1, in_step=True) == {0, 1, 2, 3}
    assert joint_events(events[:2], 1, in_step=True) == set()
    talk = [event("a", 0, "b", "write"), event("b", 1, "a", "write")]
    assert joint_events(talk, 1, in_step=True) == set(), "one answers the other"
    assert joint_events([*talk, event("b", 1, "c", "write")], 1, in_step=True) == {0, 2}


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from("abc"),
        st.integers(0, 40),
        st.sampled_from(["p", "a", "b", None]),
        st.just("like"),
    ),
    max_size=25,
)


@given(EVENTS, st.integers(0, 15), st.booleans())
def test_joint_events_are_those_of_all_pairs(events, scale, in_step):
    def partners(one, other):
        near = abs(one["us"] - other["us"]) <= scale and one["account"] != other["account"]
        if in_step:
            answers = (one["target"], other["target"]) == (other["account"], one["account"])
            return near and one["target"] != other["target"] and not answers
        return near and one["target"] is not None and one["target"] == other["target"]

    wanted = {i for i, one in enumerate(events) if any(partners(one, other) for other in events)}
    assert joint_events(events, scale, in_step) == wanted


def test_all_figures_follow_from_the_rows(bundle):
    found = verify_bundle(bundle)
    assert found.sound, found.text
    names = {one.name for one in found.from_rows}
    assert {"events", "evidence: expected by chance", "events with a partner within the window"} <= names
    assert found.not_derived
    assert "Nothing was found." in found.text


def forge(name: str, column: str, value: Callable[[object], object]) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        rows = [json.loads(line) for line in files[name].splitlines()]
        rows[0][column] = value(rows[0][column])
        files[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    return change


@pytest.mark.parametrize(
    ("name", "column", "value", "what"),
    [
        ("tables/fleet.jsonl", "n_accounts", lambda n: n + 1, "accounts"),
        ("tables/fleet.jsonl", "n_coactions", lambda n: n - 1, "events marked as made together"),
        ("tables/members.jsonl", "share_of_events", lambda x: x * 0.9, "members: share made together"),
        ("tables/evidence.jsonl", "n_others", lambda n: n + 3, "evidence: expected by chance"),
        ("tables/evidence.jsonl", "bits", lambda x: x * 1.01, "evidence: bits"),
        ("tables/evidence.jsonl", "scale_us", lambda _: 1, "evidence: within its window"),
        ("tables/evidence.jsonl", "target", lambda _: "another", "evidence: events"),
        ("raw/events.jsonl", "coaction", lambda x: not x, "events marked as made together"),
        ("raw/events.jsonl", "account", lambda _: "somebody else", "accounts"),
    ],
)
def test_a_forged_figure_is_named_although_all_was_sealed_anew(tmp_path, bundle, name, column, value, what):
    at = tmp_path / "forged.zip"
    at.write_bytes(resealed(bundle, forge(name, column, value)))
    found = verify_bundle(at)
    assert not found.problems
    assert what in [one.name for one in found.from_rows if not one.same]
    assert "DIFFERS: " in found.text


def test_no_raw_rows_at_all_are_a_difference(tmp_path, bundle):
    at = tmp_path / "forged.zip"
    at.write_bytes(resealed(bundle, lambda files: files.update({"raw/events.jsonl": b""})))
    assert "accounts" in [one.name for one in verify_bundle(at).from_rows if not one.same]


@pytest.mark.parametrize("content", [b"[]\n", b"{}\n", b"{\n", b"\xff\n", b"1\n2\n"])
@pytest.mark.parametrize("name", ["tables/fleet.jsonl", "raw/events.jsonl", "run.json"])
def test_tables_that_are_none_are_refused(tmp_path, bundle, name, content):
    at = tmp_path / "forged.zip"
    at.write_bytes(resealed(bundle, lambda files: files.update({name: content})))
    with pytest.raises(InputError) as caught:
        verify_bundle(at)
    assert caught.value.hint


def test_rows_that_lack_a_table():
    with pytest.raises(InputError, match="missing"):
        recount({}, 10)
