"""The facts of a joint plan; its questions and answers stand in the journal as messages."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


class _Commitment(FactBody):
    peer: str = Field(description="the other node")
    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question that was answered")


class _Held(_Commitment):
    now_utc_s: float = Field(description="moment from which the times count, UTC seconds")
    site: list[int] = Field(description="numbers of the sites")
    strength: list[int] = Field(description="strength held at each")
    closed_s: list[float] = Field(description="from when each is closed")
    units: list[int] = Field(description="number of units at each")
    expires_utc_s: float = Field(description="until when it is counted on, UTC seconds")


@fact_kind("joint.commitment-taken")
class CommitmentTaken(_Held):
    """A plan of this side builds on sites that the other side holds."""


@fact_kind("joint.commitment-given")
class CommitmentGiven(_Commitment):
    """The other side builds on sites that this side said it holds."""

    expires_utc_s: float = Field(description="until when it is counted on, UTC seconds")


@fact_kind("joint.commitment-withdrawn")
class CommitmentWithdrawn(_Commitment):
    """A commitment ended before its time."""

    reason: str = Field(description="why, in words")
