"""README and docs/ say what the code does: pages are current, commands parse, examples run, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import samehand.layers
import samehand.pipeline
from samehand.layers import LAYERS, Layer
from samehand.simulation.platform import SimulationConfig, simulate, write_simulation
from scripts.pages import command_line, run_folder
from scripts.write_docs import PAGES
from tests.layers import test_layers

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PROSE = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
COMMANDS = command_line.commands()
TABLES = (*run_folder.TABLES, *run_folder.ANSWERS, *run_folder.TRACKING)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_pages_written_from_the_code_are_current(name):
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run: make docs"


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_a_run_is_explained(name):
    schema, _, said = run_folder.describe(name)
    assert [column for column in schema.names if not said[column]] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_named(name):
    section = (
        (DOCS / "command-line.md").read_text("utf-8").split(f"## samehand {name}\n")[1].split("\n## ")[0]
    )
    for one in COMMANDS[name].params:
        if one.param_type_name == "option":
            assert all(option in section for option in [*one.opts, *one.secondary_opts]), one.name
            assert one.help


def shown_commands() -> list[str]:
    """Every `samehand ...` that README and docs show in a block for the shell."""
    lines = [line for page in PROSE for block in blocks(page, "(?:sh)?") for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith("samehand ")})


def parsed(line: str) -> tuple[str, list[str]]:
    """Split a line into the name of a command, of up to three words, and its arguments."""
    words = shlex.split(line)[1:]
    n_words = next(n for n in (3, 2, 1) if " ".join(words[:n]) in COMMANDS)
    return " ".join(words[:n_words]), words[n_words:]


def test_commands_are_shown():
    assert {parsed(line)[0] for line in shown_commands()} == set(COMMANDS)


@pytest.mark.parametrize("line", shown_commands())
def test_shown_commands_parse(line):
    name, arguments = parsed(line)
    COMMANDS[name].make_context(name, arguments)


def test_make_targets_that_are_named_exist():
    made = set(re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = {target for names in made for target in names.split()}
    named = {target for page in PROSE for target in re.findall(r"`make ([a-z]+)", page.read_text("utf-8"))}
    assert named <= made


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if link.startswith("https://"):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if heading:
            titles = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}
            assert heading in anchors, link


def test_decisions_are_numbered_once():
    names = [path.name for path in (DOCS / "decisions").glob("*.md")]
    assert len({name[:4] for name in names}) == len(names)
    for name in names:
        title = (DOCS / "decisions" / name).read_text("utf-8").splitlines()[0]
        assert title.startswith(f"# {int(name[:4])}. ")


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    made = simulate(SimulationConfig(accounts=2_000, days=4, seed=2))
    write_simulation(made, tmp_path / "demo" / "log")
    (code,) = blocks(ROOT / "README.md", "python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    said = capsys.readouterr().out
    assert "F0001" in said
    assert (tmp_path / "demo" / "monday" / "run.json").is_file()


def test_the_longer_example_runs(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / "first_look.py", tmp_path],
        capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"COLUMNS": "80"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "F0001: suspected fleet" in done.stdout
    assert (tmp_path / "report.zh.html").is_file()


def load(name: str, code: str, folder: Path) -> ModuleType:
    """Make a module of some code."""
    file = folder / f"{name.rpartition('.')[2]}.{len(code)}.py"
    file.write_text(code)
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def any_action(monkeypatch, tmp_path) -> Iterator[Layer]:
    """The layer of add-a-layer.md, with its cases, as if its three files were there."""
    file, line, cases = blocks(DOCS / "add-a-layer.md", "python")
    code = Path(samehand.layers.__file__).read_text().splitlines()
    before = next(line for line in code if line.startswith("LAYERS"))
    assert line.strip() == before.replace(")", ", ANY_ACTION)"), (
        "the line is that of the code, and one name more"
    )
    layer = load("samehand.layers.any_action", file, tmp_path).ANY_ACTION
    load("tests.layers.cases.any_action", cases, tmp_path)
    for user in (samehand.layers, samehand.pipeline):
        monkeypatch.setattr(user, "LAYERS", (*LAYERS, layer))
    yield layer
    for name in ("samehand.layers.any_action", "tests.layers.cases.any_action"):
        del sys.modules[name]


def test_the_layer_of_add_a_layer_works_as_it_stands_there(any_action):
    test_layers.check_cases(any_action)
    test_layers.test_a_layer_says_what_it_is(any_action)
    test_layers.test_scales_are_ascending(any_action)
    test_layers.test_without_its_columns_a_layer_is_skipped_with_a_reason(any_action)
    test_layers.test_traces_are_the_same_each_time_and_in_any_order_of_rows(any_action, ())
    test_layers.test_some_innocent_crowd_moves_together(any_action)
    for seed in (0, 1):
        for case in test_layers.cases_of(any_action, "FLEETS"):
            test_layers.test_a_fleet_is_found(any_action, case, seed)
        for case in test_layers.cases_of(any_action, "CROWDS"):
            test_layers.test_an_innocent_crowd_is_not_reported(any_action, case, seed)


def test_the_fleet_of_add_a_layer_shows_in_no_other_layer(any_action):
    (case,) = test_layers.cases_of(any_action, "FLEETS")
    rows, fleet = case.make(np.random.default_rng(0))
    for layer in LAYERS:
        if set(layer.roles) <= set(rows[0]) and not layer.reads_ages:  # nobody signs up in that log
            assert not fleet & test_layers.detect(rows, layer)[2], layer.name
