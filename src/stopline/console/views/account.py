"""Forms of accounts: what is given, and what is shown, some of it once."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from stopline.documents.plain_text import without_hidden_signs
from stopline.operation.accounts.commands import OperatorName
from stopline.operation.core.command import Line

_MONTH_S: Final = 30 * 86_400.0
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SetUpAccount(_Form):
    """A password, set with the code that an administrator gave out."""

    name: OperatorName = Field(description="name of the account")
    code: Code = Field(description="the set-up code")
    password: Password = Field(description="the password from now on")


class NewPassword(_Form):
    """Another password; every session ends."""

    old: Password = Field(description="the password until now")
    new: Password = Field(description="the password from now on")


class Confirmed(_Form):
    """One's password once more."""

    password: Password = Field(description="your password")


class DeviceCode(_Form):
    """What the device shows."""

    code: Code = Field(description="the code that the device shows")


class WantedSetUp(_Form):
    """Why a set-up code is given out."""

    reason: Line = Field(description="why; it stands in the journal")

    _plain = field_validator("*", mode="before")(without_hidden_signs)


class WantedToken(_Form):
    """A token for a machine."""

    label: Line = Field(description="what it is for")
    good_for_s: Annotated[float, Field(gt=0, le=366 * 86_400)] = Field(
        default=_MONTH_S, description="seconds for which it is good"
    )

    _plain = field_validator("*", mode="before")(without_hidden_signs)


class SetUpShown(BaseModel):
    """A set-up code, shown once."""

    code: str = Field(description="give it to the person")
    ends: str = Field(description="until when it is good, ISO 8601 with zone")


class DeviceShown(BaseModel):
    """A secret for a device, shown once."""

    secret: str = Field(description="base32, to type in")
    uri: str = Field(description="otpauth: address, to scan")


class RecoveryShown(BaseModel):
    """Recovery codes, shown once."""

    codes: list[str] = Field(description="each is good once, in place of the device")


class TokenShown(BaseModel):
    """A token of a machine, shown once."""

    id: str = Field(description="its id in the journal")
    token: str = Field(description="for the header Authorization")
    ends: str = Field(description="until when it is good, ISO 8601 with zone")


class OperatorShown(BaseModel):
    """Somebody admitted."""

    name: str = Field(description="theirs for good")
    display: str = Field(description="how they are shown")
    kind: str = Field(description="person or machine")
    roles: list[str] = Field(description="what they may be")
    agency: str | None = Field(description="their service; null for none")
    suspended: bool = Field(description="may not sign in")
    has_password: bool = Field(description="has set one")
    has_code: bool = Field(description="one-time codes are asked for")


class OpenSessionShown(BaseModel):
    """A session that goes on."""

    session: str = Field(description="its id; it opens nothing")
    operator: str = Field(description="whose")
    source: str = Field(description="from where")
    by: str = Field(description="how they showed that it is they")
    begun: str = Field(description="since when, ISO 8601 with zone")
    ends: str = Field(description="until when at the latest, ISO 8601 with zone")


class IssuedTokenShown(BaseModel):
    """A token that was issued."""

    token: str = Field(description="its id; it opens nothing")
    machine: str = Field(description="whose")
    label: str = Field(description="what it is for")
    ends: str = Field(description="until when, ISO 8601 with zone")
    revoked: bool = Field(description="not good any more")


class PeopleShown(BaseModel):
    """Who may sit at this node."""

    operators: list[OperatorShown] = Field(description="by name")
    sessions: list[OpenSessionShown] = Field(description="that go on")
    tokens: list[IssuedTokenShown] = Field(description="of machines, revoked ones too")


FORMS: Final = (SetUpAccount, NewPassword, Confirmed, DeviceCode, WantedSetUp, WantedToken)
