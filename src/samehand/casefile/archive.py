"""Seals files with a Merkle tree and packs them into one archive whose bytes depend on nothing but the files.

Files are stored, not compressed: a version of zlib changes no byte, nothing in a bundle can unpack to more than it
is, and a flipped byte is in one file (docs/decisions/0027-case-file.md).
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources import files as resources
from typing import Any, Final

from samehand.casefile import verifier
from samehand.errors import InputError

VERIFIER: Final = "verify.py"
"""Name of the verifier inside a bundle."""


def seal(
    files: Mapping[str, bytes],
    make_seals: Callable[[str], Mapping[str, bytes]],
    about: Mapping[str, Any],
) -> dict[str, bytes]:
    """Add a manifest with a Merkle tree, and the files that name its root.

    Args:
        files: Name -> content of what the tree covers. The verifier is added to it.
        make_seals: Given the root in hexadecimal, makes the files that name it, which the manifest lists beside the
            tree: no tree can cover its own root.
        about: What the manifest says besides.

    Returns:
        Name -> content of all files of the bundle.
    """
    covered = {**files, VERIFIER: resources(__package__).joinpath("verifier.py").read_bytes()}
    listed = [_listed(name, covered[name]) for name in sorted(covered)]
    root = verifier.merkle_root([verifier.leaf(one["path"], one["sha256"]) for one in listed]).hex()
    seals = make_seals(root)
    manifest = {
        **about,
        "format": verifier.FORMAT,
        "merkle_root": root,
        "merkle_tree": (
            "RFC 6962 Merkle Tree Hash with SHA-256 over files, in order of path; "
            "leaf = SHA-256(0x00 || path || 0x00 || SHA-256 of the content)"
        ),
        "files": listed,
        "seals": [_listed(name, seals[name]) for name in sorted(seals)],
    }
    return {**covered, **seals, verifier.MANIFEST: verifier.manifest_bytes(manifest)}


def _listed(name: str, content: bytes) -> dict[str, Any]:
    return {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def pack(files: Mapping[str, bytes]) -> bytes:
    """Pack files into a zip archive, in order of name, stored, without times.

    Raises:
        InputError: They are larger together than an archive without 64-bit extensions can be.
    """
    parts: list[bytes] = []
    directory: list[tuple[bytes, int, int, int]] = []
    at = 0
    for name in sorted(files):
        content, raw = files[name], name.encode("ascii")
        crc = binascii.crc32(content)
        head = verifier.local_header(raw, crc, len(content))
        parts += [head, content]
        directory.append((raw, crc, len(content), at))
        at += len(head) + len(content)
        if at > verifier.MOST_BYTES // 2:
            raise InputError(
                f"a bundle holds at most 2 GiB, and {name} makes it larger",
                hint="a fleet whose members have fewer or shorter texts",
            )
    lines = [verifier.central_header(*line) for line in directory]
    size = sum(len(line) for line in lines)
    return b"".join([*parts, *lines, verifier.end_record(len(lines), size, at)])
