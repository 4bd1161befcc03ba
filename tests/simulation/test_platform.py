from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from samehand import columns
from samehand.errors import OptionError
from samehand.simulation.crowd_kinds import CROWD_KINDS
from samehand.simulation.encode import ROLES
from samehand.simulation.platform import (
    FLEET_KINDS,
    Simulation,
    SimulationConfig,
    simulate,
    write_simulation,
)

REQUIRED_CROWDS = {
    "fan_club", "push_reactors", "classroom", "campus_nat", "office_nat", "household", "carrier_nat",
    "newsroom", "brand_schedule", "flash_sale", "launch_day", "festival_chain", "call_centre",
    "shared_device", "protest", "live_event",
}  # fmt: skip


def test_tables_have_the_schemas_of_columns(simulation: Simulation):
    assert simulation.events.schema == columns.events(pa.string(), pa.string(), ROLES)
    assert simulation.truth.schema == columns.truth(pa.string())
    assert simulation.crowds.schema == columns.crowds(pa.string())
    for table in (simulation.events, simulation.truth, simulation.crowds):
        table.validate(full=True)


def test_events_are_sorted_whole_and_within_the_window(events: pl.DataFrame):
    assert events["time"].is_sorted()
    start = datetime(2026, 3, 2, tzinfo=UTC)
    assert events["time"].min() >= start
    assert events["time"].max() < start + timedelta(days=14)
    assert events["event_id"].n_unique() == len(events)
    always = ("event_id", "time", "account", "action", "device", "address", "client")
    assert events.select(always).null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("target", {"view", "like", "share", "comment", "follow", "add_friend", "message"}),
        ("content", {"comment", "message"}),
        ("outcome", {"add_friend", "message"}),
    ],
)
def test_roles_are_null_where_the_action_has_none(events: pl.DataFrame, role: str, actions: set[str]):
    has = events.group_by("action").agg(pl.col(role).is_not_null().mean().alias("share"))
    assert dict(has.iter_rows()) == {
        action: float(action in actions) for action in events["action"].unique().to_list()
    }


def test_outcomes_belong_to_their_actions(events: pl.DataFrame):
    seen = events.filter(pl.col("outcome").is_not_null()).select("action", "outcome").unique().rows()
    assert set(seen) == {
        ("add_friend", "accepted"), ("add_friend", "ignored"), ("add_friend", "blocked"),
        ("message", "replied"), ("message", "ignored"), ("message", "blocked"),
    }  # fmt: skip


def test_accounts_that_are_targets_are_named_as_accounts(events: pl.DataFrame):
    towards = events.filter(pl.col("action").is_in(["follow", "add_friend", "message"]))["target"].unique()
    known = towards.is_in(events["account"].unique().implode())
    assert known.mean() > 0.97  # some people never act themselves
    assert events.filter(pl.col("account") == pl.col("target")).is_empty()


@pytest.mark.parametrize("accounts", [500, 5_000, 20_000])
def test_every_kind_of_fleet_and_crowd_is_there(accounts: int):
    for seed in (0, 1):
        simulation = simulate(SimulationConfig(accounts=accounts, seed=seed, evasion=3))
        assert set(simulation.truth["kind"].to_pylist()) == set(FLEET_KINDS)
        assert set(simulation.crowds["kind"].to_pylist()) == {kind.name for kind in CROWD_KINDS}
        known = simulation.events["account"].unique()
        assert pc.all(pc.is_in(simulation.truth["account"], known)).as_py()


def test_the_crowds_that_the_method_lists_are_there():
    assert {kind.name for kind in CROWD_KINDS} >= REQUIRED_CROWDS


def test_fleets_have_the_sizes_that_are_promised():
    sizes, shares = [], []
    for seed in range(10):
        truth = pl.from_arrow(simulate(SimulationConfig(seed=seed, crowds=False, days=7)).truth)
        fleets = truth.group_by("kind", "fleet").len()
        assert truth["account"].is_unique().all()
        small = fleets.filter(pl.col("kind") == "small_fleets")["len"]
        assert small.is_between(8, 12).all()
        assert len(small) in (3, 4)
        sizes += fleets["len"].to_list()
        shares.append(len(truth) / 20_000)
        kinds = fleets.group_by("kind").len()
        assert dict(kinds.filter(pl.col("kind") != "small_fleets").iter_rows()) == {
            kind: 1 + (kind == "boost") for kind in FLEET_KINDS if kind != "small_fleets"
        }
    assert 8 <= min(sizes) <= 10
    assert 150 < max(sizes) <= 300
    assert min(shares) > 0.02
    assert max(shares) < 0.04


def test_same_settings_give_the_same_tables():
    first, second = (simulate(SimulationConfig(accounts=2_000, seed=4, evasion=3)) for _ in range(2))
    assert first.events.equals(second.events)
    assert first.truth.equals(second.truth)
    assert first.crowds.equals(second.crowds)
    assert not first.events.equals(simulate(SimulationConfig(accounts=2_000, seed=5, evasion=3)).events)


