"""The use cases of sealing: plan a scenario, say where the vehicle can be."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stopline.documents.json_file import write_json
from stopline.documents.output_folder import whole_outputs
from stopline.errors import FaultList
from stopline.rendering.look import look_of
from stopline.scenario.loader import Scenario, load_scenario
from stopline.sealing.reach import Front, make_front

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from stopline.planning.choices import Choice
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import Rules, SealingProblem

if TYPE_CHECKING:
    Made = tuple[Plan, SealingProblem]
    Maker = Callable[[SealingProblem, Plan | None, Mapping[str, int]], Made]

PLAN_FILES: Final = (
    "plan.json",
    "plan.geojson",
    "plan.tsv",
    "plan.png",
    "plan.svg",
    "choices.json",
)
_SHARE_OF_SEALING: Final = 0.85  # of the time limit, where choices may have to be made as well
FRONT_FILES: Final = ("front.json", "front.geojson", "front.png", "front.svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChanges:
    """Rules that a caller sets in place of the scenario's; None keeps the scenario's."""

    objective: tuple[str, ...] | None = None
    time_limit_s: float | None = None
    partial: str | None = None
    margin_s: float | None = None

    def applied(self, rules: Rules) -> Rules:
        """The rules with these changes."""
        given = {key: value for key, value in dataclasses.asdict(self).items() if value is not None}
        changed = dataclasses.replace(rules, **given)
        most = max(changed.enough_margin_s, changed.margin_s)
        return dataclasses.replace(changed, enough_margin_s=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult:
    """A plan with what it was made for.

    Attributes:
        plan: the plan.
        scenario: what it was made for.
        files: what was written, in the folder asked for.
        choices: where sealing is not possible, ways to use the units, with their odds.
    """

    plan: Plan
    scenario: Scenario
    files: tuple[Path, ...] = ()
    choices: tuple[Choice, ...] = ()


def plan_scenario(
    scenario: Path | Scenario,
    out_dir: Path | None = None,
    *,
    changes: RuleChanges | None = None,
    previous: Path | None = None,
    assess: bool | None = None,
    pictures: bool = True,
    choices: bool = True,
    progress: Callable[[str, float], None] | None = None,
    maker: Maker | None = None,
) -> PlanResult:
    """Make the plan of a scenario and write it.

    Args:
        scenario: a YAML file, or a scenario that was read.
        out_dir: folder for plan.json, plan.geojson, plan.tsv and the pictures; None writes none.
        changes: rules in place of the scenario's.
        previous: plan.json of an earlier plan, whose orders are kept where that costs little.
        assess: whether to judge the scenario's orders as they are, in place of planning; None
            for what the scenario says.
        pictures: whether to draw plan.png and plan.svg.
        choices: whether to make the other choices where sealing is not possible.
        progress: told what is being done and how much of it is done, 0 to 1.
        maker: makes the plan, for example together with the other side, and says for which
            problem: some units may be promised.

    Raises:
        BadInput: with all faults of the scenario, or of the earlier plan; or there are no orders
            to assess.
    """
    # The planner and the file form are imported late: a fault in the scenario needs neither.
    started = time.perf_counter()
    loaded = (
        scenario if isinstance(scenario, Scenario) else load_scenario(scenario, progress=progress)
    )
    read_s = time.perf_counter() - started
    from stopline.sealing.planner import make_plan

    problem = loaded.problem
    assessing = loaded.assess if assess is None else assess
    if assessing:
        _check_assessable(loaded, previous)
    if changes is not None:
        problem = dataclasses.replace(problem, rules=changes.applied(problem.rules))
        loaded = dataclasses.replace(loaded, problem=problem)
    made: tuple[Choice, ...] = ()
    earlier = _read_previous(previous) if previous is not None else None
    if assessing:
        from stopline.sealing.assessment import assess_orders

        plan = assess_orders(problem, loaded.orders, progress=progress)
    elif maker is not None:
        plan, problem = maker(problem, earlier, loaded.orders)
        loaded = dataclasses.replace(loaded, problem=problem)
    else:
        begin, limit_s = time.perf_counter(), problem.rules.time_limit_s
        asked = _sealing_part(problem)
        more = choices or asked.rules.partial != problem.rules.partial
        if more:
            rules = dataclasses.replace(asked.rules, time_limit_s=_SHARE_OF_SEALING * limit_s)
            asked = dataclasses.replace(asked, rules=rules)
        plan = make_plan(asked, previous=earlier, orders=loaded.orders, progress=progress)
        if plan.verdict != "sealed" and more:
            plan, made = _choose(loaded, plan, begin + limit_s, progress)
    plan = dataclasses.replace(
        plan,
        seconds={"read": read_s, **plan.seconds},
        lineage={**plan.lineage, "scenario": loaded.lineage()},
    )
    files = _write_plan(plan, loaded, out_dir, made, pictures=pictures, progress=progress)
    return PlanResult(plan=plan, scenario=loaded, files=files, choices=made)


def _sealing_part(problem: SealingProblem) -> SealingProblem:
    """The problem for the sealing planner, which knows nothing of beliefs and games."""
    if problem.rules.partial in {"cover", "delay"}:
        return problem
    return dataclasses.replace(problem, rules=dataclasses.replace(problem.rules, partial="cover"))


def _choose(
    scenario: Scenario,
    plan: Plan,
    until: float,
    progress: Callable[[str, float], None] | None,
) -> tuple[Plan, tuple[Choice, ...]]:
    """Make the choices from the belief, and take the one that the rules ask for."""
    from stopline.planning.choices import all_choices, asked_in_vain, chosen_plan
    from stopline.planning.track import believe

    belief = believe(scenario, progress=progress)
    made = all_choices(
        scenario.problem,
        belief.routes,
        seed=belief.seed,
        sealed=plan,
        until=until,
        progress=progress,
    )
    wanted = scenario.problem.rules.partial
    for choice in made:
        if choice.name == wanted and wanted != plan.choice:
            plan = chosen_plan(plan, choice, scenario.zone)
    return asked_in_vain(wanted, plan, made), made


def _check_assessable(scenario: Scenario, previous: Path | None) -> None:
    faults = FaultList()
    if not scenario.orders:
        expected = "orders to assess, for example {unit: A-1, section: 12}"
        faults.add(f"{scenario.path}: orders", "none", expected)
    if previous is not None:
        faults.add("--previous", str(previous), "no earlier plan: an assessment keeps all orders")
    faults.raise_if_any()


def _read_previous(path: Path) -> Plan:
    from stopline.sealing.plan_file.file import read_plan
    from stopline.sealing.plan_file.reading import plan_of

    earlier: Plan = plan_of(read_plan(path))
    return earlier


def _write_plan(
    plan: Plan,
    scenario: Scenario,
    out_dir: Path | None,
    choices: tuple[Choice, ...],
    *,
    pictures: bool,
    progress: Callable[[str, float], None] | None,
) -> tuple[Path, ...]:
    if out_dir is None:
        return ()
    from stopline.rendering.plan_table import plan_rows_tsv
    from stopline.sealing.plan_file.file import write_plan
    from stopline.standards.geojson import plan_geojson

    problem = scenario.problem
    with whole_outputs(out_dir, PLAN_FILES) as draft:
        write_plan(
            draft / "plan.json", plan, problem, settings=scenario.settings, zone=scenario.zone
        )
        look = look_of(scenario, plan)
        colours = {side.id: side.colour for side in look.sides}
        write_json(
            draft / "plan.geojson",
            plan_geojson(plan, problem, zone=scenario.zone, colours=colours),
        )
        if choices:
            from stopline.planning.choices_document import choices_document

            write_json(draft / "choices.json", choices_document(choices, problem))
        table = plan_rows_tsv(plan, scenario.zone, look.places)
        (draft / "plan.tsv").write_text(table, encoding="utf-8")
        if pictures:
            from stopline.rendering.plan_map import draw_plan

            if progress is not None:
                progress("drawing", 0.0)
            names = [draft / "plan.png", draft / "plan.svg"]
            draw_plan(plan, problem, names, look=look)
        written = sorted(path.name for path in draft.iterdir())
    return tuple(out_dir / name for name in written)


def plan_document(result: PlanResult) -> dict[str, Any]:
    """The content of plan.json."""
    from stopline.sealing.plan_file.file import plan_to_dict

    made_for = result.scenario
    document: dict[str, Any] = plan_to_dict(
        result.plan, made_for.problem, settings=made_for.settings, zone=made_for.zone
    )
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontResult:
    """A front with what it was made for, and the files written."""

    front: Front
    scenario: Scenario
    files: tuple[Path, ...] = ()


def reach(
    scenario: Path | Scenario,
    minutes: Sequence[float] = (5, 10, 15, 20, 30),
    out_dir: Path | None = None,
    *,
    pictures: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> FrontResult:
    """Say where the vehicle can be after each of some minutes after now, no road closed.

    Args:
        scenario: a YAML file, or a scenario that was read.
        minutes: minutes after now.
        out_dir: folder for front.json, front.geojson and the pictures; None writes none.
        pictures: whether to draw front.png and front.svg.
        progress: told what is being done.

    Raises:
        BadInput: with all faults of the scenario.
    """
    loaded = (
        scenario if isinstance(scenario, Scenario) else load_scenario(scenario, progress=progress)
    )
    front = make_front(loaded.problem, minutes)
    if out_dir is None:
        return FrontResult(front=front, scenario=loaded)
    from stopline.planning.reach_files import front_document, front_geojson

    with whole_outputs(out_dir, FRONT_FILES) as draft:
        write_json(draft / "front.json", front_document(front, loaded))
        write_json(draft / "front.geojson", front_geojson(front, loaded.problem))
        if pictures:
            from stopline.rendering.plan_map import draw_front

            if progress is not None:
                progress("drawing", 0.0)
            names = [draft / "front.png", draft / "front.svg"]
            draw_front(loaded.problem, front, names, look=look_of(loaded))
        written = sorted(path.name for path in draft.iterdir())
    return FrontResult(
        front=front, scenario=loaded, files=tuple(out_dir / name for name in written)
    )
