"""How an incident went: lanes over time, what was shared, and claims tested against the record."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse

from stopline.console.authentication import Asker
from stopline.console.dependencies import Console, console_of
from stopline.console.openapi import answers
from stopline.console.region import RegionRoads
from stopline.console.routes.incident import READ, Which, Who
from stopline.console.routes.picture import instant
from stopline.console.views import claim as claims
from stopline.console.views.course import CourseShown, course
from stopline.console.views.shared import SharedShown, shared
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.core.state import NodeState
from stopline.planning.claim_answer import Claim
from stopline.review.history import History

Into = Annotated[
    str,
    Query(
        min_length=1, max_length=200,
        description="an exit of the first plan, a territory, `section N`, or LON,LAT,RADIUS_M",
    ),
]  # fmt: skip
By = Annotated[
    str | None, Query(max_length=40, description="by when, ISO 8601 with zone; left out: till now")
]
Could = Annotated[bool | None, Query(description="what is claimed; left out: only asked")]
courses = APIRouter(tags=["reads"])


@courses.get(
    "/v1/incidents/{incident}/course", operation_id="course", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def lanes(request: Request, asker: Who, incident: Which) -> CourseShown:
    """Phases, missed deadlines, the line, what was closed and what was open, over time."""
    console = console_of(request)
    history, rows = await _history(console, asker, incident, "incident")
    return await asyncio.to_thread(course, history, rows)


@courses.get(
    "/v1/incidents/{incident}/shared", operation_id="shared", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def what_was_shared(request: Request, asker: Who, incident: Which) -> SharedShown:
    """Every message that left for the other side with what it disclosed, and what may leave now."""
    console = console_of(request)
    history, rows = await _history(console, asker, incident, "matters")
    return await asyncio.to_thread(shared, history, rows)


@courses.get(
    "/v1/incidents/{incident}/claim", operation_id="claim", responses=answers(404, 409, 422),
    openapi_extra=READ,
)  # fmt: skip
async def claim(
    request: Request, asker: Who, incident: Which, into: Into, by: By = None, could: Could = None
) -> claims.ClaimShown:
    """Could it have been there by then, past all that was really closed? With the way, or none."""
    made, roads = await _tested(request, asker, incident, into, by, could=could)
    return await asyncio.to_thread(claims.shown, made, roads)


@courses.get(
    "/v1/incidents/{incident}/claim.json", operation_id="claim-file",
    responses=answers(404, 409, 422), openapi_extra=READ,
)  # fmt: skip
async def claim_file(
    request: Request, asker: Who, incident: Which, into: Into, by: By = None, could: Could = None
) -> JSONResponse:
    """The same as a claim file (`stopline.claim/1`), which `stopline verify` checks by itself."""
    made, _ = await _tested(request, asker, incident, into, by, could=could)
    content: dict[str, Any] = await asyncio.to_thread(made.document)
    name = 'attachment; filename="claim.json"'
    return JSONResponse(content, headers={"Content-Disposition": name})


async def _history(
    console: Console, asker: Asker, incident: str, row: str
) -> tuple[History, frozenset[str]]:
    """The course of an incident, for who may look at a row, with all rows that they may see."""

    def allowed(book: NodeState) -> frozenset[str]:
        asker.need(row, book)
        book.incident(incident)
        return rows_for(asker.roles(), book)

    rows = await console.look(allowed)
    return await asyncio.to_thread(console.courses.of, incident), rows


async def _tested(
    request: Request, asker: Asker, incident: str, into: str, by: str | None, *, could: bool | None
) -> tuple[Claim, RegionRoads]:
    console, at = console_of(request), None if by is None else instant("by", by)
    history, _ = await _history(console, asker, incident, "board")
    roads = claims.with_roads(await console.roads(incident))
    made = await asyncio.to_thread(claims.tested, history, roads, into, at, could=could)
    return made, roads
