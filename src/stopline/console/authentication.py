"""Who asks: the session behind a request, and in which of their roles they act.

A token comes in the header Authorization, or in a cookie that no other site can read. With a
cookie, a request that could change something must come from a page of this very host: it names
its Origin and carries a header that no form and no other site can send.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from stopline.console.password_work import PasswordWork
from stopline.console.problem_details import Problem
from stopline.errors import BadInput
from stopline.journal.base import Entry
from stopline.operation.accounts.errors import NotSignedIn
from stopline.operation.accounts.sign_in import Operator, SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotPermitted
from stopline.operation.core.read_permissions import READS, row_of, rows_for
from stopline.operation.core.state import NodeState

COOKIE: Final = "__Host-stopline"
FROM_PAGE: Final = "stopline-request"
ROLE: Final = "stopline-role"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_TOKEN: Final = 4096
_MOST_REMEMBERED: Final = 10_000
# Facts about people that end nothing.
_HARMLESS: Final = frozenset({"session.begun", "sign-in.attacked", "token.issued"})


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Attributes:
        operator: the account.
        token: of the session.
        role: the role that was named; None for none.
    """

    operator: Operator
    token: str
    role: str | None

    def roles(self) -> tuple[str, ...]:
        """The roles to look with: the one named, or all."""
        if self.role is None:
            return self.operator.roles
        return (self.operator.actor(self.role).role,)

    def actor(self) -> Actor:
        """Act in the role named, or in the only one.

        Raises:
            NotPermitted: it is none of theirs.
            BadInput: none was named, and they have several.
        """
        if self.role is None and len(self.operator.roles) > 1:
            raise BadInput.single(
                "header Stopline-Role", "nothing", f"one of {', '.join(self.operator.roles)}"
            )
        return self.operator.actor(self.role)

    def need(self, row: str, book: NodeState) -> frozenset[str]:
        """Let only those go on who may look at a row; give all rows they may look at.

        Raises:
            NotPermitted: none of the roles may.
        """
        rows = rows_for(self.roles(), book)
        if row not in rows:
            allowed = ", ".join(sorted(READS[row]))
            said = ", ".join(self.roles()) or "nobody"
            raise NotPermitted(f"{said} may not look at `{row}`; it is for {allowed}")
        return rows


class Authentication:
    """Finds who asks; a good token is remembered until a fact says otherwise, or for a while."""

    def __init__(self, access: SignIn, clock: Callable[[], float], remembered_s: float) -> None:
        self.access = access
        self._clock, self._for_s = clock, remembered_s
        self._good: dict[str, tuple[float, Operator]] = {}
        self.passwords = PasswordWork()

    async def asker(self, request: Request) -> Asker:
        """Say who asks.

        Raises:
            NotSignedIn: no session, or it has ended.
            Problem: a cookie came with a request from elsewhere.
        """
        token = self.token(request)
        return Asker(await self.operator(token), token, request.headers.get(ROLE))

    def token(self, request: Request) -> str:
        """The token of a request.

        Raises:
            NotSignedIn: there is none.
            Problem: a cookie came with a request from elsewhere.
        """
        said = request.headers.get("authorization")
        if said is not None:
            scheme, _, token = said.partition(" ")
            if scheme.lower() != "bearer":
                raise NotSignedIn
            return _plausible(token.strip())
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            raise NotSignedIn
        if request.method not in _SAFE:
            check_same_site(request, needs_origin=True)
            if FROM_PAGE not in request.headers:
                raise Problem("cross-site")
        return _plausible(cookie)

    async def operator(self, token: str) -> Operator:
        """Whose session a token is.

        Raises:
            NotSignedIn: nobody's, or it has ended.
        """
        now_s = self._clock()
        kept = self._good.get(token)
        if kept is not None and now_s < kept[0]:
            return kept[1]
        found = await asyncio.to_thread(self.access.by_token, token, now_s)
        if len(self._good) >= _MOST_REMEMBERED:
            self._good.clear()
        self._good[token] = (now_s + self._for_s, found)
        return found

    def heard(self, entries: Sequence[Entry]) -> None:
        """Forget whoever a fact is about: a session ended here or at another server, say."""
        for entry in entries:
            if row_of(entry.kind) == "people" and entry.kind not in _HARMLESS:
                names = {str(value) for value in (entry.body or {}).values()}
                self._good = {
                    token: kept
                    for token, kept in self._good.items()
                    if not names & {kept[1].name, kept[1].session}
                }

    async def log_out(self, token: str) -> None:
        """End a session, here at once."""
        self._good.pop(token, None)
        await asyncio.to_thread(self.access.log_out, token, self._clock())
        self._good.pop(token, None)  # whoever asked meanwhile


def check_same_site(request: Request, *, needs_origin: bool) -> None:
    """Let only requests from pages of this host go on, if they come from a page.

    Raises:
        Problem: another origin, or none where one is needed.
    """
    origin = request.headers.get("origin")
    if origin is None and not needs_origin:
        return
    if origin != f"{request.url.scheme}://{request.headers.get('host', '')}":
        raise Problem("cross-site")


def _plausible(token: str) -> str:
    if not 0 < len(token) <= _LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise NotSignedIn
    return token
