"""The application: every route over one desk, behind the shield."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Path
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002  (fastapi reads the annotation)
from starlette.responses import Response

from stopline.console.authentication import Authentication
from stopline.console.command_batches import CommandBatches
from stopline.console.dependencies import Console, known_parameters, meanings_of
from stopline.console.event_feed import EventFeed
from stopline.console.map_data import MapData
from stopline.console.openapi import answers, document
from stopline.console.past import Courses, PastBooks
from stopline.console.problem_details import KINDS, Problem, ProblemKindShown, problem_of
from stopline.console.region import Region
from stopline.console.routes.account import accounts
from stopline.console.routes.camera import cameras
from stopline.console.routes.command import command_routes, described_commands
from stopline.console.routes.course import courses
from stopline.console.routes.event import events
from stopline.console.routes.incident import looking
from stopline.console.routes.journal import record
from stopline.console.routes.oidc import vouched
from stopline.console.routes.page import page
from stopline.console.routes.picture import pictures
from stopline.console.routes.plan import plans
from stopline.console.routes.region import regions
from stopline.console.routes.report import papers
from stopline.console.routes.resource import resources
from stopline.console.routes.session import LogIn, sessions
from stopline.console.routes.typed import TypedCommand, typed
from stopline.console.routes.unit import units
from stopline.console.security_middleware import Shield
from stopline.console.settings import ConsoleSettings
from stopline.console.views.account import FORMS
from stopline.errors import Fault, StoplineError, UnknownName
from stopline.operation.core.command import IncidentCommand, all_commands
from stopline.operation.core.permissions import NODE, PERMISSIONS
from stopline.operation.orders.scenario_store import ScenarioStore
from stopline.operation.whereabouts.kept_bands import KeptBands

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Executor

    from pydantic import BaseModel

    from stopline.operation.accounts.oidc import OidcDoor
    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.core.command_handler import CommandHandler


_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


def make_app(
    desk: CommandHandler,
    access: SignIn,
    *,
    clock: Callable[[], float],
    wall: Callable[[], float] | None = None,
    settings: ConsoleSettings | None = None,
    oidc: OidcDoor | None = None,
    region: Region | None = None,
    bands: KeptBands | None = None,
    preparing: Executor | None = None,
) -> FastAPI:
    """Make the API of a node.

    Args:
        desk: the desk of the node.
        access: who may sign in.
        clock: UTC seconds, to which facts and deadlines hold.
        wall: UTC seconds of the machine, by which sessions and log-in waits go; `clock` if not
            given.
        settings: limits and names; the defaults serve this machine alone.
        oidc: the OpenID Connect issuer that is trusted; None for none.
        region: finds the roads for the map; without one, those that plans name.
        bands: beliefs by section that this process finds by itself.
        preparing: does the long part of commands; None for a pool of the process.
    """
    settings = settings or ConsoleSettings()
    app = bare_app()

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        door = Authentication(access, wall or clock, settings.remembered_s)
        console = Console(
            desk=desk,
            door=door,
            clock=clock,
            wall=wall or clock,
            settings=settings,
            gathering=CommandBatches(
                desk, clock, wait_s=settings.gather_s, most=settings.group, preparing=preparing
            ),
            feed=EventFeed(desk, settings, door.heard),
            region=region or Region(desk, ScenarioStore((), desk.node.folder)),
            map_data=MapData(bands or KeptBands()),
            past=PastBooks(desk.node.journal),
            courses=Courses(desk.node.journal),
            oidc=oidc,
        )
        app.state.console = console
        console.gathering.begin()
        console.feed.begin()
        try:
            yield
        finally:
            await console.feed.end()
            await console.gathering.end()
            door.passwords.close()

    app.router.lifespan_context = running
    app.add_middleware(Shield, settings=settings, exercise=desk.node.exercise)
    return app


def bare_app() -> FastAPI:
    """All routes without a desk behind them."""
    app = _empty()
    app.router.routes += command_routes()  # first: the most are for them
    _add_routes(app)
    app.add_exception_handler(StoplineError, _told)
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(RequestValidationError, _faults)
    app.add_exception_handler(HTTPException, _http)
    return app


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the API, with every command at its own address."""
    app = _empty()
    _add_routes(app)
    app.include_router(described_commands())
    return document(app, _forms())


@cache
def _written_document() -> tuple[bytes, str]:
    """The document as it is sent, and its entity tag: who has it already need not load it."""
    text = json.dumps(openapi_document(), ensure_ascii=False, separators=(",", ":")).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def _empty() -> FastAPI:
    return FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        dependencies=[Depends(known_parameters)],
    )  # fmt: skip


def _add_routes(app: FastAPI) -> None:
    for router in (
        sessions,
        vouched,
        accounts,
        looking,
        plans,
        typed,
        resources,
        papers,
        record,
        units,
        events,
        cameras,
        pictures,
        courses,
        regions,
        page,
    ):
        app.include_router(router)

    @app.get("/v1/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        text, tag = await asyncio.to_thread(_written_document)  # made once, in seconds
        kept = {"etag": tag, "cache-control": "no-cache"}
        if {tag, "*"} & set(
            re.split(r",\s*", request.headers.get("if-none-match", "").replace("W/", ""))
        ):
            return Response(status_code=304, headers=kept)
        return Response(text, media_type="application/json", headers=kept)

    @app.get(
        "/v1/problems/{name}", operation_id="problem", tags=["problems"],
        responses=answers(404, signed_in=False),
    )  # fmt: skip
    async def problem(
        name: Annotated[str, Path(description="last part of the problem's type")],
    ) -> ProblemKindShown:
        """What a type of problem means, and what can be done."""
        kind = KINDS.get(name)
        if kind is None:
            raise UnknownName(f"problem {name[:80]}")
        return ProblemKindShown(title=kind.title, status=kind.status, remedy=kind.remedy)


def _forms() -> list[tuple[type[BaseModel], tuple[str, ...]]]:
    commands: list[tuple[type[BaseModel], tuple[str, ...]]] = [
        (kind, ("incident",) if issubclass(kind, IncidentCommand) else ())
        for name, kind in all_commands().items()
        if PERMISSIONS.get(name) != frozenset({NODE})
    ]
    return [(LogIn, ()), (TypedCommand, ()), *((form, ()) for form in FORMS), *commands]


async def _told(_: Request, error: Exception) -> Response:
    return problem_of(error).response()


async def _faults(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    meanings = meanings_of(request)
    found = [
        Fault(
            " ".join(str(part) for part in each["loc"]),
            "nothing" if each["type"] == "missing" else repr(each["input"])[:60],
            _expected(each, meanings.get(str(each["loc"][-1]), "")),
        )
        for each in error.errors()
    ]
    return Problem("faults", faults=found).response()


def _expected(fault: dict[str, Any], meaning: str) -> str:
    """What a part of an address or a header should be, as a person says it."""
    limits = fault.get("ctx", {})
    if "max_length" in limits:
        return f"at most {limits['max_length']} characters: {meaning}"
    for limit, words in _LIMITS.items():
        if limit in limits:
            return f"{words} {limits[limit]}"
    return _KINDS.get(str(fault["type"]).partition("_")[0]) or meaning or str(fault["msg"])


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    names = {404: "unknown", 405: "no-such-method", 400: "malformed"}
    name = names.get(error.status_code, "malformed")
    return Problem(name, headers=dict(error.headers or {})).response()
