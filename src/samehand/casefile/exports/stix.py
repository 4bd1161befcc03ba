"""Fleets as a STIX 2.1 bundle (OASIS Standard, 10 June 2021), for threat intelligence platforms.

A fleet is a *campaign*, suspected and with a confidence, never a threat actor: who is behind it, the log does not say.
Its accounts are *user-account* objects, seen in one *observed-data*; a *sighting* ties these to the campaign.
Behaviours are *attack-patterns* of DISARM that the campaign uses. A *note* says what speaks against it. The same run
gives the same bytes: ids are UUIDs of version 5, times those of the run.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from samehand.casefile.exports.disarm import FRAMEWORK, Technique, techniques_of
from samehand.report.dossier import Dossier, Fleet, open_dossiers, read_fleets
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import Explained, label, say
from samehand.texts.figures import percent
from samehand.texts.rows import explain_innocently, summarise

OURS: Final = uuid.UUID("5d1a3f0c-6b7e-5c0f-9f57-0c8a7f8f2b61")
"""The namespace of our ids."""
OBSERVABLES: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace of ids of observables; STIX 2.1, section 2.9."""
AMBER: Final = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:AMBER",
    "definition": {"tlp": "amber"},
}
"""STIX 2.1, section 7.2.1.4: limited disclosure. Accounts are personal data; who may pass them on, the owner says."""
_ALWAYS: Final = "2026-01-01T00:00:00.000Z"
"""What has one id in every bundle was made at one time in every bundle: else it would be two objects of one id."""
_LEAST_WEIGHT: Final = 0.005
_MOST_SURE: Final = 99
Object = dict[str, Any]


def render_stix(info: RunInfo, tables: RunTables, lang: str) -> bytes:
    """Render the fleets of ``tables``; descriptions are in ``lang``."""
    maker = _Maker(info, lang)
    fleets = read_fleets(tables.fleets)
    techniques = techniques_of(name for fleet in fleets for name in fleet.behaviours)
    objects = [AMBER, maker.identity(), *(maker.attack_pattern(one) for one in techniques)]
    for dossier in open_dossiers(tables, fleets):
        objects += maker.fleet(dossier)
    ids = [one["id"] for one in objects]
    bundle = {"type": "bundle", "id": f"bundle--{maker.id_of('bundle', *ids)}", "objects": objects}
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode() + b"\n"


