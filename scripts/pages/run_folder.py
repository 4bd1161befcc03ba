"""docs/run-folder.md: every file of a run, and every column of its tables."""

from __future__ import annotations

from dataclasses import fields
from inspect import cleandoc
from typing import Any

import pyarrow as pa

from samehand import columns
from samehand.run_folder import RunInfo
from scripts.pages.words import WRITTEN, behind_columns, named_in, plain, table, under_fields

HEAD = f"""\
# The run folder

{WRITTEN}

`samehand detect ... --out DIR` writes one folder, whole or not at all. A run that was there is replaced when the new
one is complete. `samehand.open_run(DIR)` reads it back; the tables are plain Parquet files for any other tool.

All times are UTC with microseconds. *id* is the type that the ids have in the log: text, or 64-bit integer. A column in
`_us` is in microseconds, one in `_bits` is -log2 of a probability.
"""
FOOT = """\
## Other files

`report.html` is the report. `evaluation.json` is there after `samehand evaluate`, the folder `price` after `samehand
price` ([what stays hidden](price.md)), and the folder `harm` after `samehand harm` ([the harm ledger](harm.md)).

## Answers

What `samehand simulate` writes beside the log, and `samehand evaluate` reads.
"""
TABLES = {
    "fleets": "One row is one candidate fleet, the reported ones first, then by score.",
    "members": "",
    "evidence": "",
    "explanations": "One row is one innocent explanation of one candidate fleet, tested or not.",
    "edges": "",
    "member_events": "",
    "driven": "",
    "timeline": "One row is one stretch of time of the whole log.",
    "controls": "One row is one surrogate log, one group known to be innocent, or one kind of groups presumed to be.",
    "behaviours": "One row is one behaviour of one candidate fleet, with the figures behind it.",
    "layer_bits": "One row is what one layer says of one candidate fleet; what counts adds up to the log2 odds of it.",
    "stability": "One row is one candidate fleet in one layer at one window and one cut; see how-it-works.md.",
}
ANSWERS = {"truth": "", "crowds": "", "banned": ""}
TRACKING = {
    "tracks": "One row is one track in one run: a fleet, or that the track is gone.",
    "links": "One row is one fleet that goes on an earlier one, as far as evidence says.",
}
OF_TRACKS = """\
## Tracks

What `samehand track` writes into a folder of its own, beside `track.json` and `track.html`: see [Fleets over
time](track.md).
"""
SAID = {
    "fleet_id": "the candidate fleet",
    "layer": "the layer that saw it",
    "layers": "the layers that see it",
    "scale_us": "the window",
    "action": "what was done",
    "target": "what it was done to; null where every target differs",
    "account": "the account",
    "event_id": "the event, as the log names it",
    "account_a": "the smaller id of the pair",
    "account_b": "the larger id of the pair",
    "first_time": "first event",
    "last_time": "last event",
    "n_accounts": "accounts",
    "n_events": "events",
    "n_coactions": "those of them that were made together",
    "p_value": "how often chance does as much",
    "bits": "-log2 of the p-value",
    "reported": "the fleet is reported",
    "sentence": "the row in words",
    "summary": "the fleet in words",
    "behaviours": "what the fleet does, by name: see behaviours.parquet; mixed: several kinds of events",
    "p_local": "p-value against the density around the pair's events",
    "p_interest": "p-value against events of the same interest or hour; of words, also against how common they are",
    "fleet": "the fleet that holds it",
    "crowd": "the crowd that it belongs to",
    "kind": "what the fleet does, or what the crowd is",
    "status": "banned",
    "time": "when",
    "format": "number of the format of this folder",
    "created_at": "when the run was made",
    "sources": "what was read: name, bytes, SHA-256 of the bytes",
    "config": "the settings",
    "quality": "what the log is like, what was left out, and warnings",
    "false_discovery": "surrogate logs, groups found in them all together, the best score among them",
    "n_candidates": "groups that chance alone hardly explains, reported or not",
    "n_reported": "suspected fleets",
    "n_accounts_reported": "their accounts",
    "n_events_reported": "all events of these accounts",
    "timings_s": "seconds of each step",
    "controls": "how often innocents would have been accused, by kind; null: a run of an older version",
    "n_groups": "groups that were tried",
    "from_track": "track of the earlier fleet",
    "from_run": "its run",
    "from_fleet": "the earlier fleet",
    "to_track": "track of the later fleet",
    "to_run": "its run",
    "to_fleet": "the later fleet",
    "accounts_bits": "accounts in both, against a draw from the smaller log",
    "templates_bits": "phrases of texts",
    "targets_bits": "targets of joint events",
    "script_bits": "actions with pauses in joint events",
}
RUN = {"layers": "each wanted layer: whether it was used, at which windows, and why not"}
BEFORE = {
    "p_lag": "p-value of the pair's lags on shared features",
    "innocent_weight": "weight of it",
}


def write() -> str:
    """Write the page."""
    lines = [HEAD, "## Tables", ""]
    for name, says in TABLES.items():
        lines += _table(name, f"{name}.parquet", says)
    lines += ["## run.json", "", plain(cleandoc(RunInfo.__doc__ or "")), ""]
    said = under_fields(RunInfo)
    lines += table(
        ("field", "meaning"),
        ((f"`{one.name}`", _first(one.name, said, RUN, SAID)) for one in fields(RunInfo)),
    )
    lines += ["", FOOT]
    for name, says in ANSWERS.items():
        lines += _table(name, f"{name}.parquet", says)
    lines += [OF_TRACKS]
    for name, says in TRACKING.items():
        lines += _table(name, f"{name}.parquet", says)
    return "\n".join(lines).rstrip() + "\n"


def _table(name: str, title: str, says: str) -> list[str]:
    schema, head, said = describe(name)
    rows = ((f"`{field.name}`", _type(field.type), said[field.name]) for field in schema)
    return [f"### {title}", "", says or head, "", *table(("column", "type", "meaning"), rows), ""]


def describe(name: str) -> tuple[pa.Schema, str, dict[str, str]]:
    """Give the schema of a table, what a row of it is, and what each column means."""
    made: Any = getattr(columns, name.upper(), None) or getattr(columns, name)
    if isinstance(made, pa.Schema):
        schema, head, named = made, "", {}
        comments = behind_columns(columns, name.upper())
    else:
        schema = made(*[ID] * made.__code__.co_argcount)
        head, named = named_in(cleandoc(made.__doc__ or ""))
        comments = behind_columns(columns, name)
    roles = dict.fromkeys(columns.ROLES, "as in the log") if name == "member_events" else {}
    return schema, head, {field.name: _first(field.name, comments, named, roles, SAID) for field in schema}


ID = pa.binary()
"""Stands for the type of ids."""


def _first(name: str, *sources: dict[str, str]) -> str:
    said = next((source[name] for source in sources if source.get(name)), "")
    return "; ".join(part for part in (BEFORE.get(name), said) if part)


def _type(type_: pa.DataType) -> str:
    if pa.types.is_struct(type_):
        return ", ".join(field.name for field in type_)
    if pa.types.is_list(type_):
        return f"list of {_type(type_.value_type)}"
    if pa.types.is_map(type_):
        return "map of text to number"
    known = {
        "binary": "id",
        "string": "text",
        "double": "number",
        "bool": "yes or no",
        "timestamp[us, tz=UTC]": "time",
    }
    return known.get(str(type_), str(type_))
