"""The sides of a scenario: as the file names them, or as its units do where it names none."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.forces.reading import sides_in_file
from stopline.forces.side import Side

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.schema import ScenarioForm

ALL = "all"


def sides_of(form: ScenarioForm, network: RoadNetwork, folder: Path) -> dict[str, Side]:
    """Each side with its territories; `all`, or a scenario without sides, means every territory."""
    if not form.sides:
        names = sorted(_named_by_units(form, folder))
        for one, other in pairwise(sorted(names, key=lambda name: (name.casefold(), name))):
            if one.casefold() == other.casefold():
                seen = f"the sides {one} and {other}"
                raise BadInput.single(
                    "units", seen, "one spelling for a side, or `sides` with both"
                )
        return {name: Side(id=name, territories=network.territories) for name in names}
    return {
        side_id: Side(
            id=side_id,
            name=side.name,
            territories=(
                network.territories
                if side.territories == [ALL]
                else tuple(side.territories) or (side_id,)
            ),
            colour=side.colour,
            agencies=tuple(side.agencies),
        )
        for side_id, side in form.sides.items()
    }


def _named_by_units(form: ScenarioForm, folder: Path) -> set[str]:
    """Sides that the units name; faults of the files are told where the units are read."""
    found: set[str] = set()
    for entry in form.units:
        if isinstance(entry, dict):
            found.add(str(entry.get("side", "")))
        elif isinstance(entry, str):
            found |= sides_in_file(folder / entry)
    return found - {""}
