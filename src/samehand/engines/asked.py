"""What layers ask for beyond the columns read at once: codes of more columns, words, ages, networks, tags, names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa

from samehand.arrays import I64
from samehand.columns import Role
from samehand.engines import coding, sign_ups, texts
from samehand.engines.contacts import persons
from samehand.engines.interface import Asking, Columns
from samehand.engines.names import patterns
from samehand.engines.networks import networks
from samehand.engines.tags import tags


def with_what_is_asked(
    columns: Columns,
    layer: Asking,
    roles: frozenset[Role],
    database: duckdb.DuckDBPyConnection,
    row: I64,
    sign_up_us: I64,
    ids: pa.Array[Any],
    n_threads: int,
) -> Columns:
    """Add to the columns of a log what a layer asks for and they do not have yet.

    Args:
        columns: The log.
        layer: Who asks.
        roles: Columns of the log.
        database: Where its files are open.
        row: Row of each event in the files.
        sign_up_us: From ``sign_ups.times``.
        ids: Account ids by code.
        n_threads: Threads to use.
    """
    avoid = () if layer.avoid is None else (layer.avoid,)
    columns = with_codes(columns, (*layer.roles, *avoid), roles, database, row)
    if layer.avoids_answers:
        columns = with_persons(columns, database)
    if layer.reads_texts:
        columns = with_texts(columns, database, n_threads)
    if layer.reads_ages and columns.age_us is None:
        columns = replace(columns, age_us=sign_ups.ages(columns, sign_up_us))
    if layer.reads_networks and columns.networks is None:
        columns = replace(columns, networks=networks(coding.read_values(database, "address")))
    if layer.reads_tags and columns.tags is None:
        columns = replace(columns, tags=tags(coding.read_values(database, "risk")))
    if layer.reads_names and columns.names is None:
        columns = replace(columns, names=patterns(ids))
    return columns


def with_codes(
    columns: Columns,
    wanted: Iterable[Role],
    roles: frozenset[Role],
    database: duckdb.DuckDBPyConnection,
    row: I64,
) -> Columns:
    """Add the codes of the wanted columns that the log has."""
    for role in wanted:
        if role in roles and role not in columns.codes:
            columns = replace(columns, codes={**columns.codes, role: coding.read_role(database, role)[row]})
    return columns


def with_persons(columns: Columns, database: duckdb.DuckDBPyConnection) -> Columns:
    """Add whom each event is on, where targets are accounts."""
    if columns.person is not None or "target" not in columns.codes:
        return columns
    person = persons(database, columns)
    return replace(columns, person=person) if person.max(initial=-1) >= 0 else columns


def with_texts(columns: Columns, database: duckdb.DuckDBPyConnection, n_threads: int) -> Columns:
    """Add fingerprints of the texts in ``content``."""
    if columns.fingerprints is not None:
        return columns
    return replace(columns, fingerprints=texts.sketch(coding.read_values(database, "content"), n_threads))
