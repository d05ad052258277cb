"""Sign in at an OpenID Connect issuer: there with the browser, back with what it vouches for."""

import asyncio
import math
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from stopline.console.dependencies import Console, console_of
from stopline.console.openapi import answers
from stopline.console.routes.account import source_of
from stopline.console.routes.session import SessionShown, begun_session
from stopline.errors import UnknownName
from stopline.operation.accounts.errors import OidcFailed, TooManyTries
from stopline.operation.accounts.oidc import OidcDoor

# Lax, as the browser comes back from another site; it opens nothing but the sign-in that began.
STATE_COOKIE: Final = "__Host-stopline-oidc"
_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
_THERE: Final = 303
_LONGEST: Final = 4096
vouched = APIRouter(tags=["session"])


@vouched.get(
    "/v1/session/oidc", operation_id="oidc-begin", status_code=_THERE, response_class=Response,
    responses=answers(401, 404, 429, signed_in=False),
)  # fmt: skip
async def begin(request: Request) -> Response:
    """Go to the issuer to sign in, with a browser."""
    console = console_of(request)
    door = _door(console)
    source = source_of(request)
    if wait_s := console.oidc_begins.wait_s(source, console.wall()):
        raise TooManyTries(max(1.0, math.ceil(wait_s)))
    start = await asyncio.to_thread(console.door.access.begin_oidc, door, console.wall())
    cookie = f"{STATE_COOKIE}={start.cookie}; {_ATTRIBUTES}600"
    return RedirectResponse(start.url, _THERE, {"set-cookie": cookie})


@vouched.get(
    "/v1/session/oidc/back", operation_id="oidc-back", status_code=201,
    response_model=SessionShown, responses=answers(401, 404, 422, signed_in=False),
)  # fmt: skip
async def back(
    request: Request,
    state: Annotated[str, Query(max_length=_LONGEST, description="as the issuer gave it back")],
    code: Annotated[
        str | None, Query(max_length=_LONGEST, description="what the issuer vouches with")
    ] = None,
) -> Response:
    """Come back from the issuer; the session is in a cookie, as after a log-in with one."""
    del state, code  # they are checked together with whatever else the issuer sent
    console = console_of(request)
    door = _door(console)
    cookie = request.cookies.get(STATE_COOKIE)
    if not cookie or len(cookie) > _LONGEST:
        raise OidcFailed("no such sign-in is under way in this browser; begin again")
    begun = await asyncio.to_thread(
        console.door.access.finish_oidc, door, dict(request.query_params), cookie,
        source=source_of(request), now_s=console.wall(),
    )  # fmt: skip
    answer = begun_session(begun, cookie=True)
    answer.headers.append("set-cookie", f"{STATE_COOKIE}=; {_ATTRIBUTES}0")
    return answer


def _door(console: Console) -> OidcDoor:
    if console.oidc is None:
        raise UnknownName("an OpenID Connect issuer; this node trusts none")
    return console.oidc
