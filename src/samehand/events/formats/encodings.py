"""Says where a text file stops being UTF-8, and what it seems to be instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from samehand.errors import InputError
from samehand.events.sources import Compression, FileSource

_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_SAMPLE_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 1 << 20


def read_bytes(path: Path, compression: Compression) -> pa.NativeFile:
    """Open a file for reading, unpacked."""
    codec: Any = None if compression == "none" else compression  # the stubs lack None
    return pa.input_stream(path, compression=codec)


def check_whole(file: FileSource) -> None:
    """Check that a compressed file can be unpacked: its head, or all where nobody would notice the loss.

    DuckDB takes the rows that a Zstandard file lost with its end for never written.

    Raises:
        InputError: The file is damaged, cut short, or not compressed.
    """
    if file.compression == "none":
        return
    try:
        with read_bytes(file.path, file.compression) as stream:
            while stream.read(_BLOCK_BYTES) and file.compression == "zstd":
                pass
    except OSError as error:
        raise InputError(
            f"no whole {file.compression} file: {error}",
            where=str(file.path),
            hint="write or copy the file again",
        ) from error


def not_utf8(path: Path, compression: Compression) -> InputError:
    """Make the error for a text file that is not UTF-8: the line, and the encoding that seems right."""
    bad = list(_bad_lines(path, compression))
    number = bad[0][0] if bad else 1
    encoding = guess_encoding(b"".join(line for _, line in bad))
    return InputError(
        f"the text is not UTF-8; it seems to be {encoding}",
        where=f"{path}, line {number:,}",
        hint=f"convert it: iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}",
    )


def _bad_lines(path: Path, compression: Compression) -> Iterator[tuple[int, bytes]]:
    """Give the first lines that are not UTF-8, about a sample's worth of bytes, with their numbers."""
    n_bytes = 0
    with read_bytes(path, compression) as file:
        for number, line in enumerate(_lines(file), start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                yield number, line
                n_bytes += len(line)
            if n_bytes > _SAMPLE_BYTES:
                return


def _lines(file: pa.NativeFile) -> Iterator[bytes]:
    rest = b""
    while block := file.read(_BLOCK_BYTES):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    yield rest


def guess_encoding(sample: bytes) -> str:
    """Name the encoding that lines which are not UTF-8 seem to be in.

    A guess from how bytes above 127 pair up, for a message; nothing is decoded with it.

    >>> guess_encoding("张三,李四".encode("gbk")), guess_encoding("José".encode("cp1252"))
    ('GB18030', 'WINDOWS-1252')
    """
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in sample[:4]:
        return "UTF-16"
    runs = _HIGH_RUN.findall(sample)
    japanese = _decode(sample, "shift_jis")
    if japanese and _share(japanese, r"[\u3041-\u30ff]") > 0.3:
        return "SHIFT_JIS"
    pairs = sum(len(run) for run in runs if len(run) % 2 == 0) / max(sum(map(len, runs)), 1)
    if pairs > 0.7:
        korean = _decode(sample, "cp949")
        if korean and _share(korean, r"[\uac00-\ud7a3]") > 0.95:
            return "CP949"
        if _decode(sample, "gb18030"):
            return "GB18030"
    # In other scripts, a pair eats the letter behind an accent, and such pairs stand alone.
    if re.search("[\u4e00-\u9fff]{2}", _decode(sample, "big5")):
        return "BIG5"
    return "WINDOWS-1252"


def _decode(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _share(text: str, pattern: str) -> float:
    """Of the characters beyond ASCII."""
    n_beyond = sum(character > "\x7f" for character in text)
    return len(re.findall(pattern, text)) / max(n_beyond, 1)
