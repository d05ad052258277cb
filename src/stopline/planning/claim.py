"""The use case of claims: could it have entered X by T? One page for a minister, and the proof."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.output_folder import whole_outputs
from stopline.errors import BadInput
from stopline.network.cache import open_network
from stopline.network.point_snapper import PointSnapper
from stopline.network.read_settings import ReadSettings
from stopline.network.snapping import junctions_within
from stopline.planning.claim_answer import Claim
from stopline.scenario.closings_csv import closings_of_plan, read_closings
from stopline.scenario.file_ids import ONE, ids_expected, numbers_of
from stopline.sealing.claim.answer import Target, answer_claim
from stopline.sealing.claim.schema import ClaimFile
from stopline.sealing.plan_file.file import network_path, read_plan, zone_of
from stopline.sealing.plan_file.reading import sources_of, vehicle_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.closings_csv import Closed
    from stopline.sealing.plan_file.schema import PlanFile

CLAIM_FILES: Final = ("claim.json", "claim.html", "claim.pdf", "claim.png")
_MOST_NAMED: Final = 12
_PARTS: Final = 3  # longitude, latitude, radius


def answer(
    plan_path: Path,
    into: str,
    by: datetime | None = None,
    *,
    says_could: bool | None = None,
    closings: Path | None = None,
    network_at: Path | None = None,
    out_dir: Path | None = None,
    pictures: bool = True,
) -> Claim:
    """Answer a claim from a plan and what was really closed, and write the page.

    Args:
        plan_path: plan.json: the roads, the vehicle, where it was seen, and its seals.
        into: X: an exit or a group of exits by name, a territory, `section N`, `junction N`, or
            `LON,LAT,RADIUS_M`.
        by: T; the end of the day after "now" if None.
        says_could: what was claimed.
        closings: a CSV of what was really closed, in place of the plan's seals.
        network_at: the road network, if it lies elsewhere now.
        out_dir: folder for the page and its proof; None writes none.
        pictures: whether to draw the map, in the page too.

    Raises:
        BadInput: with all faults of the files, or X is nowhere.
    """
    plan = read_plan(plan_path)
    settings = ReadSettings(**(plan.network.read_settings or {}))
    network = open_network(network_at or network_path(plan.network, plan_path), settings)
    if network.digest != plan.network.digest:
        raise BadInput.single(str(plan_path), "another road network", plan.network.digest)
    closed = (
        closings_of_plan(plan, network)
        if closings is None
        else read_closings(closings, network, plan.now_utc_s)
    )
    claim = answer_of(plan, network, into, by, closed, says_could=says_could, settings=settings)
    return claim if out_dir is None else _written(claim, out_dir, pictures=pictures)


def answer_of(
    plan: PlanFile,
    network: RoadNetwork,
    into: str,
    by: datetime | None,
    closed: Sequence[Closed],
    *,
    says_could: bool | None = None,
    settings: ReadSettings | None = None,
) -> Claim:
    """Answer a claim from a plan, its roads, and what was closed; nothing is read or written.

    Raises:
        BadInput: X is nowhere.
    """
    by_utc_s = plan.now_utc_s + 86400.0 if by is None else by.timestamp()
    target = target_of(into, plan, network)
    vehicle, sources = vehicle_of(plan), sources_of(plan)
    found = answer_claim(
        network, vehicle, sources, target, [one.closing for one in closed],
        by_utc_s - plan.now_utc_s,
    )  # fmt: skip
    claim = Claim(
        says_could=says_could, target=target, by_utc_s=by_utc_s, answer=found, plan=plan,
        network=network, vehicle=vehicle, sources=sources, closed=tuple(closed),
        zone=zone_of(plan), settings=settings or ReadSettings(**(plan.network.read_settings or {})),
        sentence="",
    )  # fmt: skip
    claim = dataclasses.replace(claim, sentence=sentence_of(claim))
    ClaimFile.model_validate_json(json.dumps(claim.document()))  # lists stand for tuples
    return claim


def sentence_of(claim: Claim) -> str:
    """The answer in one sentence."""
    found, clock, name = claim.answer, claim.clock, claim.target.name
    by = clock.minute(found.by_s)
    if found.could:
        return (
            f"It could have entered {name} by {by}: the earliest at {clock.exact(found.earliest_s)}"
            f"{_from(found.source)}."
        )
    if math.isfinite(found.earliest_s):
        return (
            f"It could not have entered {name} by {by}: the earliest possible moment was "
            f"{clock.exact(found.earliest_s)}{_from(found.source)}."
        )
    return (
        f"It could not have entered {name} by {by}, nor later: every way there was closed before "
        "it could arrive."
    )


def _by_number(text: str, network: RoadNetwork) -> Target | None:
    """A section or junction by number, or by the id of the network's file; None for other words."""
    word, _, number = text.partition(" ")
    if word in ONE and number:
        found = numbers_of(network, word, number)
        if not found:
            raise BadInput.single("--into", text, ids_expected(network, word))
        kind = ONE[word]
    elif word in ONE.values() and number.isdecimal():
        found, kind = [int(number)], word
        most = network.sections if kind == "section" else network.junctions
        if found[0] >= most:
            raise BadInput.single("--into", text, f"a number below {most}")
    else:
        return None
    only = frozenset(found)
    if kind == "section":
        return Target(name=network.name_of(found[0]) or text, sections=only)
    return Target(name=text, junctions=only)


