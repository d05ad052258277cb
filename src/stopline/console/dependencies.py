"""What every route needs: the desk, the door, the gathering of commands and the feed of events."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from stopline.console.authentication import Asker, Authentication
from stopline.console.command_batches import CommandBatches
from stopline.console.event_feed import EventFeed
from stopline.console.map_data import MapData
from stopline.console.moving_window import MovingWindow
from stopline.console.past import Courses, PastBooks
from stopline.console.problem_details import Problem
from stopline.console.region import Region, RegionRoads
from stopline.console.settings import ConsoleSettings
from stopline.console.views.units import WrittenUnits
from stopline.errors import Fault
from stopline.operation.accounts.oidc import OidcDoor
from stopline.operation.core.command_handler import CommandHandler
from stopline.operation.core.incident import Incident
from stopline.operation.core.state import NodeState
from stopline.sealing.plan_file.schema import PlanFile

_Seen = TypeVar("_Seen")
_FREE: Final = frozenset({"/v1/session/oidc/back"})  # an issuer sends what it likes


@dataclass(frozen=True, slots=True)
class Console:
    """One running API.

    Attributes:
        desk: the desk of the node.
        door: who is signed in.
        clock: UTC seconds, to which facts and deadlines hold.
        wall: UTC seconds of the machine, by which sessions, log-in waits and streams go.
        settings: limits and names.
        gathering: takes commands.
        feed: tells what happens.
        oidc: the issuer that is trusted; None for none.
        permitted: role and command that the table lets, and until when that is remembered.
        units: writes the list of units.
        oidc_begins: sign-ins that an address has begun; each leaves a row until it is swept.
        region: finds the roads that an incident goes by.
        map_data: finds what the map is coloured by.
        past: what was known at past moments.
        courses: how incidents went, fact by fact.
    """

    desk: CommandHandler
    door: Authentication
    clock: Callable[[], float]
    wall: Callable[[], float]
    settings: ConsoleSettings
    gathering: CommandBatches
    feed: EventFeed
    region: Region
    map_data: MapData
    past: PastBooks
    courses: Courses
    oidc: OidcDoor | None = None
    permitted: dict[tuple[str, str], float] = field(default_factory=dict)
    units: WrittenUnits = field(default_factory=WrittenUnits)
    oidc_begins: MovingWindow = field(default_factory=lambda: MovingWindow(most=20, length_s=60.0))

    async def look(self, see: Callable[[NodeState], _Seen]) -> _Seen:
        """Look into the book, apart from the event loop; what is given back is a copy."""

        def locked() -> _Seen:
            with self.desk.reading:
                return see(self.desk.read())

        return await asyncio.to_thread(locked)

    async def look_then(
        self, incident: str, at_s: float | None, see: Callable[[NodeState, Incident, float], _Seen]
    ) -> _Seen:
        """Look at an incident as it is now, or as it was known at a past moment.

        Raises:
            UnknownName: nothing is, or was then, known of it.
        """
        now_s = self.clock()
        if at_s is None or at_s >= now_s:
            return await self.look(lambda book: see(book, book.incident(incident), now_s))
        moment_s = at_s

        def then() -> _Seen:
            with self.past.lock:
                book = self.past.at(moment_s)
                return see(book, book.incident(incident), moment_s)

        return await asyncio.to_thread(then)

    async def roads(self, incident: str | None) -> RegionRoads | None:
        """The roads that an incident goes by, or those of the region; None where none are known."""

        def plan(book: NodeState) -> PlanFile | None:
            if incident is None:
                return None
            return self.region.scenarios.plan_of(book.incident(incident))

        wanted = await self.look(plan)
        return await asyncio.to_thread(self.region.of, wanted)


def console_of(request: Request) -> Console:
    """The running API behind a request."""
    console: Console = request.app.state.console
    return console


def parameters_of(dependant: Dependant) -> list[str]:
    """Names of the parameters that an address and what it depends on take."""
    own = [one.alias for one in dependant.query_params]
    return own + [name for one in dependant.dependencies for name in parameters_of(one)]


def meanings_of(request: Request) -> dict[str, str]:
    """What each part of the address and each header of a request's route is, by name."""
    route = request.scope.get("route")
    waiting = [route.dependant] if isinstance(route, APIRoute) else []
    found: dict[str, str] = {}
    for dependant in waiting:
        waiting += dependant.dependencies
        for one in (*dependant.path_params, *dependant.query_params, *dependant.header_params):
            found[one.alias] = one.field_info.description or ""
    return found


async def known_parameters(request: Request) -> None:
    """Refuse parameters that an address does not have: a mistyped one would be passed over.

    Raises:
        Problem: with every parameter that is not known.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or request.url.path in _FREE or not request.query_params:
        return
    known = parameters_of(route.dependant)
    expected = f"one of {', '.join(known)}" if known else "no parameters at this address"
    faults = [
        Fault(f"parameter {name[:80]}", "an unknown parameter", expected)
        for name in dict.fromkeys(request.query_params)
        if name not in known
    ]
    if faults:
        raise Problem("faults", faults=faults)


async def asking(request: Request) -> Asker:
    """Who asks; a dependency of every route but the log-in.

    Raises:
        NotSignedIn: no session, or it has ended.
    """
    found = await console_of(request).door.asker(request)
    gate = getattr(request.app.state, "gate", None)
    if gate is not None:  # who has shown who they are keeps the connection
        gate.prove(request.scope.get("client"), found.operator.name)
    return found
