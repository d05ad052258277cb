"""Accounts over HTTP: set-up codes, passwords, one-time codes, tokens; and who is admitted.

What is shown here is shown once. Commands with a secret have no address among the commands that
would do them; these are theirs.
"""

import asyncio
import hashlib
import secrets
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stopline.console.authentication import Asker, check_same_site
from stopline.console.dependencies import asking, console_of
from stopline.console.openapi import SECURITY, answers, body_of
from stopline.console.request_bodies import read_form
from stopline.console.routes.command import may_give
from stopline.console.routes.incident import READ, Who, seen
from stopline.console.security_middleware import SOURCE
from stopline.console.views.account import (
    Confirmed,
    DeviceCode,
    DeviceShown,
    IssuedTokenShown,
    NewPassword,
    OpenSessionShown,
    OperatorShown,
    PeopleShown,
    RecoveryShown,
    SetUpAccount,
    SetUpShown,
    TokenShown,
    WantedSetUp,
    WantedToken,
)
from stopline.operation.accounts.commands import OperatorName
from stopline.operation.accounts.projection import People
from stopline.operation.core.context import iso
from stopline.operation.core.state import NodeState

_CREATED, _DONE, _LONGEST = 201, 204, 8192
Whose = Annotated[OperatorName, Path(description="name of the account")]
accounts = APIRouter(tags=["people"])


@accounts.get("/v1/people", operation_id="people", responses=answers(), openapi_extra=READ)
async def people(request: Request, asker: Who) -> PeopleShown:
    """Who is admitted, which sessions go on, which tokens there are."""

    def listed(book: NodeState, _: float) -> PeopleShown:
        known = book.projection(People)
        return PeopleShown(
            operators=[
                OperatorShown(
                    name=o.name, display=o.display, kind=o.kind, roles=list(o.roles),
                    agency=o.agency, suspended=o.suspended, has_password=o.has_password,
                    has_code=o.has_code,
                )
                for o in known.operators.values()
            ],
            sessions=[
                OpenSessionShown(
                    session=s.id, operator=s.operator, source=s.source, by=s.by,
                    begun=iso(s.begun_s), ends=iso(s.ends_s),
                )
                for s in known.sessions.values()
            ],
            tokens=[
                IssuedTokenShown(
                    token=t.id, machine=t.machine, label=t.label, ends=iso(t.ends_s),
                    revoked=t.revoked,
                )
                for t in known.tokens.values()
            ],
        )  # fmt: skip

    return await seen(request, asker, "people", listed)


_SAID: Final = (401, 408, 409, 413, 415, 422, 429)


def _with_body(form: type[BaseModel]) -> dict[str, object]:
    return {**body_of(form), "security": SECURITY}


@accounts.post(
    "/v1/set-up", operation_id="set-up", status_code=_DONE, response_class=Response,
    responses=answers(403, *_SAID, signed_in=False), openapi_extra=body_of(SetUpAccount),
)  # fmt: skip
async def set_up(request: Request) -> Response:
    """Set a password with a set-up code; then sign in."""
    console = console_of(request)
    check_same_site(request, needs_origin=False)
    given = await read_form(request, SetUpAccount, _LONGEST, secret=True)
    await console.door.passwords.run(
        partial(
            console.door.access.accounts.set_up, given.name, given.code, given.password,
            source=source_of(request), now_s=console.wall(),
        ),
        known=False,
    )  # fmt: skip
    return Response(status_code=_DONE)


@accounts.post(
    "/v1/me/password", operation_id="change-password", status_code=_DONE, response_class=Response,
    responses=answers(*_SAID), openapi_extra=_with_body(NewPassword),
)  # fmt: skip
async def change_password(request: Request, asker: Annotated[Asker, Depends(asking)]) -> Response:
    """Set another password; every session of yours ends, this one too."""
    console = console_of(request)
    given = await read_form(request, NewPassword, _LONGEST, secret=True)
    await console.door.passwords.run(
        partial(
            console.door.access.accounts.change_password, asker.operator, given.old, given.new,
            source=source_of(request), now_s=console.wall(),
        ),
        known=True,
    )  # fmt: skip
    await console.feed.look()
    return Response(status_code=_DONE)


