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
from samehand.events.formats.interface import Column, LoadedColumn, LoadedPart, Part, locate
from samehand.events.sources import FileSource
from samehand.events.sql import DatabaseError, Session, fetch_row, literal, literals, message, path_pattern

_N_HEAD: Final = 20_000
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
        """Copy the wanted values into a Parquet file, in order: as texts, with their JSON types beside."""
        copy = scratch / f"log_{first_row}.parquet"
        n = len(wanted)
        pointers = literals([_pointer(column.path) for column in wanted])
        table = (
            f"(SELECT json_extract_string(json, [{pointers}]) AS v, json_type(json, [{pointers}]) AS t, "  # noqa: S608
            f"filename, json_type(json) AS outermost FROM {self._table})"
        )
        expressions = [f"{each}[{i + 1}]" for each in "vt" for i in range(n)]
        try:
            patterns = [path_pattern(path) for path in self._paths]
            copy_rows(session, [*expressions, "filename", "outermost"], table, copy, [patterns])
        except DatabaseError as error:
            raise self._explain(error) from error
        files = count_rows(session, copy, f"c{2 * n}", self._paths, first_row)
        columns = {
            column.name: LoadedColumn(sql=f"c{i}", kind="json", json_type=f"c{n + i}")
            for i, column in enumerate(wanted)
        }
        part = view_copy(session, copy, columns, files, f"c{2 * n}")
        query = f"SELECT min(\"row\") AS first FROM {part.view} WHERE c{2 * n + 1} <> 'OBJECT'"  # noqa: S608
        other = fetch_row(session, query)["first"]
        if other is not None:
            hint = "one object {...} a line, or an array of them"
            raise InputError("the row is no JSON object", where=str(locate([part], other)), hint=hint)
        return part

    def _read_columns(self, session: Session) -> tuple[Column, ...]:
        structure: dict[str, Any] = {}
        rows: list[Any] = []
        for path in self._paths[:_N_FILES_IN_HEAD]:
            file = [[path_pattern(path)]]
            head = f"SELECT json FROM {self._table} LIMIT "  # noqa: S608
            try:
                objects = f"({head}{_N_HEAD}) WHERE json_type(json) = 'OBJECT'"
                query = f"SELECT json_group_structure(json) FROM {objects}"  # noqa: S608
                found = session.execute(query, file).fetchone()
                rows += [
                    json.loads(text) for (text,) in session.execute(f"{head}{_N_EXAMPLES}", file).fetchall()
                ]
            except DatabaseError as error:
                raise self._explain(error) from error
            new = json.loads(found[0]) if found and found[0] else {}
            if not new:
                hint = "one object {...} a line"
                raise InputError("the file holds no JSON objects", where=str(path), hint=hint)
            _merge(structure, new)
        return tuple(_columns(structure, (), rows[:_N_EXAMPLES]))

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
