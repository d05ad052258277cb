"""The facts of a joint plan; its questions and answers stand in the journal as messages."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from stopline.forces.agency import agency_name
from stopline.journal.kinds import FactBody, fact_kind


class _Commitment(FactBody):
    peer: str = Field(description="the other node")
    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question that was answered")


class GivenUnit(BaseModel):
    """One of our units behind a commitment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str = Field(description="id of the unit")
    agency: Annotated[str, AfterValidator(agency_name)] = Field(description="its service")
    strength: int = Field(description="what it counts for")


class GivenSeal(BaseModel):
    """A site that we said we hold, with what only we know: which units."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str = Field(description="`section N` or `junction N` of the network")
    road: str = Field(description="name of the road, for people")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    need: int = Field(description="strength that our part of the seal takes")
    by_utc_s: float | None = Field(description="held by then, UTC seconds; null: at any time")
    closed_utc_s: float = Field(description="from when we hold it, UTC seconds")
    units: tuple[GivenUnit, ...] = Field(description="which units")
    at_exit: bool = Field(
        default=False, description="the site is an exit itself, by our own scenario"
    )


@fact_kind("joint.answer-kept")
class AnswerKept(_Commitment):
    """Which units stand behind an answer is kept aside until the other side builds on it."""

    kept: str = Field(description="SHA-256 of what lies there, hex")


@fact_kind("joint.question-left")
class QuestionLeft(_Commitment):
    """A question of the other side got no answer at all."""

    reason: str = Field(description="why, in words")


@fact_kind("joint.commitment-taken")
class CommitmentTaken(_Commitment):
    """A plan of this side builds on sites that the other side holds."""

    now_utc_s: float = Field(description="moment from which the times count, UTC seconds")
    site: list[int] = Field(description="numbers of the sites")
    strength: list[int] = Field(description="strength held at each")
    closed_s: list[float] = Field(description="from when each is closed")
    units: list[int] = Field(description="number of units at each")
    expires_utc_s: float = Field(description="until when it is counted on, UTC seconds")


@fact_kind("joint.commitment-given")
class CommitmentGiven(_Commitment):
    """The other side builds on sites that this side said it holds."""

    expires_utc_s: float = Field(description="until when it is counted on, UTC seconds")
    seals: tuple[GivenSeal, ...] = Field(
        default=(), description="the sites with our units; they never leave this node"
    )


@fact_kind("joint.commitment-ordered")
class CommitmentOrdered(_Commitment):
    """A commitment that this side gave became orders to its own units."""


@fact_kind("joint.commitment-withdrawn")
class CommitmentWithdrawn(_Commitment):
    """A commitment ended before its time."""

    ours: bool = Field(default=False, description="this side had given it")
    reason: str = Field(description="why, in words")


@fact_kind("joint.planned-alone")
class PlannedAlone(FactBody):
    """The other side did not answer; a plan was made with its last commitments."""

    peer: str = Field(description="the other node")
    matter: str = Field(description="id of the joint plan")
    verdict: str = Field(description="sealed, leaking or impossible")
    sites: int = Field(description="sites of the other side that were counted on")
    kept: str = Field(
        default="", description="SHA-256 of the note by which it is planned again, hex"
    )


@fact_kind("joint.reconciled")
class Reconciled(FactBody):
    """The line was back, and the other side was asked again for a plan made without it."""

    peer: str = Field(description="the other node")
    matter: str = Field(description="id of the joint plan that was made now")
    alone: str = Field(description="id of the plan that was made without an answer")
    verdict: str = Field(description="verdict of the new plan; empty where there is none")
    differs: tuple[str, ...] = Field(description="what differs, in words; empty: nothing")
