"""The held-out worlds: the same for a seed, complete in labels, and as co-ordinated as their labels say."""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from heldout import (  # noqa: E402 - found by the line above
    CROWD_KINDS,
    EVASION,
    KINDS,
    SHARES_TARGETS,
    STYLES,
    World,
    make_world,
)
from heldout.describe import Group, measure, seconds  # noqa: E402
from heldout.rows import mix, uniform  # noqa: E402

ACCOUNTS = 4_000
every_style = pytest.mark.parametrize("style", list(STYLES))


@cache
def world(style: str, evasion: int = 0, fleets: bool = True, seed: int = 3) -> World:
    return make_world(style, evasion=evasion, fleets=fleets, seed=seed, accounts=ACCOUNTS)


@cache
def groups(style: str, evasion: int = 0) -> dict[str, Group]:
    return {group.name: group for group in measure(world(style, evasion), strangers=500)}


def column(log: World, role: str) -> pa.ChunkedArray:
    return log.events[log.mapping[role]]


@every_style
def test_a_seed_gives_the_same_world(style: str) -> None:
    again = make_world(style, seed=3, accounts=ACCOUNTS)
    assert again.events.equals(world(style).events)
    assert again.truth.equals(world(style).truth)
    assert again.crowds.equals(world(style).crowds)


@every_style
def test_another_seed_gives_another_world(style: str) -> None:
    other = make_world(style, seed=4, accounts=ACCOUNTS)
    assert not other.events.equals(world(style).events)
    assert other.events.schema == world(style).events.schema


@every_style
def test_every_column_has_a_role_and_the_required_ones_are_never_null(style: str) -> None:
    log = world(style)
    assert sorted(log.mapping.values()) == sorted(log.events.column_names)
    for role in {"time", "account", "action", "event_id", "device", "address", "client"} & set(log.mapping):
        assert column(log, role).null_count == 0, role
    if "event_id" in log.mapping:
        assert pc.count_distinct(column(log, "event_id")).as_py() == log.events.num_rows


def test_styles_differ_in_columns_actions_and_clocks() -> None:
    for role in ("time", "account", "action", "target"):
        names = [style.columns[role] for style in STYLES.values() if role in style.columns]
        assert len(set(names)) == len(names), role
    assert len({style.clock for style in STYLES.values()}) == len(STYLES)
    assert list(STYLES["news_share"].columns.values()) == [
        "timestamp_share",
        "account_id",
        "object_id",
        "content_id",
    ]
    assert not set(STYLES["news_share"].columns) & {"action", "device", "address"}
    assert re.search(r"[\u4e00-\u9fff]", STYLES["chat"].react[0][0])


def test_clocks_are_as_announced() -> None:
    forum = column(world("forum"), "time")
    assert forum.type == pa.timestamp("s", tz="UTC")
    assert not (seconds(world("forum")) % 60).any()
    shop = world("shop")
    assert shop.timezone == "Asia/Jakarta"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", column(shop, "time")[0].as_py())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", column(world("code_host"), "time")[0].as_py())
    assert (column(world("chat"), "time").to_numpy() % 1000).any()
    assert column(world("news_share"), "time").type == pa.int64()


@every_style
def test_times_are_sorted_and_fill_the_days(style: str) -> None:
    time = seconds(world(style))
    assert (np.diff(time) >= 0).all()
    days = (time[-1] - time[0]) / 86_400
    assert STYLES[style].days - 0.1 < days <= STYLES[style].days


@every_style
def test_sizes(style: str) -> None:
    log = world(style)
    assert 18 * ACCOUNTS < log.events.num_rows < 35 * ACCOUNTS
    assert 0.97 * ACCOUNTS < pc.count_distinct(column(log, "account")).as_py() <= ACCOUNTS


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if "action" in style.columns])
def test_what_can_be_done_once_is_done_once(style: str) -> None:
    log = world(style)
    rows = log.events.select([log.mapping[role] for role in ("account", "action", "target")])
    once = pa.array([action.name for action in STYLES[style].actions if action.once])
    rows = rows.filter(pc.is_in(rows[log.mapping["action"]], once))
    assert rows.group_by(rows.column_names).aggregate([]).num_rows == rows.num_rows


