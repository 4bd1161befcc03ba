"""Reads JSON files: one object a line, or an array of objects. Values keep their JSON type at first."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from samehand.errors import InputError
from samehand.events.formats.copies import copy_rows, count_rows, view_copy
from samehand.events.formats.encodings import check_whole, not_utf8, read_bytes
from samehand.events.formats.interface import Column, LoadedPart, Part, locate
from samehand.events.sources import FileSource
from samehand.events.sql import DatabaseError, Session, literal, literals, message, path_pattern

_N_HEAD: Final = 2_000
_N_EXAMPLES: Final = 200
_N_FILES_IN_HEAD: Final = 20
_DEEPEST: Final = 4


class JsonPart(Part):
    """Files of JSON objects, which need not all have the same keys."""

    def __init__(self, session: Session, files: Sequence[FileSource]) -> None:
        self._paths = [file.path for file in files]
        self.name = str(self._paths[0]) + (f" and {len(files) - 1} more" if len(files) > 1 else "")
        self._files = files
        compression = literal(files[0].compression)
        self._table = f"read_json_objects(?, filename = true, compression = {compression})"
        self.columns = self._read_columns(session)

    def load(self, session: Session, wanted: Sequence[Column], scratch: Path, first_row: int) -> LoadedPart:
        """Copy the wanted values into a Parquet file, as JSON texts, in order."""
        copy = scratch / f"log_{first_row}.parquet"
        pointers = literals([_pointer(column.path) for column in wanted])
        values = f"json_extract(json, [{pointers}]) AS v, json_type(json) AS kind, filename"
        table = f"(SELECT {values} FROM {self._table})"  # noqa: S608
        expressions = [*(f"v[{i + 1}]" for i in range(len(wanted))), "filename", "kind"]
        try:
            copy_rows(session, expressions, table, copy, [[path_pattern(path) for path in self._paths]])
        except DatabaseError as error:
            raise self._explain(error) from error
        files = count_rows(session, copy, f"c{len(wanted)}", self._paths, first_row)
        part = view_copy(session, copy, wanted, files)
        rows = f"read_parquet({literal(str(copy))})"
        query = f"SELECT min(file_row_number) FROM {rows} WHERE c{len(wanted) + 1} <> 'OBJECT'"  # noqa: S608
        other = session.execute(query).fetchone()
        if other and other[0] is not None:
            where = str(locate([part], other[0] + first_row))
            raise InputError(
                "the row is no JSON object", where=where, hint="one object {...} a line, or an array of them"
            )
        return part

    def _read_columns(self, session: Session) -> tuple[Column, ...]:
        structure: dict[str, Any] = {}
        rows: list[Any] = []
        query = f"SELECT json FROM {self._table} LIMIT {_N_HEAD}"  # noqa: S608
        for path in self._paths[:_N_FILES_IN_HEAD]:
            try:
                head = f"SELECT json_group_structure(json) FROM ({query})"  # noqa: S608
                found = session.execute(head, [[path_pattern(path)]]).fetchone()
                if len(rows) < _N_EXAMPLES:
                    texts = session.execute(
                        f"{query[: query.rindex(' ')]} {_N_EXAMPLES}", [[path_pattern(path)]]
                    ).fetchall()
                    rows += [json.loads(text) for (text,) in texts]
            except DatabaseError as error:
                raise self._explain(error) from error
            new = json.loads(found[0]) if found and found[0] else {}
            if not isinstance(new, dict):
                raise InputError(
                    "the file holds no JSON objects", where=str(path), hint="one object {...} a line"
                )
            _merge(structure, new)
        return tuple(_columns(structure, (), rows))

    def _explain(self, error: DatabaseError) -> InputError:
        text = message(error)
        path = next((path for path in self._paths if f'"{path}"' in text), self._paths[0])
        file = next(file for file in self._files if file.path == path)
        if "UTF-8" in text:
            return not_utf8(path, file.compression)
        try:
            line = _first_bad_line(file)
        except OSError as broken:
            return InputError(
                f"cannot be read: {broken}", where=str(path), hint="is the file whole? copy it again"
            )
        where = f"{path}, line {line:,}" if line else str(path)
        return InputError(
            f"not valid JSON: {text.rpartition(': ')[2]}", where=where, hint="repair or remove the line"
        )


def open_json(session: Session, files: Sequence[FileSource]) -> list[Part]:
    """Open JSON files; neighbours of the same compression become one part.

    Raises:
        InputError: A file is not UTF-8, is cut short, or holds no JSON objects.
    """
    for file in files:
        check_whole(file)
    return [
        JsonPart(session, list(group))
        for _, group in itertools.groupby(files, key=lambda file: file.compression)
    ]


def _merge(structure: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Add the keys of one file to those of the others, in order."""
    for key, value in new.items():
        known = structure.setdefault(key, value)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value)


def _columns(structure: Mapping[str, Any], outer: tuple[str, ...], rows: Sequence[Any]) -> Iterator[Column]:
    for key, kind in structure.items():
        values = [row.get(key) if isinstance(row, dict) else None for row in rows]
        path = (*outer, key)
        nested = isinstance(kind, dict)
        examples = tuple(str(value) for value in values if isinstance(value, (str, int, float)))
        yield Column(name=".".join(path), kind="nested" if nested else "json", path=path, examples=examples)
        if nested and len(path) < _DEEPEST:
            yield from _columns(kind, path, values)


def _pointer(path: tuple[str, ...]) -> str:
    """Write a path as a JSON pointer.

    >>> _pointer(("actor", "a/b"))
    '/actor/a~1b'
    """
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def _first_bad_line(file: FileSource) -> int:
    """Find the first line that is no JSON value; 0 where the file is not written line by line."""
    rest = b""
    number = 0
    with read_bytes(file.path, file.compression) as stream:
        while block := stream.read(1 << 20):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                number += 1
                if line.strip() and not _is_json(line):
                    return 0 if number == 1 and line.lstrip()[:1] in b"[{" and len(line) < 3 else number
    return number + 1 if rest.strip() and not _is_json(rest) else 0


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
