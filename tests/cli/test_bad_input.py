"""Everything that can be wrong with a log or an option: a clear message, exit code 2, and nothing written."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.run import open_run
from samehand.telling import FIRST_RUN
from tests.cli.terminal import Done, samehand

TIME = "2026-03-02T08:{:02d}:{:02d}Z"
ROWS = [(TIME.format(i // 60, i % 60), f"a{i % 17}", f"x{i % 5}") for i in range(300)]
HEADER = "time,account,target"


def csv(*rows: tuple[object, ...], header: str = HEADER) -> str:
    return "\n".join([header, *(",".join(str(value) for value in row) for row in rows)]) + "\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Give an empty folder to work in, as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(folder: Path, *arguments: object, command: str = "detect") -> Done:
    """Run a command that must fail with code 2, and leave the folder as it is."""
    out = () if command == "check" or "--out" in arguments else ("--out", "runs/monday")
    before = {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    folders = sorted(str(f) for f in folder.rglob("*") if f.is_dir())
    done = samehand(command, *arguments, *out)
    assert done.code == 2, done
    assert "Traceback" not in done.err
    said = done.err.removeprefix(f"{FIRST_RUN}\n")  # where nothing was compiled yet
    assert said.startswith(("samehand: ", "Usage: "))
    assert "\n  Try: " in done.err or "Error: " in done.err
    assert {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()} == before
    assert sorted(str(f) for f in folder.rglob("*") if f.is_dir()) == folders
    return done


def message(done: Done) -> str:
    return " ".join(done.err.split())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("account,team\na1,x\n", "the column 'group' is missing"),
        ("account,group\na1,x\na2,y\na3,y\n", "the group 'x' has one account"),
        ("account,group\nnobody,x\nno one,x\n", "none of its 2 accounts is in the log"),
        (None, "cannot be read"),
    ],
)
def test_bad_groups_of_innocents(folder, content, said) -> None:
    (folder / "log.csv").write_text(csv(*ROWS))
    if content is not None:
        (folder / "known.csv").write_text(content)
    done = refused(folder, "log.csv", "--innocent", "known.csv")
    assert said in message(done)
    assert "known.csv" in message(done)


BAD_LOGS: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "zero bytes": ("log.csv", b"", ("log.csv", "empty")),
    "only a header": ("log.csv", csv().encode(), ("log.csv", "only a header")),
    "only line ends": ("log.csv", b"\n\n\n", ("log.csv",)),
    "no time": ("log.csv", b"account,target\na,x\nb,x\n", ("no column", "time", "--map time=COLUMN")),
    "no account": (
        "log.csv",
        b"time,thing\n2026-03-02T08:00:00Z,x\n",
        ("no column", "account", "time, thing"),
    ),
    "times that are none": (
        "log.csv",
        csv(("yesterday", "a", "x"), ("soon", "b", "x")).encode(),
        ("2 of 2 values", "'time'", "'yesterday'", "log.csv", "row 1"),
    ),
    "no account has a name": (
        "log.csv",
        csv((TIME.format(0, 0), "", "x"), (TIME.format(0, 1), "null", "x")).encode(),
        ("no row can be used", "2 rows without an account", "--map account=COLUMN"),
    ),
    "no row has a time": ("log.csv", csv(("", "a", "x"), ("", "b", "x")).encode(), ("log.csv", "time")),
    "one account": (
        "log.csv",
        csv(*((time, "a", target) for time, _, target in ROWS)).encode(),
        ("only one account", "column account"),
    ),
    "not UTF-8": (
        "log.csv",
        csv((TIME.format(0, 0), "caf\xe9", "x"), (TIME.format(0, 1), "b", "x")).encode("latin-1"),
        ("log.csv, line 2", "not UTF-8", "iconv"),
    ),
    "random bytes as CSV": ("log.csv", random.Random(1).randbytes(3_000), ("log.csv",)),  # noqa: S311
    "random bytes as Parquet": (
        "log.parquet",
        random.Random(2).randbytes(3_000),  # noqa: S311
        ("log.parquet", "no whole Parquet file"),
    ),
    "random bytes as gzip": ("log.csv.gz", random.Random(3).randbytes(3_000), ("log.csv.gz", "gzip")),  # noqa: S311
    "half a gzip file": ("log.csv.gz", gzip.compress(csv(*ROWS).encode())[:400], ("log.csv.gz",)),
    "half a JSON object": ("log.ndjson", b'{"time": "2026-03-02T08:00:00Z", "account"', ("log.ndjson",)),
    "JSON that is no log": ("log.json", b"7", ("log.json",)),
    "a workbook that is none": ("log.xlsx", b"PK nothing", ("log.xlsx",)),
    "an unknown ending": ("log.doc", b"x", ("log.doc", "unknown kind", ".parquet")),
}


@pytest.mark.parametrize("case", BAD_LOGS)
@pytest.mark.parametrize("command", ["detect", "check"])
def test_bad_logs(folder, case, command) -> None:
    name, content, parts = BAD_LOGS[case]
    (folder / name).write_bytes(content)
    said = message(refused(folder, name, command=command))
    for part in parts:
        assert part in said


def good(folder: Path) -> str:
    (folder / "good.csv").write_text(csv(*ROWS))
    return "good.csv"


BAD_OPTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "engine that is none": (("--engine", "ray"), ("engine is 'ray'", "local or spark")),
    "master that is none": (
        ("--engine", "spark", "--spark-master", "here"),
        ("'here' is no master", "spark://host:7077"),
    ),
    "rate above 1": (("--fdr", "2"), ("fdr is 2.0", "between 0 and 1")),
    "rate of 0": (("--fdr", "0"), ("fdr is 0.0",)),
    "rate that is no number": (("--fdr", "nan"), ("fdr is nan",)),
    "rate in words": (("--fdr", "low"), ("--fdr",)),
    "fleets of one": (("--min-accounts", "1"), ("min_accounts is 1", "3 or more")),
    "fleets of a half": (("--min-accounts", "4.5"), ("--min-accounts",)),
    "an unknown layer": (("--layers", "nonsense"), ("unknown layer 'nonsense'", "co_target", "rhythm")),
    "no layer": (("--layers", ""), ("unknown layer ''",)),
    "a comma too many": (("--layers", "rhythm,"), ("unknown layer ''",)),
    "fewer than no surrogates": (("--surrogates", "-1"), ("surrogates is -1",)),
    "no threads": (("--threads", "0"), ("threads is 0",)),
    "no memory": (("--memory", "0"), ("memory_gib is 0",)),
    "a seed below 0": (("--seed", "-3"), ("seed is -3",)),
    "an unknown zone": (("--timezone", "Nowhere/City"), ("unknown time zone 'Nowhere/City'",)),
    "an unknown preset": (("--preset", "facebook"), ("unknown preset 'facebook'", "coortweet")),
    "an unknown role": (("--map", "acount=account"), ("unknown role 'acount'", "account")),
    "a column that is not there": (
        ("--map", "account=user_id"),
        ("no column 'user_id'", "account", "time, account, target"),
    ),
    "no role": (("--map", "account"), ("'account' is not ROLE=COLUMN", "--map account=user_id")),
    "an empty column": (("--map", "account="), ("is not ROLE=COLUMN",)),
    "a role twice": (("--map", "device=account", "--map", "device=target"), ("device is mapped twice",)),
    "an unknown option": (("--fdrr", "0.1"), ("--fdrr",)),
    "a value that is missing": (("--seed",), ("--seed",)),
    "a file of settings that is missing": (("--config", "none.toml"), ("none.toml", "No such file")),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_bad_options(folder, case) -> None:
    options, parts = BAD_OPTIONS[case]
    said = message(refused(folder, good(folder), *options))
    for part in parts:
        assert part in said


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ("fdrr = 0.1\n", ("unknown setting 'fdrr'", "fdr, surrogates")),
        ("[samehand]\nfdr = 0.1\n", ("unknown setting 'samehand'",)),
        ('fdr = "low"\n', ("fdr is 'low'", "a number")),
        ("fdr = 2\n", ("fdr is 2",)),
        ("engine = 3\n", ("engine is 3", "a text")),
        ("seed = 1.5\n", ("seed is 1.5", "a whole number")),
        ("seed = true\n", ("seed is True",)),
        ("seed = [1]\n", ("seed is (1,)",)),
        ('layers = "rhythm"\n', ("layers is 'rhythm'", "a list of names")),
        ("layers = [1]\n", ("layers is (1,)",)),
        ("layers = []\n", ("layers is ()",)),
        ("layers = ['nonsense']\n", ("unknown layer 'nonsense'",)),
        ("seed =\n", ("not valid TOML",)),
        ("seed = '\xe9'\n", ("not valid TOML",)),
    ],
)
def test_bad_settings(folder, settings, parts) -> None:
    (folder / "s.toml").write_bytes(settings.encode("latin-1"))
    said = message(refused(folder, good(folder), "--config", "s.toml"))
    for part in parts:
        assert part in said
    assert "s.toml" in said or "nonsense" in said


def test_an_option_does_not_hide_what_is_wrong_in_the_file(folder) -> None:
    (folder / "s.toml").write_text("fdr = 7\n")
    assert "fdr is 7" in message(refused(folder, good(folder), "--config", "s.toml", "--fdr", "0.1"))
    (folder / "s.toml").write_text("fdr = 0.1\n")
    assert "fdr is 7" in message(refused(folder, good(folder), "--config", "s.toml", "--fdr", "7"))


def test_bad_places(folder) -> None:
    log = good(folder)
    (folder / "mine").mkdir()
    (folder / "mine" / "notes.txt").write_text("keep")
    (folder / "other").mkdir()
    (folder / "other" / "run.json").write_text('{"of": "another tool"}')
    for out in (log, "mine", "other"):
        assert f"{out}: exists and is not a run folder" in message(refused(folder, log, "--out", out))
    said = message(refused(folder, log, "--out", "good.csv/run"))
    assert "good.csv/run: cannot be made" in said
    assert "Missing option '--out'" in samehand("detect", log).err


def test_an_earlier_run_survives_bad_input(folder) -> None:
    assert samehand("detect", good(folder), "--out", "runs/monday", "--surrogates", 0).code == 0
    refused(folder, "missing.csv")
    refused(folder, "good.csv", "--fdr", "2")
    (folder / "bad.csv").write_text("x\n1\n")
    refused(folder, "bad.csv")


def test_sources_that_are_not_there(folder) -> None:
    (folder / "empty").mkdir()
    (folder / "other").mkdir()
    (folder / "other" / "readme.txt").write_text("x")
    good(folder)
    for source, parts in {
        "god.csv": ("god.csv: no such file", "good.csv, which is there"),
        "nowhere/log.csv": ("no such file",),
        "*.parquet": ("the pattern matches no file",),
        "empty": ("empty: no log among the 0 files",),
        "other": ("other: no log among the 1 files", ".parquet"),
        "sqlite:///missing.db?table=events": ("missing.db",),
        "ftp://example.org/log": ("ftp",),
        "good.csv#Sheet1": ("only a workbook has sheets",),
    }.items():
        said = message(refused(folder, source))
        for part in parts:
            assert part in said
    assert samehand("detect", "--out", "o").code == 2


def test_files_with_other_columns_are_named(folder) -> None:
    good(folder)
    (folder / "other.csv").write_text(csv(*ROWS[:5], header="when,who,what"))
    said = message(refused(folder, "good.csv", "other.csv"))
    assert "other.csv: no column" in said
    assert "when, who, what" in said


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("time", pa.array([[1], [2]])),
        ("time", pa.array([True, False])),
        ("account", pa.array([[1], [2]])),
        ("account", pa.array([1.5, 2.5])),
        ("account", pa.array([{"id": 1}, {"id": 2}])),
    ],
)
def test_columns_of_a_type_that_cannot_be(folder, name, values) -> None:
    log = {"time": pa.array([1_772_438_400, 1_772_448_401]), "account": pa.array(["a", "b"])}
    pq.write_table(pa.table(log | {name: values}), folder / "log.parquet")
    options = ("--map", f"{name}={name}")
    done = samehand("detect", "log.parquet", *options, "--out", "o", "--surrogates", 0)
    if done.code == 0:  # what can be named as text is taken as text
        assert name == "account"
        assert open_run("o").info.quality.n_accounts == 2
    else:
        assert name in message(refused(folder, "log.parquet", *options))


# What is odd but can be used: code 0, and it is said.


def used(folder: Path, text: str, *options: object) -> tuple[Done, Path]:
    (folder / "log.csv").write_text(text)
    done = samehand("detect", "log.csv", "--out", "out", "--surrogates", 2, *options)
    assert done.code == 0, done
    assert "Traceback" not in done.err
    return done, folder / "out"


def quality(out: Path) -> dict[str, object]:
    return json.loads((out / "run.json").read_text())["quality"]


def test_repeated_rows_are_taken_once_and_counted(folder) -> None:
    done, out = used(folder, csv(*ROWS, *ROWS[:50], *ROWS[:50]))
    assert (quality(out)["n_rows"], quality(out)["n_events"], quality(out)["n_duplicates"]) == (400, 300, 100)
    assert "100 repeated rows were taken once" in done.said


def test_rows_without_a_time_or_an_account_are_left_out_and_counted(folder) -> None:
    holes = [
        ("", "a1", "x"),
        (TIME.format(1, 1), "", "x"),
        ("NaN", "a2", "x"),
        (TIME.format(1, 2), "NaN", "x"),
    ]
    done, out = used(folder, csv(*ROWS, *holes))
    left_out = {item["what"]: item["count"] for item in quality(out)["left_out"]}
    assert left_out == {"rows without a time": 2, "rows without an account": 2}
    assert quality(out)["n_events"] == 300
    assert "left out: 2 rows without a time" in done.said
    assert "left out: 2 rows without an account" in done.said


def test_some_times_that_are_none_are_left_out_and_counted(folder) -> None:
    done, out = used(folder, csv(*ROWS, ("soon", "a1", "x")))
    assert quality(out)["n_events"] == 300
    assert sum(item["count"] for item in quality(out)["left_out"]) == 1
    assert "left out: 1" in done.said


def test_offsets_are_converted_and_never_stripped(folder) -> None:
    mixed = [
        (
            time.replace("Z", "+00:00") if place % 2 else time.replace("T08:", "T16:").replace("Z", "+08:00"),
            *rest,
        )
        for place, (time, *rest) in enumerate(ROWS)
    ]
    done, out = used(folder, csv(*mixed))
    assert quality(out)["first_time"] == "2026-03-02T08:00:00Z"
    assert quality(out)["last_time"] == "2026-03-02T08:04:59Z"
    assert "2026-03-02 08:00 to 2026-03-02 08:04 UTC" in done.said
    assert "offset" in done.said


def test_naive_times_are_taken_as_utc_with_a_warning(folder) -> None:
    naive = [(time.removesuffix("Z"), *rest) for time, *rest in ROWS]
    done, _ = used(folder, csv(*naive))
    assert "warning:" in done.said
    assert "--timezone" in done.said
    done, out = used(folder, csv(*naive), "--timezone", "Asia/Shanghai")
    assert "warning:" not in done.said
    assert quality(out)["first_time"] == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize("as_text", [False, True])
def test_ids_may_be_numbers_or_text(folder, as_text) -> None:
    rows = [(time, ("0" if as_text else "") + account[1:], target) for time, account, target in ROWS]
    _, out = used(folder, csv(*rows))
    kind = pq.read_schema(out / "members.parquet").field("account").type
    assert kind == (pa.string() if as_text else pa.int64())
    assert quality(out)["n_accounts"] == 17


@pytest.mark.parametrize(
    ("rows", "n_events"),
    [
        ([(TIME.format(i // 60, i % 60), f"a{i % 300}", "x") for i in range(1_000)], 1_000),  # one hot target
        (
            [(TIME.format(i // 60, i % 60), f"a{i}", f"x{i}") for i in range(1_000)],
            1_000,
        ),  # nothing is shared
        ([(f"{year}-02-01T00:00:00Z", "ab"[year % 2], "x") for year in range(1950, 2090)], 140),  # 140 years
    ],
)
def test_strange_logs_give_an_answer(folder, rows, n_events) -> None:
    done, out = used(folder, csv(*rows))
    assert quality(out)["n_events"] == n_events
    assert open_run(out).info.n_reported == 0
    assert "no suspected fleet" in done.said


@pytest.mark.parametrize(
    "rows",
    [
        [(TIME.format(0, 0), f"a{i % 30}", f"x{i % 7}") for i in range(210)],  # all times equal
        [(f"2026-03-02T08:00:00.{i:06d}Z", f"a{i % 30}", f"x{i % 7}") for i in range(400)],  # one second
        [(TIME.format(0, 0), "a", "x"), (TIME.format(0, 0), "b", "x")],  # two events
    ],
)
def test_logs_that_are_too_short_for_any_layer_can_be_checked_only(folder, rows) -> None:
    (folder / "log.csv").write_text(csv(*rows))
    said = message(refused(folder, "log.csv"))
    assert "no layer can be used on this log" in said
    assert "co_target: " in said
    assert "rhythm: " in said
    done = samehand("check", "log.csv")
    assert done.code == 0
    assert f"{len(rows)} events" in done.said


def test_hostile_text_does_not_reach_the_terminal(folder) -> None:
    escape = "\x1b[2J\x1b]0;title\x07"
    rows = [(TIME.format(i // 60, i % 60), f"a{i % 17}", f"{escape}x{i % 3}") for i in range(300)]
    done, _ = used(
        folder, csv(*rows, header=f"time,account,{escape}target"), "--map", f"target={escape}target"
    )
    assert "\x1b" not in done.out + done.err
    (folder / "log.csv").write_text(csv((f"{escape}soon", "a", "x"), (f"{escape}late", "b", "x")))
    assert "\x1b" not in refused(folder, "log.csv").err
    assert "\x1b" not in refused(folder, f"{escape}.csv").err
    assert "\x1b" not in refused(folder, "log.csv", "--map", f"account={escape}").err
    assert "\x1b" not in refused(folder, "log.csv", "--map", escape).err


def test_other_commands_refuse_what_is_no_run(folder) -> None:
    (folder / "empty").mkdir()
    (folder / "truth.csv").write_text("account,fleet,kind\n")
    for command in (
        ("explain", "empty", "F0001"),
        ("explain", "missing", "F0001"),
        ("report", "missing"),
        ("evaluate", "missing", "--truth", "truth.csv"),
    ):
        done = samehand(*command)
        assert done.code == 2
        assert "no run here" in done.err
        assert "\n  Try: " in done.err
    assert sorted(f.name for f in folder.iterdir()) == ["empty", "truth.csv"]


def test_other_commands_refuse_bad_options(monday, folder, sim) -> None:
    run, _ = monday
    (folder / "truth.csv").write_text("account,fleet,kind\n")
    pq.write_table(pa.table({"account": ["a"], "fleet": ["b"]}), folder / "short.parquet")
    before = {f.name: f.stat().st_mtime_ns for f in run.iterdir() if f.name != "evaluation.json"}
    for command, part in (
        (("explain", run, "nobody-of-that-name"), "no fleet or linked account"),
        (("explain", run, "F9999"), "no fleet or linked account"),
        (("explain", run, "F0001", "--lang", "de"), "--lang"),
        (("report", run, "--format", "pdf"), "unknown report format 'pdf'"),
        (("report", run, "--out", "no/such/folder/r.html"), "cannot write the report"),
        (("evaluate", run, "--truth", "missing.parquet"), "cannot be read"),
        (("evaluate", run, "--truth", "truth.csv"), "cannot be read"),
        (("evaluate", run, "--truth", "short.parquet"), "the column 'kind' is missing"),
        (
            ("evaluate", run, "--truth", sim / "truth.parquet", "--crowds", "short.parquet"),
            "'crowd' is missing",
        ),
        (("simulate", "--out", "s", "--accounts", 3), "accounts is 3"),
        (("simulate", "--out", "s", "--evasion", 9), "evasion is 9"),
        (("simulate", "--out", "truth.csv", "--accounts", 500, "--days", 1), "cannot write here"),
        (("nonsense",), "nonsense"),
        ((), "Usage"),
    ):
        done = samehand(*command)
        assert done.code == 2, (command, done)
        assert part in message(done)
    assert {f.name: f.stat().st_mtime_ns for f in run.iterdir() if f.name != "evaluation.json"} == before
    assert sorted(f.name for f in folder.iterdir()) == ["short.parquet", "truth.csv"]
