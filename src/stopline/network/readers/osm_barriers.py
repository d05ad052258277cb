"""What a barrier on a road does to a unit, to the vehicle, and to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.network.access import NodeAccess
from stopline.network.readers.osm_access import ACCESS_KEYS, words_of
from stopline.network.readers.osm_measures import is_low, is_narrow, is_weak

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A car passes these as it comes.
_NO_HINDRANCE: Final = frozenset(
    ["no", "entrance", "border_control", "toll_booth", "cattle_grid", "bump_gate", "kerb"]
)
_GATES: Final = frozenset(
    [
        "gate",
        "lift_gate",
        "swing_gate",
        "sliding_gate",
        "sliding_beam",
        "hampshire_gate",
        "rising_bollard",
        "boom",
        "security_gate",
        "wicket_gate",
        "automatic_gate",
    ]
)
# Nothing on wheels passes these; whatever else stands on a road, a desperate driver may.
# Where a road is drawn through a city wall, there mostly is a gate.
_WALLS: Final = frozenset(("wall", "retaining_wall"))
# Nodes with one of these keys are looked at.
NODE_KEYS: Final = (
    "barrier", "ford", "obstacle", "maxheight", "maxheight:physical", "maxwidth", "maxweight",
    *ACCESS_KEYS, *(f"{key}:conditional" for key in ACCESS_KEYS),
)  # fmt: skip
_OPEN: Final = frozenset(["yes", "permissive", "designated", "destination", "public", "official"])
_EMERGENCY: Final = frozenset(["yes", "designated", "official", "permissive"])


def is_barrier(tags: Mapping[str, str]) -> bool:
    """Whether something stands on the road that stops somebody, or where papers are looked at."""
    words = words_of(tags.get("barrier"))
    return any(word not in ("no", "entrance", "kerb", "cattle_grid") for word in words)


def drawn_across(tags: Mapping[str, str]) -> bool:
    """Whether a line or area of this kind that shares a node with a road may close it to a unit."""
    words = words_of(tags.get("barrier"))
    return any(word not in _NO_HINDRANCE for word in words) and not _let_in(tags)


def stops_all(tags: Mapping[str, str]) -> bool:
    """Whether neither vehicle nor unit gets past."""
    words = words_of(tags.get("barrier"))
    return bool(words) and all(word in _WALLS for word in words) and not _let_in(tags)


def node_access(tags: Mapping[str, str]) -> int:
    """`NodeAccess` bits of a node: what stops a unit there; in doubt it does."""
    ford = NodeAccess.FORD if tags.get("ford") not in (None, "no") else 0
    return int(_standing(tags) | ford)


def _standing(tags: Mapping[str, str]) -> int:
    """What stands there, be it a barrier, a low arch or a sign alone."""
    words = [word for word in words_of(tags.get("barrier")) if word not in _NO_HINDRANCE]
    if "barrier" not in tags and tags.get("obstacle") not in (None, "no"):
        words = ["obstacle"]
    # Without a barrier the width may be that of something beside the road.
    told = tags if "barrier" in tags else {k: v for k, v in tags.items() if k.startswith("max")}
    if is_narrow(told) or is_low(told) or is_weak(told):
        return int(NodeAccess.BARRED)
    if not words:
        # What stops nobody by itself may still carry a sign.
        signed = (_shut_out(tags) and not _let_in(tags)) or _signed_at_times(tags)
        if not signed:
            return 0
        return int(NodeAccess.GATED if words_of(tags.get("barrier")) else NodeAccess.SIGN)
    gate = all(word in _GATES for word in words)
    if _let_in(tags, ACCESS_KEYS if gate else ACCESS_KEYS[:-1]) and not _shut_at_times(tags):
        return 0
    if gate:
        unlocked = (
            words_of(tags.get("locked")) == ["no"]
            and not _shut_out(tags)
            and not _shut_at_times(tags)
        )
        return 0 if unlocked else int(NodeAccess.GATED)
    return int(NodeAccess.BARRED)


def _let_in(tags: Mapping[str, str], keys: Sequence[str] = ACCESS_KEYS) -> bool:
    """Whether the node says that motor vehicles, or emergency services, pass.

    A general `access=yes` opens a gate, but a bollard with it may mean those on foot.
    """
    if set(words_of(tags.get("emergency"))) & _EMERGENCY:
        return True
    for key in keys:
        words = words_of(tags.get(key))
        if words:
            return all(word in _OPEN for word in words)
    return False


def _shut_at_times(tags: Mapping[str, str]) -> bool:
    """Whether it is locked, or open at some hours only."""
    if any(word != "no" for word in words_of(tags.get("locked"))):
        return True
    hours = tags.get("opening_hours", "24/7").strip() != "24/7"
    return hours or _signed_at_times(tags)


def _signed_at_times(tags: Mapping[str, str]) -> bool:
    return any(f"{key}:conditional" in tags for key in ACCESS_KEYS)


def _shut_out(tags: Mapping[str, str]) -> bool:
    return any(words_of(tags.get(key)) for key in ACCESS_KEYS)
