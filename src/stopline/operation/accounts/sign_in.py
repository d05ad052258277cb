"""The door of a node: who signs in, whose token this is, who signed out.

Everything that several servers of one side must agree on lies in the journal's database: hashes,
sessions and wrong tries on shelves, and that it happened in facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.accounts.credentials import Accounts
from stopline.operation.accounts.errors import CodeWanted, LoginRefused, NotSignedIn, TooManyTries
from stopline.operation.accounts.oidc_state_store import (
    OidcStart,
    keep_state,
    take_state,
    tidy_states,
)
from stopline.operation.accounts.one_time_codes import Device
from stopline.operation.accounts.operator import Operator, SignedIn
from stopline.operation.accounts.passwords import Passwords
from stopline.operation.accounts.projection import Admitted, People
from stopline.operation.accounts.sessions import Sessions
from stopline.operation.accounts.settings import AccessSettings
from stopline.operation.accounts.storage_keys import CODES, PASSWORDS, TOKENS, named_by
from stopline.operation.accounts.throttling import Tries
from stopline.operation.accounts.tokens import read_token, same
from stopline.operation.core.node_fact import node_fact
from stopline.operation.facts.accounts import CodeRecovered, PasswordHashedAnew

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.journal.base import Transaction
    from stopline.journal.kinds import FactBody
    from stopline.operation.accounts.oidc import OidcDoor
    from stopline.operation.accounts.tokens import Presented
    from stopline.operation.core.command_handler import CommandHandler

__all__ = ["AccessSettings", "Operator", "SignIn", "SignedIn"]


class SignIn:
    """Lets people and machines in; threads may share it.

    Attributes:
        accounts: what people and administrators do about passwords, codes and tokens.
        tries: wrong tries and the waits after them.
    """

    def __init__(self, desk: CommandHandler, *, settings: AccessSettings | None = None) -> None:
        chosen = settings or AccessSettings()
        self._desk, self._journal = desk, desk.node.journal
        self._passwords = Passwords(chosen)
        self._sessions = Sessions(desk, chosen)
        self.tries = Tries(desk.node.journal, chosen, desk.node.identity.name, desk.node.stamp)
        self.accounts = Accounts(desk, chosen, self._passwords, self.tries)

    def log_in(
        self, name: str, password: str, code: str | None, *, source: str, now_s: float
    ) -> SignedIn:
        """Sign a person in.

        Args:
            name: their name.
            password: their password.
            code: a one-time code or a recovery code, if they enrolled a device.
            source: the address they come from.
            now_s: when, UTC seconds.

        Raises:
            LoginRefused: name, password or code is not right, or they are suspended.
            CodeWanted: the password is right, a code is missing.
            TooManyTries: nothing was looked at.
        """
        wanted = name.strip().casefold()
        known = self._person(wanted)
        tried = self.tries.enter(
            wanted, source, admitted=known is not None, now_s=now_s,
            right_code=self._right_code(wanted, code, now_s),
        )  # fmt: skip
        kept = None
        if known is not None and not known.suspended:
            kept = self._journal.look_up(PASSWORDS, known.name)
        try:
            right = self._passwords.check(kept, password, known_source=tried.known_source)
        except TooManyTries:
            self.tries.give_back(tried, now_s)
            raise
        if not right or known is None or kept is None:
            raise LoginRefused
        fresh = self._passwords.hash(password) if self._passwords.is_outdated(kept) else kept
        with self._journal.transaction() as work:
            if work.get(PASSWORDS, known.name) != kept:  # it was set anew meanwhile
                raise LoginRefused
            held = work.get(CODES, known.name)
            if held is not None and not code:
                self.tries.uncount(work, tried, now_s)
                signed_in = None
            else:
                if held is not None and code:
                    self._use_code(work, known, held, code, now_s)
                if fresh != kept:
                    work.put(PASSWORDS, known.name, fresh)
                    anew = PasswordHashedAnew(operator=known.name, kept=named_by(fresh))
                    self._note(work, anew, now_s)
                self.tries.take_back(work, tried, now_s)
                by = "password" if held is None else "password and code"
                signed_in = self._sessions.begin(work, known, source=source, by=by, now_s=now_s)
        if signed_in is None:
            raise CodeWanted
        return signed_in

    def is_known(self, name: str, code: str | None, *, source: str, now_s: float) -> bool:
        """Whether somebody has shown something before their password is looked at.

        A place where they signed in before, or a code of their device: both cost little to see.
        """
        wanted = name.strip().casefold()
        if self._person(wanted) is None:
            return False
        return self.tries.knows(wanted, source, now_s) or self._right_code(wanted, code, now_s)

    def sign_in_by_oidc(self, issuer: str, subject: str, *, source: str, now_s: float) -> SignedIn:
        """Sign in whom an issuer vouches for, after its answer was verified (`oidc.OidcDoor`).

        Raises:
            LoginRefused: no operator was admitted with that issuer and subject, or is suspended.
        """
        with self._desk.reading:
            known = self._desk.catch_up().projection(People).known_by(issuer, subject)
        if known is None or known.suspended:
            raise LoginRefused(
                "the issuer knows you, this node does not: an administrator admits people "
                "beforehand, by issuer and subject"
            )
        with self._journal.transaction() as work:
            return self._sessions.begin(work, known, source=source, by=issuer, now_s=now_s)

    def begin_oidc(self, door: OidcDoor, now_s: float) -> OidcStart:
        """Begin a sign-in at an issuer: an address for the browser, and a cookie for it to keep.

        Raises:
            OidcFailed: the issuer cannot be reached.
        """
        url, state = door.begin(now_s)
        return OidcStart(url, keep_state(self._journal, state))

    def finish_oidc(
        self, door: OidcDoor, query: Mapping[str, str], cookie: str, *, source: str, now_s: float
    ) -> SignedIn:
        """Finish a sign-in with what the browser came back with.

        Raises:
            OidcFailed: it does not hold, was finished before, or began in another browser.
            LoginRefused: no operator was admitted with that issuer and subject, or is suspended.
        """
        claims = door.finish(query, take_state(self._journal, cookie), now_s)
        return self.sign_in_by_oidc(claims.issuer, claims.subject, source=source, now_s=now_s)

    def by_token(self, token: str, now_s: float) -> Operator:
        """Say whose token it is: of a session, or of a machine.

        Raises:
            NotSignedIn: it is unknown, forged, ended or run out, or they are suspended.
        """
        presented = read_token(token)
        with self._desk.reading:
            people = self._desk.catch_up().projection(People)
            if presented.kind == "session":
                name = self._sessions.find(presented, people, now_s).operator
            else:
                name = self._machine(presented, people, now_s)
            known = people.operators.get(name)
        if known is None or known.suspended:
            raise NotSignedIn
        return Operator.of(known, presented.id)

    def log_out(self, token: str, now_s: float) -> None:
        """End a session; one that has ended stays so.

        Raises:
            NotSignedIn: the token opens no session.
        """
        presented = read_token(token)
        if presented.kind != "session":
            raise NotSignedIn
        with self._desk.reading:
            people = self._desk.catch_up().projection(People)
            session = self._sessions.find(presented, people, now_s)
        self._sessions.end(session, "signed out", now_s)

    def sweep(self, now_s: float) -> int:
        """End sessions that ran out and forget old tries; give how many sessions. Each minute."""
        with self._desk.reading:
            people = self._desk.catch_up().projection(People)
            ended = self._sessions.end_over(people, now_s)
        self.tries.tidy(now_s)
        tidy_states(self._journal, now_s)
        return ended

    def _machine(self, presented: Presented, people: People, now_s: float) -> str:
        token = people.tokens.get(presented.id)
        kept = self._journal.look_up(TOKENS, presented.id)
        if token is None or kept is None or token.revoked or now_s >= token.ends_s:
            raise NotSignedIn
        if not same(kept, presented.hash):
            raise NotSignedIn
        return token.machine

    def _right_code(self, name: str, code: str | None, now_s: float) -> bool:
        """Whether a code is one that the device of a name shows now; it is not used up by that."""
        if not code or self._person(name) is None:
            return False
        held = self._journal.look_up(CODES, name)
        return held is not None and Device.from_bytes(held).accept(code, now_s) is not None

    def _person(self, name: str) -> Admitted | None:
        with self._desk.reading:
            known = self._desk.catch_up().projection(People).operators.get(name)
        return known if known is not None and known.kind == "person" else None

    def _use_code(
        self, work: Transaction, known: Admitted, held: bytes, code: str, now_s: float
    ) -> None:
        before = Device.from_bytes(held)
        after = before.accept(code, now_s)
        if after is None:
            raise LoginRefused
        work.put(CODES, known.name, after.to_bytes())
        if len(after.recovery) < len(before.recovery):
            body = CodeRecovered(operator=known.name, left=len(after.recovery))
            self._note(work, body, now_s)

    def _note(self, work: Transaction, body: FactBody, now_s: float) -> None:
        node = self._desk.node
        work.append([node_fact(node.identity.name, body, node.stamp(now_s))])
