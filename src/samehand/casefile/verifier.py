"""Verifies a case bundle of samehand. Needs Python 3.8 or newer and nothing else: python3 -I verify.py BUNDLE [ROOT].

BUNDLE is the .zip as it was handed over, or the folder it was unpacked to. ROOT is the Merkle root on the signed
statement; without it, compare the root that is printed by eye. Every file that is changed, missing or extra is named,
and so are changed bytes of the archive between the files. Exit code: 0 nothing found, 1 something found, 2 no bundle.
A verifier that came with a bundle is as trustworthy as the bundle: take this file from a source of your own.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import mmap
import os
import re
import struct
import sys
from typing import Any

MANIFEST, STATEMENT, FORMAT = "manifest.json", "statement.txt", "samehand case bundle 1"
MOST_BYTES, MOST_FILES = 2**32 - 1, 1000
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*(/[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*)*")
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


class NoBundleError(Exception):
    """What was given cannot be read as a bundle at all."""


def local_header(name: bytes, crc: int, size: int) -> bytes:
    """Give what stands before a file: stored, not compressed; 1980-01-01 as in all archives of samehand."""
    return _LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, 33, crc, size, size, len(name), 0) + name


def central_header(name: bytes, crc: int, size: int, at: int) -> bytes:
    """Give the file's line in the directory: a plain file with the rights 0644."""
    head = (b"PK\1\2", 0x0314, 20, 0, 0, 0, 33, crc, size, size)
    return _CENTRAL.pack(*head, len(name), 0, 0, 0, 0, 0o100644 << 16, at) + name


def end_record(n: int, size: int, offset: int) -> bytes:
    """Give the end of the archive."""
    return _END.pack(b"PK\5\6", 0, 0, n, n, size, offset, 0)


def leaf(name: str, sha256: str) -> bytes:
    """Hash a file of the tree: the prefix 0 of RFC 6962, its name, a zero byte, the hash of its content."""
    return hashlib.sha256(b"\0" + name.encode() + b"\0" + bytes.fromhex(sha256)).digest()


def merkle_root(leaves: list[bytes]) -> bytes:
    """Give the Merkle Tree Hash of RFC 6962 over leaves that are hashed already."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + merkle_root(leaves[:cut]) + merkle_root(leaves[cut:])).digest()


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """Write a manifest in the one way in which it may be written."""
    return (json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False) + "\n").encode("ascii")


def read_archive(data: mmap.mmap, problems: list[str]) -> dict[str, bytes | None]:
    """Give name -> content of an archive's files (None: not read); what samehand would not write is a problem."""
    start = len(data) - _END.size
    if start < 0 or data[start : start + 4] != b"PK\5\6":
        raise NoBundleError("no end of the archive: it was cut off, lengthened, or is no zip")
    _, _, _, _, n, size, offset, _ = _END.unpack(data[start:])
    if offset + size != start or n > MOST_FILES or data[start:] != end_record(n, size, offset):
        problems.append("archive: its last 22 bytes are changed")
    files: dict[str, bytes | None] = {}
    place, expected, n_read = offset, 0, 0
    for number in range(1, min(n, MOST_FILES) + 1):
        head = data[place : place + _CENTRAL.size]
        if place + _CENTRAL.size > start or head[:4] != b"PK\1\2":
            problems.append(f"archive: its directory is damaged or cut at file {number} of {n}")
            break
        part = _CENTRAL.unpack(head)
        crc, packed, size, at = part[7], part[8], part[9], part[16]
        raw = data[place + _CENTRAL.size : place + _CENTRAL.size + part[10]]
        place += _CENTRAL.size + part[10] + part[11] + part[12]
        name = raw.decode("utf-8", "replace")
        if not NAME.fullmatch(name) or part[15] >> 28 not in (0, 8):
            problems.append(f"{shown(name)}: no name or kind of file that a bundle has; not read")
        elif name in files:
            problems.append(f"{name}: twice in the archive; the second was not read")
        elif part[4] or packed != size or at + size > offset or n_read + size > offset:
            problems.append(f"{name}: packed, or not inside of the archive; not read")
            files[name] = None
        else:
            body = at + _LOCAL.size + sum(struct.unpack("<2H", data[at + 26 : at + 30].ljust(4, b"\0")))
            content = files[name] = data[body : body + size]
            if head + raw != central_header(raw, crc, size, at):
                problems.append(f"{name}: its line in the archive's directory is changed")
            if at != expected or data[at:body] != local_header(raw, crc, size):
                problems.append(
                    f"{name}: it is out of place, or the bytes before it in the archive are changed"
                )
            if binascii.crc32(content) != crc:
                problems.append(f"{name}: its check sum (CRC-32) is wrong")
            expected, n_read = body + size, n_read + size
    if expected != offset or place != start or list(files) != sorted(files):
        problems.append("archive: files are out of order, or bytes lie between or after them")
    return files


