"""Play an exercise headless, keep what was played, and say what came out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stopline import warm
from stopline.errors import BadInput
from stopline.exercise.engine.engine import Engine
from stopline.exercise.engine.headless import HeadlessNodes
from stopline.exercise.evaluation import EVALUATION_FILE, evaluate, write_evaluation
from stopline.exercise.truth.log import TruthLog
from stopline.journal.export import write_jsonl
from stopline.journal.verify import verify_journal
from stopline.operation.core.node import open_node
from stopline.operation.runtime.exercising import computing_by_looks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.ports import SightingLook
    from stopline.exercise.engine.world import Strategy
    from stopline.exercise.evaluation import Evaluation
    from stopline.exercise.truth.log import Happening
    from stopline.journal.base import Entry

TRUTH_FILE, EVENTS_FILE = "truth.jsonl", "events.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseOutcome:
    """What came out of an exercise.

    Attributes:
        why: why ENDEX came.
        fate: what became of the vehicle: detained, out, or it drives on.
        t: exercise seconds from STARTEX to ENDEX.
        seed: of all chance.
        facts: number of facts in each record, by side.
        shared: messages that crossed the line and stand in both records.
        evaluation: the expected actions.
        folders: of the nodes, by side.
    """

    why: str
    fate: str
    t: float
    seed: int
    facts: dict[str, int]
    shared: int
    evaluation: Evaluation
    folders: dict[str, Path]


def play_headless(
    loaded: LoadedExercise,
    folder: Path,
    *,
    seed: int | None = None,
    listener: Callable[[Happening], None] | None = None,
    strategy: Strategy = "joint plan",
    naive: Callable[[str, SightingLook, float], str] | None = None,
) -> tuple[ExerciseOutcome, Engine]:
    """Play from STARTEX to ENDEX with both nodes in this process, and verify what they recorded.

    Args:
        loaded: the exercise.
        folder: an empty folder; nodes, truth.jsonl, events.jsonl and exported records stay there.
        seed: in place of the document's.
        listener: called with each happening.
        strategy: how plans are made.
        naive: makes the plans of a naive strategy; see `World`.

    Raises:
        BadInput: a record does not verify, or the two disagree on what was shared.
    """
    chosen = loaded.exercise.seed if seed is None else seed
    log = TruthLog()
    if listener is not None:
        log.listeners.append(listener)
    log.write_to(folder / TRUTH_FILE)
    # Who plans by a rule of thumb is offered no plan by the node either.
    nodes = HeadlessNodes.make(loaded, folder, seed=chosen, replans=naive is None)
    warm.prepare(lambda _what, _part: None)  # or compiling would count as computing
    engine = Engine(loaded, nodes, seed=chosen, log=log)
    engine.world.strategy, engine.world.naive = strategy, naive
    try:
        with computing_by_looks():
            why = engine.run()
    finally:
        nodes.close()
        log.close()
    write_events(engine, folder / EVENTS_FILE)
    evaluation = evaluate(loaded, engine.injects.given, engine.facts)
    write_evaluation(evaluation, folder / EVALUATION_FILE)
    shared = compare_records(nodes.folders)
    counts = {side: sum(f.side == side for f in engine.facts) for side in nodes.folders}
    outcome = ExerciseOutcome(
        why=why, fate=engine.vehicle.fate or "drives on", t=engine.t, seed=chosen, facts=counts,
        shared=shared, evaluation=evaluation, folders=nodes.folders,
    )  # fmt: skip
    return outcome, engine


def event_lines(engine: Engine) -> list[str]:
    """All that happened and all that was recorded, as lines; the same for the same exercise."""
    lines = [one.line() for one in engine.world.log.happenings]
    for fact in engine.facts:
        told: dict[str, Any] = {
            "t": fact.t, "record": fact.side, "index": fact.index, "kind": fact.kind,
            "author": fact.author, "role": fact.role, "words": list(fact.words),
        }  # fmt: skip
        lines.append(json.dumps(told, ensure_ascii=False))
    return lines


def write_events(engine: Engine, path: Path) -> None:
    """Write all that happened and was recorded."""
    path.write_text("".join(f"{line}\n" for line in event_lines(engine)), "utf-8")


def compare_records(folders: Mapping[str, Path]) -> int:
    """Verify both records with their proofs, export them, and compare what crossed the line.

    Returns:
        The number of messages that stand in both.

    Raises:
        BadInput: a record does not verify, or the two disagree.
    """
    sent: list[list[str]] = []
    received: list[list[str]] = []
    for side, folder in folders.items():
        with open_node(folder) as node:
            report = verify_journal(node.journal, key=node.identity.key)
            if not report.holds:
                raise BadInput(report.faults)
            entries = list(node.journal.read())
            with (folder.parent / f"{side}.jsonl").open("wb") as file:
                write_jsonl(entries, node.journal.checkpoints(), file)
        sent.append([_envelope(one) for one in entries if one.kind.startswith("message.sent")])
        received.append([_envelope(e) for e in entries if e.kind.startswith("message.received")])
    for end in (0, 1):
        missing = set(received[end]) - set(sent[1 - end])
        if missing:
            raise BadInput.single("records", f"{len(missing)} messages that nobody sent", "none")
    return sum(len(set(received[end]) & set(sent[1 - end])) for end in (0, 1))


def _envelope(entry: Entry) -> str:
    return str((entry.body or {})["envelope"])
