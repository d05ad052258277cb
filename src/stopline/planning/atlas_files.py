"""What an atlas says: its results, and the files and sentences in which they are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.event.atlas import Atlas, OriginState
from stopline.planning.atlas_input import AtlasRegion, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from stopline.event.atlas_work import PlannerAnswer
    from stopline.event.what_helps import EarlierAlarm, Gain

SCHEMA: Final = "stopline.atlas/1"
_DIGITS: Final = 1
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedOut:
    """A candidate that was worked out, not only bounded.

    Attributes:
        gain: its bound.
        sealed: origins sealed with it, at least.
        open: origins open with it, at least.
    """

    gain: Gain
    sealed: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAtlas:
    """The atlas of one set of forces.

    Attributes:
        units: ids of the units on duty.
        hours: starts of the hours in which they are, UTC seconds.
        atlas: the bounds.
        alarms: what an earlier alarm does.
        answers: of the planner, from which the bounds come.
    """

    units: tuple[str, ...]
    hours: tuple[float, ...]
    atlas: Atlas
    alarms: tuple[EarlierAlarm, ...]
    answers: tuple[PlannerAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasResult:
    """A readiness atlas with what it was made for.

    Attributes:
        region: what it was made for.
        sets: one for each set of forces.
        gains: what candidates could do at most, for the hour with the least forces; best first.
        best: the five best of them, worked out.
        sequence: one unit after the other, greedy.
        seconds: of computing.
        files: what was written.
    """

    region: AtlasRegion
    sets: tuple[SetAtlas, ...]
    gains: tuple[Gain, ...]
    best: tuple[WorkedOut, ...]
    sequence: tuple[Gain, ...]
    seconds: float
    files: tuple[Path, ...] = ()


def _told(seconds: float) -> float | None:
    return round(float(seconds), _DIGITS) if np.isfinite(seconds) else None


def place_rows(result: AtlasResult) -> Iterator[tuple[str, list[tuple[str, float, float]]]]:
    """For each place, by set of forces: its state and the bounds on its lead.

    Of a place with several junctions the worst counts, each asked for by itself.
    """
    for name, junctions in result.region.places.items():
        cells = []
        for one in result.sets:
            row = {int(j): i for i, j in enumerate(one.atlas.origins)}
            mine = [row[int(j)] for j in junctions if int(j) in row]
            if not mine:
                cells.append(("outside", np.nan, np.nan))
                continue
            low, high = float(one.atlas.low_s[mine].max()), float(one.atlas.high_s[mine].max())
            state = (
                OriginState.SEALED
                if high <= 0
                else OriginState.OPEN
                if low > 0
                else OriginState.UNDECIDED
            )
            cells.append((str(state), low, high))
        yield name, cells


def atlas_document(result: AtlasResult) -> dict[str, Any]:
    """The content of atlas.json; docs/formats/atlas.md describes it."""
    region = result.region
    return {
        "schema": SCHEMA,
        "name": region.name,
        "network": {
            "path": region.problem.network.source,
            "digest": region.problem.network.digest,
            "attribution": region.problem.network.attribution,
        },
        "margin_s": region.problem.rules.margin_s,
        "sets": [_set_document(region, one) for one in result.sets],
        "places": [
            {
                "name": name,
                "by_set": [
                    {"state": state, "low_s": _told(low), "high_s": _told(high)}
                    for state, low, high in cells
                ],
            }
            for name, cells in place_rows(result)
        ],
        "what_helps": {
            "candidates": [
                {"name": gain.candidate.name, "open_at_least": gain.impossible}
                for gain in result.gains
            ],
            "worked_out": [
                {"name": one.gain.candidate.name, "sealed_at_least": one.sealed,
                 "open_at_least": one.open}
                for one in result.best
            ],
            "greedy_sequence": [
                {"name": gain.candidate.name, "open_at_least": gain.impossible}
                for gain in result.sequence
            ],
        },
        "seconds": round(result.seconds, 2),
        "lineage": {"file": region.path.name, "units": len(region.problem.units)},
    }  # fmt: skip


def _set_document(region: AtlasRegion, one: SetAtlas) -> dict[str, Any]:
    atlas = one.atlas
    return {
        "hours": [moment(start, region.zone).isoformat() for start in one.hours],
        "units": list(one.units),
        "origins": int(atlas.origins.size),
        "sealed": int(atlas.sealed.sum()),
        "open": int(atlas.open.sum()),
        "undecided": int(atlas.undecided.sum()),
        "decided_by_bounds": atlas.by_bounds,
        "asked": atlas.asked,
        "seconds": round(atlas.seconds, 2),
        "earlier_alarm": [
            {"earlier_s": alarm.earlier_s, "sealed_at_least": alarm.sealed,
             "open_at_least": alarm.open}
            for alarm in one.alarms
        ],
        "junction": atlas.origins.tolist(),
        "low_s": [_told(value) for value in atlas.low_s],
        "high_s": [_told(value) for value in atlas.high_s],
    }  # fmt: skip


def atlas_geojson(result: AtlasResult) -> dict[str, Any]:
    """A point for each origin, with its state and bounds for each set of forces."""
    network = result.region.problem.network
    features = []
    for row, junction in enumerate(result.sets[0].atlas.origins.tolist()):
        properties: dict[str, Any] = {"junction": junction}
        for number, one in enumerate(result.sets):
            mark = "" if number == 0 else f"_{number + 1}"
            properties[f"state{mark}"] = str(one.atlas.state(row))
            properties[f"low_s{mark}"] = _told(one.atlas.low_s[row])
            properties[f"high_s{mark}"] = _told(one.atlas.high_s[row])
        lon, lat = float(network.junction_lon[junction]), float(network.junction_lat[junction])
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]},
                "properties": properties,
            }
        )
    return {
        "type": "FeatureCollection",
        "name": "stopline readiness atlas",
        "attribution": network.attribution,
        "features": features,
    }


def atlas_tsv(result: AtlasResult) -> str:
    """Places by set of forces, one line each, then nothing more: the map has the rest."""
    lines = ["place\thours\tstate\tlead_at_least_s\tlead_at_most_s"]
    for name, cells in place_rows(result):
        for one, (state, low, high) in zip(result.sets, cells, strict=True):
            hours = " ".join(f"{moment(h, result.region.zone):%H:%M}" for h in one.hours)
            told = [_told(low), _told(high)]
            lines.append(
                "\t".join((" ".join(name.split()), hours, state,
                           *("" if value is None else str(value) for value in told)))
            )  # fmt: skip
    return "\n".join(lines) + "\n"


def hours_text(starts: Sequence[float], zone: tzinfo) -> str:
    """Hours in words, those that follow on each other as one: `18:00 to 21:00, 23:00`."""
    spans: list[list[float]] = []
    for start in sorted(starts):
        if spans and start - spans[-1][-1] == _HOUR_S:
            spans[-1].append(start)
        else:
            spans.append([start])
    words = []
    for span in spans:
        first = f"{moment(span[0], zone):%H:%M}"
        until = f" to {moment(span[-1] + _HOUR_S, zone):%H:%M}" if len(span) > 1 else ""
        words.append(first + until)
    return ", ".join(words)


def summary(result: AtlasResult) -> Sequence[str]:
    """What the atlas says, in sentences."""
    lines = []
    for one in result.sets:
        atlas = one.atlas
        hours = hours_text(one.hours, result.region.zone)
        lines.append(
            f"From {hours} ({len(one.units)} units): of {atlas.origins.size:,} places "
            f"{int(atlas.sealed.sum()):,} can be sealed in now, {int(atlas.open.sum()):,} cannot, "
            f"{int(atlas.undecided.sum()):,} are not decided; {atlas.by_bounds:,} by the bounds "
            f"alone, {atlas.asked} asked of the planner."
        )
    alarms = result.sets[0].alarms
    lines += [
        f"The alarm {alarm.earlier_s:g} s earlier: at least {alarm.sealed:,} sealed, at least "
        f"{alarm.open:,} not."
        for alarm in alarms
    ]
    lines += [
        f"With {one.gain.candidate.name}: at least {one.sealed:,} sealed, at least "
        f"{one.open:,} not."
        for one in result.best
    ]
    if result.sequence:
        names = ", then ".join(gain.candidate.name for gain in result.sequence)
        lines.append(f"One unit after the other, greedy and not optimal: {names}.")
    return lines
