"""The order in which seals are numbered for people, the same in every output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stopline.sealing.plan import Plan, Seal


def numbered_seals(plan: Plan) -> tuple[tuple[int, Seal], ...]:
    """Number the seals from 1, the most urgent order first."""
    ordered = sorted(plan.seals, key=lambda s: (order_by_s(s), s.site.kind, s.site.index))
    return tuple(enumerate(ordered, start=1))


def order_by_s(seal: Seal) -> float:
    """Time by which its first order must be given, seconds after now."""
    return min((holder.order_by_s for holder in seal.holders), default=float("inf"))
