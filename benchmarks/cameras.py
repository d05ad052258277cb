"""How well plates are found on generated passages: the tables of docs/cameras.md.

    python benchmarks/cameras.py --seed 17 --passages 16 --out build/choose.json
    python benchmarks/cameras.py --seed 18 --passages 24 --out build/score.json

Each passage is drawn, pressed as H.264, decoded and looked at; the four ways to decide are laid
over the same probabilities. `--only TEXT` takes the conditions whose name holds it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from stopline.cameras import models
from stopline.cameras.calibration import calibration
from stopline.cameras.evaluation import WAYS, Case, ScoreTable, SeenPlace, tabulate
from stopline.cameras.sources import frames_of
from stopline.cameras.vision.columns import HEIGHT, chances
from stopline.cameras.vision.detection import cut_out
from stopline.cameras.vision.gate import MotionGate
from stopline.cameras.vision.verifier import Verifier
from stopline.testing.plates import one_sign_off, same_format
from stopline.testing.road_video import Condition, FilmedVehicle, frames, passages, write_video

CONDITIONS = [
    *(Condition(plate_px=px) for px in (60, 90, 50, 75, 120, 40, 30, 25, 160)),
    *(Condition(plate_px=120, yaw_deg=yaw) for yaw in (30, 45)),
    *(Condition(plate_px=120, blur_px=blur) for blur in (3, 5, 8, 12)),
    *(Condition(plate_px=120, crf=crf) for crf in (30, 36)),
    Condition(plate_px=120, rain=True),
    Condition(plate_px=60, rain=True),
    *(Condition(plate_px=px, night=True) for px in (40, 60, 75, 90, 120, 160)),
    *(Condition(plate_px=120, night=True, blur_px=blur) for blur in (3, 5, 8)),
    Condition(plate_px=120, night=True, rain=True, crf=30),
]
RATE, SIZE = 10.0, (960, 540)


def cases(condition: Condition, count: int, others: int, rng: np.random.Generator) -> list[Case]:
    """Draw passages, press them, and look at them."""
    det, rec, kept = models.detector(), models.recogniser(), models.classes()
    verifier = Verifier(det, rec, kept)
    vehicles = passages(rng, condition, count, every_s=1.6, lasts_s=1.0)
    found: list[list[list[SeenPlace]]] = [[] for _ in vehicles]
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        write_video(film, frames(rng, vehicles, size=SIZE, rate=RATE), rate=RATE, crf=condition.crf)
        gate = MotionGate()
        for frame in frames_of(str(film), began_s=0.0):
            region = gate.moving(frame.small())
            number = _passing(vehicles, frame.at_s)
            if region is None or number is None:
                continue
            left, top, right, bottom = region.pixels(*SIZE)
            part = frame.picture()[top:bottom, left:right]
            found[number].append(
                [
                    SeenPlace.of(chances(cut_out(part, box, HEIGHT), rec), kept)
                    for box in verifier.boxes(part)
                ]
            )
    return [
        Case(
            one.plate.text, seen, [same_format(rng, one.plate).text for _ in range(others)],
            [each.text for each in one_sign_off(one.plate)],
        )
        for one, seen in zip(vehicles, found, strict=True)
    ]  # fmt: skip


def _passing(vehicles: list[FilmedVehicle], at_s: float) -> int | None:
    for number, one in enumerate(vehicles):
        if one.begins_s <= at_s < one.begins_s + one.lasts_s:
            return number
    return None


def row(table: ScoreTable) -> dict[str, object]:
    """What is kept of a condition."""
    return {
        "ways": {way: vars_of(table.ways[way]) for way in WAYS},
        "wanted_scores": [round(score, 2) for score in table.wanted_scores],
        "other_scores": [round(s, 2) for s in sorted(table.other_scores)[-200:]],
    }


def vars_of(tally: object) -> dict[str, int]:
    """Return the counts of a tally."""
    return {name: int(getattr(tally, name)) for name in tally.__slots__}  # type: ignore[attr-defined]


def main() -> None:
    """Make the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=18)
    asked.add_argument("--passages", type=int, default=24)
    asked.add_argument("--others", type=int, default=2000)
    asked.add_argument("--only", default="", help="names of conditions, parted by a bar")
    asked.add_argument("--out", type=Path, required=True)
    given = asked.parse_args()
    threshold = calibration().certain
    rows: dict[str, object] = {}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    for number, condition in enumerate(CONDITIONS):
        if not any(part in condition.name for part in given.only.split("|")):
            continue
        began = time.perf_counter()
        rng = np.random.default_rng([given.seed, number])
        table = tabulate(cases(condition, given.passages, given.others, rng), threshold)
        rows[condition.name] = row(table)
        ways = "  ".join(
            f"{way} {t.found}/{t.wanted} {t.false}/{t.others} {t.taken}/{t.one_off}"
            for way, t in table.ways.items()
        )
        print(f"{condition.name}: {ways}  ({time.perf_counter() - began:.0f} s)", flush=True)
        given.out.write_text(json.dumps({"seed": given.seed, "threshold": threshold, "rows": rows}))


if __name__ == "__main__":
    main()
