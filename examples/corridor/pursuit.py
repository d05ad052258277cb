"""The corridor case from the first report to the turn towards another border.

    python examples/corridor/pursuit.py [--out DIR] [--quick]

An attack near Moscow in the evening; many forces are tied elsewhere. Five moments follow: the first
report, a witness, hearsay, a checkpoint that the vehicle sees and turns away from, and a patrol far
to the west. At each the belief and the plan are made anew from all sightings known by then, the
plan with the orders that stand already. Pictures and files of each moment lie in DIR/1 to DIR/5.
Places, units and times are invented; roads are © OpenStreetMap contributors, ODbL 1.0.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from stopline.planning.plan import RuleChanges, plan_scenario
from stopline.planning.track import track_scenario
from stopline.planning.track_files import belief_sentences, headline
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.planning.belief import Belief
    from stopline.planning.plan import PlanResult

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of the story: what has become known since the one before."""

    now: str
    title: str
    news: tuple[dict[str, Any], ...]


STORY = (
    Moment(
        "2026-06-12T20:40:00+03:00",
        "The first report: shots in a concert hall, a white van drives off",
        (
            {
                "name": "Concert hall near Moscow", "at": "2026-06-12T20:00:00+03:00",
                "place": "Moscow", "confirmed": True, "source": "patrol at the hall",
            },
        ),
    ),
    Moment(
        "2026-06-12T22:25:00+03:00",
        "A witness beyond Kaluga",
        (
            {
                "name": "witness beyond Kaluga", "at": "2026-06-12T22:15:00+03:00",
                "lon": 35.75, "lat": 54.20, "radius_m": 6000, "heading_deg": 225, "grade": "B2",
                "source": "petrol station",
            },
        ),
    ),
    Moment(
        "2026-06-12T22:45:00+03:00",
        "Hearsay: they mean to cross near Sudzha or Rylsk",
        (
            {
                "name": "intercepted call", "at": "2026-06-12T22:30:00+03:00",
                "known": "2026-06-12T22:42:00+03:00", "heading": "Rylsk", "grade": "C3",
                "source": "security service",
            },
        ),
    ),
    Moment(
        "2026-06-13T00:05:00+03:00",
        "A camera at Bryansk reads the plate; the checkpoint on the road south sees nothing",
        (
            {
                "name": "camera at Bryansk", "at": "2026-06-12T23:30:00+03:00", "lon": 34.30,
                "lat": 53.30, "radius_m": 4000, "grade": "A1", "confirmed": True,
                "source": "camera 40",
            },
            {
                "name": "checkpoint south of Bryansk", "at": "2026-06-12T23:30:00+03:00",
                "until": "2026-06-13T00:05:00+03:00", "silent": 5362, "detection": 0.97,
                "visible": True, "source": "road police",
            },
        ),
    ),
    Moment(
        "2026-06-13T00:50:00+03:00",
        "It has turned: seen on the road to the west, and the call was about another car",
        (
            {
                "name": "patrol at Klintsy", "at": "2026-06-13T00:35:00+03:00", "lon": 32.70,
                "lat": 52.85, "radius_m": 5000, "heading_deg": 260, "grade": "A2",
                "confirmed": True, "source": "patrol 31",
            },
            {
                "name": "retraction", "at": "2026-06-13T00:45:00+03:00",
                "retracts": "intercepted call", "source": "security service",
            },
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What was believed and planned at one moment."""

    moment: Moment
    belief: Belief
    plan: PlanResult


def tell(out: Path, *, quick: bool = False) -> list[Told]:
    """Go through the story; write and print every moment.

    Args:
        out: folder for the moments.
        quick: fewer samples and no pictures.
    """
    told: list[Told] = []
    known: list[dict[str, Any]] = []
    previous: Path | None = None
    for number, moment in enumerate(STORY, start=1):
        known += moment.news
        folder = out / str(number)
        scenario = load_scenario(_written(moment, known, folder, quick=quick))
        belief = track_scenario(scenario, folder, pictures=not quick)
        plan = plan_scenario(
            scenario, folder / "plan", changes=RuleChanges(time_limit_s=12.0), previous=previous,
            pictures=not quick,
        )  # fmt: skip
        previous = folder / "plan" / "plan.json"
        told.append(Told(moment, belief, plan))
        _say(number, told[-1])
    return told


def _written(moment: Moment, known: Sequence[dict[str, Any]], folder: Path, *, quick: bool) -> Path:
    """The scenario of a moment: that of sealed.yaml, with fewer forces and what is known now."""
    content = yaml.safe_load((HERE / "sealed.yaml").read_text("utf-8"))
    content["name"] = moment.title
    content["now"] = moment.now
    content["network"]["path"] = str(HERE)
    content["units"] = [str(HERE / "units-ru-few.csv"), str(HERE / "units-by.csv")]
    content["exits"] = [{"crossings_of": ["RU"]}]
    content["sightings"] = list(known)
    content["belief"] = {"particles": 3000 if quick else 20000}
    content["rules"]["time_limit_s"] = 12
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "case.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def _say(number: int, told: Told) -> None:
    plan = told.plan
    print(f"\n{number}. {told.moment.now[11:16]}  {told.moment.title}")
    print(f"   heading: {headline(told.belief)}")
    for line in belief_sentences(told.belief)[1:]:
        print(f"   {line}")
    print(f"   {plan.plan.sentence}")
    for choice in plan.choices:
        print(
            f"   - {choice.name}: {choice.exits:.0%} of the exits sealed off, "
            f"{choice.stopped:.0%} of the belief stopped, {choice.plan.units_used} units"
        )
    pictures = [path for path in (*told.belief.files, *plan.files) if path.suffix == ".png"]
    for path in pictures:
        print(f"   {path}")


def main() -> None:
    """Run the story."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--out", type=Path, default=Path("out/pursuit"))
    reader.add_argument("--quick", action="store_true", help="fewer samples, no pictures")
    given = reader.parse_args()
    tell(given.out, quick=given.quick)


if __name__ == "__main__":
    main()
