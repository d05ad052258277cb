"""A whole incident on two nodes, from the alarm to the stand-down, with a broken line between.

    python examples/joint_incident.py [--out DIR]

Alder (where it happened) and Birch run the shipped protocol on two nodes in one process, with a
simulated line and simulated time between them. Every step is a command that a named person gives;
the machine of the agreed protocol moves with it. The line breaks while Alder asks Birch to seal its
sections, and what was said meanwhile arrives when it heals. At the end both journals are verified,
and everything that was shared is compared; with --out the nodes are kept, and each side gets a
review. The plan is that of examples/liechtenstein, whose two sides play Alder (LI) and Birch (CH);
each side adopts its own part only. All is invented.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stopline.link.procedure_message import CommittedSection, WantedSection
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import (
    AcknowledgeMessage,
    DoTask,
    OpenIncident,
    RaiseAlarm,
    StopVehicle,
    TakeReport,
    VoiceDecision,
)
from stopline.operation.liaison.commands import AnswerOtherSide, AskOtherSide, LogCall
from stopline.operation.orders.board import board, seal_status
from stopline.operation.orders.commands import (
    IssueOrders,
    MoveOrder,
    WriteLesson,
)
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.sightings.commands import NoteSighting
from stopline.operation.situation.commands import IssueSituation
from stopline.operation.stand_down.commands import (
    CheckStandDown,
    ProposeStandDown,
    WithdrawNextStep,
)
from stopline.operation.stand_down.projection import StandDown
from stopline.operation.statements.commands import (
    AnswerStatement,
    DraftStatement,
    ReleaseStatement,
    ShowStatement,
)
from stopline.operation.statements.projection import Statements
from stopline.operation.watch_list.commands import AddWatch
from stopline.review.review import review_incident
from stopline.testing.side_plans import side_plans
from stopline.testing.told_incident import ToldIncident
from stopline.testing.two_desks import START_S, TwoNodes
from stopline.testing.two_journals import agree_on_what_was_shared, export_journals

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandReceipt

HERE = Path(__file__).parent
HEARD_WITHIN = 60  # s
NAME = "i-2026-11-18"
SIDES = ("LI", "CH")
PLATE = "FL 90817"  # it stands in the watch lists, and nowhere when they have ended


class Story(ToldIncident):
    """The incident of this script: after each command the line works for a while."""

    def do(self, end: int, role: str, command: Command, *, wait_s: float = 2.0) -> CommandReceipt:
        """Give a command in a role, and let the line work."""
        return super().do(end, role, command, wait_s=wait_s)


def play(folder: Path, make: Callable[[Path, bytes], TwoNodes] = TwoNodes.make) -> Story:
    """Go through the whole protocol.

    Args:
        folder: an empty folder for the two nodes.
        make: how they are made; a rehearsal of failures gives desks that fail.
    """
    document = (HERE / "protocols/joint_search.yaml").read_bytes()
    story = Story(make(folder, document), NAME)
    _alarm(story)
    _agree(story)
    _seal(story)
    _search_and_statement(story)
    _detain_and_stand_down(story)
    return story


def _alarm(story: Story) -> None:
    for end in (0, 1):
        open_ = OpenIncident(
            incident=NAME, title="Concert hall", authority=f"order 7{end} of the court on duty",
            expires=story.at(86_400),
        )  # fmt: skip
        story.do(end, "duty_officer", open_)
    alarm = RaiseAlarm(
        incident=NAME, what="Shots in a concert hall; a white van drives off", place="Vaduz",
        happened=story.at(-120), vehicle="white van; the cameras know the plate",
    )  # fmt: skip
    story.do(0, "duty_officer", alarm)
    story.say("the alarm is raised")
    happened = "Shots in a concert hall in Vaduz"
    story.tell(0, "duty_officer", "alert", what_happened=happened, vehicle="white van")
    story.tell(1, "duty_officer", "alert_understood")
    story.say("Birch is alerted and has confirmed")
    for end in (0, 1):
        done = DoTask(incident=NAME, task="report_to_chief", evidence="place, time, vehicle")
        story.do(end, "duty_officer", done)
        story.tell(end, "liaison_officer", "liaison_open", contact_persons="on duty day and night")
    story.say("both chiefs are informed; liaison is open")
    for end in (0, 1):
        allowed = VoiceDecision(incident=NAME, decision="camera_search", outcome="yes")
        story.do(end, "prosecutor", allowed)
        watch = AddWatch(
            incident=NAME, plate=PLATE, vehicle="white van", expires=story.at(6 * 3600)
        )
        story.do(end, "second_officer", watch)
        done = DoTask(incident=NAME, task="start_watch_list", evidence="order and its end")
        story.do(end, "second_officer", done)
    story.say("the cameras look for the one vehicle")


def _agree(story: Story) -> None:
    seen = NoteSighting(
        incident=NAME, lon=9.5209, lat=47.141, place="centre of Vaduz", seen=story.at(-60),
        source="patrol 3", grade="A1", confirmed=True, towards="the Rhine bridges",
    )  # fmt: skip
    story.do(0, "duty_officer", seen)
    story.tell(0, "liaison_officer", "heading")
    story.say("the heading is known to both")
    parts = side_plans(HERE / "liechtenstein/sealed.yaml", SIDES, story.both.now_s)
    for end in (0, 1):
        adopt = AdoptPlan(
            incident=NAME, plan=parts[end],
            unchecked_because="our part of the joint plan; the whole was checked before it was cut",
        )  # fmt: skip
        story.do(end, "duty_officer", adopt)
    wanted = tuple(
        WantedSection(
            site=f"{seal['site']['kind']} {seal['site']['index']}", road=seal["site"]["name"],
            lon=seal["site"]["lon"], lat=seal["site"]["lat"], by=seal["closed_at"],
            strength=seal["site"]["need"],
        )
        for seal in json.loads(parts[1])["seals"]
    )  # fmt: skip
    for direction in (0, 1):
        story.both.line.faults[direction].cut = True
    story.say("THE LINE BREAKS")
    ask = AskOtherSide(
        incident=NAME, message="can_you_seal", asked="seal sections",
        text="Can you help me seal it off?", wanted_sections=wanted, answer_by=story.at(480),
    )  # fmt: skip
    asked = story.do(0, "liaison_officer", ask, wait_s=20.0)
    story.say("Alder has asked Birch to seal its sections; nothing gets through")
    for direction in (0, 1):
        story.both.line.faults[direction].cut = False
    story.both.run(5.0)
    story.say("the line is back, and the request has arrived")
    story.do(1, "chief_of_police", AcknowledgeMessage(incident=NAME, message=asked.ids[0]))
    yes = tuple(CommittedSection(site=one.site, closed_by=one.by) for one in wanted)
    answer = AnswerOtherSide(
        incident=NAME, request=asked.ids[0], answer="accepted", text="Yes, by these times.",
        commitments=yes,
    )  # fmt: skip
    story.do(1, "chief_of_police", answer)
    call = LogCall(
        incident=NAME, between="heads", ours="head of state of Alder",
        theirs="head of state of Birch", began=story.at(-60), minutes=1.0,
        we_asked="to seal jointly", they_asked="do you need anything else?", agreed="yes, at once",
    )  # fmt: skip
    story.do(0, "head_of_state", call)
    for end in (0, 1):
        voice = VoiceDecision(incident=NAME, decision="joint_sealing", outcome="yes")
        story.do(end, "head_of_state", voice)
        story.tell(end, "liaison_officer", "sealing_agreed")
    story.say("both heads agree")


def _seal(story: Story) -> None:
    for end in (0, 1):
        story.do(end, "duty_officer", IssueOrders(incident=NAME, side=SIDES[end]))
        done = DoTask(incident=NAME, task="issue_orders", evidence="every unit has acknowledged")
        story.do(end, "duty_officer", done)
    count = sum(len(story.orders(end).orders) for end in (0, 1))
    story.say(f"{count} orders are out")
    for end in (0, 1):
        for state in ("acknowledged", "under way", "closed"):
            for order in list(story.orders(end).orders.values()):
                move = MoveOrder.model_validate(
                    {"incident": NAME, "order": order.issued.order, "state": state}
                )
                officer = Actor(f"{'ab'[end]}.sergeant", "second_officer", order.issued.agency)
                story.both.do(end, move, officer)
                story.both.run(0.2)
        rows = board(story.orders(end), story.both.now_s)
        states = ", ".join(f"{row.order.issued.road}: {row.state}" for row in rows)
        story.say(f"{'Alder' if end == 0 else 'Birch'}: {states}")
    for end in (0, 1):
        status = seal_status(story.orders(end), story.both.now_s)
        told = [one.model_dump(mode="json") for one in status]
        story.tell(end, "liaison_officer", "sections_sealed", seal_status=told)
    story.say("both know that all sections are closed")


def _search_and_statement(story: Story) -> None:
    for end in (0, 1):
        found = TakeReport(incident=NAME, about="search", text="every sector is searched")
        story.do(end, "chief_of_police", found)
    draft = DraftStatement(
        incident=NAME, statement="first", agreed_by=(), asks_other_side=True,
        text="An attack has happened in Vaduz. Stay at home. Roads at the border are closed.",
    )  # fmt: skip
    story.do(0, "press_officer", draft)
    show = ShowStatement(incident=NAME, statement="first", answer_by=story.at(900))
    story.do(0, "press_officer", show)
    agreed = AnswerStatement(incident=NAME, statement=_shown_to_birch(story), answer="accepted")
    story.do(1, "press_officer", agreed)
    release = VoiceDecision(incident=NAME, decision="release_statement", outcome="yes")
    for role in ("interior_minister", "prime_minister"):
        story.do(0, role, release)
    out = ReleaseStatement(incident=NAME, statement="first", version=1, where="all stations")
    story.do(0, "press_officer", out)
    story.say("the statement that both agreed is released")
    for end in (0, 1):
        report = IssueSituation(incident=NAME, reader="head_of_state", zone="Europe/Vaduz")
        story.do(end, "chief_of_police", report)
    story.say("both heads have the situation on one page")


def _shown_to_birch(story: Story) -> str:
    """The statement's name at Birch, as soon as the line has brought it."""
    for _ in range(HEARD_WITHIN):
        known = story.both.desks[1].catch_up().incident(NAME).projection(Statements).by_name
        if known:
            return next(iter(known))
        story.both.run(1.0)
    raise TimeoutError(f"the statement has not come in {HEARD_WITHIN} s")


