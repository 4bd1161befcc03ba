"""The command line: parse, call, answer."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from samehand import (
    access,
    casework,
    defence,
    exhibits,
    finding,
    history,
    research,
    reviewing,
    service,
    stewardship,
)
from samehand.errors import SamehandError, harmless
from samehand.options import examples
from samehand.telling import say
from samehand.version import __version__

INTERRUPTED = 130

app = typer.Typer(
    help="Finds the accounts one hand moves: ranked, suspected fleets with evidence and a known false-discovery rate.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 2 unusable input or options, 1 failure."""
    try:
        app(standalone_mode=True)
    except SamehandError as error:
        print(f"samehand: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as left:  # typer makes the one into the other
        if isinstance(left, SystemExit) and left.code != INTERRUPTED:
            raise
        print("samehand: interrupted; nothing was written", file=sys.stderr)  # noqa: T201
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("SAMEHAND_DEBUG"):
            raise
        print(  # noqa: T201
            f"samehand: failed: {type(error).__name__}: {harmless(str(error))}\n"
            "  Try: SAMEHAND_DEBUG=1 for the traceback",
            file=sys.stderr,
        )
        sys.exit(1)


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        say(__version__)
        raise typer.Exit


app.command(
    short_help="Find suspected fleets in a log; write a run folder and a report.",
    epilog=examples(
        "samehand detect events.parquet --out runs/monday",
        "samehand detect 'logs/*.csv.gz' --map account=user_id --out runs/tue",
    ),
)(finding.detect)
app.command(
    short_help="Read a log and say what it is like, without looking for fleets.",
    epilog=examples("samehand check 'logs/*.parquet' --map account=uid"),
)(finding.check)
app.command(
    short_help="Say what speaks for and against a fleet or an account.",
    epilog=examples("samehand explain runs/monday F0003", "samehand explain runs/monday some_account"),
)(finding.explain)
app.command(
    short_help="Write a report of a run: HTML, JSON, GraphML, GEXF or CSV.",
    epilog=examples("samehand report runs/monday --lang zh", "samehand report runs/monday --format graphml"),
)(finding.report)
app.command(
    short_help="Follow fleets from run to run.",
    epilog=examples(
        "samehand track runs/monday runs/tuesday --out tracks",
        "samehand track runs/* --out tracks --all --lang zh",
    ),
)(history.track)
app.command(
    short_help="Write the log of a made-up platform, with the answers.",
    epilog=examples("samehand simulate --out sim --accounts 20000 --days 14 --evasion 2 --seed 7"),
)(research.simulate)
app.command(
    short_help="Compare a run with what is true, and print the figures.",
    epilog=examples("samehand evaluate runs/monday --truth sim/truth.parquet"),
)(research.evaluate)
app.command(
    short_help="Build the network that CooRTweet or another tool builds.",
    epilog=examples("samehand network posts.parquet --compat coortweet --window 60 --out net"),
)(research.network)
app.command(
    short_help="Say what the search misses in a log: fleets are planted in memory.",
    epilog=examples("samehand price runs/monday", "samehand price runs/monday logs.parquet --sizes 10,50"),
)(defence.price)
app.command(
    short_help="Review fleets in a browser.",
    epilog=examples("samehand review runs/monday", "samehand review runs/* --db team.sqlite --lang zh"),
)(reviewing.review)
casework.cases.add_typer(access.users, name="user", short_help="Accounts of those who review.")
casework.cases.add_typer(access.tokens, name="token", short_help="Tokens of the JSON API.")
casework.cases.add_typer(access.webhook, name="webhook", short_help="Signed messages about decisions.")
app.add_typer(
    casework.cases, name="cases", short_help="Cases: what was decided, by whom; accounts; webhooks."
)
app.command(
    short_help="Fit the weights of layers to decisions, and show them.",
    epilog=examples("samehand calibrate", "samehand calibrate --run 1 --run 2 --write weights.json"),
)(casework.calibrate)
app.command(
    short_help="Count what fleets did, and value what has a price.",
    epilog=examples(
        "samehand harm runs/monday --prices prices.toml --log events.parquet",
        "samehand harm --example-prices",
    ),
)(stewardship.harm)
app.command(
    short_help="Write fleets for others: tables, graphs, STIX, DSA, or counts.",
    epilog=examples(
        "samehand export runs/monday F0003 --format stix",
        "samehand export runs/monday --format minimum --salt salt.bin",
    ),
)(stewardship.export)
app.command(
    short_help="Write the case report of a fleet as PDF.",
    epilog=examples(
        "samehand casefile runs/monday F0003",
        "samehand casefile runs/monday F0003 --lang zh --out report.pdf",
    ),
)(exhibits.casefile)
app.command(
    short_help="Write a case bundle of a fleet: sealed, with all rows behind it.",
    epilog=examples(
        "samehand bundle runs/monday F0003 --out case.zip",
        "samehand bundle runs/monday F0003 --custody custody.csv --timestamp-request",
    ),
)(exhibits.bundle)
app.command(
    short_help="Verify a case bundle: bytes, figures, and the log behind it.",
    epilog=examples(
        "samehand verify case.zip",
        "samehand verify case.zip --log events.parquet",
    ),
)(exhibits.verify)
app.command(
    short_help="Follow a stream of events and raise leads as the evidence suffices.",
    epilog=examples(
        "tail -F events.ndjson | samehand watch - --state st --leads leads.ndjson",
        "samehand watch events.ndjson --state st --no-follow",
        "samehand watch redis://127.0.0.1:6379/events --state st",
        "samehand watch http://127.0.0.1:8788 --state st",
        "samehand watch events.ndjson --state st --review",
    ),
)(service.watch)
app.command(
    short_help="Answer over HTTP which suspected fleet an event resembles.",
    epilog=examples(
        "samehand door --state st", "samehand door --state st --listen 127.0.0.1:9000 --fail closed"
    ),
)(service.door)
