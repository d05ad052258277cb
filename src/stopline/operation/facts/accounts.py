"""Facts about people: that something was set, by whom and when; never a password or a secret.

`kept` names what lies beside the record by its SHA-256, so that nobody exchanges it unseen. It says
nothing of what is kept: that holds a salt or a secret of 128 bits and more.
"""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


@fact_kind("operator.admitted")
class OperatorAdmitted(FactBody):
    """A person or a machine may sit at this node; the name is theirs for good."""

    name: str = Field(description="the name that stands with everything they do")
    display: str = Field(description="how they are shown")
    roles: list[str] = Field(description="roles of the protocol, or administrator, unit, feed")
    agency: str | None = Field(description="the service they belong to")
    kind: str = Field(description="person or machine")
    issuer: str = Field(description="OpenID Connect issuer that knows them, empty for none")
    subject: str = Field(description="their subject there, empty for none")


@fact_kind("operator.changed")
class OperatorChanged(FactBody):
    """What an operator may do, or how they are known, is another from now on."""

    name: str = Field(description="name of the operator")
    display: str = Field(description="how they are shown")
    roles: list[str] = Field(description="roles from now on")
    agency: str | None = Field(description="service from now on")
    issuer: str = Field(description="OpenID Connect issuer that knows them, empty for none")
    subject: str = Field(description="their subject there, empty for none")


@fact_kind("operator.suspended")
class OperatorSuspended(FactBody):
    """An operator may not sign in any more; their sessions ended."""

    name: str = Field(description="name of the operator")
    reason: str = Field(description="why")


@fact_kind("operator.restored")
class OperatorRestored(FactBody):
    """A suspended operator may sign in again."""

    name: str = Field(description="name of the operator")
    reason: str = Field(description="why")


@fact_kind("operator.reset")
class OperatorReset(FactBody):
    """Password and second factor of an operator were taken away; a set-up code was given out."""

    name: str = Field(description="name of the operator")
    ends: str = Field(description="until when the set-up code is good, ISO 8601 with zone")
    reason: str = Field(description="why")
    kept: str = Field(default="", description="SHA-256 of what is kept of the code, hex")


@fact_kind("password.set")
class PasswordSet(FactBody):
    """A password was set."""

    operator: str = Field(description="name of the operator: whose it is")
    kept: str = Field(default="", description="SHA-256 of what is kept of it, hex")


@fact_kind("password.hashed-anew")
class PasswordHashedAnew(FactBody):
    """A password stayed as it is and is kept by a stronger hash from now on."""

    operator: str = Field(description="name of the operator: whose it is")
    kept: str = Field(description="SHA-256 of what is kept of it, hex")


@fact_kind("code.enrolled")
class CodeEnrolled(FactBody):
    """A device for one-time codes was enrolled."""

    operator: str = Field(description="name of the operator: whose it is")
    kept: str = Field(default="", description="SHA-256 of the device's secret, hex")


@fact_kind("code.dropped")
class CodeDropped(FactBody):
    """An operator signs in without one-time codes from now on."""

    operator: str = Field(description="name of the operator: who")


@fact_kind("code.recovered")
class CodeRecovered(FactBody):
    """An operator signed in with a recovery code in place of their device; it is used up."""

    operator: str = Field(description="name of the operator")
    left: int = Field(description="recovery codes that are left")


@fact_kind("token.issued")
class TokenIssued(FactBody):
    """A machine got a token."""

    token: str = Field(description="id of the token; it opens nothing")
    machine: str = Field(description="name of the machine")
    label: str = Field(description="what it is for")
    ends: str = Field(description="until when it is good, ISO 8601 with zone")
    kept: str = Field(default="", description="SHA-256 of what is kept of it, hex")


@fact_kind("token.revoked")
class TokenRevoked(FactBody):
    """A token is not good any more."""

    token: str = Field(description="id of the token")
    reason: str = Field(description="why")


@fact_kind("session.begun", personal=True)
class SessionBegun(FactBody):
    """An operator signed in."""

    session: str = Field(description="id of the session; it opens nothing")
    operator: str = Field(description="name of the operator")
    source: str = Field(description="from where")
    by: str = Field(description="password, password and code, or the OpenID Connect issuer")
    ends: str = Field(description="when it ends at the latest, ISO 8601 with zone")
    kept: str = Field(default="", description="SHA-256 of what is kept of its token, hex")


@fact_kind("session.ended")
class SessionEnded(FactBody):
    """A session ended."""

    session: str = Field(description="id of the session")
    operator: str = Field(description="name of the operator")
    why: str = Field(description="signed out, unused, run out, suspended, password set, ...")


@fact_kind("sign-in.attacked", personal=True)
class SignInAttacked(FactBody):
    """Many wrong tries in a row at one source, or for one operator."""

    operator: str = Field(
        description="name of the operator tried for, empty for a name that nobody has"
    )
    source: str = Field(description="from where the last try came")
    tries: int = Field(description="wrong tries in a row")