def _detain_and_stand_down(story: Story) -> None:
    stopped = StopVehicle(incident=NAME, place="Rheinstrasse", text="white van, two persons")
    story.do(0, "duty_officer", stopped)
    story.tell(0, "duty_officer", "detained", detention="a white van on the Rheinstrasse")
    story.say("a vehicle is stopped")
    for role in ("chief_of_police", "security_chief"):
        story.do(0, role, VoiceDecision(incident=NAME, decision="is_it_the_one", outcome="yes"))
    story.tell(0, "liaison_officer", "right_vehicle", detention="it is the one")
    for role in ("chief_of_police", "interior_minister"):
        story.do(0, role, VoiceDecision(incident=NAME, decision="stand_down", outcome="yes"))
    story.tell(0, "liaison_officer", "stand_down")
    story.say("two persons have decided: stand down")
    for end in (0, 1):
        story.do(end, "duty_officer", ProposeStandDown(incident=NAME))
        laid = story.both.desks[end].catch_up().incident(NAME).projection(StandDown).proposed
        for step in laid.steps if laid is not None else ():
            away = WithdrawNextStep(incident=NAME, reason="the vehicle is detained")
            story.do(end, "duty_officer", away)
            for name in step.orders:
                move = MoveOrder(incident=NAME, order=name, state="reopened")
                agency = story.orders(end).orders[name].issued.agency
                officer = Actor(f"{'ab'[end]}.sergeant", "second_officer", agency)
                story.both.do(end, move, officer)
        story.do(end, "duty_officer", CheckStandDown(incident=NAME))
        done = DoTask(incident=NAME, task="end_watch_list", evidence="taken off; nothing is kept")
        story.do(end, "second_officer", done)
    story.say("every road is open again")
    for end in (0, 1):
        status = seal_status(story.orders(end), story.both.now_s)
        told = [one.model_dump(mode="json") for one in status]
        story.tell(end, "liaison_officer", "roads_reopened", seal_status=told)
    for end in (0, 1):
        lesson = WriteLesson(incident=NAME, text="The line broke for twenty seconds; a second one.")
        story.do(end, "chief_of_police", lesson)
    story.say("closed; what was learnt is written down")


def main() -> None:
    """Play it and say what came out."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--out", type=Path, help="an empty folder for the two nodes, to keep them")
    given = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="stopline-joint-") as name:
        story = play(given.out or Path(name))
        shared = agree_on_what_was_shared(story.both)
        sizes = [desk.node.journal.size for desk in story.both.desks]
        print(
            f"\nBoth journals verify ({sizes[0]} and {sizes[1]} facts) and agree on the {shared} "
            "messages that crossed the line."
        )
        folder = given.out or Path(name)
        exported = export_journals(story.both, folder) if given.out else []
        story.both.close()
        for end, path in enumerate(exported):
            made = review_incident(
                story.both.folders[end], NAME, zone=ZoneInfo("Europe/Vaduz"), now_s=START_S + 600,
                peer_journal=exported[1 - end], out_dir=folder / f"review-{path.stem}",
            )  # fmt: skip
            print(f"Review of {path.stem}: {made.file.summary.headline}")


if __name__ == "__main__":
    main()
