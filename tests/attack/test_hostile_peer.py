"""A paired node in hostile hands: whatever it mixes into an honest incident, ours stays the same.

Each sequence is chance from a seed: messages that the protocol does not give the sender, between
steps that our own officers take and messages that an honest peer sends. In the end our phase,
tasks, orders, plan and sightings are those of the same incident without them, and the record holds.
`--long` runs 500 sequences.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from attack.line_client import uuid7
from attack.victim import Victim, prepared
from operation.liaison_case import DUTY, INCIDENT, LIAISON, actor
from stopline.link.ids import derived_id
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.commands import SendMessage, VoiceDecision
from stopline.operation.sightings.commands import NoteSighting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command

SEEN = {
    "sighting": "s", "lon": 9.5, "lat": 47.1, "radius_m": 5, "seen": "2026-11-18T10:00:00+00:00",
    "heading_deg": 10, "towards": "the border", "grade": "A1", "confirmed": True,
    "withdrawn": False,
}  # fmt: skip


@dataclass
class Story:
    """An honest incident on one node, step by step; chance puts hostile messages between."""

    victim: Victim
    steps: int = 0

    def own(self, command: Command, who: Actor) -> None:
        self.steps += 1
        victim = self.victim
        victim.now_s += 5
        victim.desk.do(
            command, who, command_id=derived_id(0.0, "story", self.steps), now_s=victim.now_s
        )

    def said(self, name: str) -> SendMessage:
        said = ProcedureSaid(protocol="", name=name)
        return SendMessage(incident=INCIDENT, said=said)

    def honest(self) -> list[Callable[[], object]]:
        victim = self.victim
        sighting = NoteSighting.model_validate(
            {
                "incident": INCIDENT, "lon": 9.5, "lat": 47.1, "place": "bridge",
                "seen": "2026-11-18T11:00:00+00:00", "source": "patrol", "grade": "B2",
                "confirmed": True, "towards": "the border",
            }
        )  # fmt: skip
        vote = VoiceDecision(incident=INCIDENT, decision="joint_sealing", outcome="yes")
        return [
            lambda: victim.say("liaison_open", contact_persons="A. Novak"),
            lambda: self.own(self.said("liaison_open"), LIAISON),
            lambda: self.own(sighting, DUTY),
            lambda: self.own(self.said("heading"), LIAISON),
            lambda: self.own(vote, actor("head_of_state")),
            lambda: self.own(self.said("sealing_agreed"), LIAISON),
            lambda: victim.say("sealing_agreed"),
            lambda: self.own(self.said("anything_else"), actor("chief_of_police")),
            lambda: victim.say("we_need", text="nothing, thank you"),
        ]


def attacks(victim: Victim, chance: random.Random) -> list[bytes]:
    """A handful of signed messages that the protocol does not give the sender."""
    hostile, ours = (
        victim.hostile,
        sorted(k for k, o in victim.desk.read().message_ids.items() if o),
    )
    theirs = sorted(k for k, own in victim.desk.read().message_ids.items() if not own)
    protocol = victim.protocol
    at = derived_id(0.0, "m", chance.random())

    def text(size: int) -> str:
        return "".join(chance.choice("abc \u202e\n\x00") for _ in range(size))

    def said(name: str, incident: str = INCIDENT, **content: Any) -> bytes:
        return hostile.said(protocol, name, incident, **content)

    def plan(kind: str, **more: Any) -> bytes:
        body = {"matter": at, "number": chance.randrange(-2, 5), **more}
        return hostile.envelope(kind, body, incident=INCIDENT)

    makers: list[Callable[[], bytes]] = [
        lambda: said(chance.choice(["stand_down", "alert", "can_you_seal", "anything_else"])),
        lambda: said(text(8), f"new-{chance.randrange(9)}", what_happened=text(20)),
        lambda: said("liaison_open", f"new-{chance.randrange(9)}"),
        lambda: said("liaison_open", text(9)),
        lambda: said("liaison_open", sightings=[SEEN]),
        lambda: said("liaison_open", detention="here", contact_persons="x"),
        lambda: said("heading", suspicions="x", sightings=[{**SEEN, "grade": "Z9"}]),
        lambda: said("sighting", schema=chance.choice([2, 99]), sightings=[SEEN]),
        lambda: said("heading", lane=chance.choice(["routine", "bulk"]), sightings=[SEEN]),
        lambda: said(chance.choice(["we_seal", "help_answer", "statement_agreed"]), answer="done"),
        lambda: said("sealing_agreed", id=chance.choice([*ours, *theirs])),
        lambda: said("detained", answer="accepted", detention="here"),
        lambda: hostile.said("sha256:" + "0" * 64, "detained", INCIDENT, detention="here"),
        lambda: hostile.envelope(text(5) or "x", {"a": text(5)}),
        lambda: hostile.envelope("text.sent", {"text": text(50)}, lane="alarm"),
        lambda: hostile.envelope("procedure.said", {"protocol": protocol, "name": "detained"}),
        lambda: plan("plan.answered", closed_s=[1], units=[1], strength=[1], members=[], most=[]),
        lambda: plan("plan.taken", held="0", expires_utc_s=9e99),
        lambda: plan("plan.decided"),
        lambda: plan("plan.withdrawn", reason=text(9)),
        lambda: plan("plan.declined", reason=text(9)),
        lambda: hostile.envelope(
            "message.acknowledged", {"message": uuid7(1.0), "person": "x", "role": "duty_officer"}
        ),
        lambda: hostile.envelope(
            "message.acknowledged", {"message": ours[0], "person": "x", "role": "emperor"}
        ),
        lambda: hostile.envelope(
            "journal.cosigned", {"size": 1, "line": hostile.false_line(1)}, lane="routine"
        ),
        lambda: hostile.envelope(
            "journal.checkpoint", {"checkpoint": text(30), "earlier": 0, "consistency": []},
            lane="routine",
        ),
        lambda: hostile.envelope("node.key-rotated", {"note": text(9), "until": {}}),
        lambda: hostile.envelope(
            "recipient.introduced", {"role": "emperor", "person": "x", "key": "eA=="},
            lane="routine",
        ),
    ]  # fmt: skip
    return [chance.choice(makers)() for _ in range(chance.randrange(1, 6))]


def run(folder: Path, now_s: float, chance: random.Random | None) -> dict[str, Any]:
    victim = Victim.of(folder, 0, now_s)
    story = Story(victim)
    try:
        for step in story.honest():
            if chance is not None:
                victim.send(*attacks(victim, chance))
            step()
        if chance is not None:
            assert victim.refused() > 0
        assert victim.verify() == []
        return victim.snapshot()
    finally:
        victim.close()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("before")
    now_s = prepared(folder, "liaison")
    copy = folder.parent / "alone"
    shutil.copytree(folder, copy)
    return folder, now_s, run(copy, now_s, None)


def check(before: tuple[Path, float, dict[str, Any]], place: Path, seeds: range) -> None:
    folder, now_s, alone = before
    assert alone["phase"] == "SEAL"
    for seed in seeds:
        copy = place / str(seed)
        shutil.copytree(folder, copy)
        found = run(copy, now_s, random.Random(seed))
        assert found == alone, f"seed {seed}"
        shutil.rmtree(copy)


def test_a_hostile_peer_changes_nothing_that_is_ours(
    before: tuple[Path, float, dict[str, Any]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first = int(request.config.getoption("--seed")) * 1000
    check(before, tmp_path, range(first, first + 6))


@pytest.mark.long
def test_five_hundred_sequences_of_a_hostile_peer(
    before: tuple[Path, float, dict[str, Any]], tmp_path: Path
) -> None:
    check(before, tmp_path, range(500))
