"""Scoring labelled pictures: the ways to decide, and the faults of the labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from stopline.cameras.calibration import calibration
from stopline.cameras.evaluation import apart
from stopline.cameras.vision.tracks import passage_score
from stopline.cli.main import app
from stopline.testing.plates import one_sign_off, random_plate, same_format
from stopline.testing.road_video import Condition, stills

if TYPE_CHECKING:
    from pathlib import Path


def test_labelled_stills_are_scored_in_four_ways(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    lines = ["file,plate"]
    made = stills(rng, Condition(plate_px=130, yaw_deg=5), 2, size=(480, 360))
    for number, (plate, picture) in enumerate(made):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
        lines.append(f"{number}.png,{plate.text}")
    (tmp_path / "plates.csv").write_text("\n".join(lines), "utf-8")
    done = CliRunner().invoke(
        app, ["cameras", "evaluate", str(tmp_path), "--others", "50", "--json"]
    )
    assert done.exit_code == 0, done.output
    ways = json.loads(done.stdout)["ways"]
    assert set(ways) == {"exact string", "look-alikes merged", "one error allowed", "score"}
    assert ways["score"]["wanted"] == 2
    assert ways["score"]["found"] >= ways["look-alikes merged"]["found"]
    assert ways["score"]["false"] == 0


def test_faults_of_the_labels_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "plates.csv").write_text("file,plate\nmissing.png,FL 12345\n../a.png,A\n", "utf-8")
    done = CliRunner().invoke(app, ["cameras", "evaluate", str(tmp_path)])
    assert done.exit_code == 2
    for said in ("missing.png", "../a.png", "4 or more"):
        assert said in done.output


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("", "", 0), ("abc", "abd", 1), ("ab", "", 2), ("kitten", "sitting", 3)],
)
def test_distance_of_strings(one: str, other: str, far: int) -> None:
    assert apart(one, other) == far
    assert apart(other, one) == far


def test_a_passage_scores_its_best_three_or_one_at_a_price() -> None:
    assert passage_score([]) < -1e8
    assert passage_score([-3.0, -1.0, -2.0, -50.0]) == -2.0
    assert passage_score([-0.5, -40.0]) == -2.0
    assert passage_score([-4.0]) == -4.0


def test_the_confidence_rises_with_the_score_and_has_its_seed() -> None:
    known = calibration()
    scores = np.linspace(-12, 0, 60)
    chances = [known.confidence(float(score)) for score in scores]
    assert chances == sorted(chances)
    assert 0 <= chances[0] <= chances[-1] < 1
    assert known.hit_class(-1.0) == "certain"
    assert known.hit_class(-4.0) == "possible"
    assert known.hit_class(-7.0) is None
    assert known.seed == 17


@pytest.mark.parametrize("number", range(8))
def test_plates_of_a_format_differ_as_said(number: int) -> None:
    rng = np.random.default_rng(number)
    plate = random_plate(rng)
    assert same_format(rng, plate).pattern == plate.pattern
    near = one_sign_off(plate)
    assert near
    assert all(apart(each.text, plate.text) == 1 for each in near)
