"""The whole incident goes on whichever node, database or line dies at whichever step."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from operation.mortal_desks import MortalDesks
from stopline.link.mailbox import outbox_shelf
from stopline.operation.core.context import seconds
from stopline.operation.facts.incident import DeadlinePassed
from stopline.operation.runtime.scheduler import SchedulerSettings
from stopline.testing.two_journals import agree_on_what_was_shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from operation.own_server import OwnServer

SCRIPT = Path(__file__).parents[2] / "examples/joint_incident.py"
WAITS_BEFORE, WAITS_S = 8, 300.0  # the command before which all wait, and how long
SENT_AGAIN_S = 3.0
QUIET = SchedulerSettings(
    judges=False, believes=False
)  # what is computed is the same each time, and long


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("joint_incident", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["joint_incident"] = found
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def undisturbed(script: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How it ends when nothing dies, and how many commits each end comes to."""
    return played(script, tmp_path_factory.mktemp("calm"), lambda _end, _commit: "")


def played(
    script: Any,
    folder: Path,
    dies: Callable[[int, int], str],
    before: Callable[[MortalDesks], None] = lambda _both: None,
    journals: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Play it, check what must always hold, and give what must be the same each time."""

    def make(where: Path, document: bytes) -> MortalDesks:
        both = MortalDesks.make(where, document, journals=journals, settings=QUIET)
        both.arm(dies, lambda two: waits(two, before))
        return both

    told = script.play(folder, make)
    both = told.both
    try:
        assert [told.phase(end) for end in (0, 1)] == ["CLOSED", "CLOSED"]
        assert agree_on_what_was_shared(told.both) >= 15
        assert not any(desk.catch_up().unread for desk in both.desks)
        return {
            "orders": [orders_of(told, end) for end in (0, 1)],
            "moves": [moves_of(both, end) for end in (0, 1)],
            "late": [late_of(both, end) for end in (0, 1)],
            "sent": [sent_of(both, end) for end in (0, 1)],
            "commits": list(both.commits),
            "deaths": list(both.deaths),
            "outages": both.outages,
        }
    finally:
        both.close()


def waits(both: MortalDesks, before: Callable[[MortalDesks], None]) -> None:
    """Nobody reports to the chief in time: deadlines pass while nodes die."""
    before(both)
    if both.given == WAITS_BEFORE:
        both.run(WAITS_S)


def waiting(both: MortalDesks) -> int:
    """How many messages the other side has not confirmed."""
    return sum(
        len(list(desk.node.journal.shelf(outbox_shelf(str(desk.peer))))) for desk in both.desks
    )


def orders_of(told: Any, end: int) -> list[tuple[str, str, str, str]]:
    """What each order says and how it ended; one issued twice would stand here twice."""
    return sorted(
        (one.issued.unit, one.issued.site, one.issued.deadline, one.state)
        for one in told.orders(end).orders.values()
    )


def moves_of(both: MortalDesks, end: int) -> dict[str, int]:
    """How many facts of each kind about orders there are."""
    kinds = [e.kind for e in both.desks[end].node.journal.read() if e.kind.startswith("order.")]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def late_of(both: MortalDesks, end: int) -> list[tuple[str, str, float]]:
    """Each deadline that passed, and when; one noted twice would stand here twice."""
    facts = [e.typed() for e in both.desks[end].node.journal.read() if e.kind == "deadline.passed"]
    return sorted((f.task, f.what, seconds(f.due)) for f in facts if isinstance(f, DeadlinePassed))


def sent_of(both: MortalDesks, end: int) -> int:
    """How many messages left an end for good."""
    kinds = [e.kind for e in both.desks[end].node.journal.read()]
    return sum(kind.startswith("message.sent") for kind in kinds)


def same(left: dict[str, Any], right: dict[str, Any]) -> None:
    """The two ended alike; a message that had to be sent again starts its clock that much later."""
    for key in ("orders", "moves", "sent"):
        assert left[key] == right[key], key
    for here, there in zip(left["late"], right["late"], strict=True):
        assert [one[:2] for one in here] == [one[:2] for one in there]
        assert [one[2] for one in here] == pytest.approx(
            [one[2] for one in there], abs=SENT_AGAIN_S
        )


def test_deadlines_pass_when_nobody_acts(undisturbed: dict[str, Any]) -> None:
    assert all(undisturbed["late"])
    assert all(undisturbed["orders"])


@pytest.mark.parametrize("seed", range(1))
def test_nodes_that_die_at_random_commits(
    script: Any, undisturbed: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)

    def dies(_end: int, _commit: int) -> str:
        return chance.choice(["before", "after"]) if chance.random() < 0.15 else ""

    found = played(script, tmp_path, dies)
    assert min(found["deaths"]) > 5
    same(found, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_node_that_dies_once_at_every_commit(
    script: Any, undisturbed: dict[str, Any], tmp_path: Path, end: int, when: str
) -> None:
    for commit in range(1, undisturbed["commits"][end] + 1):
        found = played(
            script,
            tmp_path / str(commit),
            lambda who, number, at=commit: when if (who, number) == (end, at) else "",
        )
        assert found["deaths"][end] == 1, commit
        same(found, undisturbed)


def test_a_line_that_breaks_before_any_command(
    script: Any, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    chance = random.Random(3)

    def breaks(both: MortalDesks) -> None:
        for faults in both.line.faults:
            faults.loss, faults.jitter_s, faults.doubling = 0.2, 0.05, 0.2
        if any(faults.cut for faults in both.line.faults):
            return  # by the script
        if chance.random() < 0.3:
            for faults in both.line.faults:
                faults.cut = True
            both.run(4.0)
            for faults in both.line.faults:
                faults.cut = False
        while waiting(both):  # people answer what they have seen
            both.run(0.5)

    found = played(script, tmp_path, lambda _end, _commit: "", breaks)
    assert found["sent"] == undisturbed["sent"]
    assert found["moves"] == undisturbed["moves"]


@pytest.mark.long
def test_a_database_that_is_killed_before_any_command(
    script: Any, undisturbed: dict[str, Any], tmp_path: Path, own_server: OwnServer
) -> None:
    chance = random.Random(4)

    def breaks(_both: MortalDesks) -> None:
        if chance.random() < 0.12:
            own_server.kill()

    urls = (own_server.url("alder"), own_server.url("birch"))
    found = played(script, tmp_path, lambda _end, _commit: "", breaks, urls)
    assert own_server.kills > 3
    assert found["outages"] >= own_server.kills
    same(found, undisturbed)
