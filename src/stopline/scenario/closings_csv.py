"""What was closed and when: from a plan, or from a CSV of what really happened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from stopline.documents.csv_rows import read_rows
from stopline.errors import FaultList
from stopline.network.place_names import junction_id, section_id
from stopline.sealing.claim.closing import Closing

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.schema import PlanFile

COLUMNS: Final = ("kind", "index", "closed_from", "opened_again", "name", "by")


@dataclass(frozen=True, slots=True)
class Closed:
    """A closing with what people call the place, where it is, and who says so."""

    closing: Closing
    name: str
    lon: float
    lat: float
    by: str


def closings_of_plan(plan: PlanFile, network: RoadNetwork) -> list[Closed]:
    """The seals of a plan, closed when the plan says: taken as facts, so no margin is added."""
    found = []
    for seal in plan.seals:
        site = seal.site
        closing = Closing(kind=site.kind, index=site.index, from_s=seal.closed_at_s)
        lon, lat = _point(network, site.kind, site.index)
        named = (*(h.unit for h in seal.holders), *(part.side for part in seal.committed))
        held = ", ".join(dict.fromkeys(named))
        found.append(Closed(closing, site.name, lon, lat, f"plan, {held}"))
    return found


def read_closings(path: Path, network: RoadNetwork, now_utc_s: float) -> list[Closed]:
    """Read a CSV with the columns of `COLUMNS`; docs/formats/claim.md describes it.

    Raises:
        BadInput: with all faults, by line.
    """
    faults, found = FaultList(), []
    for row in read_rows(path, faults, columns=COLUMNS, needed=COLUMNS[:3]):
        one = _row(dict(row.fields), row.where, network, now_utc_s, faults)
        if one is not None:
            found.append(one)
    faults.raise_if_any()
    return found


def _row(
    row: dict[str, str],
    where: str,
    network: RoadNetwork,
    now_utc_s: float,
    faults: FaultList,
) -> Closed | None:
    before = len(faults)
    kind = (row.get("kind") or "").strip()
    most = network.junctions if kind == "junction" else network.sections
    if kind not in {"section", "junction"}:
        faults.add(f"{where}: kind", kind or "nothing", "section or junction")
    number = (row.get("index") or "").strip()
    if not number.isdecimal() or int(number) >= most:
        faults.add(f"{where}: index", number or "nothing", f"a number below {most}")
    from_s = _time(row.get("closed_from"), f"{where}: closed_from", now_utc_s, faults)
    until_s = math.inf
    if (row.get("opened_again") or "").strip():
        until_s = _time(row.get("opened_again"), f"{where}: opened_again", now_utc_s, faults)
        if until_s <= from_s:
            faults.add(f"{where}: opened_again", row.get("opened_again"), "later than closed_from")
    if len(faults) > before:
        return None
    index = int(number)
    lon, lat = _point(network, kind, index)
    name = (row.get("name") or "").strip() or _name(network, kind, index)
    closing = Closing(kind=kind, index=index, from_s=from_s, until_s=until_s)
    return Closed(closing, name, lon, lat, (row.get("by") or "").strip() or "the file")


def _time(text: str | None, where: str, now_utc_s: float, faults: FaultList) -> float:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        expected = "a time with zone, for example 2026-06-12T21:40:00+03:00"
        faults.add(where, text or "nothing", expected)
        return math.nan
    return moment.timestamp() - now_utc_s


def _name(network: RoadNetwork, kind: str, index: int) -> str:
    if kind == "junction":
        return junction_id(network, index)
    return network.name_of(index) or section_id(network, index)


def _point(network: RoadNetwork, kind: str, index: int) -> tuple[float, float]:
    if kind == "junction":
        return float(network.junction_lon[index]), float(network.junction_lat[index])
    line = network.geometry(index)
    lon, lat = line[(len(line) - 1) // 2 : len(line) // 2 + 1].mean(axis=0)
    return float(lon), float(lat)
