"""Commands of an administrator: who is admitted, in which roles, who is suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints

from stopline.errors import meant
from stopline.forces.agency import agency_name
from stopline.operation.accounts.projection import Admitted, People
from stopline.operation.accounts.storage_keys import SESSIONS, TOKENS
from stopline.operation.core.command import Command, Line, command
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.facts.accounts import (
    OperatorAdmitted,
    OperatorChanged,
    OperatorRestored,
    OperatorSuspended,
    SessionEnded,
    TokenRevoked,
)

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.state import NodeState

OperatorName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
RoleName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Roles = Annotated[tuple[RoleName, ...], Field(min_length=1, max_length=20)]
Subject = Annotated[str, StringConstraints(max_length=255)]
# Roles that no protocol names. A machine holds no other: what counts as a person's word, an order
# or one of two voices, comes from a person.
ADMINISTRATOR: Final = "administrator"
_MACHINES: Final = frozenset({"feed", "unit", "camera"})
_PERSONS: Final = frozenset({ADMINISTRATOR, "unit"})


@command("operator.admit")
class AdmitOperator(Command):
    """Admit a person, in one role or several."""

    name: OperatorName = Field(
        description="lower case; it stands with everything they do, for good"
    )
    display: Line = Field(description="how they are shown")
    roles: Roles = Field(description="roles of the protocol in force, administrator, or unit")
    agency: Line | None = Field(default=None, description="their service; of the role, if left out")
    issuer: Subject = Field(default="", description="OpenID Connect issuer that knows them")
    subject: Subject = Field(default="", description="their subject there")

    def decide(self, at: CommandContext) -> None:
        """A name is given once; roles are those that there are."""
        people = at.book.projection(People)
        if self.name in people.operators:
            raise NotNow(f"{self.name} is admitted already; a name is never given twice")
        agency = _check_roles(at.book, self.roles, self.agency, "person")
        _check_subject(people, self.name, self.issuer, self.subject)
        at.record(
            OperatorAdmitted(
                name=self.name, display=self.display, roles=list(self.roles), agency=agency,
                kind="person", issuer=self.issuer, subject=self.subject,
            )
        )  # fmt: skip


@command("machine.admit")
class AdmitMachine(Command):
    """Admit a machine: it reports positions, units or what a camera sees; by token only."""

    name: OperatorName = Field(
        description="lower case; it stands with everything it does, for good"
    )
    display: Line = Field(description="how it is shown")
    roles: Roles = Field(description="feed, unit, camera")
    agency: Line | None = Field(default=None, description="the service whose machine it is")

    def decide(self, at: CommandContext) -> None:
        """A machine has no role of an officer: those are for persons."""
        if self.name in at.book.projection(People).operators:
            raise NotNow(f"{self.name} is admitted already; a name is never given twice")
        agency = _check_roles(at.book, self.roles, self.agency, "machine")
        at.record(
            OperatorAdmitted(
                name=self.name, display=self.display, roles=list(self.roles), agency=agency,
                kind="machine", issuer="", subject="",
            )
        )  # fmt: skip


@command("operator.change")
class ChangeOperator(Command):
    """Give an operator other roles, or another way to be known; what is left out stays."""

    name: OperatorName = Field(description="name of the operator")
    display: Line | None = Field(default=None, description="how they are shown")
    roles: Roles | None = Field(default=None, description="all roles from now on")
    agency: Line | None = Field(
        default=None, description="service; of the role, if roles are given"
    )
    issuer: Subject | None = Field(
        default=None, description="OpenID Connect issuer; empty for none"
    )
    subject: Subject | None = Field(default=None, description="subject there; empty for none")

    def decide(self, at: CommandContext) -> None:
        """Nobody changes their own roles; one administrator remains."""
        people = at.book.projection(People)
        known = admitted(at.book, self.name)
        roles = known.roles if self.roles is None else self.roles
        agency = known.agency
        if self.roles is not None or self.agency is not None:
            if self.roles is not None and known.name == at.actor.person:
                raise NotPermitted("nobody changes their own roles; another administrator does")
            if ADMINISTRATOR not in roles:
                _check_not_last(people, known, "loses that role")
            agency = _check_roles(at.book, roles, self.agency, known.kind)
        issuer = known.issuer if self.issuer is None else self.issuer
        subject = known.subject if self.subject is None else self.subject
        if known.kind == "machine" and issuer:
            raise NotNow("a machine signs in by token only")
        _check_subject(people, known.name, issuer, subject)
        at.record(
            OperatorChanged(
                name=known.name, display=self.display or known.display, roles=list(roles),
                agency=agency, issuer=issuer, subject=subject,
            )
        )  # fmt: skip


@command("operator.suspend")
class SuspendOperator(Command):
    """Shut an operator out: no sign-in, every session ends, tokens open nothing."""

    name: OperatorName = Field(description="name of the operator")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """One administrator remains."""
        people = at.book.projection(People)
        known = admitted(at.book, self.name)
        if known.suspended:
            raise NotNow(f"{known.name} is suspended already")
        _check_not_last(people, known, "is suspended")
        end_sessions(at, known.name, "suspended")
        at.record(OperatorSuspended(name=known.name, reason=self.reason))


@command("operator.restore")
class RestoreOperator(Command):
    """Let a suspended operator sign in again."""

    name: OperatorName = Field(description="name of the operator")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """Sessions that were ended stay so."""
        known = admitted(at.book, self.name)
        if not known.suspended:
            raise NotNow(f"{known.name} is not suspended")
        at.record(OperatorRestored(name=known.name, reason=self.reason))


@command("session.end")
class EndSession(Command):
    """End a session of somebody else, by its id."""

    session: Line = Field(description="id of the session")

    def decide(self, at: CommandContext) -> None:
        """It goes on no more from the moment of the fact."""
        known = at.book.projection(People).sessions.get(self.session)
        if known is None:
            raise NotNow(f"no session {self.session} goes on")
        at.keep(SESSIONS, known.id, None)
        at.record(
            SessionEnded(session=known.id, operator=known.operator, why="ended by an administrator")
        )


@command("token.revoke")
class RevokeToken(Command):
    """Take a machine's token back."""

    token: Line = Field(description="id of the token")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """Once."""
        known = at.book.projection(People).tokens.get(self.token)
        if known is None:
            raise NotNow(f"there is no token {self.token}")
        if known.revoked:
            raise NotNow("it is revoked already")
        at.keep(TOKENS, known.id, None)
        at.record(TokenRevoked(token=known.id, reason=self.reason))


