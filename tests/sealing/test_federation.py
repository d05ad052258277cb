"""Two sides plan as one would, and tell each other nothing but what the answers say."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sealing.holding import hold
from sealing.instances import SIDES, TERRITORIES, random_problem
from sealing.oracle import Oracle
from sealing.truth import faults_of
from stopline.sealing.plan import Holder, Verdict
from stopline.sealing.planner import make_plan
from stopline.sealing.session import prepare
from stopline.sealing.side import AnsweringSide, Commitment, Demands, Inequality, Limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

    Seeds = Callable[[int, int], range]

ALLOWED = {
    Demands: {"site", "strength", "by_s"},
    Commitment: {"closed_s", "units", "strength", "holders", "source"},
    Inequality: {"members", "most", "source"},
    Holder: {
        "unit",
        "side",
        "agency",
        "ready_s",
        "order_by_s",
        "drive_s",
        "setup_s",
        "status",
    },
}


@dataclass
class Recorder:
    """A side as a remote one would be: nothing of it can be used but what `AnsweringSide` has."""

    side: AnsweringSide
    said: list[Any] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.side.name

    @property
    def most_strength(self) -> int:
        return self.side.most_strength

    @property
    def units(self) -> int:
        return self.side.units

    @property
    def strength(self) -> NDArray[np.int32]:
        return np.array([self.most_strength], dtype=np.int32)

    @property
    def hides_units(self) -> bool:
        return True

    def limits(self, site: NDArray[np.int32]) -> list[Limit]:  # noqa: ARG002
        return []

    def ready_s(
        self,
        site: NDArray[np.int32],
        latest_s: float = np.inf,
        until: float = np.inf,  # noqa: ARG002
    ) -> NDArray[np.float64]:
        return np.full((1, site.shape[0]), min(0.0, latest_s))

    def able(self, site: int, by_s: float) -> list[tuple[str, int]]:
        answer = self.side.able(site, by_s)
        self.said.append(tuple(answer))
        return answer

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        answer = self.side.strength_by(site, by_s)
        self.said.append(answer)
        return answer

    def hold(
        self, candidates: Demands, asked: NDArray[np.int64], *, prefer: str
    ) -> Commitment | Inequality:
        answer = self.side.hold(candidates, asked, prefer=prefer)
        self.said += [candidates, asked, answer]
        return answer


def planned_apart(problem: SealingProblem) -> tuple[Plan, list[Recorder]]:
    """Plan with sides that are known only by their answers."""
    session = prepare(problem)
    recorders = [Recorder(side) for side in session.sides]
    return make_plan(problem, session=replace(session, sides=tuple(recorders))), recorders


def answer_of(plan: Plan) -> tuple[object, ...]:
    fewest = (plan.units_used, plan.lower_bound) if plan.verdict is Verdict.SEALED else ()
    return (plan.verdict, plan.proven, *fewest)


def test_sides_known_by_their_answers_alone_give_the_same_plan(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        apart, _ = planned_apart(problem)
        whole = make_plan(problem)
        faults = faults_of(problem, apart)
        if answer_of(apart) != answer_of(whole):
            faults.append(f"apart {answer_of(apart)}, whole {answer_of(whole)}")
        return faults

    hold(seeds(400, 60), check)


def test_one_side_with_all_units_does_as_well_as_two(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        two = make_plan(problem)
        units = tuple(replace(unit, side="joint") for unit in problem.units)
        one = make_plan(replace(problem, units=units))
        if answer_of(one) != answer_of(two):
            return [f"one side {answer_of(one)}, two sides {answer_of(two)}"]
        return []

    hold(seeds(500, 80), check)


def test_each_unit_a_side_of_its_own_does_as_well(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        two = make_plan(problem)
        many = make_plan(
            replace(problem, units=tuple(replace(u, side=u.id) for u in problem.units))
        )
        # Three or more sides need not share a site, so only the needs of two can be compared.
        if answer_of(many) != answer_of(two):
            return [f"many sides {answer_of(many)}, two sides {answer_of(two)}"]
        return []

    def at_most_two(problem: SealingProblem) -> list[str]:
        need = np.minimum(problem.sites.need, 2)
        return check(replace(problem, sites=replace(problem.sites, need=need)))

    hold(seeds(600, 60), at_most_two)


def test_swapping_the_names_of_the_sides_changes_nothing(seeds: Seeds) -> None:
    other = dict(zip((*SIDES, *TERRITORIES), (*SIDES[::-1], *TERRITORIES[::-1]), strict=True))

    def check(problem: SealingProblem) -> list[str]:
        units = tuple(
            replace(u, side=other[u.side], may_act_in=frozenset(other[t] for t in u.may_act_in))
            for u in problem.units
        )
        network = replace(problem.network, territories=TERRITORIES[::-1])
        swapped = replace(problem, units=units, network=network)
        one, two = make_plan(problem), make_plan(swapped)
        if answer_of(one) != answer_of(two):
            return [f"{answer_of(one)}, with names swapped {answer_of(two)}"]
        return faults_of(swapped, two)

    hold(seeds(700, 60), check)


def test_messages_hold_only_the_allowed_fields(seeds: Seeds) -> None:
    kinds = set()
    for seed in seeds(800, 80):
        problem = random_problem(seed)
        _, recorders = planned_apart(problem)
        secret = {u.lon for u in problem.units} | {u.lat for u in problem.units}
        secret |= {fraction for _, fraction in problem.unit_places or ()}
        for recorder in recorders:
            assert set(vars(recorder)) == {"side", "said"}
            for message in recorder.said:
                kinds.add(type(message))
                assert secret.isdisjoint(floats_in(message)), seed
    assert kinds == {Demands, Commitment, Inequality, np.ndarray, tuple}


def floats_in(message: object) -> set[float]:
    """All numbers of a message; asserts on the way that it has no field but the allowed ones."""
    if isinstance(message, np.ndarray):
        assert message.dtype.kind in "iuf"
        return {float(value) for value in message.ravel() if message.dtype.kind == "f"}
    if isinstance(message, tuple):
        return {value for part in message for value in floats_in(part)}
    if is_dataclass(message):
        assert {f.name for f in fields(message)} == ALLOWED[type(message)]
        return {v for f in fields(message) for v in floats_in(getattr(message, f.name))}
    assert isinstance(message, str | int | float | np.number)
    return {float(message)} if isinstance(message, float) else set()


def test_units_that_may_not_be_named_are_not_needed(seeds: Seeds) -> None:
    """A side that keeps its holders to itself still gives the same verdict and count."""

    @dataclass
    class Silent(Recorder):
        def hold(
            self, candidates: Demands, asked: NDArray[np.int64], *, prefer: str
        ) -> Commitment | Inequality:
            answer = super().hold(candidates, asked, prefer=prefer)
            return replace(answer, holders=()) if isinstance(answer, Commitment) else answer

    sealed = 0
    for seed in seeds(900, 40):
        problem = random_problem(seed)
        session = prepare(problem)
        silent = replace(session, sides=tuple(Silent(side) for side in session.sides))
        plan = make_plan(problem, session=silent)
        fewest = Oracle(problem).fewest_units(problem.rules.margin_s)
        assert (plan.verdict is Verdict.SEALED) == (fewest is not None), seed
        if fewest is not None:
            sealed += 1
            assert plan.lower_bound == fewest, seed
    assert sealed > 5
