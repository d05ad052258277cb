"""From an answer and what it rests on to the content of a claim file."""

from __future__ import annotations

import math
from datetime import UTC
from typing import TYPE_CHECKING, Any

from stopline.sealing.claim.schema import SCHEMA
from stopline.sealing.plan_file.writing import (
    instant,
    iso,
    network_part,
    plain,
    source_parts,
    vehicle_part,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from stopline.network.drive_graph import Vehicle
    from stopline.network.read_settings import ReadSettings
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.claim.answer import ClaimAnswer, Target
    from stopline.sealing.claim.closing import Closing
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

    def moment(name: str, after_now_s: float) -> dict[str, Any]:
        return instant(name, after_now_s, now_utc_s, zone)

    content = {
        "schema": SCHEMA,
        "now_utc_s": now_utc_s,
        "now": iso(now_utc_s, zone),
        **moment("by", by_s),
        "claim": claim,
        "network": network_part(network, read_settings),
        "vehicle": vehicle_part(vehicle),
        "sources": source_parts(sources, now_utc_s, zone),
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
                "until_s": one.until_s,
                "by": by.get((one.kind, one.index), ""),
            }
            for one in closings
        ),
        "answer": {
            "could": answer.could,
            **moment("earliest", answer.earliest_s),
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
            **moment("leave_by", answer.leave_by_s),
            "ever_open": math.isfinite(answer.earliest_s),
            **moment("open_until", answer.open_until_s),
            "sentence": sentence,
        },
        "lineage": dict(lineage),
    }
    made: dict[str, Any] = plain(content)
    return made
