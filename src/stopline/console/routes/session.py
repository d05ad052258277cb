"""Sessions: sign in with name and password, sign out."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stopline.console.authentication import COOKIE, check_same_site
from stopline.console.dependencies import console_of
from stopline.console.openapi import SECURITY, answers, body_of
from stopline.console.request_bodies import read_form
from stopline.console.routes.account import source_of
from stopline.operation.accounts.sign_in import SignedIn
from stopline.operation.core.context import iso

_CREATED, _LONGEST = 201, 8192
_COOKIE: Final = f"{COOKIE}={{}}; Path=/; Secure; HttpOnly; SameSite=Strict"
sessions = APIRouter(tags=["session"])


class LogIn(BaseModel):
    """Name and password, and a one-time code where the account has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="name of the account"
    )
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)] = Field(
        description="its password"
    )
    code: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="one-time code of the device, if the account has one"
    )
    keep: Literal["token", "cookie"] = Field(
        default="token",
        description="`token`: it is in the answer; `cookie`: for browsers, scripts cannot read it",
    )


class SessionShown(BaseModel):
    """A session that has begun."""

    token: str | None = Field(description="for the header Authorization; null with a cookie")
    ends: str = Field(description="when the session ends, ISO 8601 with zone")
    name: str = Field(description="name of the account")
    display: str = Field(description="name for people")
    roles: list[str] = Field(description="roles that they may act in")


@sessions.post(
    "/v1/session",
    operation_id="log-in",
    status_code=_CREATED,
    response_model=SessionShown,
    responses={**answers(401, 403, 408, 413, 415, 422, 429, signed_in=False)},
    openapi_extra=body_of(LogIn),
)
async def log_in(request: Request) -> Response:
    """Sign in."""
    console = console_of(request)
    check_same_site(request, needs_origin=False)
    given = await read_form(request, LogIn, _LONGEST, secret=True)
    access, source = console.door.access, source_of(request)
    known = await asyncio.to_thread(
        access.is_known, given.name, given.code, source=source, now_s=console.wall()
    )

    def log_in_now() -> SignedIn:
        return access.log_in(
            given.name, given.password, given.code, source=source, now_s=console.wall()
        )

    begun = await console.door.passwords.run(log_in_now, known=known)
    return begun_session(begun, cookie=given.keep == "cookie")


@sessions.delete(
    "/v1/session",
    operation_id="log-out",
    status_code=204,
    response_class=Response,
    responses=answers(),
    openapi_extra={"security": SECURITY},
)
async def log_out(request: Request) -> Response:
    """Sign out: the token is worth nothing any more."""
    door = console_of(request).door
    token = door.token(request)
    await door.operator(token)
    await door.log_out(token)
    gone = _COOKIE.format("") + "; Max-Age=0"
    return Response(status_code=204, headers={"set-cookie": gone})


def begun_session(begun: SignedIn, *, cookie: bool) -> JSONResponse:
    """Answer a log-in with a token, or a cookie that no script can read."""
    shown = SessionShown(
        token=None if cookie else begun.token, ends=iso(begun.ends_s), name=begun.operator.name,
        display=begun.operator.display, roles=list(begun.operator.roles),
    )  # fmt: skip
    headers = {"set-cookie": _COOKIE.format(begun.token)} if cookie else None
    return JSONResponse(shown.model_dump(), _CREATED, headers)
