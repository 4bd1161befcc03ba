"""Verifies a bundle: its bytes, then its figures from the raw rows, then, with the log at hand, from the log."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from samehand.casefile import verifier
from samehand.casefile.against_log import NEEDS_KNOWN, GivenLog, hold_against_log, info_of
from samehand.casefile.against_run import hold_against_run
from samehand.casefile.figures import Figure, table_of
from samehand.casefile.recount import recount
from samehand.errors import InputError
from samehand.pipeline import VERSIONED
from samehand.run_folder import RunInfo
from samehand.texts.lines import wrap
from samehand.version import __version__


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was looked at, and what was found."""

    path: Path
    n_files: int
    root: str
    problems: Sequence[str] = ()
    """Of the bytes: a sentence each."""
    from_rows: Sequence[Figure] = ()
    """Figures derived again from the raw rows; empty where the bytes are not sound."""
    from_log: Sequence[Figure] = ()
    """Figures derived again from the log; empty where no log was given."""
    of_run: Sequence[Figure] = ()
    """Hashes of the run's files; empty where no run was given."""
    not_derived: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def sound(self) -> bool:
        """Nothing was found."""
        return not self.problems and all(one.same for one in self._figures)

    @property
    def _figures(self) -> tuple[Figure, ...]:
        return (*self.from_rows, *self.from_log, *self.of_run)

    @property
    def text(self) -> str:
        """All of it for a terminal."""
        if self.problems:
            found = [f"{self.path}: {len(self.problems)} problems", *(f"  {one}" for one in self.problems)]
            return "\n".join(
                [*found, "Figures were not derived again: the files are not those of the bundle."]
            )
        lines = [f"{self.path}: {self.n_files} files, all as sealed", f"Merkle root {self.root}"]
        for title, figures in (
            ("From the raw rows", self.from_rows),
            ("From the log", self.from_log),
            ("The run folder", self.of_run),
        ):
            if figures:
                lines += ["", f"{title:<46} {'stated':>12} {'derived':>12}", table_of(figures)]
        if self.not_derived:
            lines += ["", "Not derived again:", *(_wrapped(one) for one in self.not_derived)]
        if self.notes:
            lines += ["", *(_wrapped(one) for one in self.notes)]
        differing = [one.name for one in self._figures if not one.same]
        return "\n".join(
            [
                *lines,
                "",
                wrap(f"DIFFERS: {', '.join(differing)}", 80, "", "  ") if differing else "Nothing was found.",
            ]
        )


def verify_bundle(
    path: Path,
    log: GivenLog | None = None,
    *,
    run: Path | None = None,
    root: str = "",
    progress: Callable[[str], None] = lambda name: None,  # noqa: ARG005
) -> Verification:
    """Verify a bundle, as a zip or unpacked. Nothing is unpacked or written.

    Args:
        path: The bundle.
        log: The log of the run; None: it is not at hand.
        run: The folder of the run, to see whether it was changed since; None: it is not at hand.
        root: The Merkle root that it should have; empty: any.
        progress: Told the name of each step as it begins.

    Raises:
        InputError: There is no bundle, or the log is another one.
    """
    progress("files")
    try:
        files, problems, stated = verifier.check(str(path), root)
    except (OSError, verifier.NoBundleError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"no bundle that can be verified: {said}",
            where=str(path),
            hint="a file that `samehand bundle` wrote",
        ) from error
    if problems:
        return Verification(path=path, n_files=len(files), root=stated, problems=problems)
    progress("raw rows")
    info = info_of(files)
    counted = recount(files, info.quality.n_events)
    return Verification(
        path=path,
        n_files=len(files),
        root=stated,
        from_rows=counted.figures,
        from_log=[] if log is None else hold_against_log(files, log, progress),
        of_run=[] if run is None else hold_against_run(files, run),
        not_derived=counted.not_derived if log is None else _not_told(info, log),
        notes=[] if log is None else _other_versions(info.versions | {"samehand": info.samehand}),
    )


def _not_told(info: RunInfo, log: GivenLog) -> list[str]:
    return [NEEDS_KNOWN] if info.known is not None and log.known is None else []


def _other_versions(then: dict[str, str]) -> list[str]:
    """Say which libraries have another version than in the run: figures may then differ in their last digits."""
    now = {
        "python": platform.python_version(),
        "samehand": __version__,
        **{name: version(name) for name in VERSIONED},
    }
    other = [
        f"{name} {value} then, {now[name]} now"
        for name, value in then.items()
        if now.get(name, value) != value
    ]
    return [f"Other versions than in the run: {'; '.join(other)}"] if other else []


def _wrapped(text: str) -> str:
    return wrap(text, 80, "  ", "    ")
