"""What is on the disk: whole frames only, recovered after any damage; nothing acknowledged is lost."""

from __future__ import annotations

import errno
import os

import pyarrow as pa
import pytest

from samehand.errors import InputError, SamehandError
from samehand.online import checkpoint, journal
from samehand.online.arriving import SCHEMA, LineReader
from samehand.online.forming import Forming
from samehand.online.intake import Intake
from samehand.online.journal import Following, Journal, Note
from samehand.online.settings import StreamSettings
from tests.online.streams import SETTINGS, lines, told, watch


def some(n: int, first: int = 0) -> pa.RecordBatch:
    rows = [{"time": 1_000_000 * (first + i), "account": f"a{first + i}"} for i in range(n)]
    return pa.RecordBatch.from_pylist(rows, SCHEMA)


def accounts(of: Journal, from_row: int = 0) -> list[str]:
    return [a for frame in of.frames(from_row) for a in frame.events.column("account").to_pylist()]


def filled(folder) -> Journal:
    """Give three frames of five."""
    made = Journal(folder)
    for i in range(3):
        made.append(some(5, 5 * i), Note(position={"offset": i}))
    made.close()
    return made


def test_frames_come_back_with_their_notes(tmp_path) -> None:
    filled(tmp_path)
    again = Journal(tmp_path)
    assert again.n_rows == 15
    assert accounts(again) == [f"a{i}" for i in range(15)]
    assert accounts(again, 7) == [f"a{i}" for i in range(5, 15)]  # from the frame that holds it
    assert again.last_note.position == {"offset": 2}
    assert again.warnings == []


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_a_torn_end_is_cut_and_told(tmp_path, cut) -> None:
    filled(tmp_path)
    (file,) = tmp_path.glob("*.journal")
    os.truncate(file, file.stat().st_size - cut)
    again = Journal(tmp_path)
    assert (again.n_rows, again.last_note.position) == (10, {"offset": 1})
    assert "set aside" in again.warnings[0]
    again.append(some(5, 10), Note(position={"offset": 2}))
    again.close()
    assert accounts(Journal(tmp_path)) == [f"a{i}" for i in range(15)]


def test_damage_in_the_middle_goes_back_to_the_last_good_frame(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(journal, "_SEGMENT_BYTES", 1)  # a segment each
    filled(tmp_path)
    files = sorted(tmp_path.glob("*.journal"))
    content = bytearray(files[1].read_bytes())
    content[len(content) // 2] ^= 1
    files[1].write_bytes(content)
    again = Journal(tmp_path)
    assert (again.n_rows, again.last_note.position) == (5, {"offset": 0})
    assert len(list(tmp_path.glob("*.damaged*"))) >= 2  # nothing is thrown away


def test_damage_under_a_running_process_is_an_error(tmp_path) -> None:
    made = filled(tmp_path)
    (file,) = tmp_path.glob("*.journal")
    content = bytearray(file.read_bytes())
    content[200] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match="damaged at byte"):
        accounts(made)


def test_another_process_reads_along(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(journal, "_SEGMENT_BYTES", 2_000)
    made = Journal(tmp_path)
    along = Following(tmp_path)
    for i in range(6):
        made.append(some(3, 3 * i), Note())
        along.refresh()
        assert accounts(along) == accounts(made)
    made.close()
    assert len(list(tmp_path.glob("*.journal"))) > 1
    assert Following(tmp_path).n_rows == 18


def test_old_segments_go_when_they_are_no_longer_needed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(journal, "_SEGMENT_BYTES", 1)
    filled(tmp_path)
    made = Journal(tmp_path)
    made.drop_before(12_000_000, 7)  # the second segment holds row 7
    assert accounts(made) == [f"a{i}" for i in range(5, 15)]
    assert Journal(tmp_path).n_rows == 15


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path, monkeypatch) -> None:
    """The same events may come again once there is room, and are new then."""
    intake = Intake(tmp_path, StreamSettings())
    read = LineReader(StreamSettings()).read
    first, second = read(b"".join(lines()[:10])), read(b"".join(lines()[10:20]))
    assert intake.take(first, {"offset": 1}, "test") == 10

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(SamehandError, match="No space left"):
            intake.take(second, {"offset": 2}, "test")
    assert (intake.journal.n_rows, intake.position) == (10, {"offset": 1})
    assert intake.take(second, {"offset": 2}, "test") == 10
    intake.close()
    assert Intake(tmp_path, StreamSettings()).journal.n_rows == 20


def test_what_came_before_a_restart_is_known_after_it(tmp_path) -> None:
    read = LineReader(StreamSettings()).read
    arrived = read(b"".join(lines()[:10]))
    intake = Intake(tmp_path, StreamSettings(lateness_us=86_400_000_000))
    intake.take(arrived, None, "test")
    intake.close()
    again = Intake(tmp_path, StreamSettings(lateness_us=86_400_000_000))
    assert again.take(arrived, None, "test") == 0
    again.close()
    assert again.note.n_repeated == 10


def test_a_damaged_checkpoint_costs_time_and_no_lead(watched, log, tmp_path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    for file in watched.rglob("*"):
        if file.is_file():
            copy = state / file.relative_to(watched)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(file.read_bytes())
    newest = max((state / "analysis").glob("*.npz"))
    newest.write_bytes(newest.read_bytes()[:-1])
    again = watch(state, log)
    assert "going on from an earlier point" in again.analysis.warnings[0]
    assert told(state) == told(watched)


def test_a_checkpoint_comes_back_as_it_was(tmp_path) -> None:
    forming = Forming(1_000)
    forming.take(pa.Table.from_batches([LineReader(SETTINGS).read(b"".join(lines()[:600])).events]))
    at = checkpoint.Checkpoint(
        generation=3, n_rows=7, tick_end_us=1, last_look_us=None, n_looks=2, n_fleets=0, n_told=0, leads=[]
    )
    checkpoint.save(tmp_path / "analysis", at, forming)
    other = Forming(1_000)
    found, warnings = checkpoint.load(tmp_path / "analysis", other)
    assert (found.n_rows, found.n_looks, warnings) == (7, 2, [])
    assert other.restless() == forming.restless()
    assert all(
        (other.tables[name] == forming.tables[name]).all() for name in ("pairs", "accounts", "features")
    )


def test_what_came_last_is_read_without_what_came_before(tmp_path, monkeypatch) -> None:
    """Else whoever follows a stream reads a segment again for each frame of it."""
    monkeypatch.setattr(journal, "_MARK_BYTES", 1)
    made = Journal(tmp_path)
    for i in range(50):
        made.append(some(5, 5 * i), Note())
    read: list[int] = []
    decoded = journal._decoded
    monkeypatch.setattr(
        journal, "_decoded", lambda content, row: (read.append(row), decoded(content, row))[1]
    )
    for follower in (made, Following(tmp_path)):
        read.clear()
        assert accounts(follower, 238) == [f"a{i}" for i in range(235, 250)]
        assert read == [235, 240, 245]
    made.close()