def read_folder(folder: str, problems: list[str]) -> dict[str, bytes | None]:
    """Give name -> content of the files of an unpacked bundle; links and odd names are not read."""
    files: dict[str, bytes | None] = {}
    for path, folders, names in os.walk(folder):
        for name in sorted(folders + names):
            full = os.path.join(path, name)
            inside = os.path.relpath(full, folder).replace(os.sep, "/")
            plain = not os.path.islink(full) and (os.path.isfile(full) or os.path.isdir(full))
            if not plain or not NAME.fullmatch(inside):
                problems.append(f"{shown(inside)}: no name or kind of file that a bundle has; not read")
            elif name in names:
                with open(full, "rb") as file:
                    files[inside] = file.read()
    return files


def shown(text: str) -> str:
    """Write a text from outside on one line, without signs that move a terminal's cursor."""
    return ascii(text)[:200]


def read_manifest(content: bytes | None) -> dict[str, Any]:
    """Give the manifest, or say why it cannot be one."""
    if content is None:
        raise NoBundleError(f"{MANIFEST} is missing: no bundle of samehand, or a damaged one")
    try:
        manifest: dict[str, Any] = json.loads(content)
        listed = [(one["path"], one["sha256"]) for part in ("files", "seals") for one in manifest[part]]
        good = manifest["format"] == FORMAT and manifest_bytes(manifest) == content
        good = good and len({path for path, _ in listed}) == len(listed)
        good = good and all(NAME.fullmatch(path) and len(bytes.fromhex(hex_)) == 32 for path, hex_ in listed)
    except (ValueError, TypeError, KeyError, RecursionError):
        good = False
    if not good:
        raise NoBundleError(f"{MANIFEST} is changed or damaged: nothing can be compared with it")
    return manifest


def compare(files: dict[str, bytes | None], problems: list[str], root: str) -> str:
    """Compare files with their manifest; give the root that the manifest states."""
    manifest = read_manifest(files.get(MANIFEST))
    listed = {one["path"]: one for part in ("files", "seals") for one in manifest[part]}
    for name in sorted(listed.keys() | (files.keys() - {MANIFEST})):
        content = files.get(name)
        if name not in listed:
            problems.append(f"{name}: extra, the manifest does not list it")
        elif name not in files:
            problems.append(f"{name}: missing")
        elif content is not None and hashlib.sha256(content).hexdigest() != listed[name]["sha256"]:
            problems.append(f"{name}: changed, its SHA-256 is not {listed[name]['sha256']}")
    stated = str(manifest.get("merkle_root"))
    if merkle_root([leaf(one["path"], one["sha256"]) for one in manifest["files"]]).hex() != stated:
        problems.append(f"{MANIFEST}: changed, its Merkle root does not follow from its hashes")
    if stated.encode() not in (files.get(STATEMENT) or b""):
        problems.append(f"{STATEMENT}: names another Merkle root than the manifest")
    if root and root.lower() != stated:
        problems.append(f"{MANIFEST}: not the bundle of that root; its root is {shown(stated)}")
    return stated


def check(path: str, root: str = "") -> tuple[dict[str, bytes | None], list[str], str]:
    """Check a bundle, zip or folder: give its files by name, what is wrong, and its Merkle root."""
    problems: list[str] = []
    try:
        if os.path.isdir(path):
            files = read_folder(path, problems) if os.path.isfile(os.path.join(path, MANIFEST)) else {}
        else:
            with open(path, "rb") as file:
                if not 0 < os.fstat(file.fileno()).st_size <= MOST_BYTES:
                    raise NoBundleError("empty, or larger than a bundle can be")
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    files = read_archive(data, problems)
        return files, problems, compare(files, problems, root)
    except NoBundleError as error:
        raise NoBundleError("\n".join([*problems, str(error)])) from None


def main(arguments: list[str]) -> int:
    """Check the bundle that is named, or the folder that this file lies in."""
    path = arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__))
    try:
        files, problems, root = check(path, *arguments[1:2])
    except (OSError, NoBundleError) as error:
        print(f"{error}\n{path}: no bundle that can be verified")  # noqa: T201
        return 2
    said = f"{len(problems)} problems" if problems else f"sound, {len(files)} files"
    print("\n".join([*problems, f"{path}: {said}", f"Merkle root {root}"]))  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
