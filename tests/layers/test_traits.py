"""What each trait takes from a log, and what it says of groups."""

from __future__ import annotations

from hashlib import sha256
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest

import samehand as sh
from samehand.columns import ROLES
from samehand.engines.interface import Columns
from samehand.engines.tags import tags
from samehand.layers import LAYERS, RATES, TRAITS
from samehand.layers.interface import Family
from samehand.layers.script import take as take_script
from tests.engines.load import to_table
from tests.layers.cases.case import DAY, HOUR, MINUTE, SECOND, event, own_life, people

NOTHING = {
    "networks": np.empty((0, 3), np.int32),
    "tags": np.empty((0, 0), np.int32),
    "names": np.full((1, 2), -1, np.int32),
}
every_trait = pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.name)
every_one = pytest.mark.parametrize("trait", [*TRAITS, *RATES], ids=lambda trait: trait.name)


def test_names_are_distinct():
    names = [one.name for one in (*LAYERS, *TRAITS, *RATES)]
    assert len(set(names)) == len(names)


@every_one
def test_a_trait_says_what_it_is(trait):
    assert trait.name.isidentifier()
    for text in (trait.title, trait.catches, *trait.innocent_causes):
        assert len(text.strip()) > 3
    assert trait.innocent_causes, "every trait has its innocent causes"
    assert trait.family in get_args(Family)
    assert set(trait.roles) <= set(ROLES) - {"time", "account"}


@every_trait
def test_a_log_without_values_has_none(trait):
    none = np.empty(0, np.int64)
    codes = {role: none.astype(np.int32) for role in trait.roles}
    nobody = Columns(none, none.astype(np.int32), codes, **NOTHING)
    assert len(trait.take(nobody).event) == 0
    times = np.arange(9) * SECOND
    empty = {role: np.full(9, -1, np.int32) for role in trait.roles}
    without = Columns(times, np.zeros(9, np.int32), empty, **NOTHING)
    if trait.name != "script":  # an event without an action is a step, too
        assert len(trait.take(without).event) == 0


def steps(account, start, pauses, actions=(0, 1, 2, 3, 4)):
    times = start + np.cumsum([0, *pauses])
    return [(int(t), account, a) for t, a in zip(times, actions, strict=True)]


def scripts(rows):
    """Features of the runs of steps that begin at each event."""
    rows = sorted(rows)
    time, account, action = (np.array(column) for column in zip(*rows, strict=True))
    columns = Columns(time.astype(np.int64), account.astype(np.int32), {"action": action.astype(np.int32)})
    taken = take_script(columns)
    assert (np.diff(taken.event) >= 0).all(), "in order of time"
    return {(int(account[e]), int(time[e])): int(f) for e, f in zip(taken.event, taken.feature, strict=True)}


PAUSES = [7 * SECOND, 31 * SECOND, 2 * MINUTE, 9 * SECOND]


def test_the_same_steps_at_the_same_pace_are_one_script_at_any_hour():
    near = [round(1.02 * pause) for pause in PAUSES]
    found = scripts([*steps(0, 0, PAUSES), *steps(1, 9 * HOUR, PAUSES), *steps(2, DAY, near)])
    assert found[0, 0] == found[1, 9 * HOUR] == found[2, DAY]
    second = PAUSES[0]
    assert found[0, second] == found[1, 9 * HOUR + second], "and so is what follows"
    assert len(found) == 6


@pytest.mark.parametrize(
    "other",
    [
        steps(1, DAY, PAUSES[::-1]),
        steps(1, DAY, [3 * pause for pause in PAUSES]),
        steps(1, DAY, PAUSES, actions=(0, 1, 2, 2, 4)),
    ],
    ids=["other order of pauses", "slower", "another action"],
)
def test_other_steps_or_another_pace_are_another_script(other):
    found = scripts([*steps(0, 0, PAUSES), *other])
    assert found[0, 0] != found[1, DAY]


def test_a_long_pause_ends_a_script():
    found = scripts(steps(0, 0, [SECOND, 2 * HOUR, SECOND, SECOND]))
    assert found == {}


def fleet_of_phones(rng, *, device):
    """Twelve accounts serve orders from three phones; the others have phones of their own."""
    fleet = [f"z{n:02d}" for n in range(12)]
    rows = people(rng) + own_life(rng, fleet, 10)
    for n in range(20):
        at = rng.integers(9 * DAY)
        rows += [event(at + rng.integers(20 * SECOND), name, "like", f"order{n}") for name in fleet]
    for row in rows:
        number = int(row["account"][1:])
        row["device"] = device(row["account"], number)
    return sh.detect(to_table(rows), sh.Config(surrogates=0)), set(fleet)


