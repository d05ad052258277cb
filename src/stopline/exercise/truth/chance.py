"""Chance, one stream for each actor and purpose: what one does shifts nobody else's draws."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stopline.protocol.rehearsal.schema import Duration


class ChanceStreams:
    """Streams of chance, keyed by (seed, actor, purpose).

    Attributes:
        seed: of all streams.
        draws: how often each stream was drawn from, by actor and purpose.
        drawn: durations and chances drawn from each stream, in order.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.draws: Counter[tuple[str, str]] = Counter()
        self.drawn: dict[tuple[str, str], list[float]] = {}
        self._streams: dict[tuple[str, str], random.Random] = {}

    def of(self, actor: str, purpose: str) -> random.Random:
        """The stream of an actor for a purpose, where the last draw left it."""
        key = (actor, purpose)
        self.draws[key] += 1
        if key not in self._streams:
            text = "\0".join((str(self.seed), actor, purpose))
            begun = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
            self._streams[key] = random.Random(begun)  # noqa: S311  (a simulation, no secret)
        return self._streams[key]

    def seconds(self, actor: str, purpose: str, duration: Duration) -> float:
        """Draw how long something takes, seconds."""
        found = duration.draw(self.of(actor, purpose))
        self.drawn.setdefault((actor, purpose), []).append(found)
        return found

    def happens(self, actor: str, purpose: str, share: float) -> bool:
        """Draw whether something happens; the stream moves on by one, whatever the share."""
        found = self.of(actor, purpose).random()
        self.drawn.setdefault((actor, purpose), []).append(found)
        return found < share
