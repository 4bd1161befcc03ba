"""What the command line says while it works: remarks, progress, answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from samehand.steps import STEP_MARK, STEPS_VARIABLE

if TYPE_CHECKING:
    from samehand.pipeline import Progress


FIRST_RUN: Final = "First run: compiling takes half a minute or a minute, once. Later runs start at once."


def announce_compilation(quiet: bool) -> None:
    """Say that the first run takes longer, where it does."""
    from samehand.kernels.ready import compiled_before

    if not quiet and not compiled_before():
        note(FIRST_RUN)


@contextmanager
def show_progress(quiet: bool) -> Iterator[Progress]:
    """Show the step that is being done, where somebody watches."""
    if os.environ.get(STEPS_VARIABLE):
        yield lambda name: print(f"{STEP_MARK}{name}", file=sys.stderr, flush=True)  # noqa: T201
        return
    if quiet or not sys.stderr.isatty():
        yield _note_nothing
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("read")
        yield lambda name: bar.update(task, description=name)


def _note_nothing(name: str) -> None:
    """Nobody watches."""


def say(text: str) -> None:
    """Print an answer."""
    print(text)  # noqa: T201


def note(text: str) -> None:
    """Print a remark beside the answer."""
    print(text, file=sys.stderr)  # noqa: T201
