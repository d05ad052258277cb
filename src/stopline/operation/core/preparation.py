"""What the long part of a command may look at, before the desk is locked for its decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from stopline.network.point_snapper import PointSnapper
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.node import Node
    from stopline.operation.core.state import NodeState
    from stopline.scenario.loader import Scenario
    from stopline.scenario.network_store import NetworkStore
    from stopline.sealing.plan_file.schema import PlanFile

_Seen = TypeVar("_Seen")


class Regions(Protocol):
    """Where the roads, borders and places of a node's region are found."""

    def of(self, plan: PlanFile | None) -> Scenario | None:
        """The region that a plan was made in, or without a plan that of the node; or None."""
        ...

    def points(self, region: Scenario) -> PointSnapper:
        """What puts positions on the roads of a region; it is kept, as it is costly to make."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """The moment in which a command is prepared; the desk is free meanwhile.

    Attributes:
        node: whose desk it is.
        networks: where the road networks of plans are found.
        regions: where the node's region is found; None where it was told of none.
        reading: the lock to hold while looking into the book.
        catch_up: gives all that is known.
        actor: who commands.
        now_s: when, UTC seconds.
        command_id: id of the command; ids made from it are the same when it is repeated.
    """

    node: Node
    networks: NetworkStore
    regions: Regions | None
    reading: threading.RLock
    catch_up: Callable[[], NodeState]
    actor: Actor
    now_s: float
    command_id: str

    @property
    def peer(self) -> str | None:
        """The other side's node; None before the two are paired."""
        return next(iter(self.node.peers()), None)

    def look(self, see: Callable[[NodeState], _Seen]) -> _Seen:
        """Look at all that is known, under the desk's lock; keep nothing that can change."""
        with self.reading:
            return see(self.catch_up())
