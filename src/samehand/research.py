"""Commands for those who look at methods: made-up logs, answers, the networks of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samehand.options import QuietOption, RunFolder
from samehand.telling import say, show_progress


def simulate(
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder for events, truth and crowds (Parquet)."),
    ],
    accounts: Annotated[
        int, typer.Option("--accounts", metavar="N", help="Ordinary accounts; fleets come on top.")
    ] = 20_000,
    days: Annotated[int, typer.Option("--days", metavar="N", help="Length of the log.")] = 14,
    evasion: Annotated[
        int, typer.Option("--evasion", metavar="LEVEL", help="How hard fleets hide: 0 to 4.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same log.")] = 0,
    fleets: Annotated[bool, typer.Option("--fleets/--no-fleets", help="With or without fleets.")] = True,
    crowds: Annotated[
        bool, typer.Option("--crowds/--no-crowds", help="With or without innocent crowds.")
    ] = True,
    bans: Annotated[
        bool, typer.Option("--bans", help="Ban part of some fleets, which go on under new accounts.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Write rows of a made-up platform's log, with the answers. It does nothing else."""
    from samehand.simulation.platform import SimulationConfig, write_simulation
    from samehand.simulation.platform import simulate as run_simulation

    settings = SimulationConfig(
        accounts=accounts,
        days=days,
        evasion=evasion,
        seed=seed,
        fleets=fleets,
        crowds=crowds,
        bans=bans,
    )
    with show_progress(quiet) as step:
        step("simulate")
        made = run_simulation(settings)
        write_simulation(made, out)
    if not quiet:
        n_fleets = len(set(made.truth["fleet"].to_pylist()))
        n_crowds = len(set(made.crowds["crowd"].to_pylist()))
        say(
            f"{out / 'events.parquet'}: {made.events.num_rows:,} events\n"
            f"{out / 'truth.parquet'}: {n_fleets} fleets, {made.truth.num_rows:,} accounts\n"
            f"{out / 'crowds.parquet'}: {n_crowds} innocent crowds"
        )
        if made.banned is not None:
            say(f"{out / 'banned.parquet'}: {made.banned.num_rows:,} accounts, for detect --known")


def evaluate(
    run: RunFolder,
    truth: Annotated[
        Path, typer.Option("--truth", metavar="FILE", help="Parquet with account, fleet, kind.")
    ],
    crowds: Annotated[
        Path | None,
        typer.Option(
            "--crowds", metavar="FILE", help="Parquet with account, crowd, kind of innocent crowds."
        ),
    ] = None,
) -> None:
    """Compare a run with what is true; print the figures and write evaluation.json into the run."""
    from samehand.run import open_run

    result = open_run(run).evaluate(truth, crowds)
    result.write(run / "evaluation.json")
    say(result.to_text())


def network(
    source: Annotated[
        str, typer.Argument(help="A Parquet or CSV file with the tool's own columns.", metavar="SOURCE")
    ],
    compat: Annotated[str, typer.Option("--compat", metavar="TOOL", help="coortweet or cnt.")],
    window: Annotated[float, typer.Option("--window", metavar="S", help="Seconds, inclusive.")],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder for pairs.parquet and edges.parquet."),
    ],
    min_participation: Annotated[
        int | None,
        typer.Option("--min-participation", metavar="N", help="coortweet: rows an account needs [2]."),
    ] = None,
    min_weight: Annotated[
        int, typer.Option("--min-weight", metavar="N", help="Least weight of an edge.")
    ] = 1,
    keep_loops: Annotated[
        bool, typer.Option("--keep-loops", help="Keep pairs of an account with itself.")
    ] = False,
    correct: Annotated[bool, typer.Option("--correct", help="Mend the tool's known mistakes.")] = False,
    network_type: Annotated[
        str | None,
        typer.Option("--network-type", metavar="TYPE", help="cnt: co_retweet, co_link, ... [co_retweet]."),
    ] = None,
    edge_weight: Annotated[
        float, typer.Option("--edge-weight", metavar="Q", help="coortweet: quantile of the weight threshold.")
    ] = 0.5,
    quiet: QuietOption = False,
) -> None:
    """Build the network that another research tool builds, with its numbers."""
    from samehand.compat.network import network as build
    from samehand.compat.network import write_network

    made = build(
        source,
        compat=compat,
        window_s=window,
        min_participation=min_participation,
        min_weight=min_weight,
        keep_loops=keep_loops,
        correct=correct,
        network_type=network_type,
        edge_weight=edge_weight,
    )
    write_network(made, out)
    if not quiet:
        say(
            "\n".join([f"{made.pairs.num_rows:,} pairs, {made.edges.num_rows:,} edges in {out}", *made.notes])
        )
