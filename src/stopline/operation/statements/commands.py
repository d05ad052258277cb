"""Commands about public statements: draft, show, agree, answer, release, correct."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.command import IncidentCommand, Line, LongText, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.facts.statements import (
    StatementAgreed,
    StatementCorrected,
    StatementDrafted,
    StatementReleased,
)
from stopline.operation.statements.projection import Statement, Statements

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident

StatementName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}$")]
AnyStatement = Annotated[str, Field(min_length=1, max_length=200)]
Remark = Annotated[str, Field(max_length=2000)]


@command("statement.draft")
class DraftStatement(IncidentCommand):
    """Write a statement, or its next version: everybody must then agree anew."""

    statement: StatementName = Field(description="its name, for example `first`")
    text: LongText = Field(description="the text")
    agreed_by: Annotated[tuple[str, ...], Field(max_length=30)] = Field(
        default=(), description="roles on this side that must agree before release"
    )
    not_before: AwareDatetime | None = Field(
        default=None, description="not to be released before, with zone"
    )
    asks_other_side: bool = Field(default=True, description="the other side must agree, too")

    def decide(self, at: CommandContext) -> None:
        """Before its release; afterwards it is corrected openly."""
        incident = at.incident(running=False)
        unknown = [r for r in self.agreed_by if r not in incident.machine.protocol.roles]
        if unknown:
            raise NotNow(f"the protocol has no role {', '.join(unknown)}")
        known = incident.projection(Statements).by_name.get(self.statement)
        if known is not None and known.released is not None:
            raise NotNow("it is released; what was wrong is corrected openly")
        not_before = None if self.not_before is None else iso(self.not_before.timestamp())
        at.record(
            StatementDrafted(
                statement=self.statement, version=len(known.versions) + 1 if known else 1,
                text=self.text, agreed_by=list(dict.fromkeys(self.agreed_by)),
                not_before=not_before, asks_other_side=self.asks_other_side,
            )
        )  # fmt: skip


@command("statement.show")
class ShowStatement(IncidentCommand):
    """Show the other side the last version and ask whether it agrees."""

    statement: AnyStatement = Field(description="its name")
    answer_by: AwareDatetime = Field(description="an answer is needed by then, with zone")
    message: Line = Field(default="statement_draft", description="message of the protocol")

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may."""
        incident = at.incident()
        known = _known(incident, self.statement)
        if known.request:
            raise NotNow("this draft is the other side's; answer it")
        if known.last.sent:
            raise NotNow(f"version {known.last.number} was shown already")
        if self.answer_by.timestamp() <= at.now_s:
            raise NotNow(f"an answer by {self.answer_by.isoformat()} is in the past")
        at.send(
            ProcedureSaid(
                protocol=incident.state.version, name=self.message, asked="other",
                answer_by=iso(self.answer_by.timestamp()), draft_statement_text=known.last.text,
            )
        )  # fmt: skip


@command("statement.agree")
class AgreeStatement(IncidentCommand):
    """Agree to the last version for one's own role, or say why not."""

    statement: AnyStatement = Field(description="its name")
    version: int = Field(ge=1, description="the version that was read")
    agrees: bool = Field(description="yes or no")
    remark: Remark = Field(default="", description="why not, or what to mind")

    def decide(self, at: CommandContext) -> None:
        """Only the version that counts; a no says why."""
        known = _known(at.incident(running=False), self.statement)
        if known.released is not None:
            raise NotNow("it is released already")
        if self.version != known.last.number:
            raise NotNow(f"version {known.last.number} is the last one; read that")
        if known.last.agreed_by and at.actor.role not in known.last.agreed_by:
            raise NotPermitted(f"{', '.join(known.last.agreed_by)} agree to it")
        if not self.agrees and not self.remark:
            raise NotNow("a no says why")
        at.record(
            StatementAgreed(
                statement=known.name, version=self.version, agrees=self.agrees, remark=self.remark
            )
        )