class _Maker:
    """Makes the objects of one run."""

    def __init__(self, info: RunInfo, lang: str) -> None:
        self.lang = lang
        self.time = _time(info.created_at)
        self.sources = [f"{source.name} {source.sha256 or ''}" for source in info.sources]
        self.author = f"identity--{uuid.uuid5(OURS, 'samehand')}"

    def id_of(self, kind: str, *parts: str) -> uuid.UUID:
        """An id of something of this run."""
        text = json.dumps([kind, self.time, self.sources, *parts])
        return uuid.uuid5(OURS, text)

    def identity(self) -> Object:
        """Who says all this: a program."""
        return {
            "type": "identity",
            "spec_version": "2.1",
            "id": self.author,
            "created": _ALWAYS,
            "modified": _ALWAYS,
            "name": "samehand",
            "identity_class": "system",
        }

    def attack_pattern(self, technique: Technique) -> Object:
        """A technique of DISARM; its id is the same in every run."""
        return self._object("attack-pattern", uuid.uuid5(OURS, f"{FRAMEWORK} {technique.id}")) | {
            "name": technique.name,
            "external_references": [
                {"source_name": FRAMEWORK, "external_id": technique.id, "url": technique.url}
            ],
            "created": _ALWAYS,
            "modified": _ALWAYS,
        }

    def fleet(self, dossier: Dossier) -> list[Object]:
        """All objects of one fleet."""
        fleet = dossier.fleet
        campaign = self._campaign(fleet)
        accounts = [_account(str(one)) for one in dossier.members["account"].to_pylist()]
        observed = self._observed(fleet, accounts)
        return [
            campaign,
            *accounts,
            observed,
            self._sighting(fleet, campaign, observed),
            self._note(dossier, campaign),
            *(self._uses(fleet, campaign, one) for one in techniques_of(fleet.behaviours)),
        ]

    def _campaign(self, fleet: Fleet) -> Object:
        found = self._object("campaign", self.id_of("campaign", fleet.fleet_id)) | {
            "name": f"{say('export.suspected', self.lang)} {fleet.fleet_id}",
            "description": " ".join([summarise(asdict(fleet), self.lang), say("page.caution", self.lang)]),
            "first_seen": _time(fleet.first_time),
            "last_seen": _time(fleet.last_time),
            "labels": ["suspected" if fleet.reported else "candidate", *fleet.behaviours],
        }
        sure = _confidence(fleet)
        return found if sure is None else found | {"confidence": sure}

    def _observed(self, fleet: Fleet, accounts: Iterable[Object]) -> Object:
        return self._object("observed-data", self.id_of("observed-data", fleet.fleet_id)) | {
            "first_observed": _time(fleet.first_time),
            "last_observed": _time(fleet.last_time),
            "number_observed": max(fleet.n_coactions, 1),
            "object_refs": [one["id"] for one in accounts],
        }

    def _sighting(self, fleet: Fleet, campaign: Object, observed: Object) -> Object:
        return self._object("sighting", self.id_of("sighting", fleet.fleet_id)) | {
            "first_seen": _time(fleet.first_time),
            "last_seen": _time(fleet.last_time),
            "count": fleet.n_coactions,
            "sighting_of_ref": campaign["id"],
            "observed_data_refs": [observed["id"]],
        }

    def _note(self, dossier: Dossier, campaign: Object) -> Object:
        rows = dossier.explanations.to_pylist()
        told = [
            f"{label('explanation_title', one.name, self.lang)}{_weight(one)}: {one.sentence}"
            for one in explain_innocently(rows, self.lang)
            if one.weight is None or one.weight >= _LEAST_WEIGHT
        ]
        content = "\n".join(
            [say("export.against", self.lang), *(told or [say("export.nothing_against", self.lang)])]
        )
        return self._object("note", self.id_of("note", dossier.fleet.fleet_id)) | {
            "content": content,
            "object_refs": [campaign["id"]],
        }

    def _uses(self, fleet: Fleet, campaign: Object, technique: Technique) -> Object:
        pattern = self.attack_pattern(technique)["id"]
        return self._object("relationship", self.id_of("uses", fleet.fleet_id, technique.id)) | {
            "relationship_type": "uses",
            "source_ref": campaign["id"],
            "target_ref": pattern,
        }

    def _object(self, kind: str, number: uuid.UUID) -> Object:
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{number}",
            "created_by_ref": self.author,
            "created": self.time,
            "modified": self.time,
            "object_marking_refs": [AMBER["id"]],
        }


def _weight(one: Explained) -> str:
    return "" if one.weight is None else f" ({percent(one.weight)})"


def _account(name: str) -> Object:
    """An observable has the id that everybody gives it who knows the account by this name."""
    contributing = json.dumps({"user_id": name}, ensure_ascii=False, separators=(",", ":"))
    return {
        "type": "user-account",
        "spec_version": "2.1",
        "id": f"user-account--{uuid.uuid5(OBSERVABLES, contributing)}",
        "object_marking_refs": [AMBER["id"]],
        "user_id": name,
    }


def _confidence(fleet: Fleet) -> int | None:
    """In percent, never 100: the probability that one hand moves it; in older runs, the weaker of its two marks."""
    marks = (fleet.coordination, fleet.inauthenticity) if fleet.posterior is None else (fleet.posterior,)
    known = [mark for mark in marks if mark is not None]
    return min(round(100 * min(known)), _MOST_SURE) if len(known) == len(marks) else None


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
