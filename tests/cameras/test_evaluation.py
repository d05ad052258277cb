"""Scoring labelled pictures: the ways to decide, and the faults of the labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from stopline.cameras.calibration import calibration
from stopline.cameras.evaluation import SeenPlace, _many, apart
from stopline.cameras.signs import bare_plate, group_names, look_alike_key
from stopline.cameras.vision.columns import Columns
from stopline.cameras.vision.tracks import passage_score
from stopline.cli.main import app
from stopline.testing.plates import (
    PlateText,
    one_sign_off,
    plate_picture,
    random_plate,
    same_format,
)
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
    assert all((apart(one, other, most) <= most) is (far <= most) for most in range(4))
    assert apart(other, one) == far


def test_a_plate_that_is_not_aligned_could_not_have_scored() -> None:
    rng = np.random.default_rng(6)
    plate = random_plate(rng)
    names = group_names()
    chance = rng.uniform(0.001, 0.01, (24, len(names) + 1)).astype(np.float32)
    chance[:, 0] += 0.2  # blank
    for number, sign in enumerate(look_alike_key(bare_plate(plate.text))):
        chance[2 * number + 2, 1 + names.index(sign)] += 0.5
    logs = np.log(np.maximum(chance / chance.sum(axis=1, keepdims=True), 1e-9))
    place = SeenPlace(*(Columns(logs[:, 1:], logs[:, 0]) for _ in range(2)))
    plates = [
        each.text for each in (*one_sign_off(plate), *(random_plate(rng) for _ in range(300)))
    ]
    every = _many([[place]], plates, -1e8)
    least = np.sort(every)[-20]
    near = _many([[place]], plates, least)
    assert np.array_equal(every[every >= least], near[every >= least])
    assert (near == -1e9).sum() > 100


@pytest.mark.parametrize("seed", range(6))
def test_a_j_is_drawn_with_its_hook(seed: int) -> None:
    plate = PlateText("IT", "JJJJJJJ", "JJJJJJJ")
    drawn = plate_picture(np.random.default_rng(seed), plate)[12:98, 60:500, 1]
    dark = (drawn < 120).sum(axis=1)
    assert dark[60:].max() > 1.4 * dark[30:50].mean()


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
