"""A disk that fails: a clear error each time, nothing acknowledged is lost, and afterwards the same leads."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from samehand.errors import InputError, OptionError
from samehand.online.journal import Journal
from samehand.online.outbox import Outbox
from samehand.online.outputs import Cursor
from samehand.online.settings import open_settings, read_settings
from tests.online.streams import HOUR_US, SETTINGS, lines, told, watch

QUICK = replace(
    SETTINGS, config=replace(SETTINGS.config, surrogates=0), tick_us=4 * HOUR_US, active_accounts=1_000
)
"""A few looks and the closing one."""

UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
from samehand.errors import SamehandError
from tests.online.test_disk import QUICK
from tests.online.streams import watch
for limit in map(int, sys.argv[3:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        watch(Path(sys.argv[1]), Path(sys.argv[2]), QUICK)
        print("done")
    except SamehandError as error:
        print(str(error).replace(chr(10), " "))
"""


@pytest.fixture(scope="module")
def quick(log, tmp_path_factory) -> Path:
    """Give the state of a watch whose disk never failed."""
    state = tmp_path_factory.mktemp("quick") / "state"
    watch(state, log, QUICK)
    assert told(state)
    return state


def test_a_full_disk_stops_it_and_costs_nothing(quick, log, tmp_path) -> None:
    """No file may grow beyond a size, which grows from start to start: another file hits it each time."""
    state = tmp_path / "state"
    limits = [200, 20_000, 60_000, 120_000, 250_000, 1 << 40]
    command = [sys.executable, "-c", UNDER_A_LIMIT, str(state), str(log), *map(str, limits)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert said, "nothing was said"
    assert said[-1] == "done"
    assert len([one for one in said if "cannot be written" in one and "Try: " in one]) >= 2
    assert said[0] != "done"
    assert told(state) == told(quick)
    assert Journal(state / "journal").n_rows == len(lines())
    assert not list(state.glob("look-*"))


def test_damaged_lines_of_the_outbox_are_set_aside_and_said(quick, tmp_path) -> None:
    whole = (quick / "leads.ndjson").read_bytes().splitlines(keepends=True)
    file = tmp_path / "leads.ndjson"
    file.write_bytes(b"".join([whole[0], b"\x00\xff damaged\n", *whole[1:]]))
    box = Outbox(file)
    assert file.read_bytes() == b"".join(whole)
    assert (tmp_path / "leads.damaged").read_bytes() == b"\x00\xff damaged\n"
    assert "set aside as leads.damaged" in box.warnings[0]
    assert box.n_told == json.loads(whole[-1])["seq"]
    assert Outbox(file).warnings == []


def test_a_damaged_cursor_says_what_to_write(tmp_path) -> None:
    Cursor(tmp_path, "webhook", "here").move(3)
    (file,) = (tmp_path / "outputs").iterdir()
    file.write_bytes(b"\x00")
    with pytest.raises(InputError, match="number of the last lead") as error:
        Cursor(tmp_path, "webhook", "here")
    assert "0: all are delivered again" in error.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": 1, "settings": {"tick_us": 0}}'])
def test_damaged_settings_are_an_error_and_nothing_is_overwritten(tmp_path, content) -> None:
    open_settings(tmp_path / "state", QUICK)
    file = tmp_path / "state" / "stream.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"stream\.json is damaged"):
        read_settings(tmp_path / "state")
    with pytest.raises((InputError, OptionError)):
        open_settings(tmp_path / "state", QUICK)
    assert file.read_bytes() == content
