"""A small town for event plans, written as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 7
STEP = 0.002


def write_town(folder: Path) -> None:
    """A grid of streets as GMNS, a rule table, and a roster."""
    nodes = ["node_id,x_coord,y_coord"]
    links = ["link_id,from_node_id,to_node_id,directed,length,free_speed,facility_type,name"]
    nodes += [
        f"{row * SIDE + column},{9 + column * STEP},{47 + row * STEP * 0.7}"
        for row in range(SIDE)
        for column in range(SIDE)
    ]
    number = 0
    for row in range(SIDE):
        for column in range(SIDE):
            here = row * SIDE + column
            for there, name in ((here + 1, f"Row {row}"), (here + SIDE, f"Column {column}")):
                if (there == here + 1 and column + 1 < SIDE) or (
                    there == here + SIDE and row + 1 < SIDE
                ):
                    kind = "primary" if row == 3 or column == 3 else "residential"
                    links.append(f"{number},{here},{there},false,150,50,{kind},{name}")
                    number += 1
    (folder / "net").mkdir()
    (folder / "net" / "node.csv").write_text("\n".join(nodes) + "\n")
    (folder / "net" / "link.csv").write_text("\n".join(links) + "\n")
    rule = {"source": "a test", "date": "2026-01-01"}
    rows = [
        {"id": "gate", "kind": "people_per_post", "service": "police", "post": "gate",
         "people": 2, **rule},
        {"id": "barrier", "kind": "people_per_post", "service": "police", "post": "barrier",
         "people": 1, **rule},
        {"id": "crowd", "kind": "spectators_per_person", "service": "stewards",
         "spectators": 100, **rule},
    ]  # fmt: skip
    table = {"name": "Test rules", "example": True, "rows": rows}
    (folder / "rules.yaml").write_text(yaml.safe_dump(table))


def town_event(**changes: Any) -> dict[str, Any]:
    """The content of an event file; keys of `changes` replace those of the same name."""
    lon, lat = 9 + 3 * STEP, 47 + 3 * STEP * 0.7
    event: dict[str, Any] = {
        "name": "Town fair",
        "network": {"path": "net", "kind": "gmns", "length_unit": "m"},
        "sides": {"A": {"name": "Atown"}},
        "venue": {"name": "Market", "circle": {"lon": lon, "lat": lat, "radius_m": 60}},
        "risk": {"level": "low", "reasons": ["a fair"]},
        "phases": [
            {
                "name": "Fair",
                "from": "2026-06-12T18:00:00+02:00",
                "until": "2026-06-12T20:00:00+02:00",
                "crowd": 900,
                "pedestrians": {"circle": {"lon": lon, "lat": lat, "radius_m": 60}},
            }
        ],
        "radius_m": 400,
        "cameras": {"layers": 2, "table_s": [5, 20]},
        "barriers": {"from_m": 300},
        "shifts": [
            {"unit": "P1", "service": "police", "people": 3,
             "from": "2026-06-12T17:00:00+02:00", "until": "2026-06-12T21:00:00+02:00"},
        ],
        "force_rules": "rules.yaml",
    }  # fmt: skip
    return {key: value for key, value in {**event, **changes}.items() if value is not None}


def write_event(folder: Path, **changes: Any) -> Path:
    """Write the town and an event in it."""
    if not (folder / "net").exists():
        write_town(folder)
    path = folder / "event.yaml"
    path.write_text(yaml.safe_dump(town_event(**changes), sort_keys=False))
    return path
