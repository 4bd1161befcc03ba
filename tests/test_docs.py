"""README and docs/ say what the code does: pages are current, commands parse, examples run, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import samehand.layers
import samehand.pipeline
from samehand.layers import LAYERS
from samehand.simulation.platform import SimulationConfig, simulate, write_simulation
from scripts.pages import command_line, run_folder
from scripts.write_docs import PAGES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PROSE = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
COMMANDS = command_line.commands()
TABLES = (*run_folder.TABLES, *run_folder.ANSWERS)


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


def test_commands_are_shown():
    assert {line.split()[1] for line in shown_commands()} == set(COMMANDS)


@pytest.mark.parametrize("line", shown_commands())
def test_shown_commands_parse(line):
    _, name, *arguments = shlex.split(line)
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


def test_the_layer_of_add_a_layer_works_as_it_stands_there(monkeypatch):
    file, line, cases = blocks(DOCS / "add-a-layer.md", "python")
    module = ModuleType("samehand.layers.any_action")
    exec(compile(file, "any_action.py", "exec"), module.__dict__)  # noqa: S102
    monkeypatch.setitem(sys.modules, module.__name__, module)

    before = next(
        line for line in Path(samehand.layers.__file__).read_text().splitlines() if line.startswith("LAYERS")
    )
    assert line.strip() == before.replace(")", ", ANY_ACTION)"), (
        "the line is the one in the code, and one name more"
    )
    for user in (samehand.layers, samehand.pipeline, import_module("samehand.config")):
        if hasattr(user, "LAYERS"):
            monkeypatch.setattr(user, "LAYERS", (*LAYERS, module.ANY_ACTION))

    names: dict[str, object] = {}
    exec(compile(cases, "test_any_action.py", "exec"), names)  # noqa: S102
    tests = [test for name, test in names.items() if name.startswith("test_") and callable(test)]
    assert len(tests) == 2
    for test in tests:
        test()
