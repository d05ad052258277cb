"""The journal over HTTP: entries page by page, with the proofs that they stand there."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from stopline.console.authentication import Asker
from stopline.console.dependencies import console_of
from stopline.console.openapi import answers
from stopline.console.routes.incident import READ, Who, seen
from stopline.console.views import node as shown_node
from stopline.errors import UnknownName
from stopline.journal.base import Entry
from stopline.operation.core.errors import NotPermitted
from stopline.operation.core.read_permissions import rows_for, rows_of

Index = Annotated[int, Path(ge=0, le=1 << 53, description="place in the journal, from 0")]
record = APIRouter(tags=["journal"])


@record.get(
    "/v1/journal/entries", operation_id="entries", responses=answers(422), openapi_extra=READ
)
async def entries(
    request: Request,
    asker: Who,
    first: Annotated[int, Query(ge=0, le=1 << 53, description="index to begin at")] = 0,
    count: Annotated[int, Query(ge=1, le=500, description="entries on the page")] = 100,
    incident: Annotated[
        str | None, Query(max_length=80, description="only entries of this incident")
    ] = None,
) -> shown_node.PageShown:
    """A page of the journal."""
    size = await seen(request, asker, "journal", lambda book, _: book.size)
    journal = console_of(request).desk.node.journal

    def read() -> list[shown_node.EntryShown]:
        page = journal.read(min(first, size), min(first + count, size))
        return [shown_node.entry(e) for e in page if incident in {None, e.incident}]

    more = first + count < size
    return shown_node.PageShown(
        size=size, entries=await asyncio.to_thread(read), next=first + count if more else None
    )


@record.get(
    "/v1/journal/entries/{index}", operation_id="entry", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def entry(request: Request, asker: Who, index: Index) -> shown_node.EntryShown:
    """One entry: for who may read the journal, or facts of its kind."""
    return shown_node.entry(await _entry(request, asker, index))


@record.get(
    "/v1/journal/entries/{index}/proof", operation_id="proof", responses=answers(404, 422),
    response_class=PlainTextResponse, openapi_extra=READ,
)  # fmt: skip
async def proof(request: Request, asker: Who, index: Index) -> PlainTextResponse:
    """The proof that an entry stands in the journal, as a tlog-proof with the entry itself."""
    found = await _entry(request, asker, index)
    journal = console_of(request).desk.node.journal
    made = await asyncio.to_thread(journal.prove, found.fact_id)
    return PlainTextResponse(made.encode())


@record.get(
    "/v1/journal/checkpoint", operation_id="checkpoint", responses=answers(404),
    response_class=PlainTextResponse, openapi_extra=READ,
)  # fmt: skip
async def checkpoint(request: Request, asker: Who) -> PlainTextResponse:
    """The last checkpoint that the node signed, a C2SP note."""
    desk = console_of(request).desk
    signed = await seen(request, asker, "node", lambda *_: shown_node.last_checkpoint(desk))
    if signed is None:
        raise UnknownName("a checkpoint; the node signs one while it keeps its line")
    return PlainTextResponse(signed.encode())


async def _entry(request: Request, asker: Asker, index: int) -> Entry:
    console = console_of(request)
    rows = await console.look(lambda book: rows_for(asker.roles(), book))
    found = await asyncio.to_thread(
        lambda: next(console.desk.node.journal.read(index, index + 1), None)
    )
    needed = frozenset({"journal"}) if found is None else rows_of(found)
    if not needed <= rows and "journal" not in rows:
        row = min(needed - rows)
        raise NotPermitted(f"{' or '.join(asker.roles())} may not look at `{row}`")
    if found is None:
        raise UnknownName(f"entry {index} of the journal")
    return found
