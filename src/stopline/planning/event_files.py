"""What an event plan writes beside event.json: GeoJSON, tables, cameras, the night's scenario."""

from __future__ import annotations

import csv
import io
import os
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml

from stopline.documents.json_file import write_json
from stopline.standards.geojson import feature, line_string

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from stopline.event.plan_schema import CameraPart, EventFile, RingPart, WayPart
    from stopline.network.road_network import RoadNetwork
    from stopline.planning.event_input import PlannedEvent

_CAMERA = "#00599c"
_BARRIER = "#b36b00"
_PROOF = "#8a8f96"
_GAP = "#c8102e"


def write_tables(plan: EventFile, event: PlannedEvent, draft: Path, out_dir: Path) -> None:
    """Write all files that are no pictures.

    Args:
        plan: the plan.
        event: what it was made for.
        draft: folder to write into.
        out_dir: the folder in which the files will lie, for paths in them.
    """
    write_json(draft / "event.geojson", event_geojson(plan, event.network))
    cameras = [(ring, site) for ring in plan.rings for site in ring.sites]
    _write(draft / "cameras.csv", _cameras_csv(plan))
    _write(draft / "cameras.yaml", _cameras_yaml(plan))
    _write(draft / "cameras.tsv", _tsv(_CAMERA_COLUMNS, (_camera_row(*one) for one in cameras)))
    _write(draft / "barriers.tsv", _tsv(_BARRIER_COLUMNS, _barrier_rows(plan)))
    _write(draft / "posts.tsv", _tsv(_POST_COLUMNS, _post_rows(plan)))
    if plan.forces is not None:
        _write(draft / "forces.tsv", _tsv(_FORCE_COLUMNS, _force_rows(plan)))
    if event.problem.units:
        _write(draft / "night.yaml", night_scenario(event, out_dir))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _tsv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["\t".join(columns)]
    for row in rows:
        cells = ("" if cell is None else str(cell) for cell in row)
        lines.append("\t".join(" ".join(cell.split()) for cell in cells))
    return "\n".join(lines) + "\n"


_CAMERA_COLUMNS = (
    "ring", "number", "name", "kind", "index", "fraction", "lon", "lat", "count", "existing",
    "price", "reached_s", "type", "side_by_side", "pixels_per_m", "blur", "frames",
)  # fmt: skip
_BARRIER_COLUMNS = (
    "phase", "number", "name", "section", "lon", "lat", "existing", "price", "openable",
)  # fmt: skip
_POST_COLUMNS = ("phase", "kind", "name", "lon", "lat", "task")
_FORCE_COLUMNS = (
    "from", "until", "phases", "crowd", "service", "needed", "rostered", "missing", "why", "ask",
)  # fmt: skip


def _camera_row(ring: RingPart, site: CameraPart) -> tuple[object, ...]:
    return (
        ring.direction, site.number, site.name, site.kind, site.index, round(site.fraction, 4),
        round(site.lon, 6), round(site.lat, 6), site.count, site.existing, site.price,
        site.reached_s, site.type, site.side_by_side, site.pixels_per_m, site.blur, site.frames,
    )  # fmt: skip


def _barrier_rows(plan: EventFile) -> Iterator[tuple[object, ...]]:
    for phase in plan.barriers:
        for site in phase.ring.sites:
            opens = "rescue" if site.number == phase.openable else ""
            yield (phase.phase, site.number, site.name, site.index, round(site.lon, 6),
                   round(site.lat, 6), site.existing, site.price, opens)  # fmt: skip


def _post_rows(plan: EventFile) -> Iterator[tuple[object, ...]]:
    for post in plan.posts:
        lon = None if post.lon is None else round(post.lon, 6)
        lat = None if post.lat is None else round(post.lat, 6)
        yield post.phase or "the night", post.kind, post.name, lon, lat, post.task


