"""A small scenario on disk that is sound, and a way to break it: two territories, one bridge each.

A grid of 6 x 4 junctions 500 m apart near 9.5 E, 47.1 N; the western half is Westland, the
eastern half Eastland, and a spur of two junctions in the south belongs to Outland.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

WIDE, HIGH = 6, 4
STEP_LON, STEP_LAT = 0.0066, 0.0045

SOUND: dict[str, Any] = {
    "name": "grid",
    "network": {
        "path": "roads",
        "kind": "gmns",
        "length_unit": "km",
        "territories": {"column": "country"},
    },
    "sides": {
        "W": {"territories": ["Westland"], "agencies": ["police", "army"]},
        "E": {"territories": ["Eastland"]},
    },
    "vehicle": {"speed_factor": 1.3},
    "now": "2026-06-12T21:30:00+02:00",
    "places": {"Stadium": {"lon": 9.5, "lat": 47.1}},
    "sightings": [{"name": "alarm", "at": "2026-06-12T21:29:00+02:00", "place": "Stadium"}],
    "exits": [{"crossings_of": ["W", "E"]}],
    "units": [
        {"id": "w1", "side": "W", "agency": "police", "lon": 9.5, "lat": 47.1045},
        {"id": "e1", "side": "E", "agency": "police", "lon": 9.533, "lat": 47.1, "ready_s": 30},
    ],
    "rules": {"margin_s": 10, "setup_s": 5},
}


def write_roads(folder: Path) -> None:
    """Write the grid as GMNS."""
    folder.mkdir(exist_ok=True)
    nodes = ["node_id,x_coord,y_coord,country"]
    links = ["link_id,from_node_id,to_node_id,directed,length,facility_type,name"]
    for row in range(HIGH):
        for column in range(WIDE):
            node = row * WIDE + column
            country = "Westland" if column < WIDE // 2 else "Eastland"
            nodes.append(
                f"{node},{9.5 + column * STEP_LON:.4f},{47.1 + row * STEP_LAT:.4f},{country}"
            )
            if column + 1 < WIDE:
                links.append(f"{len(links)},{node},{node + 1},False,0.5,primary,Row {row}")
            if row + 1 < HIGH:
                links.append(f"{len(links)},{node},{node + WIDE},False,0.5,residential,")
    nodes += ["90,9.5000,47.0950,Outland", "91,9.5000,47.0900,Outland"]
    links.append(f"{len(links)},0,90,False,0.56,secondary,South Road")
    links.append(f"{len(links)},90,91,False,0.56,secondary,South Road")
    nodes += ["95,9.7000,47.0950,Outland", "96,9.7000,47.0900,Outland"]
    links.append(f"{len(links)},95,96,False,0.56,secondary,Island Road")
    (folder / "node.csv").write_text("\n".join(nodes) + "\n")
    (folder / "link.csv").write_text("\n".join(links) + "\n")


def write_case(folder: Path, **changes: object) -> Path:
    """Write the roads and the sound scenario with some keys changed; None removes a key."""
    write_roads(folder / "roads")
    content = copy.deepcopy(SOUND)
    for key, value in changes.items():
        if value is None:
            content.pop(key)
        else:
            content[key] = value
    path = folder / "case.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    return path
