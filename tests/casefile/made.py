"""Small bundles made by hand, and the ways to change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from samehand.casefile.archive import pack, seal
from samehand.casefile.verifier import NoBundleError, check

FILES = {
    "a.txt": b"first\n",
    "raw/events.jsonl": b'{"account":"x"}\n' * 9,
    "tables/fleet.jsonl": b"{}\n",
    "z/empty.txt": b"",
}


def statement(root: str) -> dict[str, bytes]:
    return {"statement.txt": f"root {root}\n".encode()}


def sealed(files: Mapping[str, bytes] = FILES) -> dict[str, bytes]:
    """Give all files of a bundle."""
    return seal(files, statement, {"fleet": "F0001", "samehand": "0"})


def resealed(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Change files of a bundle and seal them anew, as a forger would who knows all of this."""
    found, problems, _ = check(str(bundle))
    assert problems == []
    own = ("manifest.json", "statement.txt", "verify.py", "timestamp-request.tsq")
    files = {name: content for name, content in found.items() if name not in own and content is not None}
    change(files)
    return pack(sealed(files))


def told(path: Path, root: str = "") -> str:
    """Everything that a verifier says is wrong; empty: nothing."""
    try:
        return "\n".join(check(str(path), root)[1])
    except NoBundleError as error:
        return f"no bundle: {error}"
