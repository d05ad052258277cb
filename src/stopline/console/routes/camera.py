"""Cameras over HTTP: what may be looked for now, the hits, and the picture of a hit."""

import asyncio
import base64
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from stopline.console.dependencies import console_of
from stopline.console.openapi import answers
from stopline.console.problem_details import Problem
from stopline.console.routes.incident import READ, Which, Who, seen_of
from stopline.console.views import cameras as shown

Hit = Annotated[str, Path(max_length=120, description="id of the passage")]
cameras = APIRouter(tags=["reads"])


class _Jpeg(Response):
    media_type = "image/jpeg"


@cameras.get(
    "/v1/incidents/{incident}/wanted", operation_id="wanted", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def wanted(request: Request, asker: Who, incident: Which) -> shown.WantedShown:
    """What a camera may look for at this moment; it asks for every frame."""
    return await seen_of(
        request, asker, "wanted", incident, lambda _, i, now_s: shown.wanted(i, now_s)
    )


@cameras.get(
    "/v1/incidents/{incident}/cameras", operation_id="cameras", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def of_incident(request: Request, asker: Who, incident: Which) -> shown.CamerasShown:
    """Hits that wait for a person, what became of others, own cameras and which are blind."""
    console = console_of(request)
    await console.look(lambda book: asker.need("sightings", book))
    roads = await console.roads(incident)
    return await seen_of(
        request, asker, "sightings", incident, lambda _, i, now_s: shown.cameras(i, now_s, roads)
    )


@cameras.get(
    "/v1/incidents/{incident}/hits/{hit}/crop.jpg", operation_id="hit-crop",
    response_class=_Jpeg, responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def crop(request: Request, asker: Who, incident: Which, hit: Hit) -> Response:
    """The picture of a hit, while its watch runs."""
    fact_id = await seen_of(
        request, asker, "sightings", incident, lambda _, i, now_s: shown.crop_fact(i, hit, now_s)
    )
    journal = console_of(request).desk.node.journal
    body = None if fact_id is None else (await asyncio.to_thread(journal.find, fact_id)).body
    if body is None:
        raise Problem("unknown", detail="there is no picture of this hit, or it is gone")
    return _Jpeg(base64.b64decode(str(body["jpeg"])))
