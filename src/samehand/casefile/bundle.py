"""A case bundle: everything that a run holds on one fleet, sealed so that any change is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from samehand.casefile import annexes, content, papers
from samehand.casefile.archive import pack, seal
from samehand.casefile.blocks import Block, Figure, to_text
from samehand.casefile.case import Case
from samehand.casefile.lock import lock_file
from samehand.casefile.pdf import render_pdf
from samehand.casefile.recount import recount
from samehand.casefile.report import report_blocks, subtitle_of
from samehand.casefile.rows import rows_of, write_csv, write_rows
from samehand.casefile.strength import points, strongly_supported
from samehand.casefile.timestamp import make_request
from samehand.casefile.verifier import STATEMENT
from samehand.errors import InputError
from samehand.version import __version__

STAMP: Final = "timestamp-request.tsq"


def make_bundle(
    case: Case,
    *,
    custody: Iterable[dict[str, str]] = (),
    timestamp_request: bool = False,
    step: Callable[[str], None] = lambda name: None,  # noqa: ARG005
) -> bytes:
    """Make the bundle of a case: a zip archive. The same run and options give the same bytes.

    Args:
        case: The fleet.
        custody: Rows of what happened to the data before the log was read.
        timestamp_request: Add a request for a time stamp (RFC 3161) over the statement.
        step: Told the name of each step as it begins.

    Raises:
        InputError: The tables of the run contradict each other, or a font is missing.
    """
    step("tables")
    files = tables_of(case)
    _refuse_contradictions(files, case)
    step("report")
    blocks = report_blocks(case)
    files["report.pdf"] = render_pdf(case, blocks)
    files["report.txt"] = _as_text(case, blocks)
    files |= {one.name: one.svg.encode() for one in blocks if isinstance(one, Figure)}
    files["clock.txt"] = to_text(annexes.clock(case)).encode()
    files["error-rate.txt"] = to_text(content.error_rate(case)).encode()
    files["alternatives.txt"] = to_text(content.innocent(case)).encode()
    files["case.json"] = _facts(case)
    files["run.json"] = case.run_json
    files["lock.txt"] = lock_file()
    files["custody.csv"] = papers.custody(case, custody)
    files["readme.txt"] = papers.readme(case, timestamp_request)
    if case.harm is not None:
        files["harm.json"] = case.harm.content_of(case.fleet.fleet_id)

    def seals(root: str) -> dict[str, bytes]:
        signed = papers.statement(case, root, timestamp_request)
        return {STATEMENT: signed} | ({STAMP: make_request(signed)} if timestamp_request else {})

    step("seal")
    about = {"fleet": case.fleet.fleet_id, "samehand": __version__}
    return pack(seal(files, seals, about))


def tables_of(case: Case) -> dict[str, bytes]:
    """Give every row that the run holds on the fleet, and the raw rows behind it."""
    tables, fleet_id = case.tables, case.fleet.fleet_id
    order = {
        "members": ("account",),
        "evidence": (),
        "explanations": ("explanation",),
        "behaviours": ("behaviour",),
        "stability": (),
        "layer_bits": (),
        "driven": ("account", "event_id"),
    }
    files = {"tables/fleet.jsonl": write_rows(rows_of(_of_fleet(tables.fleets, fleet_id)))}
    for name, by in order.items():
        files[f"tables/{name}.jsonl"] = write_rows(rows_of(_of_fleet(getattr(tables, name), fleet_id), *by))
    accounts = case.dossier.members["account"].combine_chunks()
    inside = pc.and_(
        pc.is_in(tables.edges["account_a"], value_set=accounts),
        pc.is_in(tables.edges["account_b"], value_set=accounts),
    )
    files["tables/links.jsonl"] = write_rows(rows_of(tables.edges.filter(inside)))
    files["tables/controls.jsonl"] = write_rows(rows_of(tables.controls))
    files["tables/timeline.jsonl"] = write_rows(rows_of(tables.timeline))
    events = rows_of(
        _of_fleet(tables.member_events, fleet_id).drop_columns("fleet_id"), "time", "account", "event_id"
    )
    files["raw/events.jsonl"] = write_rows(events)
    files["raw/events.csv"] = write_csv(
        events, [n for n in tables.member_events.column_names if n != "fleet_id"]
    )
    return files


def _of_fleet(table: pa.Table, fleet_id: str) -> pa.Table:
    return table.filter(pc.equal(table["fleet_id"], pa.scalar(fleet_id)))


def _refuse_contradictions(files: dict[str, bytes], case: Case) -> None:
    """A run that was changed by hand is seen where its raw rows no longer give its figures."""
    wrong = [one for one in recount(files, case.n_log).figures if not one.same]
    if wrong:
        said = "; ".join(
            f"{one.name}: {one.stated} in the table, {one.derived} from the rows" for one in wrong[:3]
        )
        raise InputError(
            f"the tables of the run contradict each other, so it was changed or is damaged: {said}",
            where=case.fleet.fleet_id,
            hint="run `samehand detect` again",
        )


def _as_text(case: Case, blocks: Sequence[Block]) -> bytes:
    head = "\n".join([content.title_of(case), *subtitle_of(case)])
    return f"{head}\n\n{to_text(blocks)}".encode()


def _facts(case: Case) -> bytes:
    """The facts of the case for programs."""
    info, controls = case.info, case.info.controls
    facts = {
        "fleet": case.row,
        "called": "strongly supported" if strongly_supported(case) else "suspected",
        "rule": points(case),
        "settings": info.config,
        "seed": info.config["seed"],
        "run": {"created_at": info.created_at, "samehand": info.samehand, "format": info.format},
        "bundle": {"samehand": __version__, "language": case.lang},
        "versions": info.versions,
        "sources": info.sources,
        "mapping": info.mapping,
        "log": {"n_events": case.n_log, "n_accounts": info.quality.n_accounts},
        "clock": {
            "time_format": info.quality.time_format,
            "resolution_us": info.quality.clock_resolution_us,
            "zone": "UTC",
            "compared_with_another_clock": False,
            "warnings": info.quality.warnings,
        },
        "error_rate": {
            "wanted": info.config["fdr"],
            "q_value": case.fleet.q_value,
            "false_discovery": info.false_discovery,
            "controls": None if controls is None else controls.by_kind,
        },
        "run_files_sha256": case.run_hashes,
    }
    return msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n"
