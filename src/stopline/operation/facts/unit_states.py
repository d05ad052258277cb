"""What a unit can be doing, what may follow what, and what an order makes of it."""

from __future__ import annotations

from typing import Final, Literal

UnitState = Literal["off duty", "on call", "alerted", "under way", "in position", "released"]
OFF_DUTY: Final = "off duty"
ON_CALL: Final = "on call"
ALERTED: Final = "alerted"
UNDER_WAY: Final = "under way"
IN_POSITION: Final = "in position"
RELEASED: Final = "released"

# What may follow what, as the own service reports it. An alert, an order and a release move a unit
# by rules of their own, each a subset of these steps.
FOLLOWS: Final[dict[UnitState, frozenset[UnitState]]] = {
    "off duty": frozenset({"on call", "alerted"}),
    "on call": frozenset({"off duty", "alerted", "under way", "in position"}),
    "alerted": frozenset({"on call", "off duty", "under way", "in position", "released"}),
    "under way": frozenset({"alerted", "off duty", "in position", "released"}),
    "in position": frozenset({"alerted", "off duty", "under way", "released"}),
    "released": frozenset({"off duty", "on call", "alerted", "under way", "in position"}),
}
# A unit that was called and drops out: somebody will ask why.
NEEDS_REASON: Final[frozenset[tuple[UnitState, UnitState]]] = frozenset(
    {
        ("alerted", "on call"), ("alerted", "off duty"),
        ("under way", "alerted"), ("under way", "off duty"),
        ("in position", "alerted"), ("in position", "under way"), ("in position", "off duty"),
    }
)  # fmt: skip
CALLED: Final[frozenset[UnitState]] = frozenset({"alerted", "under way", "in position"})

# What an order that stands makes of its unit. An order just issued is a call; a closed road is
# held by a unit in position, also after the order is withdrawn, until the road is reopened.
BY_ORDER: Final[dict[str, UnitState]] = {
    "issued": "alerted",
    "acknowledged": "alerted",
    "under way": "under way",
    "in position": "in position",
    "closed": "in position",
}
FURTHEST: Final[tuple[UnitState, ...]] = ("alerted", "under way", "in position")
