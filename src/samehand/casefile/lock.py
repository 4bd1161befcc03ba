"""What was installed when a bundle was made: a lock file of samehand and all that it needs."""

from __future__ import annotations

import platform
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import Final

from samehand.version import __version__

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_SELF: Final = "samehand"


def lock_file() -> bytes:
    """List samehand and what it needs, directly or not, as ``name==version`` lines that pip reads.

    Libraries for other systems, which are not installed, are left out. Where samehand runs without being installed,
    all that is installed is listed.
    """
    found: dict[str, str] = {}
    wanted = [_SELF] if _installed(_SELF) else [one.name for one in distributions()]
    while wanted:
        name = wanted.pop()
        if _plain(name) in found:
            continue
        installed = _installed(name)
        if installed is None:
            continue
        found[_plain(name)] = __version__ if name == _SELF else installed.version
        wanted += _needed(installed)
    lines = [
        f"# Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        *(f"{name}=={found[name]}" for name in sorted(found)),
    ]
    return ("\n".join(lines) + "\n").encode()


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _needed(installed: Distribution) -> list[str]:
    """Name what a distribution needs, without its extras."""
    found = [_NAME.match(line) for line in installed.requires or () if not re.search(r";.*\bextra\b", line)]
    return [match.group() for match in found if match]


def _plain(name: str) -> str:
    """Write a name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
