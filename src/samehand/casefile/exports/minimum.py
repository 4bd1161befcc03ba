"""As little as a peer platform or a court needs to know: counts, days, and accounts by salted names.

Whoever has the salt can tell whether an account that he knows is among them, and nobody else can. No text, target,
device, address or event goes out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from samehand.casefile.exports.disarm import FRAMEWORK, techniques_of
from samehand.casefile.exports.salt import Salt
from samehand.report.dossier import Dossier, open_dossiers, read_fleets
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import say

VERSION: Final = 1


def render_minimum(info: RunInfo, tables: RunTables, lang: str, salt: Salt) -> bytes:
    """Render the fleets of ``tables`` as one JSON document; accounts are in the order of their salted names."""
    document = {
        "format": "samehand-minimum",
        "version": VERSION,
        "samehand": info.samehand,
        "run_of": _day(info.created_at),
        "names": "HMAC-SHA256 under a salt that is not in this file; of an account: 7:account, then its length in "
        "bytes, a colon and the account",
        "caution": say("page.caution", lang),
        "log": {
            "n_events": info.quality.n_events,
            "n_accounts": info.quality.n_accounts,
            "first_day": _day(info.quality.first_time),
            "last_day": _day(info.quality.last_time),
        },
        "fleets": [_fleet(one, salt) for one in open_dossiers(tables, read_fleets(tables.fleets))],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _fleet(dossier: Dossier, salt: Salt) -> dict[str, Any]:
    fleet = dossier.fleet
    driven = [row["n_driven"] for row in dossier.members.to_pylist()]
    return {
        "fleet_id": fleet.fleet_id,
        "reported": fleet.reported,
        "n_accounts": fleet.n_accounts,
        "n_part_time": fleet.n_part_time,
        "n_known_banned": fleet.n_known_banned,
        "n_events": fleet.n_events,
        "n_coactions": fleet.n_coactions,
        "n_driven": None if None in driven else sum(driven),
        "first_day": _day(fleet.first_time),
        "last_day": _day(fleet.last_time),
        "score_bits": fleet.score_bits,
        "q_value": fleet.q_value,
        "posterior": fleet.posterior,
        "layers": list(fleet.layers),
        "scale_us": fleet.scale_us,
        "behaviours": [
            {name: row[name] for name in ("behaviour", "n_accounts", "n_events", "n_targets")}
            for row in dossier.behaviours.to_pylist()
        ],
        "techniques": [
            {"framework": FRAMEWORK, "id": one.id, "name": one.name}
            for one in techniques_of(fleet.behaviours)
        ],
        "innocent_explanations": [
            {"explanation": row["explanation"], "tested": row["tested"], "weight": row["weight"]}
            for row in dossier.explanations.to_pylist()
        ],
        "accounts": sorted(
            salt.name("account", account) for account in dossier.members["account"].to_pylist()
        ),
    }


def _day(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d}"
