"""A front as a JSON document, as GeoJSON and as lines of a table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.rendering.time_text import Clock, span

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.scenario.loader import Scenario
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.reach import Front

FRONT_FORMAT: Final = "stopline-front/1"
COLUMNS: Final = (
    "after_min",
    "at",
    "junctions",
    "sections",
    "road_km",
    "farthest_km",
    "farthest",
    "exits",
)


def front_document(front: Front, scenario: Scenario) -> dict[str, Any]:
    """The front as JSON: moments, and the exits that can be reached."""
    now_s = scenario.problem.now_utc_s
    return {
        "format": FRONT_FORMAT,
        "scenario": scenario.lineage(),
        "now": clock(now_s, scenario.zone),
        "steps": [
            {
                "after_min": step.minutes,
                "at": clock(now_s + step.minutes * 60, scenario.zone),
                "junctions": step.junctions,
                "sections": step.sections,
                "road_km": round(step.road_km, 3),
                "farthest_km": round(step.farthest_km, 3),
                "farthest": step.farthest,
                "exits": step.exits,
            }
            for step in front.steps
        ],
        "exits": [
            {
                "name": name,
                "kind": kind,
                "index": index,
                "arrival_s": round(arrival_s, 1),
                "arrival": clock(now_s + arrival_s, scenario.zone),
            }
            for name, kind, index, arrival_s in front.exits
        ],
    }


SHORT_COLUMNS: Final = ("after_min", "at", "road_km", "farthest_km", "farthest", "exits")
"""What is shown to a person at a terminal of 80 columns."""


def short_rows(front: Front, scenario: Scenario) -> list[tuple[str, ...]]:
    """Rows for a person, in the order of `SHORT_COLUMNS`: times of the day, no counts of graphs."""
    moment = Clock(scenario.problem.now_utc_s, scenario.zone)
    return [
        (
            f"{step.minutes:g}", moment.minute(step.minutes * 60), f"{step.road_km:.0f}",
            f"{step.farthest_km:.1f}", step.farthest, str(step.exits),
        )
        for step in front.steps
    ]  # fmt: skip


def front_rows(front: Front, scenario: Scenario) -> list[tuple[str, ...]]:
    """Rows of the table, in the order of `COLUMNS`."""
    now_s = scenario.problem.now_utc_s
    return [
        (
            f"{step.minutes:g}",
            clock(now_s + step.minutes * 60, scenario.zone),
            str(step.junctions),
            str(step.sections),
            f"{step.road_km:.1f}",
            f"{step.farthest_km:.1f}",
            step.farthest,
            str(step.exits),
        )
        for step in front.steps
    ]


def front_geojson(front: Front, problem: SealingProblem) -> dict[str, Any]:
    """The sections that can be entered, each with its moment, and the exits, as GeoJSON."""
    network = problem.network
    entered_s = np.minimum(
        front.search.arrival_s[network.section_tail], front.search.arrival_s[network.section_head]
    )
    moments = [step.minutes for step in front.steps]
    last_s = max(moments, default=0.0) * 60
    features: list[dict[str, Any]] = []
    for section in np.flatnonzero(entered_s <= last_s):
        line = network.geometry(int(section))
        if not np.isfinite(line).all():
            continue
        minutes = float(entered_s[section]) / 60
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line.round(7).tolist()},
                "properties": {
                    "what": "front",
                    "section": int(section),
                    "name": network.name_of(int(section)),
                    "class": network.class_of(int(section)),
                    "entered_min": round(minutes, 2),
                    "within_min": min(moment for moment in moments if moment >= minutes),
                },
            }
        )
    return {
        "type": "FeatureCollection",
        "attribution": network.attribution,
        "features": features + _exit_features(front, problem),
    }


def _exit_features(front: Front, problem: SealingProblem) -> list[dict[str, Any]]:
    network = problem.network
    features: list[dict[str, Any]] = []
    for name, kind, index, arrival_s in front.exits:
        if kind == "junction":
            point = np.array([network.junction_lon[index], network.junction_lat[index]])
        else:
            line = network.geometry(index)
            point = line[len(line) // 2] if len(line) > 2 else line.mean(axis=0)  # noqa: PLR2004
        if np.isfinite(point).all():
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": point.round(7).tolist()},
                    "properties": {
                        "what": "exit",
                        "name": name,
                        "arrival_min": round(arrival_s / 60, 2),
                    },
                }
            )
    return features


def clock(utc_s: float, zone: tzinfo) -> str:
    """A moment in ISO 8601 with zone, to the second."""
    return datetime.fromtimestamp(utc_s, tz=zone).isoformat(timespec="seconds")


def first_exits(front: Front, scenario: Scenario, most: int = 5) -> list[str]:
    """Say which exits are reached first, one sentence each."""
    if not front.exits:
        return ["It can reach no exit."]
    clock = Clock(scenario.problem.now_utc_s, scenario.zone)
    first: dict[str, float] = {}  # the carriageways of one road are one exit, said once
    for name, _, _, arrival_s in front.exits:
        first.setdefault(name, arrival_s)
    lines = [
        f"It can reach {name} at {clock.exact(arrival_s)}, {_from_now(arrival_s)}."
        for name, arrival_s in list(first.items())[:most]
    ]
    later = len(first) - most
    if later > 0:
        lines.append("1 more exit is reached later." if later == 1 else
                     f"{later} more exits are reached later.")  # fmt: skip
    return lines


def _from_now(seconds: float) -> str:
    return f"{span(abs(seconds))} {'from now' if seconds >= 0 else 'ago'}"
