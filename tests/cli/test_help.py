"""Help: quick, complete, with an example for each command, and no wider than a terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from samehand.cli import app
from samehand.version import __version__
from tests.cli.terminal import samehand

COMMANDS = (
    "detect",
    "check",
    "explain",
    "report",
    "track",
    "simulate",
    "evaluate",
    "network",
    "price",
    "review",
    "calibrate",
    "harm",
    "export",
    "casefile",
    "bundle",
    "verify",
    "watch",
    "door",
)
HEAVY = (
    "numba",
    "llvmlite",
    "duckdb",
    "pyarrow",
    "numpy",
    "scipy",
    "sknetwork",
    "polars",
    "pandas",
    "jinja2",
)

HELP_AND_TELL = """
import sys
sys.argv = ["samehand", *sys.argv[1:]]
from samehand.cli import main
try:
    main()
except SystemExit as left:
    assert not left.code, left.code
print("LOADED", *sys.modules)
"""


def test_every_command_is_listed() -> None:
    done = samehand("--help")
    assert done.code == 0
    assert {command.name or command.callback.__name__ for command in app.registered_commands} == set(COMMANDS)
    for command in COMMANDS:
        assert f"\n  {command} " in done.out
    assert samehand("-h").out == done.out
    assert samehand("--version").out.strip() == __version__


def test_python_m_samehand_is_samehand() -> None:
    words = [sys.executable, "-m", "samehand", "--version"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == __version__


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example_of_its_own_command(command) -> None:
    done = samehand(command, "--help")
    assert done.code == 0
    assert done.err == ""
    assert "Example" in done.out
    examples = done.out[done.out.index("Example") :]
    assert f"samehand {command} " in examples
    assert done.out == samehand(command, "-h").out
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_help_of_detect_names_every_option_of_the_contract() -> None:
    text = samehand("detect", "--help").out
    for option in (
        "--out DIR", "--map ROLE=COLUMN", "--preset NAME", "--timezone TZ", "--layers A,B", "--fdr RATE",
        "--surrogates N", "--min-accounts N", "--seed N", "--config FILE.toml", "--threads N", "--quiet",
    ):  # fmt: skip
        assert option in " ".join(text.split())
    for default in ("[0.05]", "[20]", "[5]", "[0]"):
        assert default in text


def loaded_by(*command: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", *command], capture_output=True, text=True, timeout=60, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("LOADED ")]
    return {name.split(".")[0] for name in line.split()[1:]}


@pytest.mark.parametrize("arguments", [["--help"], ["detect", "--help"], ["--version"]])
def test_help_does_not_wait_for_what_it_does_not_need(arguments) -> None:
    loaded = loaded_by("-c", HELP_AND_TELL, *arguments)
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY), loaded & set(HEAVY)


def test_neither_do_the_package_and_the_command_line() -> None:
    for module in ("samehand", "samehand.cli"):
        loaded = loaded_by("-c", f"import sys, {module}; print('LOADED', *sys.modules)")
        assert "samehand" in loaded
        assert loaded.isdisjoint(HEAVY), loaded & set(HEAVY)


def test_the_command_is_installed() -> None:
    from importlib.metadata import entry_points

    (command,) = entry_points(group="console_scripts", name="samehand")
    assert command.value == "samehand.cli:main"
