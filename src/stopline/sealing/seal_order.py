"""The order in which seals are numbered for people, the same in every output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.sealing.plan import Committed, Plan, Seal

THEIRS: Final = "theirs"  # in place of the latest order, where it is not ours to give


def numbered_seals(plan: Plan) -> tuple[tuple[int, Seal], ...]:
    """Number the seals from 1, the most urgent order first."""
    ordered = sorted(plan.seals, key=lambda s: (order_by_s(s), s.site.kind, s.site.index))
    return tuple(enumerate(ordered, start=1))


def sides_of(seal: Seal) -> tuple[str, ...]:
    """The sides that hold a seal, each once."""
    named = (*(h.side for h in seal.holders), *(part.side for part in seal.committed))
    return tuple(dict.fromkeys(named))


def held_by(part: Committed) -> str:
    """How the other side's part in a seal is written for people: it names no unit."""
    return f"held by {part.side} (committed)"


def order_by_s(seal: Seal) -> float:
    """Time by which its first order must be given, seconds after now."""
    return min((holder.order_by_s for holder in seal.holders), default=float("inf"))
