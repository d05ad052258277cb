"""The checker refuses altered plans that leak, and altered proofs of impossibility."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan_file.writing import iso
from stopline.testing.border_plans import (
    NETWORK,
    NOW_UTC_S,
    content,
    form,
    junction,
    place_unit,
    section,
    set_time,
    unit_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Alteration = Callable[[dict[str, Any]], object]

LEAKING: dict[str, tuple[Alteration, str]] = {
    "called sealed": (
        lambda d: d.update(verdict="sealed", open_routes=[]),
        r"A route escapes: from Valley by Valley Road",
    ),
    "a leak called sealed": (
        lambda d: d.update(sealed_exits=["New Bridge", "Old Bridge", "Track"], open_exits=[]),
        r"The exit Track is called sealed, but it can be reached at 600.0 s",
    ),
    "a sealed exit called open": (
        lambda d: d.update(sealed_exits=["New Bridge"], open_exits=["Old Bridge", "Track"]),
        r"The exit Old Bridge is called open, but it cannot be reached",
    ),
    "no open route": (
        lambda d: d.update(open_routes=[]),
        r"The plan says it leaks, but shows no open route",
    ),
    "an open route that is stopped": (
        lambda d: d["open_routes"].append(d["seals"][1]["witness"]),
        r"Open route 2 is stopped by the seal on section \d+",
    ),
    "an open route entered earlier": (
        lambda d: d["open_routes"][0].update(enter_s=[0.0, 100.0, 200.0, 290.0, 450.0]),
        r"Open route 1 is no such drive: section \d+ is entered at 300.000 s, not at 290.000 s",
    ),
    "an open route that arrives earlier": (
        lambda d: set_time(d["open_routes"][0], "arrival", 500.0),
        r"Open route 1 is no such drive: it arrives at 600.000 s, not at 500.000 s",
    ),
    "an open route with a jump": (
        lambda d: d["open_routes"][0]["sections"].__setitem__(1, section(42)),
        r"Open route 1 is no such drive: section \d+ cannot be entered at junction \d+",
    ),
    "an open route with other junctions": (
        lambda d: d["open_routes"][0]["junctions"].__setitem__(1, junction("W6")),
        r"Open route 1 is no such drive: its junctions are",
    ),
    "an open route to another exit": (
        lambda d: d["open_routes"][0].update(exit="Old Bridge"),
        r"Open route 1 is no such drive: it does not end at Old Bridge",
    ),
    "an open route with a time missing": (
        lambda d: d["open_routes"][0]["enter_s"].pop(),
        r"Open route 1 is no such drive: 5 sections but 4 times",
    ),
    "an open route from nowhere": (
        lambda d: d["open_routes"][0].update(source="Hill"),
        r"Open route 1 is no such drive: there is no source 'Hill'",
    ),
}


def leave_out_route(document: dict[str, Any], number: int) -> None:
    del document["proof"]["steps"][number]


IMPOSSIBLE: dict[str, tuple[Alteration, str]] = {
    "a proof that can be met": (
        lambda d: leave_out_route(d, 0),
        r"All routes of the proof can be stopped: B at Old Bridge .*, D at link 45 \(section 17\)",
    ),
    "an empty proof": (lambda d: d["proof"].update(steps=[]), r"The proof has no routes"),
    "a stop left out": (
        lambda d: d["proof"]["steps"][1].update(stoppable_by=[]),
        r"Route 2 of the proof can be stopped by unit B at Old Bridge .* The proof leaves that out",
    ),
    "a stop that is none": (
        lambda d: d["proof"]["steps"][1]["stoppable_by"].append({"unit": "D", "site": 0}),
        r"Route 2 of the proof is not stopped by unit D at section",
    ),
    "a route that is earlier": (
        lambda d: (
            d["proof"]["steps"][1]["route"].update(enter_s=[0.0, 20.0, 40.0]),
            set_time(d["proof"]["steps"][1]["route"], "arrival", 140.0),
        ),
        r"Route 2 of the proof is no such drive: section \d+ is entered at 100.000 s, not at 20",
    ),
    "a route that does not join": (
        lambda d: d["proof"]["steps"][1]["route"]["sections"].__setitem__(1, section(20)),
        r"Route 2 of the proof is no such drive: ",
    ),
    "a stronger unit": (
        lambda d: unit_in(d, "D").update(strength=2),
        r"Route 1 of the proof can be stopped by unit D at New Bridge",
    ),
    "a unit free sooner and elsewhere": (
        lambda d: (set_time(unit_in(d, "D"), "ready", -300.0), place_unit(d, "D", "E3")),
        r"Route 2 of the proof can be stopped by unit D at Old Bridge",
    ),
    "units that may act everywhere": (
        lambda d: (
            [one.update(may_act_in=["East", "West"], ready_s=-600.0) for one in d["units"]],
            [one.update(ready=iso(NOW_UTC_S - 600.0)) for one in d["units"]],
        ),
        r"All routes of the proof can be stopped",
    ),
    "a site left out": (
        lambda d: d["sites"].update(
            on_routes=[s for s in d["sites"]["on_routes"] if s["index"] != section(31)]
        ),
        r"The section \d+ is a site on a route of the proof, but sites.on_routes leaves it out",
    ),
    "a site left out everywhere": (
        lambda d: d["sites"].update(
            on_routes=[s for s in d["sites"]["on_routes"] if s["index"] != section(20)]
        ),
        r"The section \d+ is a site on a route of the proof, but sites.on_routes leaves it out",
    ),
    "a site that needs more": (
        lambda d: d["proof"]["sites"][0].update(need=4),
        r"Old Bridge \(section \d+\) stands twice in the file, and differs",
    ),
    "a slower set-up": (
        lambda d: [s.update(setup_s=900.0) for s in d["sites"]["on_routes"]],
        r"Old Bridge \(section \d+\) stands twice in the file, and differs",
    ),
    "a site listed twice": (
        lambda d: d["sites"]["on_routes"].append(d["sites"]["on_routes"][0]),
        r"A site stands twice in sites.on_routes",
    ),
    "called sealed": (
        lambda d: d.update(verdict="sealed", open_routes=[]),
        r"A route escapes",
    ),
}
ALTERATIONS = [
    pytest.param(verdict, alter, said, id=f"{verdict}: {name}")
    for verdict, table in (("leaking", LEAKING), ("impossible", IMPOSSIBLE))
    for name, (alter, said) in table.items()
]


@pytest.mark.parametrize(("verdict", "alter", "said"), ALTERATIONS)
def test_an_altered_plan_that_does_not_seal_is_refused(
    verdict: str, alter: Alteration, said: str
) -> None:
    document = content(verdict)
    alter(document)
    result = check_plan(form(document), NETWORK)
    assert not result.ok
    assert result.sentence.startswith("The plan is refused.")
    assert re.search(said, result.sentence), result.sentence
