"""What leaves of a joint plan is what the two sides agreed; nothing leaves that they did not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from operation.joint.incident_case import JointCase
from operation.liaison_case import DOCUMENT, INCIDENT, Case
from stopline.errors import BadInput
from stopline.link.disclosure import DISCLOSED
from stopline.link.errors import NotDisclosable
from stopline.link.mailbox import Message, post
from stopline.link.messages import all_message_kinds
from stopline.link.plan_messages import PlanAsked, PlanDeclined
from stopline.operation.core.command_handler import CommandHandler
from stopline.operation.core.node import make_node
from stopline.operation.core.protocol_rules import AgreedRules
from stopline.operation.joint.disclosure_rules import ByProtocol, check_may_ask
from stopline.operation.joint.query_client import NotAnswered
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.protocol.reader import parse_protocol
from stopline.protocol.schema import NodeKind
from stopline.scenario.loader import load_scenario
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem

ROOT = Path(__file__).parents[3]
JOINT = {kind.name for kind in all_message_kinds() if kind.name.startswith("plan.")}
WORDS = {"plan.declined", "plan.withdrawn"}


@pytest.fixture(scope="module")
def problem() -> SealingProblem:
    return load_scenario(ROOT / "tests/operation/orders/vaduz/sealed.yaml").problem


def rules(case: Case) -> AgreedRules:
    return AgreedRules(case.both.desks[0].catch_up())


def test_a_document_can_name_every_kind_but_words() -> None:
    assert set(get_args(NodeKind)) | WORDS == JOINT
    assert DISCLOSED.keys() >= JOINT


def test_the_shipped_protocol_allows_joint_plans_in_its_phases_alone(case: Case) -> None:
    protocol = parse_protocol(DOCUMENT.read_bytes()).protocol
    agreed = set(protocol.disclosures["joint_plan"].phases)
    assert agreed == {"AGREE", "ALONE", "SEAL", "SEARCH"}
    for phase in (*protocol.phases, None):
        for kind in JOINT - WORDS:
            assert rules(case).allows(kind, phase) == (phase in agreed), (kind, phase)
        assert all(rules(case).allows(kind, phase) for kind in WORDS)


def test_before_the_phase_nothing_is_asked(case: Case, problem: SealingProblem) -> None:
    case.liaison()
    with pytest.raises(BadInput, match=r"joint_search, phase LIAISON.*kinds: \[plan.asked"):
        JointCase(case, problem).plan()


def test_an_incident_must_be_named_and_known(case: Case, problem: SealingProblem) -> None:
    case.agree()
    for incident in (None, "i-2"):
        with pytest.raises(BadInput, match="an incident of this node, as joint_search is in force"):
            JointCase(case, problem).plan(incident=incident)


def test_the_gate_itself_refuses_a_question_that_was_not_agreed(case: Case) -> None:
    case.liaison()
    desk = case.both.desks[0]
    asked = PlanAsked(
        matter="m", number=1, common={}, now_utc_s=0.0, wanted=1, site="1", strength="1",
        by_s="1.0", prefer="units",
    )  # fmt: skip
    message = Message(
        message_id="m-1", body=asked, time_s=0.0, author="x", role="y", incident=INCIDENT,
        phase="LIAISON",
    )  # fmt: skip
    with desk.node.journal.transaction() as work, pytest.raises(NotDisclosable, match="LIAISON"):
        post(work, desk.node.identity.signer, str(desk.peer), message, rules(case))


def test_who_may_not_answer_says_so_in_words(tmp_path: Path, problem: SealingProblem) -> None:
    """A document may let questions out and no answers: the asker learns why, and no more."""
    text = DOCUMENT.read_text("utf-8")
    both = "kinds: [plan.asked, plan.answered, plan.taken, plan.decided]"
    assert both in text
    case = Case.__new__(Case)
    document = text.replace(both, "kinds: [plan.asked]").encode()
    case.both = TwoNodes.make(tmp_path, document)
    case.agree()
    joint = JointCase(case, problem)
    with pytest.raises(NotAnswered, match="by our protocol nothing of a joint plan may leave"):
        joint.plan()
    sent = [
        str(entry.body["kind"])
        for entry in case.both.desks[1].node.journal.read()
        if entry.kind == "message.sent" and entry.body is not None
    ]
    assert [kind for kind in sent if kind.startswith("plan.")] == ["plan.declined"]
    assert set(PlanDeclined.model_fields) == {"matter", "number", "reason"}
    case.both.close()


def test_without_a_protocol_nothing_is_asked_or_answered(tmp_path: Path) -> None:
    make_node(
        tmp_path / "bare", "bare.example/node", journal="journal.db", url="",
        listen="127.0.0.1:0", now_s=1_795_000_000.0,
    )  # fmt: skip
    desk = open_command_handler(tmp_path / "bare")
    agreed = ByProtocol(desk)
    with pytest.raises(BadInput, match=r"no protocol is in force.*a protocol that both sides"):
        check_may_ask(agreed, None)
    assert not any(agreed.at(None).allows(kind) for kind in JOINT - WORDS)
    desk.node.journal.close()


def test_the_phase_follows_the_incident(case: Case) -> None:
    agreed = ByProtocol(CommandHandler(case.both.desks[0].node))
    assert agreed.at(INCIDENT).phase is None
    case.agree()
    assert agreed.at(INCIDENT).phase == "AGREE"
