"""From the sites and rules of a scenario to the arrays of places that may be sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from stopline.network.access import known_course
from stopline.network.road_network import ROAD_CLASSES
from stopline.scenario.checkpoint_file import read_checkpoints
from stopline.scenario.fields import DEFAULT
from stopline.sealing.problem import SiteList, all_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import CheckpointForm

_Number = TypeVar("_Number", int, float)


def sites_of(part: ScenarioPart) -> SiteList:
    """List every place that may be sealed, prepared checkpoints last."""
    form, rules = part.form.sites, part.form.rules
    sections = all_sections(
        part.network, need=_by_class(rules.strength, 1), setup_s=_by_class(rules.setup_s, 60.0)
    )
    prepared = form.checkpoints is not None or form.checkpoint_file is not None
    kind = form.kind or ("checkpoints" if prepared else "sections")
    junctions = _junction_sites(part.network, sections)
    base = junctions if kind == "junctions" else sections
    base = _kept(base, _filtered(part, base) if kind != "checkpoints" else np.zeros(base.count))
    checkpoints = _checkpoints(part, sections, junctions) if prepared else None
    sites = base if checkpoints is None else _joined(base, checkpoints)
    if sites.count == 0 and not part.faults:
        part.fault(("sites",), "no site after all filters", "at least one place to seal")
    return sites


def _by_class(given: Mapping[str, _Number], default: _Number) -> dict[str, _Number]:
    return {name: given.get(name, given.get(DEFAULT, default)) for name in ROAD_CLASSES}


def _junction_sites(network: RoadNetwork, sections: SiteList) -> SiteList:
    """Every junction as a site: it needs what its most demanding road needs, and disturbs all."""
    n = network.junctions
    need = np.ones(n, dtype=np.int32)
    setup_s = np.zeros(n)
    disturbance = np.zeros(n)
    for ends in (network.section_tail, network.section_head):
        np.maximum.at(need, ends, sections.need)
        np.maximum.at(setup_s, ends, sections.setup_s)
        np.add.at(disturbance, ends, sections.disturbance)
    return SiteList(
        is_junction=np.ones(n, dtype=bool),
        index=np.arange(n, dtype=np.int32),
        need=need,
        setup_s=setup_s,
        disturbance=disturbance,
    )


def _filtered(part: ScenarioPart, base: SiteList) -> NDArray[np.bool_]:
    """Which sites pass `classes` and `exclude`, bool[c]; sites are still in network order."""
    network, form = part.network, part.form.sites
    keep = known_course(network)
    if form.classes:
        wanted = [ROAD_CLASSES.index(name) for name in form.classes]
        keep &= np.isin(network.section_class, wanted)
    names = {name: number for number, name in enumerate(network.names) if name}
    numbers: list[int] = []
    for position, entry in enumerate(form.exclude):
        keys = ("sites", "exclude", position)
        if isinstance(entry, str):
            if entry not in names:
                part.fault(keys, repr(entry), "the name of a road in the network")
            keep &= network.section_name != names.get(entry, -1)
        elif isinstance(entry, int) and not isinstance(entry, bool) and 0 <= entry < base.count:
            numbers.append(entry)
        else:
            part.fault(keys, entry, f"a road name, or a number of 0 to {base.count - 1}")
    if base.is_junction.any():
        keep = _junctions_of(network, keep)
    keep[numbers] = False
    return keep


def _junctions_of(network: RoadNetwork, sections: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Junctions at which some of the given sections end, bool[n]."""
    touched = np.zeros(network.junctions, dtype=bool)
    touched[network.section_tail[sections]] = True
    touched[network.section_head[sections]] = True
    return touched


def _kept(sites: SiteList, keep: NDArray[np.generic]) -> SiteList:
    rows = np.flatnonzero(keep)
    return SiteList(
        is_junction=sites.is_junction[rows],
        index=sites.index[rows],
        need=sites.need[rows],
        setup_s=sites.setup_s[rows],
        disturbance=sites.disturbance[rows],
    )