@command("statement.answer")
class AnswerStatement(IncidentCommand):
    """Answer the other side's draft: yes, yes with this text instead, or no."""

    statement: AnyStatement = Field(description="its name")
    answer: Literal["accepted", "in part", "declined"] = Field(description="the answer")
    text: Annotated[str, Field(max_length=8000)] = Field(
        default="", description="the text this side would say instead"
    )
    remark: Remark = Field(default="", description="in words, for the other side")
    message: Line = Field(default="statement_agreed", description="message of the protocol")

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may."""
        incident = at.incident()
        known = _known(incident, self.statement)
        if not known.request:
            raise NotNow("this draft is ours; the other side answers it")
        if self.answer == "in part" and not self.text:
            raise NotNow("yes with changes needs the changed text")
        if self.answer == "declined" and not self.remark:
            raise NotNow("a no needs its reason in words")
        at.send(
            ProcedureSaid(
                protocol=incident.state.version, name=self.message, ref=known.request,
                request=known.request, answer=self.answer, text=self.remark,
                draft_statement_text=self.text or None,
            )
        )  # fmt: skip


@command("statement.release")
class ReleaseStatement(IncidentCommand):
    """Note that the last version goes out to the public now."""

    statement: AnyStatement = Field(description="its name")
    version: int = Field(ge=1, description="the version that goes out")
    where: Line = Field(description="to whom and by which ways")
    without: Remark = Field(
        default="", description="why it goes out without the other side's agreement"
    )

    def decide(self, at: CommandContext) -> None:
        """Every agreement that was asked for, the time, and the decision of the protocol."""
        incident = at.incident(running=False)
        known = _known(incident, self.statement)
        last = known.last
        if known.released is not None:
            raise NotNow("it is released already")
        if self.version != last.number:
            raise NotNow(f"version {last.number} is the last one; read that")
        if last.missing():
            raise NotNow(f"{', '.join(last.missing())} must agree first")
        if last.not_before_s is not None and at.now_s < last.not_before_s:
            raise NotNow(f"not before {iso(last.not_before_s)}")
        if last.asks_other_side and not known.other_side_agrees() and not self.without:
            raise NotNow(
                "the other side has not agreed to this version; expected its yes, or in `without` "
                "the reason for going out without it, which stays on record"
            )
        _check_authority(incident)
        at.record(
            StatementReleased(
                statement=known.name, version=last.number, text=last.text, where=self.where,
                without="" if known.other_side_agrees() else self.without,
            )
        )  # fmt: skip


@command("statement.correct")
class CorrectStatement(IncidentCommand):
    """Set right in public what was said in public; what had been said stays on record."""

    statement: AnyStatement = Field(description="its name")
    text: LongText = Field(description="what is said instead")
    reason: Line = Field(description="why, for the public")

    def decide(self, at: CommandContext) -> None:
        """Only of what is out; it shows what changed."""
        known = _known(at.incident(running=False), self.statement)
        was = known.public_text
        if not was:
            raise NotNow("it is not released; write its next version")
        if was == self.text:
            raise NotNow("nothing changed; expected another text")
        at.record(
            StatementCorrected(
                statement=known.name, was=was, text=self.text, changed=changed(was, self.text),
                reason=self.reason,
            )
        )  # fmt: skip


def changed(was: str, text: str) -> list[str]:
    """Show what was taken out and what was put in, line by line."""
    lines = difflib.ndiff(was.splitlines(), text.splitlines())
    return [line for line in lines if line[:2] in {"- ", "+ "}]


def _known(incident: Incident, name: str) -> Statement:
    known = incident.projection(Statements).by_name.get(name)
    if known is None:
        raise NotNow(f"there is no statement {name} in incident {incident.id}")
    return known


def _check_authority(incident: Incident) -> None:
    """The decision that the document puts before a release; a document without one asks none."""
    protocol = incident.machine.protocol
    triggers = {name for name, each in protocol.triggers.items() if each.fact == "statement"}
    tasks = [n for n, task in protocol.tasks.items() if task.closed_by in triggers]
    if tasks and not any(incident.machine.granted(incident.state, name) for name in tasks):
        needed = sorted({each for name in tasks for each in protocol.tasks[name].authority})
        raise NotNow(f"a release needs {' or '.join(needed)}")
