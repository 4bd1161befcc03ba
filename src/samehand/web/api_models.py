"""What the API is sent. What it answers are the types of ``cases.model``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from samehand.casefile.exports.measures import Automated, Ground, Measure, MeasureKind, countries_of
from samehand.cases.model import Action, Role
from samehand.cases.store import LARGEST_BULK
from samehand.cases.wording import LONGEST_NAME, LONGEST_NOTE, LONGEST_POLICY, LONGEST_REASON

LARGEST_ID = 2**31 - 1
"""Of a case or run; also the largest version."""

Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, description="Why.")]
Policy = Annotated[
    str, Field(min_length=1, max_length=LONGEST_POLICY, description="Rule of the platform that it rests on.")
]
Version = Annotated[int, Field(ge=1, le=LARGEST_ID, description="Version of the case that was seen.")]
CaseNumber = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SentMeasure(_Sent):
    """What is done to the accounts of a confirmed case, for statements of reasons."""

    kind: MeasureKind
    territory: list[Annotated[str, Field(max_length=3)]] = Field(
        default=["EEA"], min_length=1, max_length=40, description="Countries by two letters; or EU, EEA."
    )
    ground: Ground = Ground.terms
    automated: Automated = Field(default=Automated.no, description="How the decision was taken.")
    until: date | None = Field(default=None, description="The day on which it ends.")

    def measure(self) -> Measure:
        """Give what was sent as the store keeps it."""
        return Measure(**self.model_dump() | {"territory": countries_of(self.territory)})


class SentDecision(_Sent):
    """A decision about one case."""

    action: Action
    reason: Reason
    policy: Policy
    expected_version: Version
    accounts: list[Annotated[str, Field(max_length=4_000)]] = Field(
        default=[], max_length=100_000, description="Members to split off or to remove."
    )
    into: CaseNumber | None = Field(default=None, description="The case that a merge goes into.")
    needs_second: bool = Field(default=False, description="Has effect only once a second reviewer agrees.")
    measure: SentMeasure | None = Field(default=None, description="For confirm.")


class SentChoice(_Sent):
    """A case as it was seen."""

    case_id: CaseNumber
    expected_version: Version


class SentDecisions(_Sent):
    """The same decision about several cases: confirm, dismiss or need_more."""

    choices: list[SentChoice] = Field(min_length=1, max_length=LARGEST_BULK)
    action: Action
    reason: Reason
    policy: Policy
    needs_second: bool = False
    measure: SentMeasure | None = Field(default=None, description="For confirm.")


class SentSecond(_Sent):
    """What a second reviewer says."""

    agrees: bool
    reason: Reason
    expected_version: Version


class SentUndo(_Sent):
    """Takes back the latest decision."""

    reason: Reason
    expected_version: Version


class SentNote(_Sent):
    """A remark."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class SentAssignee(_Sent):
    """Who shall have a case; null: nobody."""

    assignee: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] | None
    expected_version: Version


class Me(BaseModel):
    """Who asks."""

    name: str
    role: Role


class Failure(BaseModel):
    """What was wrong with a request."""

    found: str
    """What was found."""
    where: str
    hint: str
    """What to try."""
