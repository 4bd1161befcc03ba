"""docs/command-line.md: every command, argument and option."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from enum import Enum
from typing import Any

from typer.main import get_command

from samehand.cli import app
from samehand.config import Config
from scripts.pages.words import WRITTEN, plain, table, under_fields

HEAD = f"""\
# The command line

{WRITTEN}

`samehand COMMAND --help` says the same in the terminal. Results go to standard output, errors and progress to standard
error. A command ends with

- 0 when it is done, also when no fleet was found;
- 2 for a log, a file or an option that cannot be used, with what was found, where, and what to try;
- 1 for a failure that is not yours. `SAMEHAND_DEBUG=1` shows where it happened.

`samehand --version` prints the version.
"""
SETTINGS = """\
## Settings in a file

`--config FILE.toml` reads settings. An option that is given wins over the file. An unknown setting is an error.
"""


def write() -> str:
    """Write the page."""
    lines = [HEAD]
    for name, command in commands().items():
        lines += [f"## samehand {name}", "", plain(command.help), ""]
        rows = [(_names(one), _says(one)) for one in command.params]
        lines += [*table(("option", "meaning"), rows), "", *_examples(command.epilog), ""]
    said = under_fields(Config)
    rows = [
        (f"`{field.name}`", f"`{_toml(field.default)}`", said[field.name].replace("None:", "not set:"))
        for field in dataclasses.fields(Config)
    ]
    return "\n".join([*lines, SETTINGS, *table(("setting", "default", "meaning"), rows)]) + "\n"


def commands() -> dict[str, Any]:
    """Every command by name; one of a group by the names of both: "cases list"."""
    return dict(_below("", get_command(app)))


def _below(name: str, group: Any) -> Iterator[tuple[str, Any]]:
    for own, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(f"{name}{own} ", command)
        else:
            yield f"{name}{own}", command


def _names(one: Any) -> str:
    if one.param_type_name == "argument":
        return f"`{one.metavar}{'...' if one.nargs == -1 else ''}`"
    names = ", ".join([*one.opts, *one.secondary_opts])
    return f"`{names} {one.metavar}`" if one.metavar else f"`{names}`"


def _says(one: Any) -> str:
    if one.required:
        return f"{one.help} Required."
    if one.secondary_opts or one.default is None or one.default is False or one.default == []:
        return str(one.help)
    if isinstance(one.default, Enum):
        return f"{one.help} One of {', '.join(type(one.default))}; default: {one.default}."
    return f"{one.help} Default: {one.default}."


def _examples(epilog: str) -> list[str]:
    return ["```", *(line.strip() for line in epilog.splitlines() if line.startswith("  ")), "```"]


def _toml(value: object) -> str:
    return "not set" if value is None else str(value)
