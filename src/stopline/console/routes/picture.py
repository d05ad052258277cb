"""The picture of an incident, now or at a past moment; its thread; colours of the map."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from stopline.console.dependencies import console_of
from stopline.console.openapi import answers
from stopline.console.routes.incident import READ, Which, Who
from stopline.console.site_ids import with_file_ids
from stopline.console.views.picture import PictureShown, picture
from stopline.console.views.thread import ThreadShown, thread
from stopline.errors import BadInput
from stopline.operation.core.incident import Incident
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.core.state import NodeState

At = Annotated[
    str | None,
    Query(max_length=40, description="a past moment, ISO 8601 with zone, as it was known then"),
]
pictures = APIRouter(tags=["reads"])


class FrontShown(BaseModel):
    """How soon the vehicle can be on each section, past what is closed."""

    digest: str = Field(description="of the network that the sections are of")
    at: str = Field(description="the moment it was found for, ISO 8601 with zone")
    zero: str = Field(description="times count from here, ISO 8601 with zone")
    sections: list[int] = Field(description="sections that it can ever be on")
    after_s: list[int] = Field(description="for each of them, the earliest, seconds after `zero`")


class BeliefShown(BaseModel):
    """Where the vehicle probably is, by section."""

    digest: str = Field(description="of the network that the sections are of")
    at: str = Field(description="the moment it was found for, ISO 8601 with zone")
    half: list[int] = Field(description="sections that hold half of the probability")
    ninety: list[int] = Field(description="further ones, up to 90 %")
    ninety_nine: list[int] = Field(description="further ones, up to 99 %")


@pictures.get(
    "/v1/incidents/{incident}/picture", operation_id="picture", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def shown(request: Request, asker: Who, incident: Which, at: At = None) -> PictureShown:
    """All that the main screen shows; what is not for the reader is null."""
    console = console_of(request)
    at_s = moment(at)
    roads = await console.roads(incident)

    def see(book: NodeState, found: Incident, now_s: float) -> PictureShown:
        asker.need("incident", console.desk.read())
        rows = rows_for(asker.roles(), console.desk.read())
        return picture(book, found, now_s, rows=rows, roads=roads, live=at_s is None)

    return with_file_ids(await console.look_then(incident, at_s, see), roads)


@pictures.get(
    "/v1/incidents/{incident}/thread", operation_id="thread", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def said(request: Request, asker: Who, incident: Which, at: At = None) -> ThreadShown:
    """Messages and calls between the sides, requests, and what can be said."""
    console = console_of(request)

    def see(book: NodeState, found: Incident, now_s: float) -> ThreadShown:
        rows = asker.need("matters", console.desk.read())
        return thread(book, found, now_s, rows)

    shown = await console.look_then(incident, moment(at), see)
    return with_file_ids(shown, await console.roads(incident))


@pictures.get(
    "/v1/incidents/{incident}/front", operation_id="front", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def front(request: Request, asker: Who, incident: Which, at: At = None) -> FrontShown | None:
    """Where it can be, and how soon, past what is closed; null before it was seen."""
    console = console_of(request)

    def allowed(book: NodeState) -> None:
        asker.need("sightings", book)

    await console.look(allowed)
    found = await console.map_data.front(console, incident, moment(at))
    return None if found is None else FrontShown(**found)


@pictures.get(
    "/v1/incidents/{incident}/belief", operation_id="belief", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def belief(
    request: Request, asker: Who, incident: Which, at: At = None
) -> BeliefShown | None:
    """Where it probably is, by section; null while nothing is believed."""
    console = console_of(request)

    def allowed(book: NodeState) -> None:
        asker.need("sightings", book)

    await console.look(allowed)
    found = await console.map_data.belief(console, incident, moment(at))
    return None if found is None else BeliefShown(**found)


def moment(text: str | None) -> float | None:
    """Read a moment of a query.

    Raises:
        BadInput: it is none.
    """
    return None if text is None else instant("at", text).timestamp()


def instant(name: str, text: str) -> datetime:
    """Read a moment of a parameter.

    Raises:
        BadInput: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput.single(f"query {name}", repr(text), "a moment, ISO 8601 with zone")
    return found
