"""What incidents are made of, as resources: plans, orders, seals and units, with ids and in pages.

Each list is a page: `limit` of its items and the cursor of the next. What lies somewhere comes as
GeoJSON, too.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stopline import __version__
from stopline.console.dependencies import console_of
from stopline.console.openapi import answers
from stopline.console.routes.incident import READ, Which, Who, seen, seen_of
from stopline.console.views import board as shown_board
from stopline.console.views.units import UnitShown, unit_shown
from stopline.errors import UnknownName
from stopline.operation.core.errors import NotNow
from stopline.operation.core.incident import Incident
from stopline.operation.core.short_ids import pick
from stopline.operation.core.state import NodeState
from stopline.operation.facts.orders import PlanAdopted
from stopline.operation.orders.commands import order_meant
from stopline.operation.orders.projection import Orders
from stopline.operation.readiness.projection import Readiness
from stopline.operation.readiness.summary import unit_list

_Item = TypeVar("_Item", bound=BaseModel)
GEOJSON: Final = "application/geo+json"
Limit = Annotated[int, Query(ge=1, le=500, description="most items on a page")]
Cursor = Annotated[
    str, Query(max_length=200, description="`next` of the page before; empty: the first page")
]
Id = Annotated[str, Path(max_length=200, description="its id, or how it begins or ends")]
resources = APIRouter(tags=["resources"])


class GeoJson(JSONResponse):
    """Features, as maps read them."""

    media_type = GEOJSON


class PlanInShort(BaseModel):
    """A plan that was adopted."""

    plan: str = Field(description="SHA-256 of plan.json, its id")
    in_force: bool = Field(description="it is the one adopted last")
    verdict: str = Field(description="what it says: sealed, leaking or impossible")
    sentence: str = Field(description="the same in words")
    check: str = Field(description="what the independent checker found")
    decision: str = Field(description="what adopting it did at once; empty: adopted alone")


class PageOf(BaseModel, Generic[_Item]):
    """A page of a list."""

    items: list[_Item] = Field(description="the items, in the order of the list")
    next: str | None = Field(description="cursor of the next page; null at the end")


class EntranceShown(BaseModel):
    """Where everything else is found."""

    name: str = Field(description="what this is")
    version: str = Field(description="version of Stopline")
    document: str = Field(description="address of the OpenAPI document")
    problems: str = Field(description="address of a problem, with its name in place of {name}")
    exercise: bool = Field(description="the node was made for exercises")


def page_of(items: Sequence[_Item], ids: Sequence[str], limit: int, cursor: str) -> PageOf[_Item]:
    """The page behind a cursor, which is the id of the last item before it.

    Raises:
        UnknownName: the cursor is of no item of the list.
    """
    if cursor and cursor not in ids:
        raise UnknownName(f"cursor {cursor[:80]}; begin with the first page")
    first = ids.index(cursor) + 1 if cursor else 0
    part = list(items[first : first + limit])
    more = first + limit < len(items)
    return PageOf(items=part, next=ids[first + limit - 1] if more else None)


@resources.get("/v1", operation_id="entrance", responses=answers(signed_in=False))
async def entrance(request: Request) -> EntranceShown:
    """The address of the document that describes all this."""
    return EntranceShown(
        name="stopline", version=__version__, document="/v1/openapi.json",
        problems="/v1/problems/{name}", exercise=console_of(request).desk.node.exercise,
    )  # fmt: skip


# ---- plans ---------------------------------------------------------------------------------------


@resources.get(
    "/v1/incidents/{incident}/plans", operation_id="plans", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def plans(
    request: Request, asker: Who, incident: Which, limit: Limit = 100, cursor: Cursor = ""
) -> PageOf[PlanInShort]:
    """The plans that were adopted, the one in force first."""

    def see(_: NodeState, found: Incident, __: float) -> PageOf[PlanInShort]:
        known = _plans(found)
        items = [
            PlanInShort(
                plan=one.digest, in_force=number == 0, verdict=one.verdict, sentence=one.sentence,
                check=one.check, decision=one.decision,
            )
            for number, one in enumerate(known)
        ]  # fmt: skip
        return page_of(items, [one.digest for one in known], limit, cursor)

    return await seen_of(request, asker, "board", incident, see)


@resources.get(
    "/v1/incidents/{incident}/plans/{plan}", operation_id="plan_by_id",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def plan(request: Request, asker: Who, incident: Which, plan: Id) -> dict[str, Any]:
    """One plan, to the byte as it was adopted: plan.json."""

    def see(_: NodeState, found: Incident, __: float) -> str:
        known = {one.digest: one.plan for one in _plans(found)}
        return known[_meant(plan, known, "plan")]

    text = await seen_of(request, asker, "board", incident, see)
    return Response(text, media_type="application/json")  # type: ignore[return-value]


def _plans(incident: Incident) -> list[PlanAdopted]:
    orders = incident.projection(Orders)
    return [] if orders.plan is None else [orders.plan, *reversed(orders.earlier)]


# ---- orders and seals ----------------------------------------------------------------------------


@resources.get(
    "/v1/incidents/{incident}/orders", operation_id="orders", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def orders(
    request: Request, asker: Who, incident: Which, limit: Limit = 100, cursor: Cursor = ""
) -> PageOf[shown_board.OrderShown]:
    """Our orders, in the order in which they were given."""

    def see(_: NodeState, found: Incident, now_s: float) -> PageOf[shown_board.OrderShown]:
        known = shown_board.orders_of(found, now_s)
        return page_of(known, [one.order for one in known], limit, cursor)

    return await seen_of(request, asker, "board", incident, see)


@resources.get(
    "/v1/incidents/{incident}/orders.geojson", operation_id="orders_geojson",
    responses=answers(404, 422), openapi_extra=READ, response_class=GeoJson,
)  # fmt: skip
async def orders_geojson(request: Request, asker: Who, incident: Which) -> dict[str, Any]:
    """Our orders as a GeoJSON FeatureCollection of points."""
    known = await seen_of(
        request, asker, "board", incident, lambda _, i, now_s: shown_board.orders_of(i, now_s)
    )
    return _points(known, "order")  # type: ignore[return-value]


@resources.get(
    "/v1/incidents/{incident}/orders/{order}", operation_id="order_by_id",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def order(request: Request, asker: Who, incident: Which, order: Id) -> shown_board.OrderShown:
    """One order, by its id or by its unit's."""

    def see(_: NodeState, found: Incident, now_s: float) -> shown_board.OrderShown:
        known = {one.order: one for one in shown_board.orders_of(found, now_s)}
        try:
            return known[order_meant(found.projection(Orders), order).issued.order]
        except NotNow as error:
            raise UnknownName(str(error)) from None

    return await seen_of(request, asker, "board", incident, see)