def target_of(into: str, plan: PlanFile, network: RoadNetwork) -> Target:
    """Find X.

    Raises:
        BadInput: nothing has that name.
    """
    text = into.strip()
    numbered = _by_number(text, network)
    if numbered is not None:
        return numbered
    parts = text.split(",")
    if len(parts) == _PARTS and all(_is_number(part) for part in parts):
        lon, lat, radius_m = (float(part) for part in parts)
        inside = junctions_within(network, lon, lat, radius_m)
        if not inside.size:
            away = PointSnapper(network)
            (near,) = away.snap([(lon, lat)])
            seen = f"{text}, {away.too_far(lon, lat, near.distance_m)}"
            raise BadInput.single("--into", seen, "a circle with a junction inside")
        name = f"the circle of {radius_m:g} m around {lon:g}, {lat:g}"
        return Target(name=name, junctions=frozenset(int(one) for one in inside))
    if text in network.territories:
        code = network.territories.index(text)
        there = np.flatnonzero(network.junction_territory == code).tolist()
        return Target(name=text, junctions=frozenset(there))
    exits = [one for one in plan.exits if one.name == text] or [
        one for one in plan.exits if f"({text})" in one.name
    ]
    if not exits:
        exits = [one for one in plan.exits if one.name.startswith(text)]
        fitting = list(dict.fromkeys(one.name for one in exits))
        if len(fitting) > 1:
            shown = "; ".join(fitting[:_MOST_NAMED])
            more = f"; and {len(fitting) - _MOST_NAMED} more" if len(fitting) > _MOST_NAMED else ""
            seen = f"{text!r}, which fits {len(fitting)} exits"
            raise BadInput.single("--into", seen, f"one of them in full: {shown}{more}")
    if not exits:
        known = sorted({one.name for one in plan.exits})[:8]
        expected = (
            f"a territory ({', '.join(network.territories)}), an exit of the plan "
            f"({'; '.join(known)}; ...), a road or junction by its id in the map's file (way 12/3, "
            "link 7, node 5), or LON,LAT,RADIUS_M"
        )
        raise BadInput.single("--into", text, expected)
    return Target(
        name=text,
        junctions=frozenset(one.index for one in exits if one.kind == "junction"),
        sections=frozenset(one.index for one in exits if one.kind == "section"),
    )


def _written(claim: Claim, out_dir: Path, *, pictures: bool) -> Claim:
    from stopline.planning.claim_page import claim_paper  # noqa: PLC0415  (draws)
    from stopline.rendering.page.html import paper_html  # noqa: PLC0415
    from stopline.rendering.page.pdf import paper_pdf  # noqa: PLC0415

    with whole_outputs(out_dir, CLAIM_FILES) as draft:
        text = json.dumps(claim.document(), ensure_ascii=False, allow_nan=False, indent=1)
        (draft / "claim.json").write_text(text + "\n", encoding="utf-8")
        picture = None
        if pictures:
            from stopline.planning.claim_map import draw_claim  # noqa: PLC0415

            draw_claim(claim, draft / "claim.png")
            picture = (draft / "claim.png").read_bytes()
        paper = claim_paper(claim, picture)
        (draft / "claim.html").write_text(paper_html(paper), encoding="utf-8")
        (draft / "claim.pdf").write_bytes(paper_pdf(paper))
        written = sorted(path.name for path in draft.iterdir())
    return dataclasses.replace(claim, files=tuple(out_dir / name for name in written))


def _from(source: str) -> str:
    return f", from {source}" if source else ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
