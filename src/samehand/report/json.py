"""The run as one JSON document: what a machine, or an expert who checks every figure, needs of it.

The document is described by ``run.schema.json`` beside this file. Ids are text, whatever type they have in
the log: ``id_types`` names that type, and no reader can round a 64-bit number. Not in it, because of their
size: the edges (see the GraphML and GEXF reports) and the members' single events (see member_events.parquet);
rows of evidence name theirs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

import msgspec
import pyarrow as pa

from samehand.report.dossier import Dossier, open_dossiers, read_fleets
from samehand.run_folder import RunInfo, RunTables
from samehand.texts.fusion import say_layer_bits
from samehand.texts.rows import explain_innocently, say_behaviour, say_evidence, summarise

VERSION: Final = 1
"""Raised when a document that fits the schema no longer would."""


@dataclass(frozen=True)
class JsonDocument:
    """One JSON object; its schema is ``schema()``."""

    name: str = "json"
    suffix: str = ".json"

    def render(self, info: RunInfo, tables: RunTables, lang: str) -> bytes:
        """Render the run with all candidates, in the order of the ranking; sentences are in ``lang``."""
        document = {
            "format": "samehand-report",
            "version": VERSION,
            "lang": lang,
            "id_types": {
                "account": str(tables.members.schema.field("account").type),
                "event_id": str(_value_type(tables.evidence.schema.field("event_ids").type)),
            },
            "false_discovery_estimated": info.false_discovery.n_surrogates > 0,
            "run": info,
            "controls": tables.controls.to_pylist(),
            "fleets": [
                _fleet(dossier, lang) for dossier in open_dossiers(tables, read_fleets(tables.fleets))
            ],
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def schema() -> bytes:
    """Give the JSON Schema (draft 2020-12) of the document."""
    return files(__package__).joinpath("run.schema.json").read_bytes()


def _value_type(list_type: pa.DataType) -> pa.DataType:
    return list_type.value_type if isinstance(list_type, pa.ListType) else list_type


def _fleet(dossier: Dossier, lang: str) -> dict[str, Any]:
    fleet, explanation_rows = asdict(dossier.fleet), dossier.explanations.to_pylist()
    evidence = [
        _part_of_fleet(row)
        | {"event_ids": [str(event) for event in row["event_ids"] or ()],
           "sentence": say_evidence(row, fleet["n_accounts"], lang)}
        for row in dossier.evidence.to_pylist()
    ]  # fmt: skip
    explanations = [
        {"explanation": e.name, "tested": e.weight is not None, "weight": e.weight, "sentence": e.sentence,
         "figures": dict(row["figures"] or ())}
        for row, e in zip(explanation_rows, explain_innocently(explanation_rows, lang), strict=True)
    ]  # fmt: skip
    members = [
        _part_of_fleet(row) | {"account": str(row["account"]), "evidence": rows}
        for row, rows in zip(dossier.members.to_pylist(), dossier.took_part, strict=True)
    ]
    return _utc(fleet) | {
        "summary": summarise(fleet, lang),
        "evidence": evidence,
        "behaviours_found": [
            _part_of_fleet(row) | {"sentence": say_behaviour(row, fleet["n_accounts"], lang)}
            for row in dossier.behaviours.to_pylist()
        ],
        "innocent_explanations": explanations,
        "standing": [_part_of_fleet(row) for row in dossier.stability.to_pylist()],
        "layer_bits": [
            _part_of_fleet(row) | {"sentence": say_layer_bits(row, lang)}
            for row in dossier.layer_bits.to_pylist()
        ],
        "members": members,
    }


def _part_of_fleet(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what stands with the fleet that the row is part of."""
    return _utc({name: value for name, value in row.items() if name not in {"fleet_id", "reported"}})


def _utc(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in row.items()
    }
