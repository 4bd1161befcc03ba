"""Weights of layers, fitted to decisions: what changed, how well it does on fleets left out, in words and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from samehand.cases.agreement import Agreement
from samehand.cases.errors import RefusedError

FORMAT: Final = 1
PRIOR_SD: Final = 1.0
"""How far a weight may lie from where it was, by one standard deviation, before decisions speak."""


@dataclass(frozen=True, kw_only=True)
class Weight:
    """The factor of what one layer adds to the log odds that a fleet is confirmed; of all fleets, a shift."""

    name: str
    before: float
    after: float
    se: float
    """Standard error of ``after``."""


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Errors on fleets that were left out of the fit. Less is better."""

    n_folds: int
    log_loss_before: float
    log_loss_after: float
    """In nats a fleet."""
    brier_before: float
    brier_after: float
    gain_se: float
    """Standard error of the gain in log loss."""

    @property
    def gain(self) -> float:
        """By how much the log loss fell."""
        return self.log_loss_before - self.log_loss_after


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Weights before and after, and what they are worth."""

    samehand: str
    """Version."""
    made_at: datetime
    runs: tuple[str, ...]
    """Digests of the runs whose decisions count."""
    n_confirmed: int
    n_dismissed: int
    n_groups: int
    """Fleets without common accounts."""
    weights: tuple[Weight, ...]
    held_out: HeldOut
    agreement: Agreement
    format: int = FORMAT

    @property
    def better(self) -> bool:
        """Whether fleets that were left out are judged better than before, by more than one standard error."""
        return self.held_out.gain > self.held_out.gain_se

    def to_text(self) -> str:
        """Say it at 80 columns."""
        held = self.held_out
        counted = f"{self.n_confirmed} confirmed and {self.n_dismissed} dismissed fleets"
        return "\n".join(
            (
                f"{counted}, {self.n_groups} of them without common accounts",
                self._agreement(),
                "",
                f"{'factor of':<24} {'before':>8} {'after':>8} {'+/-':>6}",
                *(f"{w.name:<24} {w.before:>8.2f} {w.after:>8.2f} {w.se:>6.2f}" for w in self.weights),
                f"A factor whose +/- is near {PRIOR_SD:.2f} is one of which decisions say nothing yet.",
                "",
                f"{f'held out, {held.n_folds} folds':<24} {'before':>8} {'after':>8}",
                f"{'log loss':<24} {held.log_loss_before:>8.3f} {held.log_loss_after:>8.3f}",
                f"{'Brier score':<24} {held.brier_before:>8.3f} {held.brier_after:>8.3f}",
                f"gain in log loss {held.gain:.3f} +/- {held.gain_se:.3f}: {self._worth()}",
                "",
                "Reviewers decided what they were shown, strongest first, so this says little of",
                "weaker fleets. Nothing was changed: detection does not read these weights.",
            )
        )

    def _agreement(self) -> str:
        found = self.agreement
        if found.share is None or found.low is None or found.high is None:
            return f"no decision was seconded; {found.n_waiting} wait"
        return (
            f"second reviewers agreed with {found.n_agreed} of {found.n_seconded}: {found.share:.0%} "
            f"({found.low:.0%} to {found.high:.0%}); {found.n_waiting} wait"
        )

    def _worth(self) -> str:
        if self.better:
            return "better than before"
        if self.held_out.gain < -self.held_out.gain_se:
            return "worse than before"
        return "no better than before, as far as can be told"

    def to_json(self) -> bytes:
        """Give the content of a file.

        Raises:
            RefusedError: Held-out fleets are judged no better than before.
        """
        if not self.better:
            raise RefusedError(
                "fleets that were left out are judged no better than before, so nothing was written",
                where="--write",
                hint="again after more decisions",
            )
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"
