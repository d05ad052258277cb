"""The situation report over HTTP: as data, as the page itself, and as PDF."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from stopline.console.dependencies import console_of
from stopline.console.openapi import answers
from stopline.console.routes.incident import READ, Which, Who, seen_of, zone_of
from stopline.operation.core.incident import Incident
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.core.state import NodeState
from stopline.operation.situation.german import in_german
from stopline.operation.situation.report import HEAD, situation_report, with_map
from stopline.operation.situation.small_map import SmallMap, small_map
from stopline.rendering.page.html import paper_html
from stopline.rendering.page.model import Paper
from stopline.rendering.page.pdf import paper_pdf

Reader = Annotated[str, Query(max_length=200, description="role of the protocol that it is for")]
Zone = Annotated[
    str, Query(max_length=100, description="zone of its times, for example Europe/Vaduz")
]
Language = Annotated[
    Literal["en", "de"],
    Query(description="of its own sentences; those of people and of the document stay as they are"),
]
papers = APIRouter(tags=["reads"])


class LineShown(BaseModel):
    """One line of an answer."""

    lead: str = Field(description="a time or a state; empty for none")
    text: str = Field(description="what it says")
    tone: Literal["plain", "good", "bad", "quiet"] = Field(description="how it is meant")


class BlockShown(BaseModel):
    """One question and its answer."""

    title: str = Field(description="the question")
    lines: list[LineShown] = Field(description="the answer, the most important first")


class SituationShown(BaseModel):
    """The situation report, one page."""

    title: str = Field(description="what it is about")
    headline: str = Field(description="how it stands, in one sentence")
    tone: Literal["plain", "good", "bad", "quiet"] = Field(description="whether that is good")
    facts: list[str] = Field(description="what stands beside the title")
    blocks: list[BlockShown] = Field(description="questions and answers, in order")
    foot: str = Field(description="where it comes from")


@papers.get(
    "/v1/incidents/{incident}/situation", operation_id="situation",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def situation(
    request: Request, asker: Who, incident: Which, reader: Reader = HEAD, zone: Zone = "UTC",
    language: Language = "en",
) -> SituationShown:  # fmt: skip
    """The situation report as it is now."""
    page = _said(await _page(request, asker, incident, reader, zone), language)
    return SituationShown(
        title=page.title, headline=page.headline, tone=page.tone, facts=list(page.facts),
        blocks=[
            BlockShown(
                title=block.title,
                lines=[LineShown(lead=e.lead, text=e.text, tone=e.tone) for e in block.lines],
            )
            for block in page.blocks
        ],
        foot=page.foot,
    )  # fmt: skip


@papers.get(
    "/v1/incidents/{incident}/situation.html", operation_id="situation-html",
    response_class=HTMLResponse, responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def as_html(
    request: Request, asker: Who, incident: Which, reader: Reader = HEAD, zone: Zone = "UTC",
    language: Language = "en",
) -> HTMLResponse:  # fmt: skip
    """The situation report as a page that stands alone."""
    page = await _printed(request, asker, incident, reader, zone)
    return HTMLResponse(paper_html(_said(page, language), language))


class _Pdf(Response):
    media_type = "application/pdf"


@papers.get(
    "/v1/incidents/{incident}/situation.pdf", operation_id="situation-pdf",
    response_class=_Pdf, responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def as_pdf(
    request: Request, asker: Who, incident: Which, reader: Reader = HEAD, zone: Zone = "UTC",
    language: Language = "en",
) -> Response:  # fmt: skip
    """The situation report to print."""
    page = await _printed(request, asker, incident, reader, zone)
    return _Pdf(await asyncio.to_thread(paper_pdf, _said(page, language)))


def _said(page: Paper, language: str) -> Paper:
    return in_german(page) if language == "de" else page


async def _page(request: Request, asker: Who, incident: str, reader: str, zone: str) -> Paper:
    place = zone_of(zone)
    return await seen_of(
        request, asker, "situation", incident,
        lambda book, found, now_s: situation_report(
            book, found, now_s, reader=reader, zone=place, reads=rows_for(asker.roles(), book)
        ),
    )  # fmt: skip


async def _printed(request: Request, asker: Who, incident: str, reader: str, zone: str) -> Paper:
    """The page with its map, where the region is known and the asker may see what is on it."""
    page = await _page(request, asker, incident, reader, zone)
    region = await asyncio.to_thread(console_of(request).region.scenarios.region)
    if region is None:
        return page

    def on_map(book: NodeState, found: Incident, now_s: float) -> SmallMap | None:
        reads = rows_for(asker.roles(), book)
        if reads is not None and not {"board", "sightings"} <= reads:
            return None
        return small_map(found, region, now_s)

    drawn = await seen_of(request, asker, "situation", incident, on_map)
    return await asyncio.to_thread(with_map, page, drawn)
