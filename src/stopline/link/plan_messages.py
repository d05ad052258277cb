"""Messages of a joint plan: a question about sites and times, its answer, what became of it.

Long rows of numbers are one text with blanks between: thousands of JSON numbers would cost more in
signing and reading than planning does.
"""

from __future__ import annotations

from pydantic import Field

from stopline.link.messages import MessageBody, message_kind


@message_kind("plan.asked", lane="alarm")
class PlanAsked(MessageBody):
    """A side asks: hold these sites by these times?"""

    matter: str = Field(description="id of the joint plan that the question belongs to")
    number: int = Field(description="number of the question in the matter, from 1")
    common: dict[str, str] = Field(description="SHA-256 of network, sites and rules, hex")
    now_utc_s: float = Field(description="moment from which the times count, UTC seconds")
    wanted: int = Field(ge=1, description="the first so many demands are asked for together")
    site: str = Field(description="number of the site of each demand, blanks between")
    strength: str = Field(description="strength asked for each demand, blanks between")
    by_s: str = Field(description="latest closing, `inf` for any time, blanks between")
    prefer: str = Field(description="units or strength: what to use least of")


@message_kind("plan.answered", lane="alarm")
class PlanAnswered(MessageBody):
    """A side answers by a commitment or by inequalities."""

    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question")
    closed_s: list[float] = Field(description="commitment: closing time of each demand wanted")
    units: list[int] = Field(description="commitment: number of units for each")
    strength: list[int] = Field(description="commitment: their strength")
    members: list[str] = Field(
        description="inequalities: numbers of demands in each, blanks between"
    )
    most: list[int] = Field(description="inequalities: how many of them can be met together")


@message_kind("plan.declined", lane="alarm")
class PlanDeclined(MessageBody):
    """A side does not answer a question, and says why; it says nothing of its units."""

    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question")
    reason: str = Field(description="why, in words")


@message_kind("plan.taken", lane="alarm")
class PlanTaken(MessageBody):
    """A side builds on a commitment; all others in the matter are free again."""

    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question whose answer is built on")
    held: str = Field(description="which of its demands, counted from 0, blanks between")
    expires_utc_s: float = Field(description="until when it is counted on, UTC seconds")


@message_kind("plan.decided", lane="alarm")
class PlanDecided(MessageBody):
    """The plan that builds on a commitment was adopted: the sites are to be held."""

    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question whose answer is built on")


@message_kind("plan.withdrawn", lane="alarm")
class PlanWithdrawn(MessageBody):
    """A side cannot keep a commitment any more."""

    matter: str = Field(description="id of the joint plan")
    number: int = Field(description="number of the question that was answered")
    reason: str = Field(description="why, in words")
