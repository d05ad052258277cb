"""A belief as a JSON document, as GeoJSON, and as the lines of a table."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.belief.answers import by_territory, region
from stopline.network.place_names import section_name
from stopline.planning.reach_files import clock as iso
from stopline.rendering.time_text import Clock

if TYPE_CHECKING:
    from stopline.planning.belief import Belief

BELIEF_FORMAT: Final = "stopline-belief/1"
COLUMNS: Final = ("heading", "probability", "out_already", "earliest", "likely", "latest")
_LEAST: Final = 1e-6
_KNOWN: Final = 0.25  # a destination is named as the heading from so much on
_BORDER: Final = re.compile(r"\(([^()]* to [^()]*)\)")
_SHARES: Final = (0.5, 0.9, 0.99)


def belief_document(belief: Belief) -> dict[str, Any]:
    """The content of belief.json; docs/formats/belief.md describes it."""
    scenario, zone = belief.scenario, belief.scenario.zone
    filter_, network = belief.particles, scenario.problem.network

    def when(after_s: float) -> str | None:
        return iso(belief.at_s + after_s, zone) if math.isfinite(after_s) else None

    return {
        "format": BELIEF_FORMAT,
        "scenario": scenario.lineage(),
        "network": network.digest,
        "at": iso(belief.at_s, zone),
        "seed": belief.seed,
        "particles": filter_.count,
        "destinations": [
            {
                "name": one.name,
                "probability": round(one.probability, 6),
                "out": round(one.out, 6),
                "earliest": when(one.early_s),
                "likely": when(one.middle_s),
                "latest": when(one.late_s),
            }
            for one in belief.outlooks
        ],
        "territories": {
            name: round(p, 6) for name, p in by_territory(network, belief.sections).items()
        },
        "hidden": round(filter_.hidden(), 6),
        "out": round(belief.out, 6),
        "sections": [
            {"section": int(s), "probability": round(float(belief.sections[s]), 8)}
            for s in np.argsort(-belief.sections, kind="stable")
            if belief.sections[s] >= _LEAST
        ],
        "lineage": [
            {
                "sighting": effect.sighting,
                "at": iso(effect.at_s, zone),
                "bits": round(effect.bits, 4),
                "expected": effect.expected,
                "note": effect.note,
            }
            for effect in belief.track.effects
        ],
        "observers": [
            {
                "section": one.section,
                "forward": one.forward,
                "road": network.name_of(one.section),
                "passes": round(one.passes, 4),
                "bits": round(one.bits, 4),
            }
            for one in belief.observers
        ],
        "warnings": list(belief.warnings),
    }


def belief_geojson(belief: Belief) -> dict[str, Any]:
    """The sections on which it can be, each with its probability and the region it is in."""
    network = belief.scenario.problem.network
    within = regions(belief)
    features = []
    for section in np.flatnonzero(belief.sections >= _LEAST):
        line = network.geometry(int(section))
        if not np.isfinite(line).all():
            continue
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line.round(7).tolist()},
                "properties": {
                    "what": "belief",
                    "section": int(section),
                    "name": network.name_of(int(section)),
                    "class": network.class_of(int(section)),
                    "probability": float(belief.sections[section]),
                    "region": float(within[section]),
                },
            }
        )
    return {
        "type": "FeatureCollection",
        "attribution": network.attribution,
        "features": features,
    }


def regions(belief: Belief) -> np.ndarray[Any, np.dtype[np.float64]]:
    """For each section the smallest of the 50, 90 and 99 % regions that it is in; else 1."""
    found = np.ones(belief.sections.size)
    for share in reversed(_SHARES):
        found[region(belief.sections, share)] = share
    return found


def belief_rows(belief: Belief, most: int = 12) -> list[tuple[str, ...]]:
    """Rows of the table, in the order of `COLUMNS`."""
    clock = Clock(belief.at_s, belief.scenario.zone)

    def when(after_s: float) -> str:
        return clock.minute(after_s) if math.isfinite(after_s) else "-"

    return [
        (
            one.name,
            f"{one.probability:.0%}",
            f"{one.out:.0%}",
            when(one.early_s),
            when(one.middle_s),
            when(one.late_s),
        )
        for one in belief.outlooks[:most]
    ]


def headline(belief: Belief) -> str:
    """Where it is heading, in a few words: a destination, or a border if that is all one knows."""
    first = belief.outlooks[0]
    if first.probability >= _KNOWN:
        return f"{first.name}, {first.probability:.0%}"
    groups: dict[str, float] = {}
    for one in belief.outlooks:
        border = _BORDER.search(one.name)
        name = one.name if border is None else border[1]
        groups[name] = groups.get(name, 0.0) + one.probability
    best = sorted(groups.items(), key=lambda pair: -pair[1])[:2]
    return "not known yet; likeliest " + ", ".join(f"{name} {share:.0%}" for name, share in best)


def belief_sentences(belief: Belief) -> list[str]:
    """What the officer is told first, a sentence each."""
    filter_, network = belief.particles, belief.scenario.problem.network
    clock = Clock(belief.at_s, belief.scenario.zone)
    lines = [f"Heading at {clock.minute(0.0)}: {headline(belief)}."]
    places = ", ".join(
        f"{name or 'no known territory'} {share:.0%}"
        for name, share in list(by_territory(network, belief.sections).items())[:4]
    )
    lines.append(
        f"It is in {places or 'none of the territories'}; out already {belief.out:.0%}; "
        f"standing hidden {filter_.hidden():.0%}."
    )
    half, most = (region(belief.sections, share) for share in (0.5, 0.9))
    km = [float(network.section_length_m[part].sum()) / 1000 for part in (half, most)]
    lines.append(f"Half of the probability lies on {km[0]:,.1f} km of road, 90 % on {km[1]:,.1f}.")
    lines += [
        f"{effect.sighting}: {effect.note}."
        for effect in belief.track.effects
        if effect.note not in {"", "the first"}
    ]
    strongest = max(belief.track.effects, key=lambda one: one.bits)
    if strongest.bits > 0:
        lines.append(f"It was moved most by {strongest.sighting} ({strongest.bits:.1f} bits).")
    if belief.observers:
        best = belief.observers[0]
        road = section_name(network, best.section)
        lines.append(
            f"One more observer tells most on {road}: "
            f"{best.bits:.2f} bits about where it is heading."
        )
    return lines + [f"Does not fit: {one}." for one in belief.warnings]