@pytest.mark.parametrize("evasion", [0, 4])
def test_without_fleets_the_other_rows_stay_as_they_are(evasion: int):
    with_fleets = simulate(SimulationConfig(accounts=3_000, seed=7, evasion=evasion))
    without = simulate(SimulationConfig(accounts=3_000, seed=7, evasion=evasion, fleets=False))
    kept = with_fleets.events.filter(pc.is_in(with_fleets.events["event_id"], without.events["event_id"]))
    assert kept.equals(without.events)
    assert without.truth.num_rows == 0
    assert with_fleets.crowds.equals(without.crowds)
    # What is gone was done by fleets' accounts, and all of it by accounts in the truth.
    gone = with_fleets.events.filter(
        pc.invert(pc.is_in(with_fleets.events["event_id"], without.events["event_id"]))
    )
    assert gone.num_rows > 1_000
    assert pc.all(pc.is_in(gone["account"], with_fleets.truth["account"])).as_py()


def test_only_rented_accounts_have_a_life_of_their_own():
    with_fleets = simulate(SimulationConfig(accounts=3_000, seed=7))
    without = simulate(SimulationConfig(accounts=3_000, seed=7, fleets=False))
    real = pc.is_in(with_fleets.truth["account"], without.events["account"])
    assert pc.all(pc.equal(real, pc.equal(with_fleets.truth["kind"], "rented"))).as_py()


def test_chosen_kinds_are_the_same_fleets_as_among_all():
    everything = pl.from_arrow(simulate(SimulationConfig(accounts=3_000, seed=2)).truth)
    some = pl.from_arrow(simulate(SimulationConfig(accounts=3_000, seed=2, kinds=("mixed", "rented"))).truth)
    assert set(some["kind"]) == {"mixed", "rented"}
    for kind in ("mixed", "rented"):
        assert len(some.filter(kind=kind)) == len(everything.filter(kind=kind))


def test_without_crowds_nobody_is_labelled():
    simulation = simulate(SimulationConfig(accounts=1_000, crowds=False))
    assert simulation.crowds.num_rows == 0
    assert simulation.crowds.schema == columns.crowds(pa.string())


def test_the_start_shifts_the_log():
    start = datetime(2025, 11, 8, 6, 30, tzinfo=UTC)  # a Saturday
    times = simulate(SimulationConfig(accounts=500, days=3, start=start)).events["time"]
    assert start <= pc.min(times).as_py() < start + timedelta(hours=2)
    assert start + timedelta(days=2, hours=22) < pc.max(times).as_py() < start + timedelta(days=3)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"accounts": 499}, "accounts is 499"),
        ({"accounts": 10_000_000}, "accounts is 10000000"),
        ({"days": 0}, "days is 0"),
        ({"evasion": 5}, "evasion is 5"),
        ({"evasion": -1}, "evasion is -1"),
        ({"seed": -1}, "seed is -1"),
        ({"kinds": ()}, "kinds is ()"),
        ({"kinds": ("boost", "bots")}, "kinds is 'bots'"),
        ({"start": datetime(2026, 3, 2)}, "start is"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object], found: str):
    with pytest.raises(OptionError, match="Try:") as error:
        SimulationConfig(**settings)
    assert found in str(error.value)


@pytest.mark.parametrize("days", [1, 2, 5, 30])
def test_any_number_of_days_works(days: int):
    simulation = simulate(SimulationConfig(accounts=700, days=days, seed=days, evasion=2))
    assert set(simulation.truth["kind"].to_pylist()) == set(FLEET_KINDS)
    span = pc.max(simulation.events["time"]).as_py() - pc.min(simulation.events["time"]).as_py()
    assert timedelta(days=days - 0.3) < span < timedelta(days=days)


def test_writing_puts_three_files_in_place(tmp_path):
    simulation = simulate(SimulationConfig(accounts=500, days=2))
    folder = tmp_path / "new" / "sim"
    write_simulation(simulation, folder)
    assert sorted(file.name for file in folder.iterdir()) == [
        "crowds.parquet",
        "events.parquet",
        "truth.parquet",
    ]
    import pyarrow.parquet as pq

    assert pq.read_table(folder / "events.parquet").equals(simulation.events)
    assert pq.read_table(folder / "truth.parquet").equals(simulation.truth)
    assert pq.read_table(folder / "crowds.parquet").equals(simulation.crowds)
    write_simulation(simulation, folder)  # and again, over the old ones


def test_a_failure_leaves_nothing_half_written(tmp_path, monkeypatch):
    simulation = simulate(SimulationConfig(accounts=500, days=2))

    def fail(table: pa.Table, file, **_: object) -> None:
        if "crowds" in str(file):
            raise OSError(28, "No space left on device")
        file.write_bytes(b"half")

    monkeypatch.setattr("samehand.simulation.write.pq.write_table", fail)
    with pytest.raises(OptionError, match="No space left"):
        write_simulation(simulation, tmp_path / "sim")
    assert list((tmp_path / "sim").iterdir()) == []


def test_a_file_in_the_way_is_an_error(tmp_path):
    simulation = simulate(SimulationConfig(accounts=500, days=2))
    (tmp_path / "sim").write_text("mine")
    with pytest.raises(OptionError, match="cannot write here"):
        write_simulation(simulation, tmp_path / "sim")
    assert (tmp_path / "sim").read_text() == "mine"
