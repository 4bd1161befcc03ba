"""Finds out what a user named: files, patterns, folders, sheets, database addresses or tables in memory."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from threading import Event
from typing import Final, Literal, TypeAlias

from samehand.errors import InputError, OptionError
from samehand.events.check import LeftOut
from samehand.events.formats.database import DatabaseAddress, parse_address

Format = Literal["parquet", "csv", "json", "excel"]
Compression = Literal["none", "gzip", "zstd"]

_FORMATS: Final[dict[str, Format]] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".ndjson": "json",
    ".jsonl": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
}
_COMPRESSIONS: Final[dict[str, Compression]] = {
    ".gz": "gzip",
    ".gzip": "gzip",
    ".zst": "zstd",
    ".zstd": "zstd",
}
_ENDINGS: Final = (
    ".parquet, .csv, .tsv, .ndjson, .jsonl or .json (each also .gz or .zst), .xlsx, .xls, .xlsb or .ods"
)
_HASH_BLOCK: Final = 1 << 23
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file, table or object that was read."""

    name: str
    """File name without its folder, or "in memory", or the address of a database without its password."""
    n_bytes: int | None
    sha256: str | None
    """Of the file's bytes; None where there is no file."""


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """A file, and how to read it."""

    path: Path
    format: Format
    compression: Compression
    sheet: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TableSource:
    """An object in memory that offers an Arrow stream."""

    table: object


AnySource: TypeAlias = FileSource | TableSource | DatabaseAddress


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the names of a user led to, in reading order."""

    sources: tuple[AnySource, ...]
    left_out: tuple[LeftOut, ...]


def find_sources(source: object) -> Found:
    """Turn a path, pattern, folder, address, table, or a sequence of them, into what is to be read.

    The files of a pattern or folder are sorted by name; otherwise the given order stays.

    Raises:
        InputError: Nothing is there, a file's kind is unknown, or an object is no table.
    """
    given = list(source) if isinstance(source, (list, tuple)) else [source]
    if not given:
        raise InputError(
            "no source is given", hint="a file, a pattern in quotes, a folder or a database address"
        )
    sources: list[AnySource] = []
    n_other = 0
    for item in given:
        found, skipped = _find(item)
        sources += found
        n_other += skipped
    once = list(dict.fromkeys(sources))
    left_out = []
    if n_other:
        left_out.append(
            LeftOut(what="files that are no logs", count=n_other, why=f"their names do not end in {_ENDINGS}")
        )
    if len(once) < len(sources):
        n_twice = len(sources) - len(once)
        left_out.append(LeftOut(what="files named twice", count=n_twice, why="each file is read once"))
    return Found(sources=tuple(once), left_out=tuple(left_out))


def _find(item: object) -> tuple[list[AnySource], int]:
    """Give the sources behind one item, and how many files beside them were passed over."""
    if hasattr(item, "__arrow_c_stream__"):
        return [TableSource(table=item)], 0
    if not isinstance(item, (str, PathLike)):
        raise InputError(
            f"cannot read a {type(item).__name__}",
            hint="a path, or a table with an Arrow stream: Polars, pandas 3, PyArrow or DuckDB",
        )
    text = str(fspath(item))
    if isinstance(item, str) and _URL.match(text):
        return [parse_address(text)], 0
    path = Path(text)
    if path.is_dir():
        return _keep_logs(
            text, (file for file in sorted(path.rglob("*")) if not _is_hidden(file, path)), "folder"
        )
    if path.exists():
        return [_file(path, None)], 0
    if re.search(r"[*?\[]", text):
        return _keep_logs(text, (Path(name) for name in sorted(glob.glob(text, recursive=True))), "pattern")
    book, separator, sheet = text.rpartition("#")
    if separator and Path(book).is_file():
        return [_file(Path(book), sheet)], 0
    raise InputError("no such file", where=text, hint=_hint_at_neighbours(path))


def _keep_logs(where: str, files: Iterable[Path], what: str) -> tuple[list[AnySource], int]:
    paths = [file for file in files if file.is_file()]
    logs: list[AnySource] = [_file(path, None) for path in paths if _formats(path)[0]]
    if not paths and what == "pattern":
        raise InputError(
            "the pattern matches no file", where=where, hint="check it with ls, and put it in quotes"
        )
    if not logs:
        raise InputError(
            f"no log among the {len(paths)} files of the {what}",
            where=where,
            hint=f"files that end in {_ENDINGS}",
        )
    return logs, len(paths) - len(logs)


def _is_hidden(file: Path, folder: Path) -> bool:
    """Tell the files that tools leave beside data: ``.crc``, ``_SUCCESS``, ``_metadata``."""
    return any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def _formats(path: Path) -> tuple[Format | None, Compression]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = _COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    if compression:
        suffixes.pop()
    return (_FORMATS.get(suffixes[-1]) if suffixes else None), compression or "none"


def _file(path: Path, sheet: str | None) -> FileSource:
    kind, compression = _formats(path)
    if kind is None:
        raise InputError("a file of unknown kind", where=str(path), hint=f"a name that ends in {_ENDINGS}")
    if not path.is_file():
        raise InputError("not a regular file", where=str(path), hint="write it to a file first")
    if kind == "excel" and compression != "none":
        raise InputError("a compressed workbook", where=str(path), hint="unpack it first")
    if sheet is not None and kind != "excel":
        raise OptionError(
            "only a workbook has sheets", where=f"{path}#{sheet}", hint="leave out the # and what follows"
        )
    return FileSource(path=path, format=kind, compression=compression, sheet=sheet)


def _hint_at_neighbours(path: Path) -> str:
    from difflib import get_close_matches

    names = sorted(file.name for file in path.parent.iterdir()) if path.parent.is_dir() else []
    near = get_close_matches(path.name, names, n=3)
    return f"{', '.join(near)}, which is there" if near else "check the path"


def name_of(source: AnySource) -> str:
    """Name a source for people and records: without folders, passwords or contents."""
    if isinstance(source, TableSource):
        return "in memory"
    if isinstance(source, DatabaseAddress):
        return source.shown
    return source.path.name if source.sheet is None else f"{source.path.name}#{source.sheet}"


class Hashes:
    """The sources' hashes, computed beside the reading."""

    def __init__(self, sources: Sequence[AnySource], executor: Executor) -> None:
        self._stop = Event()
        self._futures = [executor.submit(self._hash, source) for source in sources]

    def results(self) -> tuple[Source, ...]:
        """Wait for all of them; in the order of the sources."""
        return tuple(future.result() for future in self._futures)

    def stop(self) -> None:
        """Give up."""
        self._stop.set()

    def _hash(self, source: AnySource) -> Source:
        if not isinstance(source, FileSource):
            return Source(name=name_of(source), n_bytes=None, sha256=None)
        digest, n_bytes = hashlib.sha256(), 0
        with source.path.open("rb", buffering=0) as file:
            while not self._stop.is_set() and (block := file.read(_HASH_BLOCK)):
                digest.update(block)
                n_bytes += len(block)
        return Source(name=name_of(source), n_bytes=n_bytes, sha256=digest.hexdigest())


@contextmanager
def hashing(sources: Sequence[AnySource]) -> Iterator[Hashes]:
    """Hash the sources in a thread of its own; on an error inside, do not wait for it to finish."""
    with ThreadPoolExecutor(1) as executor:
        hashes = Hashes(sources, executor)
        try:
            yield hashes
        finally:
            hashes.stop()