def _force_rows(plan: EventFile) -> Iterator[tuple[object, ...]]:
    for hour in plan.forces.hours if plan.forces is not None else ():
        for one in hour.services:
            why = "; ".join(f"{item.people} {item.why} [{item.row}]" for item in one.items)
            ask = "; ".join(
                f"{ask.people} of {ask.service}, decided by {ask.decides} [{ask.row}]"
                for ask in one.asks
            )
            yield (hour.start, hour.until, hour.phases, hour.crowd, one.service, one.needed,
                   one.rostered, one.missing, why, ask)  # fmt: skip


def _cameras_csv(plan: EventFile) -> str:
    """One row for each camera, those side by side at one site included."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "section", "fraction", "lon", "lat", "directions", "detection",
                     "pixels_per_m", "clock_offset_s", "legal_basis", "source"))  # fmt: skip
    for row in _cameras(plan):
        writer.writerow(
            (row["name"], row.get("section", ""), row.pop("fraction"), row["lon"], row["lat"],
             "towards away", row["detection"], row.get("pixels_per_m", ""), 0, "", "")
        )  # fmt: skip
    return text.getvalue()


def _cameras_yaml(plan: EventFile) -> str:
    """The same as a file of cameras; whoever runs them writes address and legal basis."""
    rows = []
    for row in _cameras(plan):
        del row["fraction"]
        rows.append({**row, "source": "", "legal_basis": ""})
    head = (
        f"# Cameras of the plan for {' '.join(plan.name.split())}. Fill in source (the address of\n"
        "# the stream) and legal_basis (the law or order by which it may be used) to watch them.\n"
    )
    return head + yaml.safe_dump({"cameras": rows}, sort_keys=False, allow_unicode=True)


def _cameras(plan: EventFile) -> Iterator[dict[str, Any]]:
    taken: set[str] = set()
    seen: set[tuple[str, int, float]] = set()
    for ring in plan.rings:
        for site in ring.sites:
            key = (site.kind, site.index, site.fraction)
            if key in seen:  # a ring of the other direction has the same camera
                continue
            seen.add(key)
            for number in range(site.count * site.side_by_side):
                name = f"{site.number}{chr(97 + number % 26) if number else ''} {site.name}"
                while name in taken:
                    name += "'"
                taken.add(name)
                row: dict[str, Any] = {"name": name}
                if site.kind == "section":
                    row["section"] = site.index
                row |= {
                    "fraction": round(site.fraction, 4),
                    "lon": round(site.lon, 7),
                    "lat": round(site.lat, 7),
                    "detection": 0.9,
                }
                if site.pixels_per_m is not None:
                    row["pixels_per_m"] = site.pixels_per_m
                yield row


def event_geojson(plan: EventFile, network: RoadNetwork) -> dict[str, Any]:
    """The plan as a FeatureCollection; the property `layer` tells the features apart."""
    features = [*_areas(plan)]
    for ring in plan.rings:
        for number, way in enumerate(ring.routes, 1):
            features.append(_way(network, way, "proof route", number, ring.direction, _PROOF))
        if ring.gap is not None:
            features.append(_way(network, ring.gap, "gap", 1, ring.direction, _GAP))
        features += [_site(network, site, "camera", ring.direction) for site in ring.sites]
    for phase in plan.barriers:
        features += [_site(network, site, "barrier", phase.phase) for site in phase.ring.sites]
    for post in plan.posts:
        if post.lon is not None and post.lat is not None:
            features.append(
                feature(_point(post.lon, post.lat), layer="post", kind=post.kind, name=post.name,
                        phase=post.phase, task=post.task)
            )  # fmt: skip
    return {
        "type": "FeatureCollection",
        "name": "stopline event plan",
        "attribution": plan.network.attribution,
        "sentence": plan.sentence,
        "features": features,
    }


def _point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]}


def _areas(plan: EventFile) -> Iterator[dict[str, Any]]:
    outlines = [("venue", plan.venue.name, plan.venue.outline)]
    outlines += [("pedestrians", phase.phase, phase.area) for phase in plan.barriers]
    for layer, name, outline in outlines:
        if outline:
            corners = [[round(x, 7), round(y, 7)] for x, y in (*outline, outline[0])]
            # RFC 7946: the outer ring runs counter-clockwise.
            area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(corners))
            if area < 0:
                corners.reverse()
            yield feature({"type": "Polygon", "coordinates": [corners]}, layer=layer, name=name)


def _site(network: RoadNetwork, site: CameraPart, layer: str, of: str) -> dict[str, Any]:
    colour = _CAMERA if layer == "camera" else _BARRIER
    return feature(
        _point(site.lon, site.lat),
        layer=layer,
        of=of,
        number=site.number,
        name=site.name,
        road=network.name_of(site.index) if site.kind == "section" else "",
        kind=site.kind,
        index=site.index,
        count=site.count,
        existing=site.existing,
        price=site.price,
        **{"marker-color": colour},
    )


def _way(
    network: RoadNetwork, way: WayPart, layer: str, number: int, direction: str, colour: str
) -> dict[str, Any]:
    points: list[Any] = []
    for section, forward in zip(way.sections, way.forward, strict=True):
        line = network.geometry(section)
        points += (line if forward else line[::-1]).tolist()
    if direction == "inward":
        points.reverse()
    return feature(
        line_string(points), layer=layer, number=number, weight=way.weight, direction=direction,
        roads=way.roads, stroke=colour,
    )  # fmt: skip


def night_scenario(event: PlannedEvent, out_dir: Path) -> str:
    """A scenario of the night: an alarm needs only time and place to be set right in it."""
    content = _content(event)
    folder = event.path.parent.absolute()

    def moved(path: object) -> object:
        if not isinstance(path, str):
            return path
        return os.path.relpath(folder / path, out_dir.absolute())

    network = dict(content["network"])
    network["path"] = moved(network["path"])
    areas = network.get("territories")
    if isinstance(areas, dict) and "geojson" in areas:
        network["territories"] = {**areas, "geojson": moved(areas["geojson"])}
    units = content["units"]
    sites = content.get("sites")
    if isinstance(sites, dict) and isinstance(sites.get("checkpoints"), str):
        sites = {**sites, "checkpoints": moved(sites["checkpoints"])}
    busiest = max(event.phases, key=lambda phase: phase.crowd)
    lon, lat, reach_m = event.venue.centre
    place: dict[str, object] = {"lon": round(lon, 7), "lat": round(lat, 7)}
    if reach_m > 0:
        place["radius_m"] = round(reach_m, 1)
    venue = event.form.venue.name
    scenario: dict[str, object] = {
        "name": f"{event.form.name}, the night",
        "description": "Made by an event plan. For an alarm set now, and at and place of the "
        "sighting.",
        "network": network,
        "sides": content["sides"],
    }
    for key in ("vehicle", "rules", "allow_unreachable"):
        if key in content:
            scenario[key] = content[key]
    scenario |= {
        "now": busiest.start.isoformat(),
        "places": {**content.get("places", {}), venue: place},
        "sightings": [{"name": f"Alarm at {venue}", "at": busiest.start.isoformat(),
                       "place": venue}],
        "exits": content.get("exits")
        or [{"beyond": {"lon": lon, "lat": lat, "radius_m": event.form.radius_m}}],
        "units": [moved(one) for one in (units if isinstance(units, list) else [units])],
    }  # fmt: skip
    if sites is not None:
        scenario["sites"] = sites
    text: str = yaml.safe_dump(scenario, sort_keys=False, allow_unicode=True, width=100)
    return text


def _content(event: PlannedEvent) -> dict[str, Any]:
    """The event file as it stands, read once more: what it leaves out stays left out."""
    from stopline.documents.yaml import read_yaml  # noqa: PLC0415  (one use)

    content: dict[str, Any] = read_yaml(event.path).content
    return content
