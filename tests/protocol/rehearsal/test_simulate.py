"""The simulation: by hand where possible, the same for the same seed, and what goes wrong."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from stopline.errors import BadInput
from stopline.protocol.reader import read_protocol
from stopline.protocol.rehearsal.report import report
from stopline.protocol.rehearsal.schema import parse_rehearsal, read_rehearsal
from stopline.protocol.rehearsal.simulate import PLAIN, simulate

EXAMPLES = Path(__file__).parents[3] / "examples" / "protocols"
MINIMAL = read_protocol(EXAMPLES / "minimal.yaml")
JOINT = read_protocol(EXAMPLES / "joint_search.yaml")
REHEARSAL = read_rehearsal(EXAMPLES / "joint_search.rehearsal.yaml")

TINY = """
form: stopline-rehearsal/1
protocol: minimal
lead: alder
until_s: 5000
people: {default: {constant_s: 100}, chief: {constant_s: 30}}
tasks: {tell_other_side: {constant_s: 40}}
acknowledge: {constant_s: 10}
line: {constant_s: 5}
fallback: {constant_s: 20}
outside: [{trigger: alarm_raised, takes: {constant_s: 7}}]
variants:
  broken: {title: broken, line_down: [{from_s: 20, until_s: 1000}]}
  alone: {title: chief unknown, absent: [{role: chief, side: assist}]}
  known: {title: officer known, absent: [{role: duty_officer, side: lead, known: true}]}
"""


def tiny(text: str = TINY) -> dict[str, dict[str, float]]:
    result = simulate(MINIMAL, parse_rehearsal(text.encode()), runs=1)
    return {n: {m: t[0] for m, t in o.times_s.items()} for n, o in result.outcomes.items()}


def test_the_tiny_case_is_as_computed_by_hand() -> None:
    # Alarm at 7; all times from then. The duty officer tells the other side first (deadline 180
    # before 300): 0 + 40, the line takes 5: alert at 45. Then he reports: 40 + 100, and the
    # chief acknowledges: 150. Over there: answer at 45 + 100 (deadline 60 before 300), report at
    # 245, acknowledged at 255.
    assert tiny()[PLAIN] == {"alert": 45, "chiefs": 255}


def test_a_broken_line_is_gone_round_by_the_fallback() -> None:
    # Sent at 40, the line is broken: telephone after 60 s, taking 20: 120.
    assert tiny()["broken"] == {"alert": 120, "chiefs": 330}


def test_an_unknown_absence_is_found_by_the_missed_acknowledgement() -> None:
    # Reported at 245, to be acknowledged within 120: 365. The chief is the one above, and absent
    # as well, so nobody finds out.
    assert tiny()["alone"] == {"alert": 45, "chiefs": math.inf}
    # The chief of the leading side decides after 30 s, while the second officer does the rest.
    assert tiny()["known"] == {"alert": 45, "chiefs": 255}


def test_the_critical_path_and_the_missed_deadlines_of_the_tiny_case() -> None:
    outcome = simulate(MINIMAL, parse_rehearsal(TINY.encode()), runs=3, variants=False).outcomes[
        PLAIN
    ]
    assert [(s.label, s.share, s.mean_s) for s in outcome.paths["alert"]] == [
        ("lead duty_officer: tell_other_side", 1.0, 40.0),
        ("lead: alarm_raised", 1.0, 7.0),
        ("line: alert", 1.0, 5.0),
    ]
    assert outcome.missed == {("answer", "assist"): 1.0}
    assert outcome.within("alert", 45) == 1
    assert outcome.within("alert", 44) == 0


def test_the_same_seed_gives_the_same_and_another_seed_another_result() -> None:
    first = simulate(JOINT, REHEARSAL, runs=5, seed=3, variants=False)
    assert simulate(JOINT, REHEARSAL, runs=5, seed=3, variants=False) == first
    assert simulate(JOINT, REHEARSAL, runs=5, seed=4, variants=False) != first
    more = simulate(JOINT, REHEARSAL, runs=6, seed=3, variants=False).outcomes[PLAIN]
    fewer = first.outcomes[PLAIN].times_s["alert"]
    assert set(fewer) <= set(more.times_s["alert"])


def test_the_shipped_rehearsal_reaches_its_end_and_trouble_costs_time() -> None:
    result = simulate(JOINT, REHEARSAL, runs=25)
    plain = result.outcomes[PLAIN]
    for name in ("alert", "chiefs_informed", "heads_informed", "first_seal", "last_seal"):
        assert plain.reached(name) == 1, name
    assert plain.reached("stand_down") > 0.9
    for variant, milestone in (
        ("line_broken", "agreement"),
        ("head_unreachable", "heads_informed"),
        ("chief_unreachable", "chiefs_informed"),
        ("liaison_missing", "first_seal"),
    ):
        later = result.outcomes[variant].quantile_s(milestone, 0.5)
        assert later > plain.quantile_s(milestone, 0.5) + 60, variant
    text = report(JOINT, result)
    assert "seed 1" in text
    assert "| both heads informed |" in text


def test_what_the_protocol_does_not_know_is_refused_all_at_once() -> None:
    text = (
        TINY.replace("chief:", "cheif:")
        .replace("alarm_raised", "alarm")
        .replace("lead: a", "lead: x")
    )
    with pytest.raises(BadInput) as caught:
        simulate(MINIMAL, parse_rehearsal(text.encode()), runs=1)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    "duration",
    ["{}", "{constant_s: 1, lognormal: {median_s: 1, p95_s: 2}}", "{constant_s: -1}",
     "{lognormal: {median_s: 3, p95_s: 2}}", "{triangular: {low_s: 3, mode_s: 2, high_s: 4}}"],
)  # fmt: skip
def test_impossible_durations_are_refused(duration: str) -> None:
    with pytest.raises(BadInput):
        parse_rehearsal(TINY.replace("{constant_s: 7}", duration).encode())
