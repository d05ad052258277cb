"""`GET /v1/events`: what happens, as it happens, by server-sent events."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request

from stopline.console.authentication import Asker
from stopline.console.dependencies import Console, asking, console_of
from stopline.console.event_feed import EventView, FellBehind
from stopline.console.openapi import SECURITY, answers
from stopline.console.problem_details import Problem
from stopline.console.routes.command import ROLE_PARAMETER
from stopline.errors import StoplineError
from stopline.operation.core.command import IncidentName
from stopline.operation.core.context import iso
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.core.state import NodeState

_ABOUT: Final = """Each event has the journal's index as its id, so that a client that lost touch
goes on after `Last-Event-ID` (browsers send it by themselves) or `after`, without gap or repeat.
Without either it begins now. Events of kind `fact` carry an `EventShown`; `start-again` says that
the client was too slow, or has seen what this journal does not have, and from where to go on;
`signed-out` that the session has ended; `closing` that the server closes: connect again. Where
nothing is shown for ten seconds a `heartbeat` comes, with the node's `time`.
"""
events = APIRouter()


@events.get(
    "/v1/events",
    operation_id="events",
    summary="What happens, as it happens.",
    description=_ABOUT,
    tags=["events"],
    response_class=EventSourceResponse,
    responses={
        200: {"description": "Server-sent events", "content": {"text/event-stream": {}}},
        **answers(422),
    },
    openapi_extra={"security": SECURITY, "parameters": [ROLE_PARAMETER]},
)
async def stream(
    request: Request,
    asker: Annotated[Asker, Depends(asking)],
    after: Annotated[
        int | None, Query(ge=-1, le=1 << 53, description="index of the last event that was seen")
    ] = None,
    incident: Annotated[
        IncidentName | None, Query(description="id of the incident whose events alone come")
    ] = None,
    last_event_id: Annotated[
        str | None,
        Header(
            description="id of the last event that was seen, a whole number such as 41",
            pattern=r"^\d{1,15}$",
        ),
    ] = None,
) -> EventSourceResponse:
    """Follow the journal."""
    console = console_of(request)
    full = console.feed.no_room(asker.operator.kind, asker.operator.name)
    if full:
        raise Problem("busy", full, headers={"retry-after": "5"})
    seen = after if last_event_id is None else int(last_event_id)
    size = console.feed.size
    if seen is not None and seen >= size:
        size = await console.look(lambda book: book.size)  # the feed is a moment behind
    rows = await console.look(lambda book: rows_for(asker.roles(), book))
    begin = console.feed.size if seen is None else seen + 1
    # A client of a journal that was put back from an older copy has seen what is not there.
    beyond = size if seen is not None and seen >= size else None
    following = _Following(console, asker, EventView(rows, incident), begin, beyond)
    # The comment of each round shows that the line is alive; the library's own would be a second.
    return EventSourceResponse(following.chunks(), ping=0, sep="\n")


@dataclass(slots=True)
class _Following:
    """One stream: where it stands, and what it shows."""

    console: Console
    asker: Asker
    view: EventView
    at: int
    beyond: int | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give what is to be sent, until the server closes or the session ends."""
        if self.beyond is not None:
            told = json.dumps({"after": self.beyond - 1})
            yield f"event: start-again\ndata: {told}\n\n".encode()
            return
        feed, settings = self.console.feed, self.console.settings
        account = self.asker.operator.kind, self.asker.operator.name
        feed.opened(*account)
        live, beat_s = False, self._beat_s()
        ask_again_s = self.console.wall() + settings.heartbeat_s
        try:
            yield b": stopline\nid: %d\n\n" % (self.at - 1) if self.at else b": stopline\n\n"
            while not feed.closing:
                came = await feed.wait(self.at, settings.heartbeat_s)
                if not came or self.console.wall() >= ask_again_s:
                    if not await self._still_signed_in():
                        yield b"event: signed-out\ndata: {}\n\n"
                        return
                    ask_again_s = self.console.wall() + settings.heartbeat_s
                part = b""
                if came and not feed.closing:
                    part, self.at = await feed.take(self.at, self.view, live=live)
                    live = live or self.at >= feed.size
                if part:
                    yield part
                    beat_s = self._beat_s()
                elif not feed.closing and self._beat_s() - beat_s >= settings.heartbeat_s * 0.9:
                    yield self._heartbeat()
                    beat_s = self._beat_s()
            yield b"event: closing\ndata: {}\n\n"
        except FellBehind:
            told = json.dumps({"after": self.at - 1})
            yield f"event: start-again\ndata: {told}\n\n".encode()
        finally:
            feed.ended(*account)

    def _heartbeat(self) -> bytes:
        """An event, as a page does not see comments: the node's time, and the place reached."""
        told = json.dumps({"time": iso(self.console.clock())})
        return f"id: {self.at - 1}\nevent: heartbeat\ndata: {told}\n\n".encode()

    @staticmethod
    def _beat_s() -> float:
        """Seconds by which silence is measured: a stream lives by the wall clock."""
        return time.monotonic()

    async def _still_signed_in(self) -> bool:
        """Ask again who it is, and what they may see now."""
        try:
            operator = await self.console.door.operator(self.asker.token)
            self.asker = Asker(operator, self.asker.token, self.asker.role)
            roles = self.asker.roles()
        except StoplineError:
            return False

        def rows(book: NodeState) -> frozenset[str]:
            return rows_for(roles, book)

        self.view = EventView(await self.console.look(rows), self.view.incident)
        return True
