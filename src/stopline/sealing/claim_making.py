"""From an answer and what it rests on to the content of a claim file."""

from __future__ import annotations

import json
import math
from datetime import UTC
from typing import TYPE_CHECKING, Any

from stopline.sealing.claim_form import SCHEMA
from stopline.sealing.plan_form_making import iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from stopline.network.drive_graph import Vehicle
    from stopline.network.read_settings import ReadSettings
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.claim import ClaimAnswer, Closing, Target
    from stopline.sealing.problem import Source


def claim_document(
    *,
    network: RoadNetwork,
    vehicle: Vehicle,
    sources: Sequence[Source],
    target: Target,
    closings: Sequence[Closing],
    by_s: float,
    answer: ClaimAnswer,
    now_utc_s: float,
    claim: str,
    sentence: str,
    names: Mapping[tuple[str, int], str],
    by: Mapping[tuple[str, int], str],
    lineage: Mapping[str, str],
    read_settings: ReadSettings | None,
    zone: tzinfo = UTC,
) -> dict[str, Any]:
    """Make the content of claim.json.

    Args:
        network: the roads.
        vehicle: how it drives.
        sources: where it was seen.
        target: X.
        closings: what was closed.
        by_s: T, seconds after now.
        answer: the answer.
        now_utc_s: the moment that all times count from.
        claim: what was claimed, in words.
        sentence: the answer, in words.
        names: names of closed places, by kind and number.
        by: who says that they were closed.
        lineage: what it was made from.
        read_settings: how the network was read; None for the defaults.
        zone: the zone in which times are written for people.
    """

    def finite(seconds: float) -> float | None:
        return seconds if math.isfinite(seconds) else None

    def when(seconds: float) -> str | None:
        return iso(now_utc_s + seconds, zone) if math.isfinite(seconds) else None

    most = vehicle.max_speed_mps
    return {
        "schema": SCHEMA,
        "now_utc_s": now_utc_s,
        "now": when(0.0),
        "by_s": by_s,
        "by": when(by_s),
        "claim": claim,
        "network": {
            "path": network.source,
            "digest": network.digest,
            "attribution": network.attribution,
            "junctions": network.junctions,
            "sections": network.sections,
            "read_settings": None if read_settings is None else json.loads(read_settings.as_json()),
        },
        "vehicle": {
            "speed_factor": vehicle.speed_factor,
            "obeys_one_way": vehicle.obeys_one_way,
            "obeys_turn_bans": vehicle.obeys_turn_bans,
            "min_speed_mps": vehicle.min_speed_mps,
            "max_speed_mps": finite(most),
            "class_speed_mps": dict(vehicle.class_speed_mps) if vehicle.class_speed_mps else None,
        },
        "sources": tuple(
            {
                "name": one.name,
                "time_s": one.time_s,
                "time": when(one.time_s),
                "junction": one.junction,
                "section": one.section,
                "fraction": one.fraction,
            }
            for one in sources
        ),
        "target": {
            "name": target.name,
            "junctions": tuple(sorted(target.junctions)),
            "sections": tuple(sorted(target.sections)),
        },
        "closings": tuple(
            {
                "kind": one.kind,
                "index": one.index,
                "name": names.get((one.kind, one.index), f"{one.kind} {one.index}"),
                "from_s": one.from_s,
                "until_s": finite(one.until_s),
                "by": by.get((one.kind, one.index), ""),
            }
            for one in closings
        ),
        "answer": {
            "could": answer.could,
            "earliest_s": finite(answer.earliest_s),
            "earliest": when(answer.earliest_s),
            "source": answer.source,
            "route": tuple(
                {
                    "section": drive.section,
                    "to": drive.to,
                    "enter_s": drive.enter_s,
                    "leave_s": drive.leave_s,
                }
                for drive in answer.route
            ),
            "leave_by_s": finite(answer.leave_by_s),
            "leave_by": when(answer.leave_by_s),
            "ever_open": math.isfinite(answer.earliest_s),
            "open_until_s": finite(answer.open_until_s),
            "open_until": when(answer.open_until_s),
            "sentence": sentence,
        },
        "lineage": dict(lineage),
    }
