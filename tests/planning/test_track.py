"""The belief of a scenario: written whole, the same for a seed, and honest about what it knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from stopline.errors import BadInput
from stopline.planning.track import believe, track_scenario
from stopline.planning.track_files import belief_document, belief_sentences, headline
from stopline.scenario.loader import load_scenario

ROOT = Path(__file__).parents[2]
START = "2026-06-12T20:00:00+03:00"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    corridor = ROOT / "examples/corridor"
    content = yaml.safe_load((corridor / "sealed.yaml").read_text())
    content["network"]["path"] = str(corridor)
    content["units"] = [str(corridor / name) for name in content["units"]]
    content["now"] = "2026-06-12T22:40:00+03:00"
    content["sightings"] = [
        {"name": "hall", "at": START, "place": "Moscow", "confirmed": True},
        {
            "name": "Kaluga", "at": "2026-06-12T22:10:00+03:00", "lon": 36.05, "lat": 54.40,
            "radius_m": 8000, "heading_deg": 225, "grade": "B2", "source": "patrol 12",
        },
        {"name": "call", "at": "2026-06-12T22:20:00+03:00", "heading": "Bryansk", "grade": "C3"},
    ]  # fmt: skip
    content["belief"] = {"destinations": [{"place": "Minsk", "prior": 2}], "particles": 4000}
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def changed(path: Path, **parts: object) -> Path:
    content = yaml.safe_load(path.read_text())
    content.update(parts)
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def test_a_report_and_hearsay_make_a_heading(case: Path, tmp_path: Path) -> None:
    belief = track_scenario(case, tmp_path / "out")
    assert headline(belief).startswith("Bryansk")
    assert {path.name for path in belief.files} == {
        "belief.json", "belief.geojson", "belief.png", "belief.svg",
    }  # fmt: skip
    document = json.loads((tmp_path / "out/belief.json").read_text())
    assert [one["sighting"] for one in document["lineage"]] == ["hall", "Kaluga", "call"]
    assert sum(one["probability"] for one in document["destinations"]) == pytest.approx(1, abs=1e-4)
    assert any("Kaluga" in line for line in belief_sentences(belief))


def test_the_same_seed_gives_the_same_belief_and_another_a_like_one(case: Path) -> None:
    scenario = load_scenario(case)
    one, same, other = (believe(scenario, seed=seed) for seed in (4, 4, 5))
    assert belief_document(one) == belief_document(same)
    assert belief_document(one) != belief_document(other)
    assert one.outlooks[0].name == other.outlooks[0].name


def test_a_past_moment_knows_less(case: Path) -> None:
    scenario = load_scenario(case)
    early = believe(scenario, as_of_s=scenario.problem.now_utc_s - 3600)
    assert [effect.sighting for effect in early.track.effects] == ["hall"]
    assert headline(early).startswith("not known yet")


def test_only_the_last_confirmed_place_is_a_source(case: Path) -> None:
    assert {source.name for source in load_scenario(case).problem.sources} == {"hall"}
    content = yaml.safe_load(case.read_text())["sightings"]
    content[1]["confirmed"] = True
    later = load_scenario(changed(case, sightings=content)).problem.sources
    assert {source.name for source in later} == {"Kaluga"}
    for one in content:
        one.pop("confirmed", None)
    both = load_scenario(changed(case, sightings=content)).problem.sources
    assert {source.name for source in both} == {"hall", "Kaluga"}


def test_what_cannot_both_be_true_is_said(case: Path) -> None:
    content = yaml.safe_load(case.read_text())["sightings"]
    content.append(
        {"name": "far", "at": "2026-06-12T22:11:00+03:00", "place": "Minsk", "grade": "E5"}
    )
    belief = believe(load_scenario(changed(case, sightings=content)))
    assert any("Kaluga and far" in line for line in belief_sentences(belief))


@pytest.mark.parametrize(
    ("sighting", "said"),
    [
        ({"at": START, "camera": 3, "confidence": 3}, "from 0 to 1"),
        ({"at": START, "silent": 3}, "until beside silent"),
        ({"at": START, "heading": "Atlantis"}, "a name under places"),
        ({"at": START, "retracts": "nobody"}, "the id of another sighting"),
        ({"at": START, "place": "Minsk", "grade": "Z9"}, "as B2"),
        ({"at": START, "place": "Minsk", "camera": 3}, "exactly one"),
        ({"at": START, "silent": 999999, "until": START}, "a section number below"),
        ({"at": "2027-01-01T00:00:00Z", "heading": "Minsk"}, "in the future"),
        ({"at": START, "known": "2026-06-12T19:00:00+03:00", "camera": 3}, "it happened first"),
    ],
)
def test_bad_sightings_are_named(case: Path, sighting: dict[str, object], said: str) -> None:
    content = [*yaml.safe_load(case.read_text())["sightings"], sighting]
    with pytest.raises(BadInput) as caught:
        load_scenario(changed(case, sightings=content))
    assert said in str(caught.value)
    assert "sighting" in str(caught.value)
