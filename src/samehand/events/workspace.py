"""The folders that reading a log works in: nothing half-written is left in them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from samehand.errors import OptionError


class PrivateFolder:
    """A temporary folder that goes when this object goes."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="samehand-"))
        self._finalizer = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder now."""
        self._finalizer()


class Workspace:
    """Where events go, and a folder for everything that is needed on the way."""

    def __init__(self, folder: Path | None) -> None:
        self.private_folder = PrivateFolder() if folder is None else None
        self.folder = self.private_folder.path if self.private_folder else folder or Path()
        self.scratch = Path(tempfile.mkdtemp(prefix=".reading-", dir=self.folder))

    def keep(self, file: Path) -> Path:
        """Move a finished file out of the scratch folder."""
        kept = self.folder / file.name
        os.replace(file, kept)
        return kept


@contextmanager
def open_workspace(folder: str | PathLike[str] | None) -> Iterator[Workspace]:
    """Open a workspace in a folder, or in a private one; its scratch folder is removed at the end.

    Raises:
        OptionError: The folder cannot be made or written to.
    """
    try:
        path = None if folder is None else Path(folder)
        if path is not None:
            path.mkdir(parents=True, exist_ok=True)
        workspace = Workspace(path)
    except OSError as error:
        raise OptionError(
            f"cannot write here: {error.strerror}", where=str(folder), hint="another folder"
        ) from error
    try:
        yield workspace
    except BaseException:
        if workspace.private_folder:
            workspace.private_folder.remove()
        raise
    finally:
        shutil.rmtree(workspace.scratch, ignore_errors=True)
