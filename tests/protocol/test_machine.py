"""The state machine: what it allows, what it opens, and what holds whatever facts come."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.errors import BadInput
from stopline.protocol.machine import Machine
from stopline.protocol.reader import parse_protocol, read_protocol
from stopline.protocol.state import KINDS, ProtocolFact, State

EXAMPLES = Path(__file__).parents[2] / "examples" / "protocols"
MINIMAL = read_protocol(EXAMPLES / "minimal.yaml")
JOINT = read_protocol(EXAMPLES / "joint_search.yaml")
MACHINE = Machine(JOINT)
SMALL = Machine(MINIMAL)


class Node:
    """A machine with its state, fed by keyword."""

    def __init__(self, machine: Machine, side: str = "alder") -> None:
        self.machine = machine
        self.side = side
        self.state = machine.begin(side)
        self.count = 0

    def __call__(self, now_s: float, kind: str, about: str = "", **more: Any) -> State:
        self.count += 1
        more.setdefault("side", self.side)
        more.setdefault("person", f"{more.get('role', 'nobody')} of {more['side']}")
        fact = ProtocolFact(
            id=str(self.count), kind=kind, about=about, at_s=now_s, known_s=now_s, **more
        )
        self.state = self.machine.step(self.state, fact)
        return self.state

    def accepted(self, *args: Any, **more: Any) -> None:
        assert self(*args, **more).changes.refused == ""


def test_a_whole_incident_between_two_nodes() -> None:
    a, b = Node(SMALL, "alder"), Node(SMALL, "birch")
    a.accepted(0, "alarm")
    assert (a.state.phase, a.state.lead) == ("ALARM", "alder")
    assert set(a.state.tasks) == {"tell_other_side", "report_to_chief"}
    a.accepted(60, "message_sent", "alert", role="duty_officer")
    assert a.state.tasks["tell_other_side"].status == "closed"
    b.accepted(61, "message_received", "alert", side="alder")
    assert (b.state.phase, b.state.lead) == ("ALARM", "alder")
    assert set(b.state.tasks) == {"answer", "report_to_chief"}
    b.accepted(80, "message_sent", "understood", role="duty_officer")
    a.accepted(81, "message_received", "understood", side="birch")
    for node in (a, b):
        node.accepted(100, "task_done", "report_to_chief", role="duty_officer")
        assert node.state.tasks["report_to_chief"].status == "done"
        node.accepted(130, "task_acknowledged", "report_to_chief", role="chief")
        assert node.state.tasks["report_to_chief"].status == "closed"
    a.accepted(900, "decided", "stand_down", role="chief", outcome="yes")
    assert a.state.phase == "ENDED"


def test_deadlines_overdue_notices_and_escalation() -> None:
    node = Node(SMALL)
    node(0, "alarm")
    due = SMALL.due(node.state, 179)
    assert [t.id for t in due.tasks] == ["tell_other_side", "report_to_chief"]
    assert not due.overdue
    due = SMALL.due(node.state, 200)
    assert [t.id for t in due.overdue] == ["tell_other_side"]
    assert [(e.role, e.holders, e.at_s) for e in due.escalations] == [("chief", ("chief",), 180.0)]
    (missed,) = due.facts
    state = SMALL.step(node.state, missed)
    assert "task tell_other_side overdue" in state.changes.events
    assert SMALL.due(state, 200).facts == ()
    assert SMALL.step(state, missed).changes.refused
    assert SMALL.next_due_s(node.state, 0) == 180


def test_a_premature_deadline_is_refused() -> None:
    node = Node(SMALL)
    node(0, "alarm")
    assert "not yet over" in node(100, "deadline_passed", "tell_other_side").changes.refused


def test_a_deputy_acts_only_while_the_holder_is_absent() -> None:
    node = Node(SMALL)
    node(0, "alarm")
    assert node(5, "decided", "stand_down", role="duty_officer", outcome="yes").changes.refused
    node.accepted(10, "absent", "chief", role="duty_officer")
    assert SMALL.due(node.state, 10).tasks[0].holders == ("duty_officer",)
    node.accepted(20, "decided", "stand_down", role="duty_officer", outcome="yes")


def test_when_the_whole_chain_is_absent_everybody_is_told() -> None:
    node = Node(SMALL)
    node(0, "alarm")
    for role in ("duty_officer", "second_officer", "chief"):
        node.accepted(1, "absent", role, role="chief")
    (escalation,) = SMALL.due(node.state, 200).escalations
    assert set(escalation.holders) == {"chief", "duty_officer", "second_officer"}


def decide(node: Node, person: str, outcome: str = "yes", role: str = "interior_minister") -> State:
    return node(50, "decided", "call_out_military", role=role, outcome=outcome, person=person)


def test_two_person_decisions_need_two_different_persons() -> None:
    node = Node(MACHINE)
    node(0, "alarm")
    decide(node, "Ann Smith")
    decide(node, "ann  SMITH", role="defence_minister")
    assert not node.state.decided
    decide(node, "Bo", "no", role="defence_minister")
    assert not node.state.decided
    decide(node, "Bo", role="defence_minister")
    assert node.state.decided == {"call_out_military": "yes"}
    assert "alert_military" in node.state.tasks
    assert decide(node, "Cy").changes.refused


def test_nothing_needs_authority_in_vain() -> None:
    node = Node(MACHINE)
    node(0, "alarm")
    node(9, "decided", "camera_search", role="prosecutor", outcome="yes")
    assert MACHINE.granted(node.state, "start_watch_list")
    assert not MACHINE.granted(node.state, "issue_orders")


def test_disclosures_follow_the_phase() -> None:
    node = Node(MACHINE)
    assert "vehicle" not in MACHINE.permitted(node.state)
    refused = node(1, "message_sent", "heading", role="liaison_officer").changes.refused
    assert "not for phase READY" in refused
    node(2, "alarm")
    assert MACHINE.may_disclose(node.state, "vehicle", "duty_officer")
    assert not MACHINE.may_disclose(node.state, "vehicle", "press_officer")
    assert not MACHINE.may_disclose(node.state, "suspicions", "head_of_state")
    assert "vehicle" in MACHINE.due(node.state, 3).disclosures


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"person": " "}, "names no person"),
        ({"role": "janitor"}, "no role"),
        ({"side": "birch"}, "own people"),
        ({"about": "nonsense"}, "no message"),
        ({"kind": "nonsense"}, "no kind"),
        ({"known_s": float("nan")}, "finite"),
    ],
)
def test_what_is_not_allowed_is_refused_and_says_why(more: dict[str, Any], said: str) -> None:
    node = Node(SMALL)
    node(0, "alarm")
    fact = ProtocolFact(
        id="x", kind="message_sent", side="alder", at_s=1, known_s=1, role="duty_officer",
        person="Ann", about="alert",
    )  # fmt: skip
    assert SMALL.refusal(node.state, fact) == ""
    bad = replace(fact, **more)
    assert said in SMALL.refusal(node.state, bad)
    after = SMALL.step(node.state, bad)
    assert replace(after, changes=node.state.changes, now_s=node.state.now_s) == node.state


def test_if_both_raise_the_alarm_the_first_named_leads() -> None:
    a, b = Node(SMALL, "alder"), Node(SMALL, "birch")
    a(0, "alarm")
    b(0, "alarm")
    b(10, "message_received", "alert", side="alder")
    a(10, "message_received", "alert", side="birch")
    assert a.state.lead == b.state.lead == "alder"
    assert b.state.tasks["tell_other_side"].status == "withdrawn"
    assert b.state.tasks["answer"].status == "open"
    assert a.state.tasks["tell_other_side"].status == "open"


def test_an_incident_keeps_the_version_it_began_with() -> None:
    other = Machine(parse_protocol(MINIMAL.data + b"\n# a later version\n"))
    with pytest.raises(BadInput, match="an incident under sha256"):
        other.step(
            SMALL.begin("alder"),
            ProtocolFact(id="1", kind="alarm", side="alder", at_s=0, known_s=0),
        )


def test_a_late_fact_counts_from_when_it_was_known_and_time_never_goes_back() -> None:
    node = Node(SMALL, "birch")
    node(500, "report")
    late = ProtocolFact(
        id="m", kind="message_received", side="alder", about="alert", at_s=100, known_s=400
    )
    state = SMALL.step(node.state, late)
    assert state.now_s == 500
    assert state.tasks["answer"].deadline_s == 560


def test_repeated_tasks_are_one_for_each_event_and_the_same_fact_opens_one() -> None:
    node = Node(MACHINE, "birch")
    node(0, "message_received", "alert", side="alder")
    for number in (1, 1, 2):
        fact = ProtocolFact(
            id=f"s{number}", kind="message_received", side="alder", about="sighting",
            at_s=5, known_s=5,
        )  # fmt: skip
        node.state = MACHINE.step(node.state, fact)
    assert {"take_in_sighting#s1", "take_in_sighting#s2"} <= set(node.state.tasks)
    node.accepted(9, "task_done", "take_in_sighting#s2", role="second_officer")
    assert node.state.tasks["take_in_sighting#s1"].status == "open"


# ---- whatever facts come -------------------------------------------------------------------

PROTOCOL = JOINT.protocol
NAMES = sorted(
    {
        *PROTOCOL.tasks, *PROTOCOL.messages, *PROTOCOL.decisions, *PROTOCOL.roles, *PROTOCOL.levels,
        "suspicion", "search", "no_such_name",
    }
)  # fmt: skip
OUTCOMES = ["yes", "no", "sealed", "leaking", "first_closed", "all_closed", "opened",
            "all_reopened", "detained", "released", "down", ""]  # fmt: skip

facts = st.lists(
    st.builds(
        ProtocolFact,
        id=st.integers(0, 200).map(str),
        kind=st.sampled_from(sorted(KINDS)),
        side=st.sampled_from(["alder", "birch"]),
        at_s=st.floats(0, 5000),
        known_s=st.floats(0, 5000),
        role=st.sampled_from(sorted(PROTOCOL.roles)),
        person=st.sampled_from(["Ann", "Bo", "Cy", ""]),
        about=st.sampled_from(NAMES),
        outcome=st.sampled_from(OUTCOMES),
        marks=st.sampled_from([(), ("confirmed",), ("confirmed", "heading")]),
    ),
    max_size=40,
)
#: facts that drive the incident forward, so that the random ones meet many phases
script = st.lists(st.integers(0, 11), max_size=14).map(
    lambda numbers: [SCRIPT[number] for number in numbers]
)


def _fact(kind: str, about: str = "", side: str = "alder", **more: Any) -> ProtocolFact:
    more.setdefault("person", "Ann")
    return ProtocolFact(
        id=f"{kind}{about}", kind=kind, side=side, about=about, at_s=1, known_s=1, **more
    )


SCRIPT = [
    _fact("alarm"),
    _fact("message_sent", "alert", role="duty_officer"),
    _fact("message_received", "alert_understood", side="birch"),
    _fact("sighting", marks=("confirmed", "heading")),
    _fact("plan", outcome="leaking"),
    _fact("decided", "joint_sealing", role="head_of_state", outcome="yes"),
    _fact("message_received", "sealing_agreed", side="birch"),
    _fact("seal", outcome="all_closed"),
    _fact("message_received", "sections_sealed", side="birch"),
    _fact("vehicle", outcome="detained"),
    _fact("decided", "is_it_the_one", role="chief_of_police", outcome="no"),
    _fact("decided", "is_it_the_one", role="security_chief", outcome="no", person="Bo"),
]
mixed = st.tuples(script, facts, st.randoms(use_true_random=False)).map(
    lambda parts: _shuffled([*parts[0]], parts[1], parts[2])
)


def _shuffled(
    ordered: list[ProtocolFact], others: list[ProtocolFact], random: Any
) -> list[ProtocolFact]:
    for fact in others:
        ordered.insert(random.randint(0, len(ordered)), fact)
    return ordered


@settings(max_examples=60, deadline=None)
@given(mixed, st.sampled_from(["alder", "birch"]), st.floats(0, 20_000))
def test_what_holds_whatever_facts_come(
    stream: list[ProtocolFact], side: str, wait_s: float
) -> None:
    state = MACHINE.begin(side)
    for fact in stream:
        before = state
        state = MACHINE.step(state, fact)
        assert state.now_s >= before.now_s
        assert state.phase in PROTOCOL.phases
        if state.changes.refused:
            assert MACHINE.refusal(before, fact) == state.changes.refused
            assert (state.tasks, state.phase, state.decided) == (
                before.tasks, before.phase, before.decided
            )  # fmt: skip
        for name, task in before.tasks.items():
            after = state.tasks[name]
            assert (after.opened_s, after.deadline_s) == (task.opened_s, task.deadline_s)
            if task.status in {"closed", "withdrawn"}:
                assert after == task
    _check_due(state, state.now_s + wait_s)
    assert MACHINE.replay(MACHINE.begin(side), stream) == state
    text = json.dumps(state.to_json())
    assert State.from_json(json.loads(text)) == state
    assert [ProtocolFact.from_json(json.loads(json.dumps(f.to_json()))) for f in stream] == stream


def _check_due(state: State, now_s: float) -> None:
    due = MACHINE.due(state, now_s)
    overdue = {item.id for item in due.overdue if item.what == "do"}
    done = {t.id for t in state.tasks.values() if t.status != "open"}
    assert not overdue & done
    assert all(item.holders for item in due.tasks)
    assert all(step.holders and step.at_s <= now_s for step in due.escalations)
    assert {item.id for item in due.overdue} == {step.id for step in due.escalations}
    for step in due.escalations:
        there = [role for role in step.holders if role not in state.absent]
        chain = {*MACHINE._tables.deputies[step.role]}
        assert there or chain <= state.absent
    for fact in due.facts:
        still = state.tasks[fact.about].status == ("done" if fact.outcome != "done" else "open")
        state = MACHINE.step(state, fact)
        assert (state.changes.refused == "") == still  # one missed deadline may withdraw others
    later = MACHINE.due(state, now_s)
    assert not {f.id for f in later.facts} & {f.id for f in due.facts}
    after = MACHINE.next_due_s(state, now_s)
    assert after is None or after > now_s


@settings(max_examples=30, deadline=None)
@given(mixed, st.integers(0, 50))
def test_a_restart_in_the_middle_changes_nothing(stream: list[ProtocolFact], cut: int) -> None:
    state = MACHINE.replay(MACHINE.begin("alder"), stream[:cut])
    again = State.from_json(json.loads(json.dumps(state.to_json())))
    assert MACHINE.replay(again, stream[cut:]) == MACHINE.replay(MACHINE.begin("alder"), stream)