@every_style
@pytest.mark.parametrize("evasion", range(len(EVASION)))
def test_every_member_acts_and_every_fleet_is_there(style: str, evasion: int) -> None:
    log = world(style, evasion)
    n_events = Counter(column(log, "account").to_pylist())
    assert log.truth.column_names == ["account", "fleet", "kind"]
    assert log.truth["account"].type == column(log, "account").type
    members = log.truth["account"].to_pylist()
    assert len(members) == len(set(members))
    assert min(n_events[member] for member in members) >= 2
    sizes = Counter(log.truth["fleet"].to_pylist())
    for number, (kind, least, most) in enumerate(STYLES[style].fleets):
        size = sizes[f"{kind}_{number}"]
        assert size <= most, kind
        assert size >= 0.8 * least, kind
    assert set(log.truth["kind"].to_pylist()) == {kind for kind, _, _ in STYLES[style].fleets}


@every_style
def test_every_crowd_is_labelled_once_and_outside_fleets(style: str) -> None:
    log = world(style)
    assert log.crowds.column_names == ["account", "crowd", "kind"]
    assert set(log.crowds["kind"].to_pylist()) == set(STYLES[style].crowds)
    people = log.crowds["account"].to_pylist()
    assert len(people) == len(set(people))
    assert not set(people) & set(log.truth["account"].to_pylist())
    assert set(people) <= set(column(log, "account").to_pylist())
    fans = groups(style)["fan_club"].sizes
    assert len(fans) == 3
    assert all(70 <= size <= 80 for size in fans)


def test_all_kinds_occur_in_some_style() -> None:
    assert {kind for style in STYLES.values() for kind, _, _ in style.fleets} == set(KINDS)
    assert {kind for style in STYLES.values() for kind in style.crowds} == set(CROWD_KINDS)
    assert set(KINDS) > SHARES_TARGETS


@every_style
def test_without_fleets_there_is_no_truth_but_the_same_people(style: str) -> None:
    log, fleets = world(style, fleets=False), world(style)
    assert log.truth.num_rows == 0
    assert log.truth.schema == fleets.truth.schema
    assert log.crowds.equals(fleets.crowds)
    members = fleets.truth["account"].to_pylist()
    present = set(column(log, "account").to_pylist())
    assert sum(member in present for member in members) > 0.95 * len(members)


@every_style
@pytest.mark.parametrize("evasion", [0, 2, 4])
def test_what_crowds_do_does_not_depend_on_the_fleets(style: str, evasion: int) -> None:
    def of_crowds(log: World) -> pa.Table:
        return log.events.filter(pc.is_in(column(log, "account"), log.crowds["account"].combine_chunks()))

    bare, full = of_crowds(world(style, fleets=False)), of_crowds(world(style, evasion))
    assert bare.num_rows > 3 * ACCOUNTS
    assert bare.equals(full)


@every_style
def test_fleets_that_share_targets_fade_with_evasion(style: str) -> None:
    for name in (f"{kind}_{n}" for n, (kind, _, _) in enumerate(STYLES[style].fleets) if kind == "boost"):
        common = [groups(style, evasion)[name].common_features for evasion in range(5)]
        assert common == sorted(common, reverse=True)
        assert groups(style, 0)[name].together[0] == 1
        assert groups(style, 2)[name].together[1] > 0.9
        assert groups(style, 3)[name].together[0] < 0.05
        assert groups(style, 4)[name].together[2] < 0.05


@every_style
@pytest.mark.parametrize("evasion", [0, 2])
def test_kinds_that_deal_out_victims_share_no_targets(style: str, evasion: int) -> None:
    for name, group in groups(style, evasion).items():
        if name.startswith(("mass_add", "mass_message")):
            assert group.common_features < 2
            assert group.events_per_account > 80


