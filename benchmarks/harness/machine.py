"""What a figure was measured on: without it, a figure says nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("duckdb", "numba", "numpy", "pyarrow", "scikit-network", "scipy")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One machine, and the software on it, at one time."""

    cores: int
    """Those that this process may use."""
    cpu: str
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]
    samehand: str
    commit: str
    """With "and changes" where the tree differs from it."""
    date: str

    def to_text(self) -> str:
        """Say it in four lines."""
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return (
            f"Measured {self.date} on {self.cores} cores of {self.cpu}, {self.memory_gib:.0f} GiB of memory,\n"
            f"{self.system}; Python {self.python},\n"
            f"{packages};\n"
            f"samehand {self.samehand}, commit {self.commit}."
        )

    def to_dict(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return asdict(self)


def describe_machine() -> Machine:
    """Describe the machine that this runs on."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        cpu=_cpu_model(),
        memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: _version(name) for name in PACKAGES},
        samehand=_version("samehand"),
        commit=_commit(),
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    for line in text.splitlines():
        if line.startswith(("model name", "Model")):
            return " ".join(line.split(":", 1)[1].split())
    return platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    try:
        commit = _git("rev-parse", "--short=10", "HEAD")
        changes = _git("status", "--porcelain", "--untracked-files=no", "--", "src", "benchmarks/*.py")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit} and changes" if changes else commit


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()