def admitted(book: NodeState, name: str) -> Admitted:
    """Find an operator.

    Raises:
        NotNow: nobody is admitted under that name.
    """
    try:
        return book.projection(People).operators[name]
    except KeyError:
        raise NotNow(f"nobody is admitted as {name}") from None


def end_sessions(at: CommandContext, name: str, why: str) -> None:
    """End every session of an operator."""
    for session in at.book.projection(People).sessions_of(name):
        at.keep(SESSIONS, session.id, None)
        at.record(SessionEnded(session=session.id, operator=name, why=why))


def _check_roles(
    book: NodeState, roles: tuple[str, ...], agency: str | None, kind: str
) -> str | None:
    """See that the roles are there for this kind of operator, and belong to one service."""
    agency = None if agency is None else agency_name(agency)
    if kind == "machine":
        wrong = sorted(set(roles) - _MACHINES)
        if wrong:
            raise NotNow(f"{', '.join(wrong)}: a machine is {' or '.join(sorted(_MACHINES))}")
        return agency
    force = book.machines.get(book.in_force)
    if force is None:
        wrong = sorted(set(roles) - {ADMINISTRATOR})
        if wrong:
            raise NotNow(
                f"{', '.join(wrong)}: no protocol is in force, so there are no roles but "
                "administrator; adopt one that both sides signed, then admit officers"
            )
        return agency
    known = {n: r for n, r in force.protocol.roles.items() if not r.sides or book.side in r.sides}
    wrong = sorted(set(roles) - _PERSONS - set(known))
    if wrong:
        expected = ", ".join(sorted({*known, *_PERSONS}))
        near = meant(wrong[0], [*known, *_PERSONS]) if len(wrong) == 1 else "."
        raise NotNow(f"{', '.join(wrong)}: no such role{near} The protocol in force has {expected}")
    services = {service for r in roles if r in known and (service := known[r].agency)}
    if agency is not None:
        services.add(agency)
    if len(services) > 1:
        raise NotNow(f"one operator is of one service, not of {' and '.join(sorted(services))}")
    return next(iter(services), None)


def _check_subject(people: People, name: str, issuer: str, subject: str) -> None:
    if bool(issuer) != bool(subject):
        raise NotNow("an issuer and a subject go together; expected both or neither")
    known = people.known_by(issuer, subject)
    if known is not None and known.name != name:
        raise NotNow(f"that subject of the issuer is {known.name}; one person has one name")


def _check_not_last(people: People, known: Admitted, what: str) -> None:
    if [each.name for each in people.administrators()] == [known.name]:
        raise NotNow(
            f"{known.name} is the last administrator; admit another before this one {what}"
        )
