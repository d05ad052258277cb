"""What players were expected to do, and did: each expected action met, late or missed, by whom.

Read from the records alone, after ENDEX: a person who played a role and a simulated one leave the
same facts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

from stopline.exercise.document.deeds import DEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.document.msel import Inject
    from stopline.exercise.engine.ports import FactSeen

EVALUATION_FILE: Final = "evaluation.json"
_MET: Final = "met"
Result = Literal["met", "late", "missed", "not given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRow:
    """One expected action.

    Attributes:
        number: of the inject.
        text: what was said.
        expected: what was to be done, in words.
        side: whose officer.
        role: which.
        objective: that it serves; empty for none.
        given_s: exercise second of the inject; None if it was not given.
        within_s: seconds that there were.
        took_s: seconds that it took; None if it was not done.
        by: who did it.
        result: met, late, missed, or not given.
    """

    number: int
    text: str
    expected: str
    side: str
    role: str
    objective: str
    given_s: float | None
    within_s: float
    took_s: float | None
    by: str
    result: Result


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of all expected actions.

    Attributes:
        rows: one for each, in the order of the list.
        objectives: a line for each objective, by its name.
    """

    rows: tuple[ExpectedRow, ...]
    objectives: dict[str, str]


def evaluate(
    loaded: LoadedExercise, given: Mapping[int, float], facts: Iterable[FactSeen]
) -> Evaluation:
    """Hold the records against the list.

    Args:
        loaded: the exercise.
        given: exercise second at which each inject was given, by number.
        facts: of both records.
    """
    known = list(facts)
    deputies = {
        name: {name, *role.deputies} for name, role in loaded.protocol.protocol.roles.items()
    }
    rows = tuple(
        _row(inject, given.get(inject.number), known, deputies)
        for inject in loaded.exercise.msel
        if inject.expect is not None
    )
    lines = {
        name: _line(title, [row for row in rows if row.objective == name])
        for name, title in loaded.exercise.objectives.items()
    }
    return Evaluation(rows, lines)


def write_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Write it as JSON, for `stopline review --exercise`."""
    told = {
        "form": "stopline-evaluation/1",
        "objectives": evaluation.objectives,
        "expected_actions": [asdict(row) for row in evaluation.rows],
    }
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _row(
    inject: Inject,
    given_s: float | None,
    facts: list[FactSeen],
    deputies: dict[str, set[str]],
) -> ExpectedRow:
    expect = inject.expect
    assert expect is not None  # noqa: S101  (the caller chose those that have one)
    kind = DEEDS[expect.command]
    done = next(
        (
            fact
            for fact in facts
            if given_s is not None
            and fact.side == expect.by.side
            and fact.kind == kind
            and fact.t >= given_s - 1.0
            and fact.role in deputies.get(expect.by.role, {expect.by.role})
            and (expect.of is None or _names(fact, expect.of))
        ),
        None,
    )
    took_s = None if done is None or given_s is None else max(0.0, done.t - given_s)
    result: Result
    if given_s is None:
        result = "not given"
    elif took_s is None:
        result = "missed"
    else:
        result = "met" if took_s <= expect.within_s else "late"
    words = expect.command + (f" {expect.of}" if expect.of else "")
    return ExpectedRow(
        number=inject.number, text=inject.text, expected=words, side=expect.by.side,
        role=expect.by.role, objective=inject.objective or "", given_s=given_s,
        within_s=expect.within_s, took_s=None if took_s is None else round(took_s, 1),
        by="" if done is None else done.author, result=result,
    )  # fmt: skip


def _names(fact: FactSeen, of: str) -> bool:
    """Whether a fact names what was expected; an instance of a task bears its name and a number."""
    return any(word.split("@")[0] == of for word in fact.words)


def _line(title: str, rows: list[ExpectedRow]) -> str:
    given = [row for row in rows if row.result != "not given"]
    if not given:
        return f"{title}: nothing was asked for it"
    met = sum(row.result == _MET for row in given)
    late = sum(row.result == "late" for row in given)
    missed = len(given) - met - late
    parts = [f"{met} of {len(given)} met"]
    parts += [f"{late} late"] if late else []
    parts += [f"{missed} missed"] if missed else []
    return f"{title}: {', '.join(parts)}"
