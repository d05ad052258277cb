"""The statements of an incident: versions, who agreed, what went out and what was corrected."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.statements import (
    StatementAgreed,
    StatementCorrected,
    StatementDrafted,
    StatementReleased,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True)
class StatementAnswer:
    """The other side's answer to a draft: yes or no, and the text it would say."""

    message: str
    answer: str | None
    text: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a statement.

    Attributes:
        number: 1, 2, 3, ...
        text: the text.
        agreed_by: roles on this side that must agree.
        not_before_s: not to be released before; None for any time.
        asks_other_side: the other side must agree, too.
        drafted_s: when, UTC seconds.
        drafted_by: the person, or the other node.
        voices: per role, the person, whether it agrees, and the remark.
        sent: id of the message that showed it to the other side; empty while it was not.
        answers: what the other side answered, in order; the last one counts.
    """

    number: int
    text: str
    agreed_by: tuple[str, ...]
    not_before_s: float | None
    asks_other_side: bool
    drafted_s: float
    drafted_by: str
    voices: dict[str, tuple[str, bool, str]] = field(default_factory=dict)
    sent: str = ""
    answers: tuple[StatementAnswer, ...] = ()

    def missing(self) -> tuple[str, ...]:
        """The roles on this side that have not agreed."""
        return tuple(
            role for role in self.agreed_by if role not in self.voices or not self.voices[role][1]
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """One open correction."""

    at_s: float
    by: str
    body: StatementCorrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement.

    Attributes:
        name: what it is called here; of the other side's draft, `theirs/` and the message.
        versions: in order.
        request: the other side's message that showed it; empty if it is ours.
        released_s: when it went out from here; None while it has not.
        released: what was recorded then.
        corrections: in order; the last one's text is what holds.
    """

    name: str
    versions: tuple[Version, ...]
    request: str = ""
    released_s: float | None = None
    released: StatementReleased | None = None
    corrections: tuple[Correction, ...] = ()

    @property
    def last(self) -> Version:
        """The version that counts."""
        return self.versions[-1]

    def other_side_agrees(self) -> bool:
        """Whether the other side said yes to the last version, or proposed this very text."""
        own = self.last.answers[-1:]
        if own:
            return own[0].answer == "accepted" and own[0].text in {"", self.last.text}
        proposed = [a for version in self.versions for a in version.answers][-1:]
        return any(a.answer != "declined" and a.text == self.last.text for a in proposed)

    @property
    def public_text(self) -> str:
        """What the public has been told, as it stands; empty before release."""
        if self.corrections:
            return self.corrections[-1].body.text
        return "" if self.released is None else self.released.text


@projection("incident")
class Statements(Projection):
    """The statements of an incident by name, in the order in which they began."""

    def __init__(self) -> None:
        self.by_name: dict[str, Statement] = {}

    def released(self) -> list[Statement]:
        """What has been said in public, oldest first."""
        out = [s for s in self.by_name.values() if s.released_s is not None]
        return sorted(out, key=lambda s: s.released_s or 0.0)

    @folds(StatementDrafted)
    def _drafted(self, body: StatementDrafted, entry: Entry) -> None:
        version = Version(
            number=body.version, text=body.text, agreed_by=tuple(body.agreed_by),
            not_before_s=seconds(body.not_before) if body.not_before else None,
            asks_other_side=body.asks_other_side, drafted_s=entry.time_s, drafted_by=entry.author,
        )  # fmt: skip
        known = self.by_name.get(body.statement)
        versions = (*(known.versions if known else ()), version)
        self.by_name[body.statement] = (
            replace(known, versions=versions)
            if known
            else Statement(name=body.statement, versions=versions)
        )

    @folds(StatementAgreed)
    def _agreed(self, body: StatementAgreed, entry: Entry) -> None:
        known = self.by_name.get(body.statement)
        if known is not None and known.last.number == body.version:
            voice = (entry.author, body.agrees, body.remark)
            self._put(known, replace(known.last, voices={**known.last.voices, entry.role: voice}))

    @folds(StatementReleased)
    def _released(self, body: StatementReleased, entry: Entry) -> None:
        known = self.by_name.get(body.statement)
        if known is not None:
            self.by_name[known.name] = replace(known, released_s=entry.time_s, released=body)

    @folds(StatementCorrected)
    def _corrected(self, body: StatementCorrected, entry: Entry) -> None:
        known = self.by_name.get(body.statement)
        if known is not None:
            correction = Correction(entry.time_s, entry.author, body)
            self.by_name[known.name] = replace(known, corrections=(*known.corrections, correction))

    @on_message(ProcedureSaid)
    def _said(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        message = str((entry.body or {})["message"])
        answered = body.request or body.ref
        for known in self.by_name.values():
            for version in known.versions:
                if received and answered and version.sent == answered:
                    text = body.draft_statement_text or ""
                    answer = StatementAnswer(message, body.answer, text, body.text)
                    self._put(known, replace(version, answers=(*version.answers, answer)))
                    return
            if not received and body.draft_statement_text == known.last.text and not answered:
                self._put(known, replace(known.last, sent=message))
                return
        if received and body.draft_statement_text is not None and answered is None:
            self._take_in(body.draft_statement_text, message, entry)

    def _take_in(self, text: str, message: str, entry: Entry) -> None:
        name = f"theirs/{message}"
        version = Version(
            number=1, text=text, agreed_by=(), not_before_s=None, asks_other_side=False,
            drafted_s=entry.time_s, drafted_by=entry.author,
        )  # fmt: skip
        self.by_name[name] = Statement(name=name, versions=(version,), request=message)

    def _put(self, known: Statement, new: Version) -> None:
        versions = tuple(new if v.number == new.number else v for v in known.versions)
        self.by_name[known.name] = replace(known, versions=versions)