def _checkpoints(part: ScenarioPart, sections: SiteList, junctions: SiteList) -> SiteList:
    """Prepared checkpoints with their own names, needs and set-up times."""
    form = part.form.sites
    keys = ("sites", "checkpoints")
    listed: list[tuple[str, CheckpointForm]] = []
    if form.checkpoint_file is None:
        listed = [
            (part.document.where((*keys, i)), point)
            for i, point in enumerate(form.checkpoints or ())
        ]
    elif (path := part.document.path.parent / form.checkpoint_file).is_file():
        listed = read_checkpoints(path, part.faults)
    else:
        part.fault(keys, f"{form.checkpoint_file}, which is not there", "a file that exists")
    seen: dict[tuple[bool, int], str] = {}
    rows: list[tuple[bool, int, CheckpointForm]] = []
    for where, point in listed:
        placed = _placed(part, point, where)
        if placed is None:
            continue
        if placed in seen:
            kind = "junction" if placed[0] else "section"
            found = f"{point.name} on the {kind} of {seen[placed]}"
            part.faults.add(where, found, "checkpoints on different sections or junctions")
            continue
        seen[placed] = point.name
        rows.append((*placed, point))
    bases = [junctions if is_junction else sections for is_junction, _, _ in rows]
    return SiteList(
        is_junction=np.array([row[0] for row in rows], dtype=bool),
        index=np.array([row[1] for row in rows], dtype=np.int32),
        need=np.array(
            [
                base.need[i] if point.need is None else point.need
                for base, (_, i, point) in zip(bases, rows, strict=True)
            ],
            dtype=np.int32,
        ),
        setup_s=np.array(
            [
                base.setup_s[i] if point.setup_s is None else point.setup_s
                for base, (_, i, point) in zip(bases, rows, strict=True)
            ],
            dtype=np.float64,
        ),
        disturbance=np.array(
            [base.disturbance[i] for base, (_, i, _) in zip(bases, rows, strict=True)],
            dtype=np.float64,
        ),
        names={number: row[2].name for number, row in enumerate(rows)},
    )


def _placed(part: ScenarioPart, point: CheckpointForm, where: str) -> tuple[bool, int] | None:
    """Whether a checkpoint is a junction, and its number; None if a fault was noted."""
    network, most_m = part.network, part.form.rules.max_snap_m
    if point.junction is not None and point.junction < network.junctions:
        return True, point.junction
    if point.section is not None and point.section < network.sections:
        return False, point.section
    if point.lon is None or point.lat is None:
        part.faults.add(where, f"a number that {point.name} cannot have", "one of the network's")
        return None
    (snapped,) = part.points.snap([(point.lon, point.lat)])
    if snapped.distance_m > most_m:
        seen = f"{point.name} {part.points.too_far(point.lon, point.lat, snapped.distance_m)}"
        part.faults.add(where, seen, f"a checkpoint within {most_m:g} m of a road")
        return None
    return False, snapped.section


def _joined(base: SiteList, prepared: SiteList) -> SiteList:
    """Both lists; where a checkpoint stands on a site of the first, the checkpoint counts."""
    taken = {
        (bool(kind), int(i)) for kind, i in zip(prepared.is_junction, prepared.index, strict=True)
    }
    free = [
        (bool(kind), int(i)) not in taken
        for kind, i in zip(base.is_junction, base.index, strict=True)
    ]
    rest = _kept(base, np.array(free, dtype=bool))
    return SiteList(
        is_junction=np.concatenate((rest.is_junction, prepared.is_junction)),
        index=np.concatenate((rest.index, prepared.index)),
        need=np.concatenate((rest.need, prepared.need)),
        setup_s=np.concatenate((rest.setup_s, prepared.setup_s)),
        disturbance=np.concatenate((rest.disturbance, prepared.disturbance)),
        names={rest.count + number: name for number, name in prepared.names.items()},
    )
