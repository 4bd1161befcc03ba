"""Where events come from. One file a kind of source, one line here."""

from __future__ import annotations

from pathlib import Path

from samehand.errors import OptionError
from samehand.online.settings import StreamSettings
from samehand.online.sources.interface import Source
from samehand.online.sources.lines import GrowingFile, StandardInput
from samehand.online.sources.parquet_folder import ParquetFolder
from samehand.online.sources.redis_stream import RedisStream

__all__ = ["Source", "open_source"]


def open_source(name: str, settings: StreamSettings, *, follow: bool) -> Source:
    """Open what a source is called: ``-``, a file, a folder, or ``redis://HOST:PORT/STREAM``.

    Args:
        name: As given.
        settings: Of the stream.
        follow: Wait for more at the end of a file or folder; else the stream ends there.

    Raises:
        OptionError: There is no such source.
    """
    if name == "-":
        return StandardInput(settings)
    if name.startswith(("redis://", "rediss://")):
        return RedisStream(name, settings, follow=follow)
    path = Path(name)
    if path.is_dir():
        return ParquetFolder(path, settings, follow=follow)
    if not path.exists():
        raise OptionError("is not there", where=name, hint="a file of JSON lines, a folder of Parquet, or -")
    return GrowingFile(path, settings, follow=follow)
