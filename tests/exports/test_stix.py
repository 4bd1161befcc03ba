"""STIX 2.1: what the reference library takes, and the same bytes each time."""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import timedelta

import pytest
import stix2

from samehand.casefile.exports.disarm import TECHNIQUES
from samehand.casefile.exports.export import export
from samehand.casefile.exports.stix import AMBER
from samehand.texts import LANGUAGES, label
from samehand.texts.figures import percent
from samehand.verbs import VERBS
from tests.report.fake_run import fake_run
from tests.report.hostile import HOSTILE, hostile_run


@pytest.fixture(scope="module", params=["text", "int"])
def run(request):
    return fake_run(3, 60, ids=request.param)


def objects_of(run, lang="en", **options):
    return json.loads(export(*run, "stix", lang=lang, **options))["objects"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reference_library_takes_every_object(run, lang):
    content = export(*run, "stix", lang=lang).decode()
    bundle = stix2.parse(content, allow_custom=False)
    assert len(bundle.objects) == len(json.loads(content)["objects"])
    assert {one.spec_version for one in bundle.objects} == {"2.1"}


def test_a_fleet_is_a_suspected_campaign_of_its_accounts(run):
    _, tables = run
    objects = objects_of(run)
    by_id = {one["id"]: one for one in objects}
    assert len(by_id) == len(objects)
    campaigns = [one for one in objects if one["type"] == "campaign"]
    assert [one["name"] for one in campaigns] == [f"suspected fleet F000{n}" for n in (1, 2, 3)]
    assert not [
        one for one in objects if one["type"] in {"threat-actor", "intrusion-set", "indicator", "malware"}
    ]
    for campaign, fleet in zip(campaigns, tables.fleets.to_pylist(), strict=False):
        assert campaign["confidence"] == min(round(100 * fleet["posterior"]), 99)
        assert "not findings of guilt" in campaign["description"]
        (sighting,) = [one for one in objects if one.get("sighting_of_ref") == campaign["id"]]
        (observed,) = [by_id[one] for one in sighting["observed_data_refs"]]
        accounts = {by_id[one]["user_id"] for one in observed["object_refs"]}
        rows = tables.members.to_pylist()
        assert accounts == {str(row["account"]) for row in rows if row["fleet_id"] == fleet["fleet_id"]}
        (note,) = [one for one in objects if one["type"] == "note" and campaign["id"] in one["object_refs"]]
        explanations = [r for r in tables.explanations.to_pylist() if r["fleet_id"] == fleet["fleet_id"]]
        told = [r for r in explanations if not r["tested"] or r["weight"] >= 0.005]
        assert len(note["content"].splitlines()) == 1 + len(told)
        assert "\nhousehold: Not tested" in note["content"]
        best = label("explanation_title", fleet["innocent"], "en")
        assert f"\n{best} ({percent(fleet['innocent_weight'])}): " in note["content"]


def test_of_an_older_run_the_confidence_is_that_of_the_weaker_mark_and_never_full(run):
    info, tables = run
    marks = [(0.9, 0.7, 70), (1.0, 1.0, 99), (None, 0.7, None)]
    rows = [
        row | {"posterior": None, "coordination": one, "inauthenticity": other}
        for row, (one, other, _) in zip(tables.fleets.to_pylist(), marks, strict=False)
    ]
    fleets = tables.fleets.from_pylist(rows, tables.fleets.schema)
    objects = objects_of((info, dataclasses.replace(tables, fleets=fleets)))
    found = [one.get("confidence") for one in objects if one["type"] == "campaign"]
    assert found == [sure for _, _, sure in marks]


def test_all_references_lead_to_objects_of_the_bundle(run):
    objects = objects_of(run)
    ids = {one["id"] for one in objects}
    for one in objects:
        for name, value in one.items():
            if name.endswith("_ref"):
                assert value in ids
            if name.endswith("_refs"):
                assert set(value) <= ids


def test_the_behaviours_are_techniques_of_disarm(run):
    objects = objects_of(run)
    patterns = {
        one["id"]: one["external_references"][0]["external_id"]
        for one in objects
        if one["type"] == "attack-pattern"
    }
    campaigns = {one["id"]: one for one in objects if one["type"] == "campaign"}
    used = {}
    for one in objects:
        if one["type"] == "relationship":
            assert one["relationship_type"] == "uses"
            used.setdefault(one["source_ref"], set()).add(patterns[one["target_ref"]])
    assert len(used) == 2, "the third is mixed, and nothing else"
    for name, campaign in campaigns.items():
        behaviours = campaign["labels"][1:]
        assert used.get(name, set()) == {t.id for b in behaviours for t in TECHNIQUES.get(b, ())}


def test_every_behaviour_has_techniques():
    assert set(VERBS) | {"rented", "mixed"} == TECHNIQUES.keys()
    assert all(one.url.endswith(f"/{one.id}.md") for found in TECHNIQUES.values() for one in found)


def test_ids_of_accounts_are_those_that_everybody_gives_them(run):
    for one in objects_of(run):
        if one["type"] == "user-account":
            assert one["id"] == stix2.v21.UserAccount(user_id=one["user_id"]).id
        elif one["type"] != "marking-definition":
            assert uuid.UUID(one["id"].partition("--")[2]).version == 5
    assert stix2.TLP_AMBER.id == AMBER["id"]


def test_everything_that_names_somebody_is_marked(run):
    for one in objects_of(run):
        if one["type"] not in {"marking-definition", "identity"}:
            assert one["object_marking_refs"] == [AMBER["id"]]


def test_the_same_run_gives_the_same_bytes_and_another_run_other_ids(run):
    assert export(*run, "stix") == export(*run, "stix")
    info, tables = fake_run(3, 60, seed=1)
    later = dataclasses.replace(info, created_at=info.created_at + timedelta(seconds=1))
    one, other = (
        {o["id"] for o in objects_of((i, tables)) if o["type"] == "campaign"} for i in (info, later)
    )
    assert not one & other


def test_what_has_one_id_in_two_bundles_is_the_same_in_both(run):
    info, tables = run
    later = dataclasses.replace(info, created_at=info.created_at + timedelta(days=1), samehand="9.9")
    one, other = ({o["id"]: o for o in objects_of((i, tables))} for i in (info, later))
    common = one.keys() & other.keys()
    assert {one[name]["type"] for name in common} == {
        "marking-definition", "identity", "attack-pattern", "user-account",
    }  # fmt: skip
    assert all(one[name] == other[name] for name in common)


def test_hostile_names_are_data():
    bundle = stix2.parse(export(*hostile_run(), "stix").decode(), allow_custom=False)
    names = {one.user_id for one in bundle.objects if one.type == "user-account"}
    assert any(text in name for text in HOSTILE for name in names)
