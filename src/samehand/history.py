"""The command that follows fleets over time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samehand.options import Lang, LangOption, QuietOption


def track(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Two or more folders that `samehand detect` wrote, in any order.", metavar="RUN"),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder for tracks, links and the page with the timeline."),
    ],
    all_candidates: Annotated[
        bool, typer.Option("--all", help="Follow candidates that are not reported, too.")
    ] = False,
    lang: LangOption = Lang.en,
    quiet: QuietOption = False,
) -> None:
    """Follow suspected fleets from run to run: continued, split, merged, gone, or under new accounts."""
    from samehand.tracking.folder import check_track_target
    from samehand.tracking.terminal import show_tracking
    from samehand.tracking.track import track as follow

    check_track_target(out)
    tracking = follow(runs, all=all_candidates)
    tracking.save(out, lang=lang)
    if not quiet:
        show_tracking(tracking, out)
