"""What sightings do to the belief: each kind has a test that fails if it were ignored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from belief.cases import RULES, START_S, busy_section, hit, witness, world
from stopline.belief.particle import ParticleFilter
from stopline.belief.sampling import sample_routes
from stopline.belief.sightings import (
    CameraHit,
    Heading,
    Retraction,
    Sighting,
    Silence,
    Witness,
    as_of,
    check_sightings,
    jumps,
)
from stopline.belief.tracker import Track, track
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.belief.base import Effect

NOW_S = START_S + 60


def followed(sightings: list[Sighting], seconds: float = 40.0, **more: float) -> Track:
    belief = ParticleFilter(world(2), count=20_000, seed=5)
    return track(belief, sightings, until_s=START_S + seconds, **more)


def silence(section: int, *, visible: bool = False, detection: float = 0.99) -> Silence:
    return Silence(
        id="quiet", source="camera 9", known_s=START_S + 41, section=section, from_s=START_S,
        until_s=START_S + 40, detection=detection, visible=visible,
    )  # fmt: skip


def crossed(belief: ParticleFilter) -> int:
    """The section, not the first, that most vehicles have been on by now."""
    by_arc = belief.by_arc()
    by_section = np.bincount(belief.motion.graph.section, weights=by_arc)
    return int(np.argsort(-by_section)[0])


def test_a_silence_lowers_what_passes_it() -> None:
    start = hit(busy_section(world(2), 2))
    alone = followed([start], 20.0)
    section = crossed(alone.belief)  # type: ignore[arg-type]
    beyond = followed([start, silence(section)], 40.0, known_s=START_S + 100)
    without = followed([start], 40.0)
    moved = np.abs(beyond.belief.by_destination() - without.belief.by_destination()).max()
    effect = next(one for one in beyond.effects if one.sighting == "quiet")
    assert effect.expected > 0.05
    assert effect.bits > 0.05
    assert moved > 0.02


def test_hearsay_moves_the_destination_and_a_retraction_takes_it_back() -> None:
    start = hit(busy_section(world(2), 2))
    says = Heading(
        id="says", source="x", known_s=START_S + 6, destination="exit 0", at_s=START_S + 5,
        reliability="A", credibility=1,
    )  # fmt: skip
    plain = followed([start]).belief.by_destination()[0]
    told = followed([start, says])
    assert told.belief.by_destination()[0] > plain + 0.3
    assert next(e for e in told.effects if e.sighting == "says").bits > 0.5
    gone = Retraction(id="gone", source="x", known_s=START_S + 30, of="says")
    assert followed([start, says, gone]).belief.by_destination()[0] == plain


def test_a_worse_grade_moves_less() -> None:
    start = hit(busy_section(world(2), 2))
    shares = [
        followed([
            start,
            Heading(
                id="says", source="x", known_s=START_S + 6, destination="exit 0",
                at_s=START_S + 5, reliability=letter, credibility=number,
            ),
        ]).belief.by_destination()[0]
        for letter, number in (("E", 5), ("D", 4), ("C", 3), ("B", 2), ("A", 1))
    ]  # fmt: skip
    assert shares == sorted(shares)


def test_the_belief_as_of_a_past_moment_knows_only_what_was_known_then() -> None:
    motion = world(2)
    start = hit(busy_section(motion, 2))
    late = witness(motion, busy_section(motion, 77), START_S + 10)
    late = Witness(**{**_values(late), "known_s": START_S + 35})
    before = followed([start, late], 30.0)
    assert "seen" not in {one.sighting for one in before.effects}
    after = followed([start, late], 40.0)
    assert "seen" in {one.sighting for one in after.effects}
    assert np.array_equal(before.belief.by_arc(), followed([start], 30.0).belief.by_arc())


def test_a_report_that_nothing_explains_is_called_out_and_followed_by_its_grade() -> None:
    motion = world(2)
    start = hit(busy_section(motion, 2))
    belief = ParticleFilter(motion, count=5_000, seed=5)
    belief.begin(start)
    belief.advance(5.0, [])
    empty = np.flatnonzero((belief.by_arc() == 0) & np.isfinite(motion.graph.time_s))
    reach = belief._reachable_s()[motion.graph.tail[empty]]
    belief.time_s += 600.0
    far = int(motion.graph.section[empty[np.argmax(np.where(np.isfinite(reach), reach, -1))]])
    effect = belief.see(hit(far, belief.time_s, 0.9, "far"))
    assert "began again" in effect.note
    on = motion.graph.section == far
    assert belief.by_arc()[on].sum() == pytest.approx(0.9, abs=0.03)


def test_a_report_from_where_it_cannot_be_is_not_believed() -> None:
    motion = world(2)
    belief = ParticleFilter(motion, count=5_000, seed=5)
    belief.begin(hit(busy_section(motion, 2)))
    never = np.flatnonzero(
        ~(belief._reachable_s()[motion.graph.tail] <= START_S) & np.isfinite(motion.graph.time_s)
    )
    before = belief.by_destination()
    effect = belief.see(hit(int(motion.graph.section[never[-1]]), START_S, 0.9, "never"))
    assert "cannot have got there" in effect.note
    assert np.abs(belief.by_destination() - before).max() < 0.03


def test_a_driver_turns_before_a_checkpoint_that_it_sees() -> None:
    rules = {name: getattr(RULES, name) for name in RULES.__slots__}
    motion = world(2, type(RULES)(**{**rules, "turn": 1.0, "hide_per_h": 0.0}))
    start = hit(busy_section(motion, 2))
    plain = ParticleFilter(motion, count=20_000, seed=5)
    track(plain, [start], until_s=START_S + 1)
    driven = sample_routes(plain, 2000, seed=1).arc
    driven = driven[(motion.reverse[driven] >= 0) & (motion.graph.section[driven] != start.section)]
    section = int(np.bincount(motion.graph.section[driven]).argmax())
    found = []
    for visible in (False, True):
        belief = ParticleFilter(motion, count=20_000, seed=5)
        quiet = silence(section, visible=visible, detection=0.5)
        track(belief, [start, quiet], until_s=START_S + 40, known_s=START_S + 99)
        found.append(belief.by_destination())
    assert np.abs(found[1] - found[0]).sum() > 0.2


def test_routes_are_whole_timed_and_the_same_for_a_seed() -> None:
    found = followed([hit(busy_section(world(2), 2))], 10.0)
    belief = found.belief
    assert isinstance(belief, ParticleFilter)
    routes = sample_routes(belief, 500, seed=3)
    graph = belief.motion.graph
    for i in range(routes.count):
        arcs = routes.arc[routes.first[i] : routes.first[i + 1]]
        times = routes.enter_s[routes.first[i] : routes.first[i + 1]]
        assert (graph.head[arcs[:-1]] == graph.tail[arcs[1:]]).all()
        assert (np.diff(times) > 0).all()
        if routes.exit[i] >= 0:
            goal = belief.motion.destinations[int(routes.exit[i])]
            assert int(graph.head[arcs[-1]]) in goal.nodes
    again = sample_routes(belief, 500, seed=3)
    assert np.array_equal(routes.arc, again.arc)
    assert np.array_equal(routes.enter_s, again.enter_s)


def test_bad_sightings_are_refused_all_at_once() -> None:
    good = hit(3)
    bad: list[Sighting] = [
        good,
        CameraHit(
            id="hit", source="c", known_s=NOW_S + 5, section=9999, forward=None, at_s=NOW_S + 5,
            confidence=3.0,
        ),
        Witness(
            id="w", source="x", known_s=START_S, lon=500.0, lat=47.0, radius_m=-1.0,
            from_s=START_S + 9, until_s=START_S, reliability="Z", credibility=9,
        ),
        Heading(id="h", source="x", known_s=START_S, destination="Moon", at_s=START_S),
        Retraction(id="r", source="x", known_s=START_S, of="nobody"),
        CameraHit(
            id="nan", source="c", known_s=START_S, section=3, forward=None, at_s=float("nan")
        ),
    ]  # fmt: skip
    with pytest.raises(BadInput) as caught:
        check_sightings(bad, now_s=NOW_S, sections=50, destinations=["exit 0"])
    text = str(caught.value)
    for said in (
        "an id of its own", "section", "confidence", "future", "WGS 84", "radius_m", "reliability",
        "credibility", "Moon", "the id of another sighting", "finite",
    ):  # fmt: skip
        assert said in text, said


def test_two_hundred_kilometres_in_a_minute_are_called_out() -> None:
    (said,) = jumps([(9.5, 47.1, 0.0, "a"), (9.5, 48.9, 60.0, "b"), (9.5, 48.91, 160.0, "c")])
    assert "a and b" in said
    assert "km" in said


def test_nothing_to_begin_with_is_said() -> None:
    says = Heading(id="s", source="x", known_s=START_S, destination="exit 0", at_s=START_S)
    with pytest.raises(BadInput, match="a witness or camera hit"):
        followed([says])


def test_a_sighting_of_last_winter_takes_no_more_steps_than_a_day() -> None:
    belief, spans = ParticleFilter(world(2), count=500, seed=5), []
    advance = belief.advance

    def noted(span_s: float, silences: Sequence[Silence]) -> list[Effect]:
        spans.append((span_s, len(silences)))
        return advance(span_s, silences)

    belief.advance = noted  # type: ignore[method-assign]
    start, late_s = hit(busy_section(world(2), 2)), START_S + 100 * 86_400
    quiet = replace(silence(1), from_s=late_s, until_s=late_s + 40)
    found = track(belief, [start, quiet], until_s=START_S + 200 * 86_400, known_s=1e12)
    assert found.belief.time_s == START_S + 200 * 86_400
    assert len(spans) < 2 * 6 * 3600 / RULES.step_s
    assert {span for span, quiets in spans if quiets} == {RULES.step_s}  # a camera is heeded then
    assert max(span for span, _ in spans) > 86_400
    assert belief.weight.sum() == pytest.approx(1.0)


def test_as_of_leaves_out_the_retracted_and_what_came_later() -> None:
    one, other = hit(3, START_S, name="one"), hit(4, START_S + 5, name="other")
    gone = Retraction(id="gone", source="x", known_s=START_S + 20, of="one")
    assert [s.id for s in as_of([other, one, gone], START_S + 6)] == ["one", "other"]
    assert [s.id for s in as_of([other, one, gone], START_S + 4)] == ["one"]
    assert [s.id for s in as_of([other, one, gone], START_S + 20)] == ["other"]


def _values(one: Sighting) -> dict[str, object]:
    names = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(one, name) for name in names}
