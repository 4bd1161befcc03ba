"""Why a fleet is suspected, or what a run says of an account: in words and figures, for and against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import InputError
from samehand.fleets.known import known_points
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import Standing, check_lang, label, points_against, points_for, say, visible
from samehand.texts.driven import say_driven, say_part_time_member
from samehand.texts.fusion import say_layer_bits
from samehand.texts.lines import wrap
from samehand.texts.names import Shown
from samehand.texts.points import CERTAIN_BITS
from samehand.texts.rows import Row, explain_innocently, say_behaviour, say_evidence, stand, summarise

Order = list[tuple[str, Literal["ascending", "descending"]]]

WIDTH: Final = 80
_MOST_EVIDENCE: Final = 5
_MOST_MEMBERS: Final = 5
_MOST_LINKS: Final = 5
_KNOWN: Final[dict[str | None, str]] = {"banned": "known.own_banned", "cleared": "known.own_cleared"}


@dataclass(frozen=True)
class Section:
    """A heading with the points below it."""

    title: str
    points: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """What a run says about one fleet or account: print it, or let a notebook show it."""

    what: str
    """The fleet or account, as asked for."""
    lang: str
    title: str
    lead: str
    """The answer in a sentence or two."""
    sections: tuple[Section, ...]
    caution: str

    @property
    def text(self) -> str:
        """The explanation as plain text, no line wider than 80 columns."""
        blocks = [wrap(self.title, WIDTH) + "\n" + "=" * WIDTH, wrap(self.lead, WIDTH)]
        for section in self.sections:
            points = [wrap(point, WIDTH, "  - ", "    ") for point in section.points]
            blocks.append("\n".join([wrap(section.title, WIDTH), *points]))
        blocks.append(wrap(self.caution, WIDTH))
        return "\n\n".join(blocks) + "\n"

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        parts = [f"<h3>{escape(self.title)}</h3><p>{escape(self.lead)}</p>"]
        for section in self.sections:
            points = "".join(f"<li>{escape(point)}</li>" for point in section.points)
            parts.append(f"<h4>{escape(section.title)}</h4><ul>{points}</ul>")
        parts.append(f"<p><em>{escape(self.caution)}</em></p>")
        return f'<div lang="{"zh-Hans" if self.lang == "zh" else "en"}">{"".join(parts)}</div>'


def explain(info: RunInfo, tables: RunTables, what: str, lang: str = "en") -> Explanation:
    """Explain a fleet (by its id, such as F0003) or an account (by its id in the log, written as text).

    Raises:
        InputError: The run holds neither a fleet nor an account of that id; names that are near are given.
        OptionError: The language is unknown.
    """
    language, what = check_lang(lang), str(what)
    fleet = _first(tables.fleets, "fleet_id", what)
    if fleet is not None:
        return _explain_fleet(info, tables, fleet, language)
    member = _first(tables.members, "account", what)
    if member is not None:
        return _explain_member(info, tables, member, language)
    links = _links_of(tables.edges, what)
    if links:
        return _explain_outsider(info, links, what, language)
    raise _unknown(tables, what)


def _explain_fleet(info: RunInfo, tables: RunTables, fleet: Row, lang: str) -> Explanation:
    evidence = _evidence_of(tables, fleet)
    members = _of_fleet(tables.members, fleet).sort_by([("bits", "descending"), ("account", "ascending")])
    rows = members.to_pylist()
    standing = _standing(tables, fleet, evidence, [row["leave_one_out_bits"] for row in rows], lang)
    known_for, known_against = known_points(fleet, info.known, info.quality.n_accounts, lang)
    n_most = min(_MOST_MEMBERS, (len(rows) + 1) // 2)
    least = sorted(rows[n_most:], key=lambda row: row["leave_one_out_bits"])[:_MOST_MEMBERS]
    does = [
        say_behaviour(row, fleet["n_accounts"], lang)
        for row in _of_fleet(tables.behaviours, fleet).to_pylist()
    ]
    sections = [
        Section(say("behaviour_text.title", lang), tuple(does)),
        Section(say("fleets.for", lang), (*points_for(standing, lang), *known_for)),
        Section(say("fleets.against", lang), (*known_against, *_against(info, standing, lang))),
        _added(tables, fleet, lang),
        _strongest(evidence, fleet, "explain.evidence", lang),
        Section(say("explain.most", lang), tuple(_say_member(row, lang) for row in rows[:n_most])),
        Section(say("explain.least", lang), tuple(_say_member(row, lang) for row in least)),
        _part_time(fleet, rows, lang),
    ]
    key = "explain.fleet_title" if fleet["reported"] else "explain.candidate_title"
    return Explanation(
        what=fleet["fleet_id"],
        lang=lang,
        title=say(key, lang, fleet=fleet["fleet_id"], n_accounts=fleet["n_accounts"]),
        lead=summarise(fleet, lang),
        sections=tuple(section for section in sections if section.points),
        caution=say("explain.caution" if fleet["reported"] else "explain.caution_candidate", lang),
    )


def _added(tables: RunTables, fleet: Row, lang: str) -> Section:
    """What each layer adds; empty for a run of an older samehand."""
    rows = [row for row in _of_fleet(tables.layer_bits, fleet).to_pylist() if row["counts"]]
    whole = [say("fusion.posterior", lang, posterior=fleet["posterior"])] if rows else []
    return Section(say("fusion.title", lang), (*(say_layer_bits(row, lang) for row in rows), *whole))


def _explain_member(info: RunInfo, tables: RunTables, member: Row, lang: str) -> Explanation:
    fleet = _first(tables.fleets, "fleet_id", member["fleet_id"])
    if fleet is None:
        raise InputError(
            f"the run names fleet {member['fleet_id']!r} of this account nowhere else",
            hint="run `samehand detect` again",
        )
    account = str(member["account"])
    evidence = _evidence_of(tables, fleet)
    events = _of_fleet(tables.member_events, fleet)
    own = set(events.filter(pc.equal(events["account"], member["account"]))["event_id"].to_pylist())
    mine = [row for row in evidence if not own.isdisjoint(row["event_ids"] or ())]
    bits = _of_fleet(tables.members, fleet)["bits"].to_numpy()
    without = member["leave_one_out_bits"]
    own_points: tuple[str, ...] = (
        say("explain.own", lang, bits=member["bits"], n=len(bits) - 1,
            n_less=int((bits < member["bits"]).sum())),
        say("explain.own_together", lang, n=member["n_coactions"], total=member["n_events"],
            share=member["share_of_events"], first=member["first_time"], last=member["last_time"]),
        say("explain.own_rows", lang, n=len(mine), total=len(evidence)),
    )  # fmt: skip
    driven = say_driven(member, lang, reported=fleet["reported"])
    standing = _standing(tables, fleet, evidence, [], lang)
    _, known_against = known_points(fleet, info.known, info.quality.n_accounts, lang)
    if info.known is not None:
        own_points += (say(_KNOWN.get(member.get("known"), "known.own_none"), lang, file=info.known.name),)
    key = "explain.without_strong" if without >= CERTAIN_BITS else "explain.without_weak"
    sections = [
        Section(say("explain.own_title", lang), own_points if driven is None else (*own_points, driven)),
        Section(say("explain.without_title", lang), (say(key, lang, bits=without),)),
        Section(say("explain.fleet_against", lang), (*known_against, *_against(info, standing, lang))),
        _strongest(mine, fleet, "explain.own_evidence", lang),
        Section(
            say("explain.links", lang),
            tuple(_say_link(row, account, lang) for row in _links_of(tables.edges, account)),
        ),
    ]
    return Explanation(
        what=account,
        lang=lang,
        title=say("explain.member_title" if fleet["reported"] else "explain.candidate_member_title", lang,
                  account=account, fleet=fleet["fleet_id"]),
        lead=summarise(fleet, lang),
        sections=tuple(section for section in sections if section.points),
        caution=say("explain.caution" if fleet["reported"] else "explain.caution_candidate", lang),
    )  # fmt: skip


def _explain_outsider(info: RunInfo, links: Sequence[Row], account: str, lang: str) -> Explanation:
    lead = [say("explain.outsider", lang), *_no_estimate(info, lang)]
    return Explanation(
        what=account,
        lang=lang,
        title=say("explain.outsider_title", lang, account=account),
        lead=say("list.space", lang).join(lead),
        sections=(
            Section(say("explain.links", lang), tuple(_say_link(row, account, lang) for row in links)),
        ),
        caution=say("explain.caution_outsider", lang),
    )


def _against(info: RunInfo, standing: Standing, lang: str) -> tuple[str, ...]:
    return (*_no_estimate(info, lang), *points_against(standing, lang))


def _no_estimate(info: RunInfo, lang: str) -> tuple[str, ...]:
    return (say("answer.no_estimate", lang),) if info.false_discovery.n_surrogates == 0 else ()


def _standing(
    tables: RunTables, fleet: Row, evidence: Sequence[Row], without: list[float], lang: str
) -> Standing:
    rows = _of_fleet(tables.explanations, fleet).sort_by(
        [("weight", "descending"), ("explanation", "ascending")]
    )
    return stand(fleet, without, evidence, explain_innocently(rows.to_pylist(), lang), lang)


def _strongest(evidence: Sequence[Row], fleet: Row, title: str, lang: str) -> Section:
    points = [
        say("explain.row", lang, sentence=Shown(say_evidence(row, fleet["n_accounts"], lang)),
            time=row["first_time"], bits=row["bits"], p=row["p_value"])
        for row in evidence[:_MOST_EVIDENCE]
    ]  # fmt: skip
    return Section(say(title, lang, n=len(points), total=len(evidence)), tuple(points))


def _part_time(fleet: Row, members: Sequence[Row], lang: str) -> Section:
    """The members of a reported fleet that have a life of their own, the most certain first."""
    found = [row for row in members if row["part_time"] and fleet["reported"]]
    points = tuple(say_part_time_member(row, lang) for row in found[:_MOST_MEMBERS])
    return Section(say("explain.part_time", lang, n=len(points), total=len(found)), points)


def _say_member(row: Row, lang: str) -> str:
    return say(
        "explain.member", lang, account=str(row["account"]), bits=row["bits"], n=row["n_events"],
        without=row["leave_one_out_bits"], share=row["share_of_events"],
    )  # fmt: skip


def _say_link(row: Row, account: str, lang: str) -> str:
    other = row["account_b"] if str(row["account_a"]) == account else row["account_a"]
    return say(
        "explain.link", lang, other=str(other), n=row["n_features"], layer=label("layer", row["layer"], lang),
        scale=row["scale_us"], expected=row["expected"], bits=row["bits"],
    )  # fmt: skip


def _evidence_of(tables: RunTables, fleet: Row) -> list[dict[str, Any]]:
    order: Order = [("bits", "descending"), ("first_time", "ascending"), ("feature", "ascending")]
    return _of_fleet(tables.evidence, fleet).sort_by(order).to_pylist()


def _of_fleet(table: pa.Table, fleet: Row) -> pa.Table:
    return table.filter(pc.equal(table["fleet_id"], fleet["fleet_id"]))


def _first(table: pa.Table, column: str, text: str) -> dict[str, Any] | None:
    """Find the first row whose value is ``text`` when written as text, be it a number or not."""
    found = table.filter(_is(table[column], text)).slice(0, 1).to_pylist()
    return found[0] if found else None


def _is(values: pa.ChunkedArray[Any], text: str) -> pa.BooleanArray:
    return pc.equal(values.cast(pa.string()), pa.scalar(text))


def _links_of(edges: pa.Table, account: str) -> list[dict[str, Any]]:
    """Give the strongest edges of an account."""
    mine = edges.filter(pc.or_(_is(edges["account_a"], account), _is(edges["account_b"], account)))
    order: Order = [
        ("bits", "descending"),
        ("account_a", "ascending"),
        ("account_b", "ascending"),
        ("scale_us", "ascending"),
    ]
    return mine.sort_by(order).slice(0, _MOST_LINKS).to_pylist()


def _unknown(tables: RunTables, what: str) -> InputError:
    known = [str(name) for name in tables.fleets["fleet_id"].to_pylist()]
    known += [str(account) for account in tables.members["account"].to_pylist()]
    same = [name for name in known if name.casefold() == what.strip().casefold()]
    near = same or get_close_matches(what, known, n=5)
    hint = (
        f"one of these: {', '.join(visible(name) for name in near)}"
        if near
        else "a fleet such as F0001, or an account"
    )
    return InputError(
        f"no fleet or linked account {visible(what)!s} in this run (accounts without any link are not kept)",
        hint=hint,
    )
