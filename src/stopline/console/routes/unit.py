"""Units over HTTP: where they are and what they do, and positions as CSV from a dispatch system."""

import asyncio
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stopline.console.dependencies import console_of
from stopline.console.openapi import REF, SECURITY, answers
from stopline.console.problem_details import Problem
from stopline.console.request_bodies import read_bytes, read_form
from stopline.console.routes.command import (
    KEY,
    KEY_PARAMETER,
    ROLE_PARAMETER,
    CommandDone,
    key_of,
    may_give,
    most_for,
)
from stopline.console.routes.incident import READ, Who, seen
from stopline.console.site_ids import with_file_ids
from stopline.console.views.own_order import OwnUnitShown, own_orders
from stopline.console.views.units import UnitShown
from stopline.operation.core.permissions import UNIT
from stopline.operation.core.state import NodeState
from stopline.operation.readiness.positions import (
    PositionRow,
    ReportPositions,
    report_positions,
)
from stopline.operation.readiness.positions_csv import COLUMNS, read_positions_csv
from stopline.operation.readiness.projection import Readiness
from stopline.operation.readiness.summary import UnitLine, unit_list

if TYPE_CHECKING:
    from collections.abc import Sequence

_CREATED, _REPEATED = 201, 200
_MEDIA: Final = "text/csv"
_EXAMPLE: Final = (
    f"{','.join(COLUMNS)}\nLI-POL-1,9.521500,47.141000,2026-11-25T21:40:05Z,13.9,270\n"
)
units = APIRouter()


class RefusedShown(BaseModel):
    """A row that was not taken and that somebody should mend."""

    row: int = Field(description="its number among the rows, from 1")
    unit: str = Field(description="the id that it bears")
    reason: str = Field(description="what is wrong with it")


class PositionsDone(CommandDone):
    """What became of a batch, row by row."""

    taken: int = Field(description="rows that were written")
    refused: list[RefusedShown] = Field(description="rows that somebody should mend")
    passed_over: dict[str, int] = Field(description="other rows not taken, counted by reason")


@units.get(
    "/v1/units", operation_id="units", tags=["reads"], responses=answers(), openapi_extra=READ,
    response_model=list[UnitShown],
)  # fmt: skip
async def listed(request: Request, asker: Who) -> Response:
    """Every unit of this side, those overdue on top."""

    def lines(book: NodeState, now_s: float) -> list[UnitLine]:
        return unit_list(book.projection(Readiness), now_s)

    # What a unit line holds never changes; it is written down outside of the desk's lock.
    found = await seen(request, asker, "units", lines)
    text = await asyncio.to_thread(console_of(request).units.write, found)
    return Response(text, media_type="application/json")


@units.get(
    "/v1/me/orders", operation_id="own-orders", tags=["reads"], responses=answers(),
    openapi_extra=READ,
)  # fmt: skip
async def own(request: Request, asker: Who) -> OwnUnitShown:
    """A unit's own orders, and what it may report of each; for the role `unit` alone."""
    console = console_of(request)
    person = asker.operator.actor(UNIT).person if UNIT in asker.roles() else ""
    # Roads are looked for apart from the desk's lock: a network may have to be read for them.
    names = await console.look(
        lambda book: [one.id for one in book.incidents.values() if not one.is_over]
    )
    roads = {name: await console.roads(name) for name in names}

    shown = await seen(
        request, asker, "own orders", lambda book, now_s: own_orders(book, [person], now_s, roads)
    )
    named = [with_file_ids(one, roads.get(one.incident)) for one in shown.orders]
    return shown.model_copy(update={"orders": named})


@units.post(
    "/v1/positions", operation_id="report-positions", tags=["commands"],
    status_code=_CREATED, response_model=PositionsDone,
    responses={
        _REPEATED: {"model": PositionsDone, "description": "It had happened before"},
        **answers(408, 409, 413, 415, 422),
    },
    openapi_extra={
        "security": SECURITY, "parameters": [KEY_PARAMETER, ROLE_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": REF.format(model="ReportPositions")}},
                _MEDIA: {"schema": {"type": "string"}, "example": _EXAMPLE},
            },
        },
    },
)  # fmt: skip
async def report(request: Request) -> Response:
    """Report positions, CSV or JSON; each row is taken, passed over or refused by itself."""
    console = console_of(request)
    actor = await may_give(request, ReportPositions.kind)
    most = most_for(console, ReportPositions.kind)
    key = key_of(request)
    rows: Sequence[PositionRow]
    if request.headers.get("content-type", "").lower().startswith(_MEDIA):
        body = await read_bytes(request, most, (_MEDIA,))
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Problem("malformed", f"not UTF-8 at byte {error.start}") from None
        rows = await asyncio.to_thread(read_positions_csv, text, "body")
    else:
        rows = (await read_form(request, ReportPositions, most, or_else=(_MEDIA,))).rows
    now_s = console.clock()
    told = await asyncio.to_thread(
        report_positions, console.desk, rows, actor,
        command_id=actor.command_id(key), now_s=now_s,
    )  # fmt: skip
    shown = PositionsDone(
        command=ReportPositions.kind, entries=list(told.done.entries), ids=list(told.done.ids),
        repeated=told.done.repeated, taken=told.taken,
        refused=[
            RefusedShown(row=one.row + 1, unit=one.unit, reason=one.reason)
            for one in told.refused
        ],
        passed_over=told.passed_over,
    )  # fmt: skip
    status = _REPEATED if told.done.repeated else _CREATED
    return JSONResponse(shown.model_dump(), status, {KEY: key})
