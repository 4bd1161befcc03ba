"""Tells whether a run folder is still the one that a bundle was made from, by the hashes of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from samehand.casefile.figures import Figure
from samehand.errors import InputError


@dataclass(frozen=True)
class _Facts:
    """The part of case.json that is about the run's files."""

    run_files_sha256: dict[str, str]


def hash_run(folder: Path, names: list[str]) -> dict[str, str]:
    """Give the SHA-256 of those files of a run that are there: runs of older versions lack some tables."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in names
        if (folder / name).is_file()
    }


def hold_against_run(files: Mapping[str, bytes | None], folder: Path) -> list[Figure]:
    """Compare the files of a run with their hashes in a bundle: one figure a file, its hash.

    Raises:
        InputError: There is no such folder, or the bundle holds no hashes.
    """
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder), hint="the folder that `samehand detect` wrote")
    try:
        stated = msgspec.json.decode(files.get("case.json") or b"", type=_Facts).run_files_sha256
    except msgspec.DecodeError as error:
        raise InputError(
            f"the bundle holds no hashes of a run: {error}",
            where="case.json",
            hint="the bundle as it was handed over",
        ) from error
    now = hash_run(folder, [name for name in stated if Path(name).name == name])
    return [Figure(name, sha256, now.get(name, "missing")) for name, sha256 in stated.items()]