@accounts.post(
    "/v1/me/device", operation_id="show-device", status_code=_CREATED, response_model=DeviceShown,
    responses=answers(*_SAID), openapi_extra=_with_body(Confirmed),
)  # fmt: skip
async def show_device(request: Request, asker: Annotated[Asker, Depends(asking)]) -> Response:
    """Show a secret for a device; it counts once `confirm-device` was given a code of it."""
    console = console_of(request)
    given = await read_form(request, Confirmed, _LONGEST, secret=True)
    made = await console.door.passwords.run(
        partial(
            console.door.access.accounts.show_device, asker.operator, given.password,
            source=source_of(request), now_s=console.wall(),
        ),
        known=True,
    )  # fmt: skip
    return _shown(DeviceShown(secret=made.secret, uri=made.uri))


@accounts.post(
    "/v1/me/device/code", operation_id="confirm-device", status_code=_CREATED,
    response_model=RecoveryShown, responses=answers(*_SAID), openapi_extra=_with_body(DeviceCode),
)  # fmt: skip
async def confirm_device(request: Request, asker: Annotated[Asker, Depends(asking)]) -> Response:
    """Enrol the device that shows this code; recovery codes come back."""
    console = console_of(request)
    given = await read_form(request, DeviceCode, _LONGEST, secret=True)
    codes = await asyncio.to_thread(
        console.door.access.accounts.enrol_device, asker.operator, given.code,
        now_s=console.wall(),
    )  # fmt: skip
    return _shown(RecoveryShown(codes=list(codes)))


@accounts.post(
    "/v1/me/device/drop", operation_id="drop-device", status_code=_DONE, response_class=Response,
    responses=answers(*_SAID), openapi_extra=_with_body(Confirmed),
)  # fmt: skip
async def drop_device(request: Request, asker: Annotated[Asker, Depends(asking)]) -> Response:
    """Sign in without one-time codes from now on."""
    console = console_of(request)
    given = await read_form(request, Confirmed, _LONGEST, secret=True)
    await console.door.passwords.run(
        partial(
            console.door.access.accounts.drop_device, asker.operator, given.password,
            source=source_of(request), now_s=console.wall(),
        ),
        known=True,
    )  # fmt: skip
    return Response(status_code=_DONE)


@accounts.post(
    "/v1/people/{name}/set-up-code", operation_id="give-set-up-code", status_code=_CREATED,
    response_model=SetUpShown, responses=answers(*_SAID), openapi_extra=_with_body(WantedSetUp),
)  # fmt: skip
async def give_set_up_code(request: Request, name: Whose) -> Response:
    """Take password and device of a person away; a code to set them anew comes back."""
    console = console_of(request)
    actor = await may_give(request, "operator.reset")
    given = await read_form(request, WantedSetUp, _LONGEST)
    made = await asyncio.to_thread(
        console.door.access.accounts.reset, name, given.reason, actor,
        command_id=_once(), now_s=console.wall(),
    )  # fmt: skip
    await console.feed.look()
    return _shown(SetUpShown(code=made.code, ends=iso(made.ends_s)))


@accounts.post(
    "/v1/people/{name}/tokens", operation_id="give-token", status_code=_CREATED,
    response_model=TokenShown, responses=answers(*_SAID), openapi_extra=_with_body(WantedToken),
)  # fmt: skip
async def give_token(request: Request, name: Whose) -> Response:
    """Issue a machine a token that ends."""
    console = console_of(request)
    actor = await may_give(request, "token.issue")
    given = await read_form(request, WantedToken, _LONGEST)
    made = await asyncio.to_thread(
        console.door.access.accounts.issue_token, name, given.label, actor,
        good_for_s=given.good_for_s, command_id=_once(), now_s=console.wall(),
    )  # fmt: skip
    return _shown(TokenShown(id=made.id, token=made.token, ends=iso(made.ends_s)))


def source_of(request: Request) -> str:
    """The address that a request comes from; only a proxy in front may say another."""
    before_proxy: str | None = request.scope.get(SOURCE)
    return before_proxy or (request.client.host if request.client else "unknown")


def _once() -> str:
    """An id of its own: what is shown once is not shown again, whatever is repeated."""
    return hashlib.sha256(secrets.token_bytes(32)).hexdigest()


def _shown(made: BaseModel) -> JSONResponse:
    return JSONResponse(made.model_dump(), _CREATED)
