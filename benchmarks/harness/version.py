"""A fingerprint of the code that a figure depends on: a figure of other code is not taken for this one's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from harness.machine import ROOT

WITHOUT_INFLUENCE = ("report", "texts", "compat", "cli.py", "shown.py", "explain.py", "frame.py")
"""Parts of samehand that only show what was found, and do not decide what."""


def code_version(others: Iterable[Path] = (), *, without: tuple[str, ...] = ()) -> str:
    """Hash the sources of samehand without some parts, and other files or folders of code."""
    package = ROOT / "src" / "samehand"
    files = [file for file in package.rglob("*.py") if file.relative_to(package).parts[0] not in without]
    for other in others:
        files += [other] if other.is_file() else other.rglob("*.py")
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
