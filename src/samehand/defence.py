"""Commands for those who must know what a search misses in their own log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from samehand.errors import OptionError
from samehand.options import Lang, LangOption, PresetOption, QuietOption, RunFolder, ThreadsOption, ZoneOption
from samehand.telling import announce_compilation, say, show_progress

_Number = TypeVar("_Number", int, float)


_Log = Annotated[
    list[str] | None,
    typer.Argument(help="The log of the run [the files that it names].", metavar="SOURCE"),
]
_Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder of the result [price in the run].")
]
_Sizes = Annotated[
    str | None,
    typer.Option("--sizes", metavar="N,N", help="Accounts of planted fleets [5,10,20,50 that fit]."),
]
_Delays = Annotated[
    str | None,
    typer.Option("--delays", metavar="S,S", help="Seconds to serve an order [10,60,600,3600,21600]."),
]
_Rates = Annotated[
    str | None,
    typer.Option("--rates", metavar="R,R", help="Joint actions an account and day [0.25,0.5,...,64]."),
]
_Order = Annotated[
    int | None,
    typer.Option("--order", metavar="N", help="Accounts that serve an order [half of the fleet]."),
]
_Memory = Annotated[
    float | None,
    typer.Option("--memory", metavar="GIB", help="GiB before it spills to disk [as in the run]."),
]
_Replicates = Annotated[int, typer.Option("--replicates", metavar="N", help="Fleets of each size and delay.")]
_Surrogates = Annotated[
    int,
    typer.Option("--surrogates", metavar="N", help="Surrogate logs of each search; 0: no estimate."),
]
_Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of what is planted.")]


def price(
    run: RunFolder,
    sources: _Log = None,
    out: _Out = None,
    sizes: _Sizes = None,
    delays: _Delays = None,
    rates: _Rates = None,
    order: _Order = None,
    replicates: _Replicates = 3,
    surrogates: _Surrogates = 0,
    seed: _Seed = 0,
    preset: PresetOption = None,
    timezone: ZoneOption = None,
    lang: LangOption = Lang.en,
    threads: ThreadsOption = None,
    memory: _Memory = None,
    quiet: QuietOption = False,
) -> None:
    """Say how much a fleet could do in a log before a run like this one reports it.

    Fleets are planted into the log in memory and looked for. It writes the floor, never a log.
    """
    from samehand.pricing.outcome import check_target
    from samehand.pricing.plan import RATES, Plan
    from samehand.pricing.price import price as measure

    plan = Plan(
        sizes=None if sizes is None else tuple(_numbers(sizes, "--sizes", int)),
        delays_s=None if delays is None else tuple(_numbers(delays, "--delays", float)),
        rates=RATES if rates is None else tuple(_numbers(rates, "--rates", float)),
        order=order,
        replicates=replicates,
        surrogates=surrogates,
        seed=seed,
    )
    folder = out or run / "price"
    check_target(folder)
    announce_compilation(quiet)
    with show_progress(quiet) as step:
        made = measure(
            run,
            sources or None,
            plan,
            preset=preset,
            timezone=timezone,
            threads=threads,
            memory_gib=memory,
            progress=step,
        )
        made.save(folder, lang)
    if not quiet:
        say(f"{made.to_text(lang)}\n\n{folder / 'price.html'}")


def _numbers(text: str, option: str, kind: Callable[[str], _Number]) -> list[_Number]:
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError as error:
        raise OptionError(f"{text!r} is no list of numbers", where=option, hint=f"{option} 10,60") from error
