"""Commands that make the case file of a fleet: its report, a sealed bundle, and the verification of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samehand.errors import OptionError, harmless
from samehand.options import (
    Lang,
    LangOption,
    MemoryOption,
    PresetOption,
    QuietOption,
    RunFolder,
    ThreadsOption,
    ZoneOption,
)
from samehand.placing import write_named
from samehand.telling import announce_compilation, say, show_progress

if TYPE_CHECKING:
    from samehand.casefile.case import Case

_Fleet = Annotated[str, typer.Argument(help="A reported fleet, such as F0003.", metavar="FLEET")]
_Harm = Annotated[
    Path | None,
    typer.Option("--harm", metavar="FILE", help="harm.json of `samehand harm`, to be shown, too."),
]
_Custody = Annotated[
    Path | None,
    typer.Option(
        "--custody", metavar="FILE", help="CSV: time, who, what: what was done with the log before."
    ),
]
_Stamp = Annotated[
    bool,
    typer.Option("--timestamp-request", help="Add a request (RFC 3161) for a time stamp; nothing is sent."),
]
_Bundle = Annotated[
    Path, typer.Argument(help="A bundle, or the folder it was unpacked to.", metavar="BUNDLE")
]
_Log = Annotated[
    list[str],
    typer.Option("--log", metavar="SOURCE", help="The log: search again and compare; repeat for more files."),
]
_Known = Annotated[
    Path | None,
    typer.Option(
        "--known", metavar="FILE", help="With --log: the accounts that `detect --known` was told of."
    ),
]
_RunOption = Annotated[
    Path | None,
    typer.Option("--run", metavar="RUN", help="The run folder: say whether it was changed since."),
]
_Root = Annotated[str, typer.Option("--root", metavar="HEX", help="Merkle root on the signed statement.")]


def casefile(
    run: RunFolder,
    fleet: _Fleet,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.pdf", help="The report [FLEET.pdf in this folder]."),
    ] = None,
    harm: _Harm = None,
    lang: LangOption = Lang.en,
    quiet: QuietOption = False,
) -> None:
    """Write the case report of a fleet as PDF: method, evidence, innocent explanations, members, how to verify."""
    from samehand.casefile.pdf import render_pdf
    from samehand.casefile.report import report_blocks

    path = out or Path(f"{fleet}{'' if lang is Lang.en else f'.{lang}'}.pdf")
    with show_progress(quiet) as step:
        case = _open(run, fleet, lang, harm)
        step("report")
        content = render_pdf(case, report_blocks(case))
    write_named(path, content, "the case file")
    if not quiet:
        say(str(path))


def bundle(
    run: RunFolder,
    fleet: _Fleet,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.zip", help="The bundle [FLEET.zip in this folder]."),
    ] = None,
    harm: _Harm = None,
    custody: _Custody = None,
    timestamp_request: _Stamp = False,
    lang: LangOption = Lang.en,
    quiet: QuietOption = False,
) -> None:
    """Write a case bundle: report, tables, raw rows, and a manifest with a Merkle tree, so that any change is found.

    The same run and options give the same bytes. It holds personal data from the log.
    """
    from samehand.casefile.bundle import make_bundle
    from samehand.casefile.papers import read_custody

    path = out or Path(f"{fleet}.zip")
    before = [] if custody is None else read_custody(custody)
    with show_progress(quiet) as step:
        case = _open(run, fleet, lang, harm)
        content = make_bundle(case, custody=before, timestamp_request=timestamp_request, step=step)
    _keep_other(path, content)
    write_named(path, content, "the case file")
    if not quiet:
        from samehand.casefile.verifier import check

        say(f"{path}\nMerkle root {check(str(path))[2]}")


def verify(
    bundle: _Bundle,
    log: _Log = [],  # noqa: B006
    known: _Known = None,
    run: _RunOption = None,
    root: _Root = "",
    preset: PresetOption = None,
    timezone: ZoneOption = None,
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    quiet: QuietOption = False,
) -> None:
    """Verify a case bundle: its bytes, its figures from the raw rows, and, with --log, from the log.

    Exit code: 0 nothing found, 1 something differs, 2 no bundle.
    """
    from samehand.casefile.against_log import GivenLog
    from samehand.casefile.verify import verify_bundle

    if known is not None and not log:
        raise OptionError("needs the log", where="--known", hint="--log SOURCE")
    if log:
        announce_compilation(quiet)
    given = GivenLog(
        source=log, preset=preset, timezone=timezone, threads=threads, memory_gib=memory, known=known
    )
    with show_progress(quiet) as step:
        found = verify_bundle(bundle, given if log else None, run=run, root=root, progress=step)
    if not quiet or not found.sound:
        say(harmless(found.text))
    if not found.sound:
        raise typer.Exit(1)


def _open(run: Path, fleet: str, lang: Lang, harm: Path | None) -> Case:
    from samehand.casefile.case import open_case
    from samehand.casefile.harm import read_harm

    return open_case(run, fleet, lang, None if harm is None else read_harm(harm))


def _keep_other(path: Path, content: bytes) -> None:
    """Refuse to replace a bundle by another one: somebody may have signed it."""
    if path.is_dir() or (path.exists() and path.read_bytes() != content):
        raise OptionError("exists and is not the same bundle", where=str(path), hint="another --out")
