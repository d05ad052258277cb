"""Stretches of time in which a site is closed: from and until, UTC seconds, in order."""

from __future__ import annotations

import math

Span = tuple[float, float]


def closes(spans: list[Span]) -> bool:
    """Whether a site is closed in the end, and stays so."""
    return bool(spans) and math.isinf(spans[-1][1])


def together(ours: list[Span], theirs: list[Span]) -> list[Span]:
    """When both parts of a site are closed."""
    both = [(max(a, c), min(b, d)) for a, b in ours for c, d in theirs]
    return [(begin, end) for begin, end in both if begin < end]
