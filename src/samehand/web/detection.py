"""Reading and detection for people without a terminal: logs below one folder, work in processes of its own."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Final, Literal

from samehand.errors import InputError
from samehand.steps import STEP_MARK, STEPS_VARIABLE
from samehand.texts import visible

SUFFIXES: Final = (
    ".parquet",
    ".csv",
    ".csv.gz",
    ".tsv",
    ".json",
    ".jsonl",
    ".ndjson",
    ".jsonl.gz",
    ".xlsx",
    ".sqlite",
    ".db",
)
MOST_LOGS: Final = 200
_DEEPEST: Final = 3
_MOST_LINES: Final = 400
_PATIENCE_S: Final = 5
RUNS: Final = "runs"
"""Folder, below that of the logs, for the runs that the app makes."""
SAMEHAND: Final = (sys.executable, "-m", "samehand")

State = Literal["running", "done", "failed", "cancelled"]


@dataclass(kw_only=True)
class Job:
    """One process that reads a log, and what it said so far."""

    job_id: str
    kind: Literal["check", "detect"]
    log: str
    """Path below the folder of logs."""
    out: Path | None
    options: Mapping[str, str]
    process: subprocess.Popen[str]
    started_at: datetime
    steps: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    answer: str = ""
    listeners: list[Thread] = field(default_factory=list)
    """They write down what the process says."""
    cancelled: bool = False
    run_id: int | None = None
    """Of the run that it made, once it is registered."""

    @property
    def state(self) -> State:
        """How it stands."""
        code = self.process.poll()
        if code is None or any(one.is_alive() for one in self.listeners):
            return "running"
        return "cancelled" if self.cancelled else "done" if code == 0 else "failed"

    @property
    def seconds(self) -> int:
        """Since it began."""
        return round((datetime.now(UTC) - self.started_at).total_seconds())


class Detections:
    """The jobs of an app; at most one runs at a time."""

    def __init__(self, folder: Path | None, command: Sequence[str] = SAMEHAND) -> None:
        """Offer the logs of a folder.

        Args:
            folder: Where logs are looked for and runs are written; None: neither is offered.
            command: What is called to read a log.
        """
        self.folder = None if folder is None else folder.resolve()
        self._command = tuple(command)
        self._jobs: dict[str, Job] = {}
        self._lock = Lock()

    def logs(self) -> list[tuple[str, int]]:
        """Give files that may be logs, by their paths below the folder, and their bytes."""
        if self.folder is None:
            return []
        found = sorted(_files(self.folder, self.folder, _DEEPEST))
        return found[:MOST_LOGS]

    def place(self, path: str) -> Path:
        """Give the file of a path below the folder.

        Raises:
            InputError: It is not below the folder, or not there.
        """
        if self.folder is None:
            raise InputError(
                "this app was started without a folder of logs", hint="samehand review --logs FOLDER"
            )
        try:
            found = (self.folder / path).resolve(strict=True)
        except (OSError, ValueError) as error:
            raise InputError(f"no file {visible(path)}", hint="a path below the folder of logs") from error
        if not found.is_relative_to(self.folder) or not found.is_file():
            raise InputError(f"{visible(path)} is no file below the folder of logs", hint="one of the list")
        return found

    def start(
        self, kind: Literal["check", "detect"], log: str, options: Mapping[str, str], name: str = ""
    ) -> Job:
        """Start reading a log, or detection in it.

        Args:
            kind: What to do.
            log: Path below the folder.
            options: Role -> column, and ``timezone``; empty ones are guessed.
            name: Of the run's folder, for ``detect``.

        Raises:
            InputError: There is no such log, the name cannot be a folder's, or another job is still running.
        """
        file = self.place(log)
        out = self._out(name) if kind == "detect" else None
        command = [*self._command, kind, str(file), *_arguments(options)]
        command += ["--json"] if out is None else ["--out", str(out)]
        with self._lock:
            if any(job.state == "running" for job in self._jobs.values()):
                raise InputError("another log is being read", hint="wait until it is done, or cancel it")
            process = subprocess.Popen(  # noqa: S603  (our own command; the log is a checked path, no shell)
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
                env=os.environ | {STEPS_VARIABLE: "1"},
            )
            job = Job(
                job_id=secrets.token_hex(8), kind=kind, log=log, out=out, options=dict(options),
                process=process, started_at=datetime.now(UTC),
            )  # fmt: skip
            job.listeners += [
                Thread(target=listen, args=(job,), daemon=True)
                for listen in (_listen_to_steps, _listen_to_answer)
            ]
            for one in job.listeners:
                one.start()
            self._jobs[job.job_id] = job
        return job

    def has_run(self, name: str) -> bool:
        """Tell whether there is a run of that name already."""
        return self.folder is not None and os.path.lexists(self.folder / RUNS / name)

    def job(self, job_id: str) -> Job | None:
        """Give a job; None where there is none of that id."""
        return self._jobs.get(job_id)

    def cancel(self, job: Job) -> None:
        """Stop a job; what it began to write is removed by it."""
        if job.state == "running":
            job.cancelled = True
            _signal(job, signal.SIGINT)  # as Ctrl-C: it cleans up behind itself
            try:
                job.process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                _signal(job, signal.SIGKILL)
            for one in job.listeners:
                one.join(_PATIENCE_S)

    def close(self) -> None:
        """Stop all jobs."""
        for job in self._jobs.values():
            self.cancel(job)

    def _out(self, name: str) -> Path:
        good = (
            name
            and len(name) <= 80
            and not name.startswith(".")
            and all(c.isalnum() or c in "-_. " for c in name)
        )
        if not good or self.folder is None:
            raise InputError(f"{visible(name)} cannot be the name of a run", hint="letters, digits, - and _")
        if self.has_run(name):
            raise InputError(f"there is a run {visible(name)} already", hint="another name")
        return self.folder / RUNS / name


def _arguments(options: Mapping[str, str]) -> Sequence[str]:
    chosen = {name: value.strip() for name, value in options.items() if value.strip()}
    zone = chosen.pop("timezone", None)
    return [f"--map={role}={column}" for role, column in chosen.items()] + (
        [f"--timezone={zone}"] if zone else []
    )


def _files(folder: Path, root: Path, deep: int) -> Iterator[tuple[str, int]]:
    with suppress(OSError):
        for one in folder.iterdir():
            if one.name.startswith(".") or one.is_symlink():
                continue
            if one.is_dir() and deep and not (one / "run.json").exists():
                yield from _files(one, root, deep - 1)
            elif one.is_file() and one.name.lower().endswith(SUFFIXES):
                yield str(one.relative_to(root)), one.stat().st_size


def _listen_to_steps(job: Job) -> None:
    for line in _lines(job.process.stderr):
        if line.startswith(STEP_MARK):
            job.steps.append(line.removeprefix(STEP_MARK))
            del job.steps[:-_MOST_LINES]
        elif len(job.said) < _MOST_LINES:
            job.said.append(line)


def _listen_to_answer(job: Job) -> None:
    job.answer = "\n".join(_lines(job.process.stdout))


def _lines(stream: IO[str] | None) -> Iterator[str]:
    if stream is not None:
        with stream:
            yield from (line.rstrip("\n") for line in stream)


def _signal(job: Job, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(job.process.pid, number)
