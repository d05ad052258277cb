"""The use case of pursuit: where the vehicle probably is, and where it is heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.answers import observers, outlooks
from stopline.belief.calibration import calibrated
from stopline.belief.motion import MotionRules, make_motion
from stopline.belief.particle import ParticleFilter
from stopline.belief.sampling import sample_routes
from stopline.belief.sightings import CameraHit, Witness, jumps
from stopline.belief.tracker import track
from stopline.documents.output_folder import whole_outputs
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.planning.belief import Belief
from stopline.scenario.loader import Scenario, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Sighting

TRACK_FILES: Final = ("belief.json", "belief.geojson", "belief.png", "belief.svg")
_ROUTES: Final = 4000
_SHORTEST_STEP_S, _LONGEST_STEP_S = 10.0, 60.0


def scenario_motion(scenario: Scenario) -> Motion:
    """The motion model of a scenario: an ordinary driver in a hurry, who keeps to one-way signs."""
    form, given = scenario.belief, scenario.problem.vehicle
    vehicle = Vehicle(
        speed_factor=form.speed_factor,
        obeys_one_way=True,
        min_speed_mps=given.min_speed_mps,
        max_speed_mps=given.max_speed_mps,
        class_speed_mps=given.class_speed_mps,
        obeys_access_signs=given.obeys_access_signs,
        uses_fords=given.uses_fords,
        local_time=given.local_time,
    )
    graph = drive_graph(scenario.problem.network, vehicle)
    driven = graph.time_s[np.isfinite(graph.time_s)]
    usual_s = float(np.clip(driven.mean(), _SHORTEST_STEP_S, _LONGEST_STEP_S))
    rules = MotionRules(
        step_s=form.step_s or usual_s,
        hide_per_h=form.hide_per_h,
        leave_per_h=form.leave_per_h,
        turn=form.turn,
    )
    return make_motion(graph, scenario.destinations, rules)


def believe(
    scenario: Scenario,
    *,
    as_of_s: float | None = None,
    seed: int | None = None,
    particles: int | None = None,
    motion: Motion | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Belief:
    """Make the belief of a scenario.

    Args:
        scenario: with its sightings.
        as_of_s: what was believed at that moment, by what was known then; "now" if None.
        seed: of all chance, in place of the scenario's.
        particles: number of samples, in place of the scenario's.
        motion: the motion model, if it was made before.
        progress: told how much is done.

    Raises:
        BadInput: nothing was known of the vehicle itself by then.
    """
    at_s = scenario.problem.now_utc_s if as_of_s is None else as_of_s
    chosen = scenario.belief.seed if seed is None else seed
    model = scenario_motion(scenario) if motion is None else motion
    count = scenario.belief.particles if particles is None else particles
    belief = ParticleFilter(model, count=count, seed=chosen)
    found = track(belief, scenario.sightings, until_s=at_s, progress=progress)
    inside = float(belief.out().sum()) < 1 - 1e-9
    routes = sample_routes(belief, _ROUTES, seed=chosen) if inside else None
    ahead_s = 30 * model.rules.step_s * 2
    looks = () if routes is None else observers(routes, model.graph, ahead_s=ahead_s)
    told = calibrated(found, scenario.problem.vehicle)
    return Belief(
        scenario=scenario,
        track=found,
        at_s=at_s,
        routes=routes,
        sections=told.sections,
        out=told.out,
        outlooks=tuple(outlooks(belief, routes)),
        observers=tuple(looks),
        warnings=tuple(jumps(_places(scenario, found.used))),
        seed=chosen,
    )


def track_scenario(
    scenario: Path | Scenario,
    out_dir: Path | None = None,
    *,
    as_of_s: float | None = None,
    seed: int | None = None,
    particles: int | None = None,
    pictures: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> Belief:
    """Make the belief of a scenario and write belief.json, belief.geojson and the pictures.

    Raises:
        BadInput: with all faults of the scenario.
    """
    import dataclasses  # noqa: PLC0415
    import json  # noqa: PLC0415

    loaded = (
        scenario if isinstance(scenario, Scenario) else load_scenario(scenario, progress=progress)
    )
    belief = believe(loaded, as_of_s=as_of_s, seed=seed, particles=particles, progress=progress)
    if out_dir is None:
        return belief
    from stopline.planning.track_files import belief_document, belief_geojson  # noqa: PLC0415

    with whole_outputs(out_dir, TRACK_FILES) as draft:
        for name, document in (
            ("belief.json", belief_document(belief)),
            ("belief.geojson", belief_geojson(belief)),
        ):
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
            (draft / name).write_text(text + "\n", encoding="utf-8")
        if pictures:
            from stopline.planning.track_map import draw_belief  # noqa: PLC0415

            if progress is not None:
                progress("drawing", 0.0)
            draw_belief(belief, [draft / "belief.png", draft / "belief.svg"])
        written = sorted(path.name for path in draft.iterdir())
    return dataclasses.replace(belief, files=tuple(out_dir / name for name in written))


def _places(
    scenario: Scenario, sightings: tuple[Sighting, ...]
) -> list[tuple[float, float, float, str]]:
    """Place, time and name of what says where it was, in order of time."""
    network = scenario.problem.network
    found = []
    for one in sightings:
        if isinstance(one, Witness):
            found.append((one.lon, one.lat, one.at_s, one.id))
        elif isinstance(one, CameraHit):
            tail = int(network.section_tail[one.section])
            lon, lat = network.junction_lon[tail], network.junction_lat[tail]
            found.append((float(lon), float(lat), one.at_s, one.id))
    return found
