"""Accounts: set-up codes, passwords, devices and tokens, given out once and kept only as hashes."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.link.ids import new_id
from stopline.operation.accounts.errors import LoginRefused
from stopline.operation.accounts.one_time_codes import (
    Device,
    new_recovery_codes,
    new_secret,
    uri_of,
)
from stopline.operation.accounts.projection import People
from stopline.operation.accounts.secret_commands import (
    ChangePassword,
    DropCode,
    EnrolCode,
    IssueToken,
    ResetOperator,
)
from stopline.operation.accounts.storage_keys import NEW_CODES, PASSWORDS, SET_UPS
from stopline.operation.accounts.tokens import digest, make_token, same
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow
from stopline.operation.core.permissions import may

if TYPE_CHECKING:
    from stopline.operation.accounts.operator import Operator
    from stopline.operation.accounts.passwords import Passwords
    from stopline.operation.accounts.secret_commands import SecretCommand
    from stopline.operation.accounts.settings import AccessSettings
    from stopline.operation.accounts.throttling import Tries
    from stopline.operation.core.command_handler import CommandHandler

_SET_UP_BYTES = 15


@dataclass(frozen=True, slots=True)
class SetUp:
    """A code with which a person sets their password; shown once.

    Attributes:
        code: what is given to the person.
        ends_s: until when it is good, UTC seconds.
    """

    code: str
    ends_s: float


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A secret for a device; shown once.

    Attributes:
        secret: base32, to type in.
        uri: `otpauth:` address, to scan.
    """

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token of a machine; shown once.

    Attributes:
        id: its id in the journal.
        token: the token.
        ends_s: until when it is good, UTC seconds.
    """

    id: str
    token: str
    ends_s: float


class Accounts:
    """What people do about their own way in, and administrators about theirs."""

    def __init__(
        self, desk: CommandHandler, settings: AccessSettings, passwords: Passwords, tries: Tries
    ) -> None:
        self._desk, self._settings = desk, settings
        self._passwords, self._tries = passwords, tries

    def check_new(self, password: str, name: str) -> None:
        """See that a new password of an operator will do.

        Raises:
            BadInput: it will not do; the password is not repeated.
        """
        self._passwords.check_new(password, name)

    def reset(
        self, name: str, reason: str, actor: Actor, *, command_id: str, now_s: float
    ) -> SetUp:
        """Take password and device of an operator away; give out a set-up code.

        Raises:
            Refused: with the reason; nothing was changed.
        """
        code = secrets.token_urlsafe(_SET_UP_BYTES)
        ends_s = now_s + self._settings.set_up_s
        kept = json.dumps({"hash": digest(code).hex(), "ends_s": ends_s}).encode()
        command = ResetOperator(name=name, good_for_s=self._settings.set_up_s, reason=reason)
        self._once(command.with_kept(kept), actor, command_id, now_s)
        return SetUp(code, ends_s)

    def set_up(self, name: str, code: str, password: str, *, source: str, now_s: float) -> None:
        """Set a password with a set-up code, which is used up.

        Raises:
            BadInput: the password will not do.
            LoginRefused: name or code is not right, or the code has run out.
            TooManyTries: nothing was looked at.
        """
        wanted = name.strip().casefold()
        self._passwords.check_new(password, wanted)
        with self._desk.reading:
            known = self._desk.catch_up().projection(People).operators.get(wanted)
        tried = self._tries.enter(wanted, source, admitted=known is not None, now_s=now_s)
        if known is None or known.suspended:
            raise LoginRefused
        with self._desk.node.journal.transaction() as work:
            raw = work.get(SET_UPS, known.name)
            if raw is None:
                raise LoginRefused
            row = json.loads(raw)
            fits = same(bytes.fromhex(row["hash"]), digest(code.strip()))
            if not fits or now_s >= row["ends_s"]:
                raise LoginRefused
            work.remove(SET_UPS, known.name)  # whoever comes second finds none
            self._tries.take_back(work, tried, now_s)
        self._set(known.name, known.roles, known.agency, password, now_s)

    def change_password(
        self, operator: Operator, old: str, new: str, *, source: str, now_s: float
    ) -> None:
        """Set one's own password; every session ends.

        Raises:
            BadInput: the new one will not do.
            LoginRefused: the old one is not right.
            TooManyTries: nothing was looked at.
        """
        self._passwords.check_new(new, operator.name)
        self._confirm(operator.name, old, source, now_s)
        self._set(operator.name, operator.roles, operator.agency, new, now_s)

    def show_device(
        self, operator: Operator, password: str, *, source: str, now_s: float
    ) -> NewDevice:
        """Make a secret for a device; it counts once a code of it was given to `enrol_device`.

        Raises:
            LoginRefused: the password is not right.
            TooManyTries: nothing was looked at.
        """
        self._confirm(operator.name, password, source, now_s)
        return self._new_device(operator.name)

    def enrol_device(self, operator: Operator, code: str, *, now_s: float) -> tuple[str, ...]:
        """Enrol the device that shows this code; give recovery codes, each good once.

        Raises:
            LoginRefused: the code is not of the secret shown last.
            NotNow: none was shown.
        """
        secret = self._desk.node.journal.look_up(NEW_CODES, operator.name)
        if secret is None:
            raise NotNow("no secret was shown; ask for one first")
        device = Device(secret.decode()).accept(code, now_s)
        if device is None:
            raise LoginRefused("the code does not fit; look at the clock of the device")
        actor = self._acting(operator.name, operator.roles, operator.agency, EnrolCode.kind)
        return self._enrol(operator.name, device, actor, now_s)

    def give_device(
        self, name: str, actor: Actor, *, now_s: float
    ) -> tuple[NewDevice, tuple[str, ...]]:
        """Enrol a device for somebody who sits beside the administrator; give recovery codes too.

        Raises:
            Refused: with the reason; nothing was changed.
        """
        made = NewDevice(secret := new_secret(), uri_of(secret, name, self._settings.issuer_name))
        return made, self._enrol(name, Device(secret), actor, now_s)

    def drop_device(self, operator: Operator, password: str, *, source: str, now_s: float) -> None:
        """Sign in without one-time codes from now on.

        Raises:
            LoginRefused: the password is not right.
            TooManyTries: nothing was looked at.
            NotNow: no device is enrolled.
        """
        self._confirm(operator.name, password, source, now_s)
        actor = self._acting(operator.name, operator.roles, operator.agency, DropCode.kind)
        self._once(DropCode().with_kept(b""), actor, new_id(now_s), now_s)

    def issue_token(
        self, machine: str, label: str, actor: Actor, *, good_for_s: float, command_id: str,
        now_s: float,
    ) -> NewToken:  # fmt: skip
        """Issue a machine a token.

        Raises:
            Refused: with the reason; nothing was issued.
        """
        token_id = new_id(now_s)
        token, kept = make_token("machine", token_id)
        command = IssueToken(machine=machine, label=label, good_for_s=good_for_s)
        self._once(command.with_kept(token_id.encode() + b" " + kept), actor, command_id, now_s)
        return NewToken(token_id, token, now_s + good_for_s)

    def _enrol(self, name: str, device: Device, actor: Actor, now_s: float) -> tuple[str, ...]:
        codes, kept = new_recovery_codes()
        whole = Device(device.secret, device.last_step, kept)
        command = EnrolCode(operator=name).with_kept(whole.to_bytes())
        self._once(command, actor, new_id(now_s), now_s)
        return codes

    def _new_device(self, name: str) -> NewDevice:
        secret = new_secret()
        with self._desk.node.journal.transaction() as work:
            work.put(NEW_CODES, name, secret.encode())
        return NewDevice(secret, uri_of(secret, name, self._settings.issuer_name))

    def _confirm(self, name: str, password: str, source: str, now_s: float) -> None:
        tried = self._tries.enter(name, source, admitted=True, now_s=now_s)
        kept = self._desk.node.journal.look_up(PASSWORDS, name)
        if not self._passwords.check(kept, password, known_source=True):  # they are signed in
            raise LoginRefused
        with self._desk.node.journal.transaction() as work:
            self._tries.uncount(work, tried, now_s)

    def _set(
        self, name: str, roles: tuple[str, ...], agency: str | None, password: str, now_s: float
    ) -> None:
        actor = self._acting(name, roles, agency, ChangePassword.kind)
        command = ChangePassword().with_kept(self._passwords.hash(password))
        self._once(command, actor, new_id(now_s), now_s)

    def _acting(self, name: str, roles: tuple[str, ...], agency: str | None, command: str) -> Actor:
        """Act in the first of one's roles that may; one's own affairs belong to no single role."""
        with self._desk.reading:
            book = self._desk.catch_up()
            actors = [Actor(name, role, agency) for role in roles]
            return next((each for each in actors if may(each, command, book)), actors[0])

    def _once(self, command: SecretCommand, actor: Actor, command_id: str, now_s: float) -> None:
        done = self._desk.do(command, actor, command_id=command_id, now_s=now_s)
        if done.repeated:  # what was given out then is known to nobody but its receiver
            raise NotNow("it was done before; what was shown then is not shown again")
