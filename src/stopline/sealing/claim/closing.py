"""A closing: what was closed, and when; light, as every desk imports it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A place that nothing passed from one time to another.

    Attributes:
        kind: `section` or `junction`.
        index: its number.
        from_s: closed from then on, seconds after "now".
        until_s: opened again; infinite if it was not.
    """

    kind: str
    index: int
    from_s: float
    until_s: float = math.inf
