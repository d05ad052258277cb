"""What can be looked at: the node, incidents and their rooms; each read has a row in the table."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request

from stopline.console.authentication import Asker
from stopline.console.dependencies import asking, console_of
from stopline.console.openapi import SECURITY, answers
from stopline.console.problem_details import Problem
from stopline.console.routes.command import ROLE_PARAMETER
from stopline.console.site_ids import names_sites, with_file_ids
from stopline.console.views import board as shown_board
from stopline.console.views import incident as shown_incident
from stopline.console.views import node as shown_node
from stopline.console.views import rooms as shown_rooms
from stopline.errors import Fault
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import IncidentName
from stopline.operation.core.errors import NotNow
from stopline.operation.core.incident import Incident
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.core.state import NodeState
from stopline.operation.facts.whereabouts import Whereabouts
from stopline.operation.situation.commands import zone_named
from stopline.operation.whereabouts.projection import Beliefs

_Shown = TypeVar("_Shown")
Who = Annotated[Asker, Depends(asking)]
Which = Annotated[IncidentName, Path(description="id of the incident")]
Zone = Annotated[
    str,
    Query(
        max_length=100,
        description="zone in which its times are written, `Europe/Vaduz`; left out: the plan's",
    ),
]
READ: Final = {"security": SECURITY, "parameters": [ROLE_PARAMETER]}
Spoken = Annotated[str, Query(pattern="^[a-z]{2,3}$", description="language, for example de")]
looking = APIRouter(tags=["reads"])


async def seen(
    request: Request, asker: Asker, row: str, see: Callable[[NodeState, float], _Shown]
) -> _Shown:
    """Look into the book, if the reader may look at a row."""
    console = console_of(request)
    now_s = console.clock()

    def allowed(book: NodeState) -> _Shown:
        asker.need(row, book)
        return see(book, now_s)

    return await console.look(allowed)


async def seen_of(
    request: Request,
    asker: Asker,
    row: str,
    incident: str,
    see: Callable[[NodeState, Incident, float], _Shown],
) -> _Shown:
    """Look at an incident, if the reader may look at a row; sites by the ids of the map's file."""
    shown = await seen(
        request, asker, row, lambda book, now_s: see(book, book.incident(incident), now_s)
    )
    if not names_sites(shown):
        return shown
    return with_file_ids(shown, await console_of(request).roads(incident))


def zone_of(name: str) -> tzinfo:
    """Find a zone by its name.

    Raises:
        Problem: there is none of that name.
    """
    try:
        return zone_named(name)
    except NotNow:
        faults = [Fault("zone", name[:60], "a zone, for example Europe/Vaduz or UTC")]
        raise Problem("faults", faults=faults) from None


def actors_of(asker: Asker) -> list[Actor]:
    """The asker in each of the roles to look with."""
    return [asker.operator.actor(role) for role in asker.roles()]


@looking.get("/v1/me", operation_id="me", responses=answers(), openapi_extra=READ)
async def me(request: Request, asker: Who) -> shown_node.MeShown:
    """Who I am, and what I may do."""
    actors = actors_of(asker)
    console = console_of(request)
    exercise = console.desk.node.exercise
    return await console.look(
        lambda book: shown_node.me(asker.operator, actors, book, exercise=exercise)
    )


@looking.get("/v1/node", operation_id="node", responses=answers(), openapi_extra=READ)
async def node(request: Request, asker: Who) -> shown_node.NodeShown:
    """How the node is: line, protocol, journal."""
    desk = console_of(request).desk
    return await seen(request, asker, "node", lambda b, now_s: shown_node.node(desk, b, now_s))


@looking.get(
    "/v1/translations", operation_id="translations", responses=answers(), openapi_extra=READ
)  # fmt: skip
async def translations(request: Request, asker: Who, language: Spoken = "de") -> dict[str, str]:
    """What the protocol in force says, by its own words, in another language; empty for none."""

    def spoken(book: NodeState, _: float) -> dict[str, str]:
        machine = book.machines.get(book.in_force)
        return {} if machine is None else machine.protocol.translations.get(language, {})

    return await seen(request, asker, "incident", spoken)


