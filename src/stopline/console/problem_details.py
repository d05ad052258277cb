"""Errors as problem details (RFC 9457): which of ours is which status, and what they say.

A problem never shows a stack trace or what was given as a password. An error that nobody foresaw
is a 500 with a reference, under which the log has the rest.
"""

from __future__ import annotations

import logging
import math
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from stopline.errors import BadInput, UnknownName
from stopline.journal.errors import Erased, StorageError
from stopline.link.errors import LinkError
from stopline.operation.accounts import errors as people
from stopline.operation.core.errors import (
    CommandTaken,
    NoSuchIncident,
    NotPermitted,
    Refused,
    TooBusy,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.errors import Fault

MEDIA: Final = "application/problem+json"
WHERE: Final = "/v1/problems/"
_log = logging.getLogger("stopline.console")


class FaultShown(BaseModel):
    """One thing wrong with what was given."""

    where: str = Field(description="field or header")
    seen: str = Field(description="what stood there, shortened")
    expected: str = Field(description="what should stand there")


class ProblemShown(BaseModel):
    """A problem by RFC 9457."""

    type: str = Field(description="which problem; the address explains it")
    title: str = Field(description="the problem in a few words, always the same for a type")
    status: int = Field(description="HTTP status")
    detail: str = Field(description="what happened this time")
    faults: list[FaultShown] = Field(default=[], description="everything wrong with the input")
    reference: str = Field(default="", description="where the log of the node tells more")


class ProblemKindShown(BaseModel):
    """What a type of problem means."""

    title: str = Field(description="the problem in a few words")
    status: int = Field(description="HTTP status")
    remedy: str = Field(description="what can be done")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem: status, a title, and what whoever meets it can do."""

    status: int
    title: str
    remedy: str


KINDS: Final[dict[str, Kind]] = {
    "malformed": Kind(400, "Not readable", "Send JSON in UTF-8, of the form in /v1/openapi.json."),
    "not-signed-in": Kind(401, "Not signed in", "Begin a session with POST /v1/session."),
    "login-refused": Kind(401, "Log-in refused", "Give name, password and code once more."),
    "code-wanted": Kind(401, "One-time code wanted", "Give the code of your device as well."),
    "not-permitted": Kind(403, "Not permitted", "Ask who may; GET /v1/me lists what you may."),
    "cross-site": Kind(
        403, "Request from elsewhere",
        "With a cookie, send the header Stopline-Request: 1 from a page of this very host.",
    ),
    "unknown": Kind(
        404, "Not known here", "Look at the name again; /v1/openapi.json has every address."
    ),
    "no-such-method": Kind(405, "Not this way", "The header Allow lists the methods."),
    "too-slow": Kind(408, "The request came too slowly", "Send it again."),
    "not-now": Kind(409, "Not now", "The detail says what stands in the way."),
    "command-taken": Kind(
        409, "Idempotency key used before",
        "The key was used for another command; give each command a key of its own.",
    ),
    "too-large": Kind(413, "Too large", "Send less at once."),
    "not-json": Kind(415, "Media type", "The document says which media type is taken."),
    "other-host": Kind(421, "Another host", "Call the node by a name that it has."),
    "faults": Kind(422, "Faults in what was given", "Mend every fault listed, and send it again."),
    "too-many": Kind(429, "Too many tries", "Wait as long as the header Retry-After says."),
    "unforeseen": Kind(
        500, "Unforeseen error",
        "Nothing is known to be recorded; the same key may be sent again. Tell the reference to "
        "whoever runs the node.",
    ),
    "busy": Kind(503, "Busy", "Send the very same again, with the same Idempotency-Key."),
}  # fmt: skip


# Read from the top: the first that fits.
_NAMES: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((people.TooManyTries,), "too-many"),
    ((people.CodeWanted,), "code-wanted"),
    ((people.LoginRefused, people.OidcFailed), "login-refused"),
    ((people.NotSignedIn,), "not-signed-in"),
    ((NotPermitted,), "not-permitted"),
    ((NoSuchIncident, UnknownName, Erased), "unknown"),
    ((CommandTaken,), "command-taken"),
    ((TooBusy, StorageError), "busy"),
    ((Refused, LinkError), "not-now"),
)


class Problem(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """A problem on its way to the caller."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        reference: str = "",
    ) -> None:
        self.name = name
        self.kind = KINDS[name]
        self.headers = dict(headers or {})
        told = [
            FaultShown(where=each.where, seen=each.seen, expected=each.expected) for each in faults
        ]
        self.shown = ProblemShown(
            type=WHERE + name, title=self.kind.title, status=self.kind.status,
            detail=detail or self.kind.remedy, faults=told, reference=reference,
        )  # fmt: skip
        super().__init__(self.shown.detail)

    def response(self) -> JSONResponse:
        """The answer to send."""
        body = self.shown.model_dump(exclude_defaults=True)
        headers = self.headers
        if self.kind.status == HTTPStatus.UNAUTHORIZED:
            headers = {"www-authenticate": "Bearer", **headers}
        return JSONResponse(body, self.kind.status, headers, MEDIA)


def problem_of(error: Exception) -> Problem:
    """Say an error of ours as a problem; one that nobody foresaw gets a reference in the log."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, BadInput):
        return Problem("faults", faults=error.faults)
    name = next((name for kinds, name in _NAMES if isinstance(error, kinds)), None)
    if name is None:
        return unforeseen(error)
    headers = {}
    if isinstance(error, people.TooManyTries):
        headers = {"retry-after": str(max(1, math.ceil(error.retry_after_s)))}
    elif name == "busy":
        headers = {"retry-after": "1"}
        _log.warning("%s: %s", type(error).__name__, error)
    return Problem(name, str(error), headers=headers)


def unforeseen(error: BaseException) -> Problem:
    """Log what nobody foresaw, without what was given, and make the problem that names it."""
    reference = secrets.token_hex(4)
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    # The words of an unknown error may repeat what was given; its kind and place do not.
    _log.error("%s: %s at\n  %s", reference, type(error).__name__, "\n  ".join(places))
    return Problem("unforeseen", f"Reference {reference}.", reference=reference)
