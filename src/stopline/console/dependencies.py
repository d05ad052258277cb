"""What every route needs: the desk, the door, the gathering of commands and the feed of events."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from stopline.console.authentication import Asker, Door
from stopline.console.command_batches import Gathering
from stopline.console.event_feed import Feed
from stopline.console.settings import ConsoleSettings
from stopline.console.views.units import WrittenUnits
from stopline.operation.accounts.oidc import OidcDoor
from stopline.operation.core.command_handler import Desk
from stopline.operation.core.state import Book

_Seen = TypeVar("_Seen")


@dataclass(frozen=True, slots=True)
class Console:
    """One running API.

    Attributes:
        desk: the desk of the node.
        door: who is signed in.
        clock: UTC seconds.
        settings: limits and names.
        gathering: takes commands.
        feed: tells what happens.
        oidc: the issuer that is trusted; None for none.
        permitted: role and command that the table lets, and until when that is remembered.
        units: writes the list of units.
    """

    desk: Desk
    door: Door
    clock: Callable[[], float]
    settings: ConsoleSettings
    gathering: Gathering
    feed: Feed
    oidc: OidcDoor | None = None
    permitted: dict[tuple[str, str], float] = field(default_factory=dict)
    units: WrittenUnits = field(default_factory=WrittenUnits)

    async def look(self, see: Callable[[Book], _Seen]) -> _Seen:
        """Look into the book, apart from the event loop; what is given back is a copy."""

        def locked() -> _Seen:
            with self.desk.reading:
                return see(self.desk.read())

        return await asyncio.to_thread(locked)


def console_of(request: Request) -> Console:
    """The running API behind a request."""
    console: Console = request.app.state.console
    return console


async def asking(request: Request) -> Asker:
    """Who asks; a dependency of every route but the log-in.

    Raises:
        NotSignedIn: no session, or it has ended.
    """
    return await console_of(request).door.asker(request)
