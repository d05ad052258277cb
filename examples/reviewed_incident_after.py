"""What comes after `reviewed_incident.py`: both journals compared, the true way, the reviews."""

from __future__ import annotations

import csv
import dataclasses
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reviewed_incident_story import NAME, NODES, SCENARIO, SEEN_S, STOP, STOPPED_S, VADUZ

from stopline.review.review import Review, review_incident
from stopline.scenario.loader import load_scenario
from stopline.sealing.claim.answer import Target, answer_claim
from stopline.sealing.problem import Source
from stopline.testing.two_desks import START_S

if TYPE_CHECKING:
    from pathlib import Path


def write_truth(path: Path) -> None:
    """Write the way that the vehicle truly took: out of Vaduz, hidden for a while, then stopped."""
    scenario = load_scenario(SCENARIO)
    problem, network = scenario.problem, scenario.problem.network
    start = (
        Source(name="Vaduz", time_s=0.0, junction=problem.sources[0].junction)
        if (problem.sources[0].junction is not None)
        else dataclasses.replace(problem.sources[0], time_s=0.0)
    )
    target = Target(name="the closed road", sections=frozenset({STOP}))
    slow = dataclasses.replace(problem.vehicle, speed_factor=0.9, obeys_one_way=True)
    way = answer_claim(network, slow, (start,), target, [], math.inf).route
    zero_s, began, rows = START_S + 10.0, SEEN_S, [(-200.0, *VADUZ), (SEEN_S, *VADUZ)]
    half = len(way) // 2
    for number, drive in enumerate(way):
        waits = STOPPED_S - way[-1].leave_s - began if number >= half else 0.0
        line = network.geometry(drive.section)
        if drive.to == int(network.section_tail[drive.section]):
            line = line[::-1]
        line = line[: max(2, len(line) // 2)] if number == len(way) - 1 else line
        for share, (lon, lat) in zip(_shares(len(line)), line.tolist(), strict=True):
            t = began + waits + drive.enter_s + share * (drive.leave_s - drive.enter_s)
            if t > rows[-1][0] and t < STOPPED_S:
                rows.append((t, lon, lat))
    rows.append((STOPPED_S, rows[-1][1], rows[-1][2]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("time", "lon", "lat"))
        for t, lon, lat in rows:
            moment = datetime.fromtimestamp(zero_s + t, UTC).isoformat(timespec="milliseconds")
            writer.writerow((moment, f"{lon:.6f}", f"{lat:.6f}"))


def _shares(count: int) -> list[float]:
    return [number / max(1, count - 1) for number in range(count)]


def review(folder: Path, end: int, *, pictures: bool = True) -> Review:
    """Review one side's record, with the other's exported journal and the true way."""
    return review_incident(
        folder / NODES[end], NAME, zone=ZoneInfo("Europe/Vaduz"), now_s=START_S + 3600.0,
        peer_journal=folder / f"{NODES[1 - end]}.jsonl", truth=folder / "truth.csv",
        scenario=SCENARIO, out_dir=folder / f"review-{NODES[end]}", pictures=pictures,
    )  # fmt: skip