def test_shared_phones_add_to_a_fleet_and_are_named():
    run, fleet = fleet_of_phones(
        np.random.default_rng(0), device=lambda name, n: f"phone{n % 3}" if name[0] == "z" else f"own {name}"
    )
    (found,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    rows = {row["layer"]: row for row in run.layer_bits.to_pylist() if row["fleet_id"] == found["fleet_id"]}
    phones = rows["co_device"]
    assert (phones["n_members"], phones["n_sharing"], phones["n_holders"]) == (12, 4, 4)
    assert phones["value"] in {"phone0", "phone1", "phone2"}
    assert phones["weight_bits"] > 0
    total = sum(row["weight_bits"] for row in rows.values() if row["counts"])
    assert found["posterior"] == pytest.approx(1 / (1 + 2.0**-total))
    members = run.members.to_pylist()
    assert all(0 < row["posterior"] <= found["posterior"] for row in members if row["account"] in fleet)


def test_a_device_id_that_all_have_says_nothing_and_that_is_told():
    constant, fleet = fleet_of_phones(np.random.default_rng(0), device=lambda *_: "0000-0000")
    reported = {row["account"] for row in constant.members.to_pylist() if row["reported"]}
    assert reported == fleet, "no giant fleet, and the real one is found all the same"
    (use,) = [use for use in constant.info.layers if use.name == "co_device"]
    assert not use.used
    assert "100% of the accounts" in use.reason
    assert "co_device" not in {row["layer"] for row in constant.layer_bits.to_pylist()}


BAD_ADDRESSES = (
    "",
    "10.0.0.7",
    "fe80::1",
    "not an address",
    "999.1.1.1",
    "2001:db8::zz",
    "::ffff:10.0.0.1",
    "é" * 999,
)


def test_addresses_that_are_none_break_nothing():
    rng = np.random.default_rng(1)
    rows = [
        {**row, "address": str(rng.choice(BAD_ADDRESSES))} for row in people(rng, n_accounts=80, n_events=800)
    ]
    rows[3]["address"] = None
    run = sh.detect(to_table(rows), sh.Config(surrogates=0))
    assert not [row for row in run.fleets.to_pylist() if row["reported"]]
    assert pa.types.is_string(run.tables.layer_bits["value"].type)


def test_tags_are_told_apart_whatever_stands_between():
    found = tags(
        pa.chunked_array([pa.array(["emulator, ADB", "adb", "root;adb|emulator", "，", "模拟器、群控"])])
    )
    adb = int(found[1][0])
    assert [sorted(row[row >= 0].tolist()).count(adb) for row in found] == [1, 1, 1, 0, 0]
    assert (found >= 0).sum(axis=1).tolist() == [2, 1, 3, 0, 2]
    assert len(set(found[found >= 0].tolist())) == 5
    assert tags(pa.chunked_array([pa.array([], pa.string())])).shape == (0, 0)


def test_risky_devices_add_to_a_fleet():
    rng = np.random.default_rng(2)
    fleet = [f"z{n:02d}" for n in range(12)]
    rows = people(rng) + own_life(rng, fleet, 10)
    for n in range(20):
        at = rng.integers(9 * DAY)
        rows += [event(at + rng.integers(20 * SECOND), name, "like", f"order{n}") for name in fleet]
    for row in rows:
        own = row["account"][0] == "z"
        row["is_emulator"] = own or sum(row["account"].encode()) % 50 == 0
        row["usb_debugging"] = "yes" if own else "no"
    log = pa.Table.from_pylist(rows)
    log = log.set_column(
        log.schema.get_field_index("time"), "time", log["time"].cast(pa.timestamp("us", "UTC"))
    )
    events = sh.read_events(log, {"risk": "is_emulator,usb_debugging"})
    run = sh.detect(events, sh.Config(surrogates=0))
    (found,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    mine = [row for row in run.layer_bits.to_pylist() if row["fleet_id"] == found["fleet_id"]]
    (risk,) = [row for row in mine if row["layer"] == "device_risk"]
    assert (risk["n_members"], risk["n_sharing"], risk["n_holders"]) == (12, 12, 12)
    assert risk["value"] == "is_emulator,usb_debugging"
    assert risk["found_bits"] > 30


PITCH = "join us today and win a prize, only for friends"


def asking_strangers(rng, *, accepted, text):
    """Twelve accounts add strangers in sessions; people add people, and say how it came out."""
    fleet = [f"z{n:02d}" for n in range(12)]
    names = [f"p{n:03d}" for n in range(500)]
    rows = people(rng) + own_life(rng, fleet, 10)
    for _ in range(1500):
        one = event(rng.integers(10 * DAY), str(rng.choice(names)), "add", str(rng.choice(names)))
        said = rng.bytes(12).hex()
        rows.append({**one, "outcome": "accepted" if rng.random() < 0.7 else "ignored", "content": said})
    for _ in range(60):
        at = rng.integers(9) * DAY + 9 * HOUR + rng.integers(2 * HOUR)
        for name in fleet:
            one = event(at + rng.integers(SECOND), name, "add", str(rng.choice(names)))
            outcome = "accepted" if rng.random() < accepted else "ignored"
            rows.append({**one, "outcome": outcome, "content": text(rng)})
    log = to_table([{"outcome": None, "content": None} | row for row in rows])
    run = sh.detect(log, sh.Config(surrogates=0))
    (found,) = [row for row in run.fleets.to_pylist() if row["n_accounts"] == len(fleet)]
    mine = [row for row in run.layer_bits.to_pylist() if row["fleet_id"] == found["fleet_id"]]
    return {row["layer"]: row for row in mine}, found


def test_a_fleet_that_asks_strangers_in_vain_with_one_text_shows_it_and_it_is_weighed():
    mine, fleet = asking_strangers(np.random.default_rng(4), accepted=0.05, text=lambda _: PITCH)
    for name in ("fan_out", "unanswered", "repetition"):
        assert mine[name]["family"] == "contacts"
        assert mine[name]["n_members"] == 12
        assert mine[name]["found_bits"] > 20
    assert sum(mine[name]["counts"] for name in ("fan_out", "unanswered", "repetition")) == 1
    assert fleet["reported"]
    assert fleet["behaviours"] == ["mass_add"]
    total = sum(row["weight_bits"] for row in mine.values() if row["counts"])
    assert fleet["posterior"] == pytest.approx(1 / (1 + 2.0**-total))


def test_a_fleet_that_is_answered_like_others_shows_no_lack_of_answers():
    mine, _ = asking_strangers(np.random.default_rng(5), accepted=0.7, text=lambda rng: rng.bytes(12).hex())
    assert mine["fan_out"]["found_bits"] > 20
    assert mine["unanswered"]["found_bits"] < 10


def named_fleet(rename):
    """A fleet that serves orders among people; both have other names."""
    rng = np.random.default_rng(6)
    fleet = [f"z{n:02d}" for n in range(12)]
    rows = people(rng) + own_life(rng, fleet, 10)
    for n in range(20):
        at = rng.integers(9 * DAY)
        rows += [event(at + rng.integers(20 * SECOND), name, "like", f"order{n}") for name in fleet]
    rows = [{**row, "account": rename(row["account"])} for row in rows]
    run = sh.detect(to_table(rows), sh.Config(surrogates=0))
    (found,) = [row for row in run.fleets.to_pylist() if row["reported"]]
    mine = [row for row in run.layer_bits.to_pylist() if row["fleet_id"] == found["fleet_id"]]
    return {row["layer"]: row for row in mine}, {use.name: use for use in run.info.layers}


FIRST = ("lily", "tom", "maria", "kaixin", "oleg.k", "anna", "wangwei", "jo", "samira", "b.stone")


def named(account):
    number = int(account[1:])
    if account[0] == "z":
        return f"vivian{1000 + 37 * number}"
    return f"{FIRST[number % 10]}{'_' * (number % 2)}{number * 7}{'xyz'[: number % 4]}"


def test_names_of_one_pattern_add_to_a_fleet_and_the_pattern_is_shown():
    mine, uses = named_fleet(named)
    assert uses["name_stem"].used
    assert (mine["name_stem"]["n_sharing"], mine["name_stem"]["n_holders"]) == (12, 12)
    assert mine["name_stem"]["value"] == "vivian+0"
    assert mine["name_shape"]["value"] == "xxxxxx0000"
    assert mine["name_stem"]["found_bits"] > 30
    assert mine["name_stem"]["weight_bits"] > 0 or mine["name_shape"]["weight_bits"] > 0


def test_ids_without_names_carry_nothing_and_that_is_told():
    mine, uses = named_fleet(lambda account: sha256(account.encode()).hexdigest())
    for name in ("name_stem", "name_shape"):
        assert not uses[name].used
        assert "no name pattern" in uses[name].reason
        assert name not in mine


def test_a_log_that_does_not_show_whom_accounts_turn_to_says_so():
    mine, uses = named_fleet(named)
    for name in ("fan_out", "unanswered"):
        assert not uses[name].used
        assert "whom accounts turn to" in uses[name].reason
        assert name not in mine
    assert uses["repetition"].reason == "the log has no content"
