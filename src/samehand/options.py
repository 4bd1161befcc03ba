"""Arguments and options that several commands of the command line share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from samehand.errors import OptionError


class Lang(StrEnum):
    """Languages of texts."""

    en = "en"
    zh = "zh"


Sources = Annotated[
    list[str],
    typer.Argument(
        help="Files, globs, folders, sheets (book.xlsx#Sheet1) or database URLs.", metavar="SOURCE"
    ),
]
MapOption = Annotated[
    list[str],
    typer.Option(
        "--map", metavar="ROLE=COLUMN", help="Which column plays a role; repeat. target=a,b for several."
    ),
]
PresetOption = Annotated[
    str | None,
    typer.Option("--preset", help="Known columns: coortweet, cnt, github, tirreno.", metavar="NAME"),
]
ZoneOption = Annotated[
    str | None,
    typer.Option("--timezone", help="Zone of times that name none, such as Asia/Shanghai.", metavar="TZ"),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
ThreadsOption = Annotated[int | None, typer.Option("--threads", metavar="N", help="Threads [all cores].")]
RunFolder = Annotated[Path, typer.Argument(help="A folder that `samehand detect` wrote.", metavar="RUN")]
FormatOption = Annotated[
    str, typer.Option("--format", metavar="NAME", help="html, json, graphml, gexf or csv.")
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the words.")]

LayersOption = Annotated[
    str | None, typer.Option("--layers", metavar="A,B", help="Layers to use [all that fit the log].")
]
FdrOption = Annotated[
    float | None,
    typer.Option("--fdr", metavar="RATE", help="Wanted rate of false accusation [0.05]."),
]
SurrogatesOption = Annotated[
    int | None, typer.Option("--surrogates", metavar="N", help="Surrogate logs [20]; 0: no estimate.")
]
InnocentOption = Annotated[
    Path | None,
    typer.Option("--innocent", metavar="FILE", help="CSV or Parquet: account, group. Would they be accused?"),
]
MinAccountsOption = Annotated[
    int | None, typer.Option("--min-accounts", metavar="N", help="Smallest fleet [5].")
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Seed of all that is random [0].")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE.toml", help="Settings from a file.")
]
KnownOption = Annotated[
    Path | None,
    typer.Option("--known", metavar="FILE", help="Accounts banned or cleared before; shown beside."),
]
MemoryOption = Annotated[
    float | None,
    typer.Option("--memory", metavar="GIB", help="GiB before it spills to disk [60 % of all]."),
]
EngineOption = Annotated[
    str | None, typer.Option("--engine", metavar="NAME", help="local, or spark for many machines [local].")
]
MasterOption = Annotated[
    str | None,
    typer.Option("--spark-master", metavar="URL", help="Where Spark runs [local[*]]."),
]
WorkOption = Annotated[
    str | None,
    typer.Option(
        "--spark-work", metavar="DIR", help="Where Spark keeps tables; a killed job goes on [nowhere]."
    ),
]

DEFAULT_DB = "cases.sqlite"
DbOption = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="SAMEHAND_DB",
        show_envvar=False,
        show_default=False,
        metavar="FILE|URL",
        help="Database of cases [cases.sqlite, or SAMEHAND_DB].",
    ),
]


def examples(*lines: str) -> str:
    """Give the lines that end a command's help; the sign for a backspace keeps them from being wrapped together."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])


def parse_roles(mapping: list[str]) -> dict[str, str | list[str]]:
    """Parse ``ROLE=COLUMN``; ``target=a,b`` names several columns."""
    roles: dict[str, str | list[str]] = {}
    for item in mapping:
        role, equals, column = item.partition("=")
        if not equals or not role or not column:
            raise OptionError(f"{item!r} is not ROLE=COLUMN", where="--map", hint="--map account=user_id")
        if role in roles:
            raise OptionError(
                f"{role} is mapped twice", where="--map", hint="--map target=a,b for several columns"
            )
        roles[role] = column.split(",") if role == "target" and "," in column else column
    return roles
