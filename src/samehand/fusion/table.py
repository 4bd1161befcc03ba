"""What all layers say together, as rows of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from samehand.arrays import F64
from samehand.columns import LAYER_BITS
from samehand.fleets.judge import Judged
from samehand.fusion.weigh import INNOCENT, Fused

PRIOR = "prior"


def layer_bits_table(fleet_ids: Sequence[str], fused: Sequence[Fused]) -> pa.Table:
    """Give the rows of all candidates: the prior, each layer, the innocent causes; what counts adds up to the whole."""
    rows: list[dict[str, Any]] = []
    for fleet_id, one in zip(fleet_ids, fused, strict=True):
        rows.append(_row(fleet_id, PRIOR, one.prior_bits))
        for part in one.parts:
            said = part.said
            rows.append(
                _row(fleet_id, said.family, part.weight_bits)
                | {
                    "layer": said.layer,
                    "found_bits": said.bits,
                    "n_members": said.n_members,
                    "value": said.value,
                    "n_sharing": said.n_sharing,
                    "n_holders": said.n_holders,
                    "counts": part.counts,
                }
            )
        rows.append(_row(fleet_id, INNOCENT, one.innocent_bits))
    return pa.Table.from_pylist(rows, LAYER_BITS)


def _row(fleet_id: str, family: str, weight_bits: float) -> dict[str, Any]:
    return {
        "fleet_id": fleet_id,
        "family": family,
        "layer": family,
        "weight_bits": weight_bits,
        "counts": True,
    }


def member_posteriors(judged: Judged, fused: Fused, n_accounts: int) -> F64:
    """Probability of each member, in the order of its codes, that the hand of this fleet moves it.

    It is that of the fleet, times how surely the account is with it: its own evidence, with the others held together
    without it, after choosing it from all accounts of the log.
    """
    evidence = judged.candidate.evidence
    own = -np.minimum(evidence.log_p_without, evidence.log_p) / np.log(2) - np.log2(max(n_accounts, 1))
    return np.asarray(fused.posterior / (1 + 2.0 ** -np.clip(own, -50, 50)))
