"""A finished run: its tables, its words, its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samehand.explain import Explanation, explain
from samehand.frame import Frame
from samehand.report.interface import render_report
from samehand.run_folder import RunInfo, RunTables, read_run, replacing, write_run

if TYPE_CHECKING:
    from samehand.evaluation.metrics import Evaluation


@dataclass(frozen=True, eq=False)
class Run:
    """What ``detect`` found.

    ``fleets`` holds every candidate, the reported ones first; ``reported`` says which are suspected fleets at the
    wanted rate of false accusation.
    """

    info: RunInfo
    tables: RunTables

    @property
    def fleets(self) -> Frame:
        """One row a candidate fleet, in order of rank."""
        return Frame(self.tables.fleets)

    @property
    def members(self) -> Frame:
        """One row an account in a candidate fleet."""
        return Frame(self.tables.members)

    @property
    def evidence(self) -> Frame:
        """One row a thing that members did together."""
        return Frame(self.tables.evidence)

    @property
    def explanations(self) -> Frame:
        """One row an innocent explanation of a candidate fleet."""
        return Frame(self.tables.explanations)

    @property
    def edges(self) -> Frame:
        """One row a pair of accounts in a layer at a scale."""
        return Frame(self.tables.edges)

    @property
    def member_events(self) -> Frame:
        """One row an event of a member."""
        return Frame(self.tables.member_events)

    @property
    def behaviours(self) -> Frame:
        """One row a behaviour of a candidate fleet, with the figures behind it."""
        return Frame(self.tables.behaviours)

    @property
    def layer_bits(self) -> Frame:
        """One row what a layer says of a candidate fleet, and what that adds or takes away."""
        return Frame(self.tables.layer_bits)

    @property
    def stability(self) -> Frame:
        """One row a candidate fleet at one window and cut."""
        return Frame(self.tables.stability)

    @property
    def controls(self) -> Frame:
        """One row a surrogate log, a known group, or a kind of groups that are presumed to be innocent."""
        return Frame(self.tables.controls)

    @property
    def driven(self) -> Frame:
        """One row an event of a member that the fleet's hand more likely made than its owner."""
        return Frame(self.tables.driven)

    def explain(self, what: str, lang: str = "en") -> Explanation:
        """Say why a fleet is suspected, or an account in it, and what speaks against it."""
        return explain(self.info, self.tables, str(what), lang)

    def report(self, path: str | Path, *, format: str | None = None, lang: str = "en") -> Path:  # noqa: A002
        """Write a report: html, json, graphml, gexf or csv (None: by the ending of the path)."""
        path = Path(path)
        render_report(self.info, self.tables, path, format or path.suffix.removeprefix(".") or "html", lang)
        return path

    def evaluate(self, truth: object, crowds: object = None) -> Evaluation:
        """Compare with a table of what is true (account, fleet, kind); see ``samehand.evaluation``."""
        from samehand.evaluation.metrics import evaluate

        return evaluate(self.tables, truth, crowds, info=self.info)

    def save(self, folder: str | Path) -> Path:
        """Write the run into a folder, whole or not at all; a run that is there already is replaced."""
        folder = Path(folder)
        with replacing(folder) as fresh:
            write_run(fresh, self.info, self.tables)
            render_report(self.info, self.tables, fresh / "report.html")
        return folder

    def __repr__(self) -> str:
        info = self.info
        estimated = "" if info.false_discovery.n_surrogates else ", false-discovery rate not estimated"
        return (
            f"<Run: {info.n_reported} suspected fleets of {info.n_candidates} candidates, "
            f"{info.n_accounts_reported:,} accounts{estimated}>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{repr(self)[1:-1]}</p>" + self.fleets._repr_html_()


def open_run(folder: str | Path) -> Run:
    """Open a run that ``Run.save`` or ``samehand detect`` wrote.

    Raises:
        InputError: There is no run, or it is damaged or from another version.
    """
    return Run(*read_run(Path(folder)))
