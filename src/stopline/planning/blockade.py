"""The use case of a blockade: who closes which place, the last one as early as it can be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.documents.json_file import write_json
from stopline.documents.output_folder import whole_outputs
from stopline.rendering.time_text import Clock
from stopline.scenario.blockade import load_blockade
from stopline.scenario.place_text import NamedPlace, place_of, road_of
from stopline.sealing.blockade import earliest_blockade
from stopline.sealing.plan_file.blockade import SCHEMA, BlockadeFile
from stopline.sealing.plan_file.writing import (
    instant,
    iso,
    network_part,
    original_id,
    plain,
    unit_parts,
)
from stopline.sealing.session import prepare
from stopline.sealing.wording import count, is_or_are

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.scenario.blockade import BlockadeCase

FILES: Final = ("blockade.json", "blockade.tsv")
COLUMNS: Final = ("place", "where", "side", "unit", "closed")
_MOST_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class ClosedPlace:
    """A place with the unit that closes it.

    Attributes:
        name: of the place.
        road: name of its road.
        where: by the nearest place.
        side: of the unit; empty where no unit is left.
        unit: its id; empty where no unit is left.
        closed_s: when it is closed, seconds after now; infinite where it never is.
        kind: section or junction.
        index: its number in the network.
        original_id: its id in the network's file.
        setup_s: time a unit needs there.
    """

    name: str
    road: str
    where: str
    side: str
    unit: str
    closed_s: float
    kind: str
    index: int
    original_id: int
    setup_s: float


@dataclass(frozen=True, slots=True)
class BlockadePlan:
    """The answer to a blockade.

    Attributes:
        case: what was asked.
        closed: the places, those closed last first.
        sentence: what it comes to, and why no assignment is earlier.
        complete: whether every place is closed.
        crowded: places, kind and number, that together are within reach of fewer units.
        too_few: of how many.
        files: what was written.
    """

    case: BlockadeCase
    closed: tuple[ClosedPlace, ...]
    sentence: str
    complete: bool
    crowded: frozenset[tuple[str, int]]
    too_few: int
    files: tuple[Path, ...] = ()

    def rows(self) -> list[tuple[str, ...]]:
        """Rows of the table, in the order of `COLUMNS`."""
        clock = Clock(self.case.problem.now_utc_s, self.case.zone)
        return [
            (one.name, one.where, one.side, one.unit or "no unit",
             clock.exact(one.closed_s, late=True) if np.isfinite(one.closed_s) else "never")
            for one in self.closed
        ]  # fmt: skip


def plan_blockade(path: Path, out_dir: Path | None = None) -> BlockadePlan:
    """Close the places of a blockade, the last one as early as possible, and say why not earlier.

    Args:
        path: a scenario of `kind: blockade`.
        out_dir: folder for blockade.json and blockade.tsv; None writes none.

    Raises:
        BadInput: with all faults of the file.
    """
    plan = solved(load_blockade(path))
    return plan if out_dir is None else _written(plan, out_dir)


def solved(case: BlockadeCase) -> BlockadePlan:
    """Give each place of a blockade a unit, the last one closed as early as possible."""
    problem = case.problem
    sides = [side for _, side in sorted(prepare(problem).readiness.items())]
    ready = [side.every_ready_s() for side in sides]
    units = [unit for side in sides for unit in side.placed.units]
    ready_s = np.concatenate(ready) if ready else np.empty((0, len(case.closing)))
    found = earliest_blockade(ready_s)
    unit_of = {site: unit for unit, site in enumerate(found.site_of.tolist()) if site >= 0}
    places = [NamedPlace(name, *at) for name, at in case.places.items()]
    closed = []
    for number, one in enumerate(case.closing):
        unit = unit_of.get(number)
        site = problem.site(number)
        closed.append(
            ClosedPlace(
                one.name, road_of(site), place_of(site, places),
                "" if unit is None else units[unit].side, "" if unit is None else units[unit].id,
                np.inf if unit is None else float(ready_s[unit, number]),
                str(one.kind), one.index, original_id(problem.network, one.kind, one.index),
                float(problem.sites.setup_s[number]),
            )
        )  # fmt: skip
    closed.sort(key=lambda one: (-one.closed_s, one.name))
    crowded = [case.closing[site] for site in found.crowded]
    sentence = _sentence(case, closed, [one.name for one in crowded], found.too_few)
    places_few = frozenset((str(one.kind), one.index) for one in crowded)
    return BlockadePlan(case, tuple(closed), sentence, found.complete, places_few, found.too_few)


def _sentence(
    case: BlockadeCase, closed: list[ClosedPlace], crowded: list[str], too_few: int
) -> str:
    clock = Clock(case.problem.now_utc_s, case.zone)
    named = ", ".join(crowded[:_MOST_NAMED]) + (", ..." if len(crowded) > _MOST_NAMED else "")
    these = f"{'this' if len(crowded) == 1 else f'any of these {len(crowded)}'}: {named}"
    few = f"only {count(too_few, 'unit')}" if too_few else "no unit"
    never = [one for one in closed if not one.unit]
    if never:
        return (
            f"{len(never)} of {count(len(closed), 'place')} cannot be closed: {few} can ever hold "
            f"{these}."
        )
    last = clock.exact(closed[0].closed_s, late=True)
    return (
        f"All {count(len(closed), 'place')} {is_or_are(len(closed))} closed by {last}, with "
        f"{len(closed)} of {count(len(case.problem.units), 'unit')}. No assignment closes the last "
        f"one earlier: before that {few} could hold {these}."
    )


def _written(plan: BlockadePlan, out_dir: Path) -> BlockadePlan:
    with whole_outputs(out_dir, FILES) as draft:
        write_json(draft / FILES[0], document(plan))
        lines = [COLUMNS, *plan.rows()]
        text = "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in lines)
        (draft / FILES[1]).write_text(text, encoding="utf-8")
    files = tuple(out_dir / name for name in FILES)
    return replace(plan, files=files)


def document(plan: BlockadePlan) -> dict[str, Any]:
    """The content of blockade.json."""
    return form_of(plan).model_dump(mode="json", by_alias=True)


def form_of(plan: BlockadePlan) -> BlockadeFile:
    """All that stands in blockade.json."""
    problem, zone = plan.case.problem, plan.case.zone
    now_s = problem.now_utc_s
    content = {
        "schema": SCHEMA,
        "name": plan.case.name,
        "sentence": plan.sentence,
        "complete": plan.complete,
        "now_utc_s": now_s,
        "now": iso(now_s, zone),
        "zone": getattr(zone, "key", None),
        **instant("last_closing", plan.closed[0].closed_s, now_s, zone),
        "places": [asdict(one) | instant("closed", one.closed_s, now_s, zone)
                   | {"side": one.side or None, "unit": one.unit or None} for one in plan.closed],
        "not_earlier": {
            "places": [number for number, one in enumerate(plan.closed)
                       if (one.kind, one.index) in plan.crowded],
            "units": plan.too_few,
        },
        "network": network_part(problem.network, plan.case.settings),
        "units": unit_parts(problem, now_s, zone),
        "rules": asdict(problem.rules),
    }  # fmt: skip
    return BlockadeFile.model_validate_json(json.dumps(plain(content), allow_nan=False))
