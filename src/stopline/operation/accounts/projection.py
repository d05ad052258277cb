"""Who is admitted, which sessions and tokens are open: folded from the facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.accounts import (
    CodeDropped,
    CodeEnrolled,
    OperatorAdmitted,
    OperatorChanged,
    OperatorReset,
    OperatorRestored,
    OperatorSuspended,
    PasswordSet,
    SessionBegun,
    SessionEnded,
    TokenIssued,
    TokenRevoked,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """An operator as the record has them.

    Attributes:
        name: theirs for good.
        display: how they are shown.
        roles: what they may be.
        agency: their service.
        kind: `person` or `machine`.
        issuer: OpenID Connect issuer that knows them; empty for none.
        subject: their subject there.
        suspended: may not sign in.
        has_password: has set one.
        has_code: one-time codes are asked for.
    """

    name: str
    display: str
    roles: tuple[str, ...]
    agency: str | None
    kind: str
    issuer: str = ""
    subject: str = ""
    suspended: bool = False
    has_password: bool = False
    has_code: bool = False


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that goes on, as far as the record says.

    Attributes:
        id: its id.
        operator: who.
        source: from where.
        by: how they showed that it is they.
        begun_s: since when, UTC seconds.
        ends_s: until when at the latest, UTC seconds.
    """

    id: str
    operator: str
    source: str
    by: str
    begun_s: float
    ends_s: float


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a machine.

    Attributes:
        id: its id.
        machine: whose.
        label: what it is for.
        issued_s: when, UTC seconds.
        ends_s: until when, UTC seconds.
        revoked: not good any more.
    """

    id: str
    machine: str
    label: str
    issued_s: float
    ends_s: float
    revoked: bool = False


@projection("node")
class People(Projection):
    """Who may sit here.

    Attributes:
        operators: by name; a name is never given twice.
        sessions: that go on, by id.
        tokens: by id, revoked ones too.
    """

    def __init__(self) -> None:
        self.operators: dict[str, Admitted] = {}
        self.sessions: dict[str, OpenSession] = {}
        self.tokens: dict[str, Token] = {}

    def known_by(self, issuer: str, subject: str) -> Admitted | None:
        """The operator whom an issuer knows under a subject."""
        if not issuer or not subject:
            return None
        found = (o for o in self.operators.values() if (o.issuer, o.subject) == (issuer, subject))
        return next(found, None)

    def administrators(self) -> list[Admitted]:
        """Who can admit others, now."""
        return [
            each for each in self.operators.values()
            if "administrator" in each.roles and not each.suspended
        ]  # fmt: skip

    def sessions_of(self, name: str) -> list[OpenSession]:
        """Sessions of an operator that go on."""
        return [each for each in self.sessions.values() if each.operator == name]

    @folds(OperatorAdmitted)
    def _admitted(self, body: OperatorAdmitted, entry: Entry) -> None:
        del entry
        self.operators.setdefault(
            body.name,
            Admitted(
                name=body.name, display=body.display, roles=tuple(body.roles), agency=body.agency,
                kind=body.kind, issuer=body.issuer, subject=body.subject,
            ),
        )  # fmt: skip

    @folds(OperatorChanged)
    def _changed(self, body: OperatorChanged, entry: Entry) -> None:
        del entry
        self._update(
            body.name, display=body.display, roles=tuple(body.roles), agency=body.agency,
            issuer=body.issuer, subject=body.subject,
        )  # fmt: skip

    @folds(OperatorSuspended, OperatorRestored)
    def _suspended(self, body: OperatorSuspended | OperatorRestored, entry: Entry) -> None:
        del entry
        suspended = isinstance(body, OperatorSuspended)
        self._update(body.name, suspended=suspended)
        if suspended:
            for session in self.sessions_of(body.name):
                del self.sessions[session.id]

    @folds(OperatorReset)
    def _reset(self, body: OperatorReset, entry: Entry) -> None:
        del entry
        self._update(body.name, has_password=False, has_code=False)

    @folds(PasswordSet, CodeEnrolled, CodeDropped)
    def _own(self, body: PasswordSet | CodeEnrolled | CodeDropped, entry: Entry) -> None:
        del entry
        if isinstance(body, PasswordSet):
            self._update(body.operator, has_password=True)
        else:
            self._update(body.operator, has_code=isinstance(body, CodeEnrolled))

    def _update(self, name: str, **changes: Any) -> None:  # noqa: ANN401  (fields of Admitted)
        known = self.operators.get(name)
        if known is not None:
            self.operators[name] = replace(known, **changes)

    @folds(TokenIssued)
    def _issued(self, body: TokenIssued, entry: Entry) -> None:
        self.tokens[body.token] = Token(
            body.token, body.machine, body.label, entry.time_s, seconds(body.ends)
        )

    @folds(TokenRevoked)
    def _revoked(self, body: TokenRevoked, entry: Entry) -> None:
        del entry
        known = self.tokens.get(body.token)
        if known is not None:
            self.tokens[body.token] = replace(known, revoked=True)

    @folds(SessionBegun)
    def _begun(self, body: SessionBegun, entry: Entry) -> None:
        known = self.operators.get(body.operator)
        if known is None or known.suspended:  # suspended while they were signing in
            return
        self.sessions[body.session] = OpenSession(
            body.session, body.operator, body.source, body.by, entry.time_s, seconds(body.ends)
        )

    @folds(SessionEnded)
    def _ended(self, body: SessionEnded, entry: Entry) -> None:
        del entry
        self.sessions.pop(body.session, None)
