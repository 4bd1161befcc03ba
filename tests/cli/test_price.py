"""price from the command line: the floor of the log of a run."""

from __future__ import annotations

import hashlib

import pyarrow.parquet as pq
import pytest

from samehand.texts.lines import columns_of
from tests.cli.terminal import samehand

QUICK = ("--sizes", "10", "--delays", "10", "--rates", "8", "--replicates", "1")


def test_the_floor_is_shown_and_written_and_the_log_stays(unestimated, sim, tmp_path) -> None:
    folder, _ = unestimated
    before = hashlib.sha256((sim / "events.parquet").read_bytes()).hexdigest()
    out = tmp_path / "price"
    done = samehand("price", folder, sim / "events.parquet", *QUICK, "--out", out)
    assert done.code == 0, done.err
    assert "k*" in done.out
    assert str(out / "price.html") in done.out
    assert max(columns_of(line) for line in done.out.splitlines()[:-1]) <= 80
    assert pq.read_table(out / "price.parquet").num_rows == 1
    assert hashlib.sha256((sim / "events.parquet").read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--sizes", "ten"), "--sizes"),
        (("--sizes", "5.5"), "--sizes"),
        (("--rates", "2,1"), "ascending"),
        (("--delays", "-1"), "delays"),
        (("--sizes", "1000"), "room for fleets"),
        (("--replicates", "0"), "replicates"),
    ],
)
def test_unusable_options_are_errors_that_say_what_to_try(unestimated, sim, options, says) -> None:
    folder, _ = unestimated
    done = samehand("price", folder, sim / "events.parquet", *options)
    assert done.code == 2
    assert says in done.said
    assert "Try:" in done.err
    assert not (folder / "price").exists()


def test_a_log_that_is_not_there_is_asked_for(unestimated, quiet_sim) -> None:
    folder, _ = unestimated
    done = samehand("price", folder)
    assert done.code == 2
    assert "name the log that the run was made from" in done.said
    done = samehand("price", folder, quiet_sim / "events.parquet")
    assert done.code == 2
    assert "SHA-256" in done.said
