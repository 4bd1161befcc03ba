"""Puts finished files and folders in their place: whole or not at all, and what was there stays until then."""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from samehand.errors import OptionError

if sys.platform != "win32":
    import fcntl

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
_OURS: Final = "samehand-"
"""In the name of an unfinished folder: what is called otherwise is somebody else's, and stays."""
_JUST_MADE_S: Final = 60
"""A folder so young may not be locked yet."""
_CANNOT: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})
"""What a system or file system answers that cannot exchange two names."""


def write_whole(path: Path, content: bytes) -> None:
    """Write beside ``path``, then rename.

    Raises:
        OSError: The file cannot be written; what was there stays.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_named(path: Path, content: bytes, what: str) -> None:
    """Write a file that the user named, whole or not at all; ``what`` it is ("the report").

    Raises:
        OptionError: It cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise OptionError(
            f"cannot write {what}: {error.strerror}",
            where=str(path),
            hint="a file in a folder that exists",
        ) from error


def check_folder(folder: Path, may_go: Callable[[Path], bool], what: str) -> None:
    """Refuse a folder that cannot be written, or that holds something other than ``what`` ("a run folder").

    Args:
        folder: Where something is to be put.
        may_go: Whether what is in a folder may be replaced; an empty one may.
        what: What is put there.

    Raises:
        OptionError: It is a file, or a folder with other things in it, or in a place where no folder can be.
    """
    if os.path.lexists(folder) and not (folder.is_dir() and (not any(folder.iterdir()) or may_go(folder))):
        raise OptionError(f"exists and is not {what}", where=str(folder), hint="another --out")
    check_place(folder)


def check_place(folder: Path) -> None:
    """Refuse a folder that cannot be made where it is wanted, before any work is done for it.

    Raises:
        OptionError: Nothing can be written there.
    """
    place = folder.resolve().parent
    while not place.exists():
        place = place.parent
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        raise OptionError(
            f"cannot be made, since {place} is no folder that can be written to",
            where=str(folder),
            hint="another --out",
        )


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``; on success it takes that folder's place, on failure it is removed.

    Whoever calls it has made sure that what is there may go. A link stays a link; the folder behind it is replaced.

    Raises:
        OptionError: No folder can be made there.
        OSError: What is inside cannot be written.
    """
    asked, folder = folder, folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.{_OURS}", dir=folder.parent))
    except OSError as error:
        raise OptionError(
            f"cannot be written: {error.strerror}", where=str(asked), hint="another --out"
        ) from error
    lock = _lock(fresh)
    try:
        _remove_abandoned(folder, fresh)
        yield fresh
        fresh.chmod(0o755)
        if folder.exists():
            _exchange(fresh, folder)
        else:
            os.replace(fresh, folder)
    finally:
        # Holds what was not finished, or what was there before.
        shutil.rmtree(fresh, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder until the handle is closed or the process ends; None where that cannot be, or another has it."""
    if sys.platform == "win32":  # what a kill leaves stays until somebody removes it
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove_abandoned(folder: Path, fresh: Path) -> None:
    """Remove unfinished folders beside ``folder`` whose processes were killed: nobody holds their locks any more."""
    begun = list(folder.parent.glob(f".{glob.escape(folder.name)}.{_OURS}*"))
    if any(one.suffix == ".old" for one in begun):  # killed between two renames: it may be the only copy
        return
    for left in begun:
        with suppress(OSError):
            if left == fresh or left.is_symlink() or time.time() - left.stat().st_mtime < _JUST_MADE_S:
                continue
            lock = _lock(left)
            if lock is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


def _exchange(fresh: Path, folder: Path) -> None:
    """Exchange two folders, at once where the system can: then no kill can come between."""
    if _exchange_at_once(fresh, folder):
        return
    old = fresh.with_name(f"{fresh.name}.old")
    os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except BaseException:
        os.rename(old, folder)
        raise
    with suppress(OSError):
        os.rename(old, fresh)


def _exchange_at_once(one: Path, other: Path) -> bool:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))
