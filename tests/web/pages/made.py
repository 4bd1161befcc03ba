"""A made-up run with devices, addresses, and links that lead out of fleets; apps over it."""

import dataclasses
import re
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pyarrow as pa
from starlette.testclient import TestClient

from samehand.cases.store import CaseStore
from samehand.events.known import KnownUse
from samehand.run_folder import write_run
from samehand.web.app import create_app
from samehand.web.settings import AppSettings
from tests.report.fake_run import fake_run

OUTSIDER = "stranger"
"""Linked to two members of the first fleet, in no fleet itself."""


def made_run(**options):
    """Give a run in which a stranger is linked to the first fleet, whose strongest member was cleared before."""
    info, tables = fake_run(3, 60, **options)
    events = tables.member_events
    code = events["account"].combine_chunks().dictionary_encode().indices.to_pylist()
    events = events.append_column("device", pa.array([f"phone-{one}" for one in code]))
    events = events.append_column("address", pa.array([f"10.0.0.{one // 4}" for one in code]))
    order = [
        "fleet_id", "coaction", "event_id", "time", "account", "action", "target", "device", "address", "content",
    ]  # fmt: skip
    members = tables.members.to_pylist()
    members[0]["known"] = "cleared"
    changed = dataclasses.replace(
        tables,
        member_events=events.select(order),
        members=pa.Table.from_pylist(members, tables.members.schema),
        edges=pa.concat_tables([tables.edges, links_to_stranger(tables)]),
    )
    known = KnownUse(name="banned.csv", n_bytes=1, sha256=None, n_banned=0, n_cleared=1, n_unknown=0)
    return dataclasses.replace(info, known=known), changed


def links_to_stranger(tables):
    """Give two scales of one link, and a weaker link to another member."""
    first, second = (tables.members["account"][place].as_py() for place in (0, 1))
    plain = tables.edges.slice(0, 1).to_pylist()[0] | {"account_b": OUTSIDER, "p_innocent": 0.4}
    rows = [
        plain | {"account_a": first, "bits": 20.0},
        plain | {"account_a": first, "bits": 30.0, "scale_us": plain["scale_us"] * 10},
        plain | {"account_a": second, "bits": 9.0},
    ]
    return pa.Table.from_pylist(rows, tables.edges.schema)


def written(folder: Path, info, tables) -> Path:
    folder.mkdir(parents=True)
    write_run(folder, info, tables)
    return folder


@contextmanager
def browsing(store: CaseStore, lang="en", **settings):
    """Visit an app, as a browser that has it in English."""
    with TestClient(
        create_app(AppSettings(store=store, **settings)),
        base_url="http://127.0.0.1",
        headers={"accept-language": lang},
    ) as client:
        yield Visit(client)


@dataclasses.dataclass
class Visit:
    """What somebody does with the app."""

    client: TestClient

    def page(self, path, status=200):
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
        return answer.text

    def send(self, path, fields, status=200, page="/"):
        """Send a form as the page ``page`` would."""
        csrf = re.search(r'name="csrf" value="(\w+)"', self.page(page)).group(1)
        answer = self.client.post(path, data={"csrf": csrf} | fields)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
        return answer.text


def plain(html):
    """Give the text of a page."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)))
