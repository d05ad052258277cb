"""The command by which a node notes where the vehicle is believed to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.context import seconds
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.whereabouts import BeliefComputed, Whereabouts
from stopline.operation.whereabouts.projection import Beliefs

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext

EVERY_S: Final = 120.0  # without a new sighting; time alone spreads a belief slowly
LEAST_S: Final = 5.0  # between two, however fast sightings come


@command("belief.note")
class NoteBelief(IncidentCommand):
    """Note where the vehicle is believed to be, if it is newer than what is known."""

    found: Whereabouts = Field(description="what was found")

    def decide(self, at: CommandContext) -> None:
        """Only what is new: several processes of a side may find the same."""
        known = at.incident().projection(Beliefs).now
        if known is not None:
            since_s = seconds(self.found.at) - seconds(known.at)
            if since_s < (EVERY_S if known.basis == self.found.basis else LEAST_S):
                raise NotNow("that is known already")
        at.record(BeliefComputed(found=self.found))