@resources.get(
    "/v1/incidents/{incident}/seals", operation_id="seals", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def seals(
    request: Request, asker: Who, incident: Which, limit: Limit = 100, cursor: Cursor = ""
) -> PageOf[shown_board.SealShown]:
    """Sites of our orders, each once with its true state; then those of the other side."""
    board = await seen_of(request, asker, "board", incident, shown_board.the_board)
    items = [*board.seals, *board.theirs]
    ids = [f"{'ours' if n < len(board.seals) else 'theirs'}/{one.site}" for n, one in
           enumerate(items)]  # fmt: skip
    return page_of(items, ids, limit, cursor)


# ---- units ---------------------------------------------------------------------------------------


@resources.get(
    "/v1/units.geojson",
    operation_id="units_geojson",
    responses=answers(),
    openapi_extra=READ,
    response_class=GeoJson,
)
async def units_geojson(request: Request, asker: Who) -> dict[str, Any]:
    """Every unit of this side, as a GeoJSON FeatureCollection of points.

    One that has reported no position yet has `null` as its geometry (RFC 7946): it is there, and
    nobody knows where.
    """
    known = await seen(
        request, asker, "units",
        lambda book, now_s: [
            unit_shown(one) for one in unit_list(book.projection(Readiness), now_s)
        ],
    )  # fmt: skip
    return _points(known, "unit")  # type: ignore[return-value]


@resources.get(
    "/v1/units/{unit}", operation_id="unit_by_id", responses=answers(404, 422), openapi_extra=READ
)
async def unit(request: Request, asker: Who, unit: Id) -> UnitShown:
    """One unit of this side."""

    def see(book: NodeState, now_s: float) -> UnitShown:
        lines = unit_list(book.projection(Readiness), now_s)
        known = {one.unit.registered.id: one for one in lines}
        return unit_shown(known[_meant(unit, known, "unit")])

    return await seen(request, asker, "units", see)


def _meant(given: str, known: dict[str, Any], what: str) -> str:
    try:
        return pick(given, known, what)
    except NotNow as error:
        raise UnknownName(str(error)) from None


def _points(items: Sequence[BaseModel], what: str) -> Response:
    features = []
    for item in items:
        shown = item.model_dump(mode="json")
        lon, lat = shown.pop("lon"), shown.pop("lat")
        known = lon is not None and lat is not None
        features.append(
            {
                "type": "Feature", "id": shown[what], "properties": shown,
                "geometry": {"type": "Point", "coordinates": [lon, lat]} if known else None,
            }
        )  # fmt: skip
    return GeoJson({"type": "FeatureCollection", "features": features})