def test_phones_that_add_strangers_step_together_until_evasion_three() -> None:
    together = []
    for evasion in (0, 2, 4):
        log = world("chat", evasion)
        fleet = log.truth.filter(pc.equal(log.truth["kind"], "mass_add"))["account"]
        adds = pc.and_(
            pc.is_in(column(log, "account"), fleet), pc.equal(column(log, "action"), STYLES["chat"].contact)
        )
        second = seconds(log)[adds.to_numpy()] // 5
        _, counts = np.unique(second, return_counts=True)
        together.append(counts.mean())
    assert together[0] > together[1] > 3 > together[2]


@every_style
def test_innocent_crowds_are_nasty(style: str) -> None:
    crowd = groups(style)
    strangers = crowd["no crowd, no fleet"].together
    assert max(strangers) < 0.01
    assert crowd["push_reactors"].together[0] > 0.5
    assert crowd["coupon_group"].together[1] > 0.2
    assert crowd["feed_readers"].together[1] > 0.8
    assert crowd["fan_club"].together[2] > 0.3
    assert crowd["brand_ambassadors"].common_features > 1.5
    if "classroom" in crowd:
        assert crowd["classroom"].together[1] > 0.9
    if "flash_sale_hunters" in crowd:
        assert crowd["flash_sale_hunters"].together[0] > 0.3


def test_places_and_devices_are_shared_as_their_labels_say() -> None:
    log = world("chat")

    def values(kind: str, role: str) -> list[Counter[str]]:
        labels = log.crowds.filter(pc.equal(log.crowds["kind"], kind))
        crowds = [labels.filter(pc.equal(labels["crowd"], c))["account"] for c in pc.unique(labels["crowd"])]
        return [
            Counter(column(log, role).filter(pc.is_in(column(log, "account"), crowd)).to_pylist())
            for crowd in crowds
        ]

    assert all(len(devices) == 1 for devices in values("family_tablet", "device"))
    school = values("school_nat", "address")[0]
    assert school.most_common(1)[0][1] > 0.25 * school.total()


def test_texts_of_a_fleet_are_one_template_until_it_spins_them() -> None:
    n_texts = []
    for evasion in (0, 2, 4):
        log = world("chat", evasion)
        fleet = log.truth.filter(pc.equal(log.truth["kind"], "mass_message"))["account"]
        by_fleet = pc.is_in(column(log, "account"), fleet)
        text = column(log, "content").filter(by_fleet).drop_null()
        advert = pc.match_substring_regex(text, "[0-9]{4}")  # each template ends in a number
        n_texts.append(pc.count_distinct(text.filter(advert)).as_py())
    assert n_texts[0] == 1
    assert n_texts[0] < n_texts[1] < n_texts[2]


@pytest.mark.parametrize("bad", [{"style": "fax"}, {"evasion": 5}, {"evasion": -1}, {"accounts": 100}])
def test_arguments_out_of_range_are_named(bad: dict[str, str | int]) -> None:
    arguments = {"style": "chat"} | bad
    with pytest.raises(ValueError, match=str(next(iter(bad.values())))):
        make_world(**arguments)


def test_the_hash_is_uniform_and_depends_on_every_part() -> None:
    draws = uniform(np.arange(20_000), 5)
    assert np.allclose(np.histogram(draws, 10, (0, 1))[0], 2_000, atol=200)
    assert len(np.unique(mix(np.arange(20_000), 5))) == 20_000
    assert not np.array_equal(mix(1, 2), mix(2, 1))


def test_nothing_is_taken_from_the_project() -> None:
    for file in (ROOT / "benchmarks" / "heldout").glob("*.py"):
        imports = re.findall(r"^\s*(?:from|import) ([\w.]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert not [name for name in imports if name.split(".")[0] == "samehand"], file.name