@looking.get("/v1/incidents", operation_id="incidents", responses=answers(), openapi_extra=READ)
async def incidents(request: Request, asker: Who) -> list[shown_incident.IncidentInShort]:
    """All incidents, those that run first."""

    def listed(book: NodeState, now_s: float) -> list[shown_incident.IncidentInShort]:
        found = [shown_incident.in_short(book, i, now_s) for i in book.incidents.values()]
        return sorted(found, key=lambda each: (each.over, each.opened))

    return await seen(request, asker, "incident", listed)


@looking.get(
    "/v1/incidents/{incident}", operation_id="incident", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def one(request: Request, asker: Who, incident: Which) -> shown_incident.IncidentShown:
    """One incident: phase, level, tasks with their clocks, decisions that are wanted."""
    return await seen_of(
        request, asker, "incident", incident,
        lambda b, i, now_s: shown_incident.in_full(b, i, now_s, rows_for(asker.roles(), b)),
    )  # fmt: skip


@looking.get(
    "/v1/incidents/{incident}/matters", operation_id="matters", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def matters(request: Request, asker: Who, incident: Which) -> shown_incident.MattersShown:
    """What is open: requests, messages nobody took note of, overdue tasks, decisions."""
    return await seen_of(request, asker, "matters", incident, shown_incident.matters)


@looking.get(
    "/v1/incidents/{incident}/board", operation_id="board", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def board(
    request: Request, asker: Who, incident: Which, zone: Zone = ""
) -> shown_board.BoardShown:
    """What is really closed and open now, beside the plan; every order against its deadline."""
    here = zone_of(zone) if zone else None
    return await seen_of(
        request, asker, "board", incident,
        lambda b, i, now_s: shown_board.the_board(b, i, now_s, here),
    )  # fmt: skip


@looking.get(
    "/v1/incidents/{incident}/watches", operation_id="watches", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def watches(request: Request, asker: Who, incident: Which) -> list[shown_board.WatchShown]:
    """The watch list: the one vehicle that is searched for, its authority and its end."""
    return await seen_of(
        request, asker, "sightings", incident, lambda _, i, __: shown_board.watches(i)
    )


@looking.get(
    "/v1/incidents/{incident}/sightings", operation_id="sightings",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def sightings(
    request: Request, asker: Who, incident: Which
) -> list[shown_rooms.SightingShown]:
    """All sightings of both sides, in the order in which they became known."""
    return await seen_of(
        request, asker, "sightings", incident, lambda _, i, __: shown_rooms.sightings(i)
    )


@looking.get(
    "/v1/incidents/{incident}/whereabouts", operation_id="whereabouts",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def whereabouts(request: Request, asker: Who, incident: Which) -> Whereabouts | None:
    """Where the vehicle can be and where it is heading, as this node last found; or null."""
    return await seen_of(
        request, asker, "sightings", incident, lambda _, i, __: i.projection(Beliefs).now
    )


@looking.get(
    "/v1/incidents/{incident}/statements", operation_id="statements",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def statements(
    request: Request, asker: Who, incident: Which
) -> list[shown_rooms.StatementShown]:
    """Statements to the public: drafts, who agreed, what went out."""
    return await seen_of(
        request, asker, "statements", incident, lambda _, i, __: shown_rooms.statements(i)
    )


@looking.get(
    "/v1/incidents/{incident}/intelligence", operation_id="intelligence",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def intelligence(
    request: Request, asker: Who, incident: Which
) -> list[shown_rooms.SealedShown]:
    """Sealed reports; the text only for who is named and asked for it by `intelligence.open`."""
    actors = actors_of(asker)
    return await seen_of(
        request, asker, "intelligence", incident,
        lambda _, i, __: shown_rooms.intelligence(i, actors),
    )  # fmt: skip


@looking.get("/v1/shifts", operation_id="shifts", responses=answers(), openapi_extra=READ)
async def shifts(request: Request, asker: Who) -> shown_rooms.ShiftsShown:
    """Who holds which post, and hand-overs that nobody has taken over."""
    return await seen(request, asker, "shifts", lambda book, _: shown_rooms.shifts(book))
