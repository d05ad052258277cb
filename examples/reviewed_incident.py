"""An incident of an hour on two nodes, and its review: late people, a broken line, a wrong caller.

    python examples/reviewed_incident.py [--out DIR]

Like joint_incident.py, but by the clock: everybody acts when people would, some too late. The
line breaks while Alder asks Birch to seal its sections, and again in the search. At the end both
journals are verified, compared and exported. The plan is that of examples/liechtenstein, whose two
sides play Alder (LI) and Birch (CH); each side adopts its own part only. All is invented.

With --out the nodes are kept, with truth.csv, the way that the vehicle truly took, and a review of
each side in review-alder and review-birch (see docs/review.md).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from reviewed_incident_after import review, write_truth
from reviewed_incident_story import (
    DELAYED,
    DONE,
    HERE,
    NAME,
    NODES,
    NOTED,
    PLATE,
    SCENARIO,
    SEEN_S,
    SIDES,
    STOPPED_S,
    VADUZ,
    Story,
)

from stopline.link.procedure_message import CommittedSection, WantedSection
from stopline.operation.core.commands import (
    AcknowledgeMessage,
    AcknowledgeTask,
    DoTask,
    OpenIncident,
    RaiseAlarm,
    StopVehicle,
)
from stopline.operation.liaison.commands import AnswerOtherSide, AskOtherSide, LogCall
from stopline.operation.liaison.projection import Exchange, Said
from stopline.operation.orders.board import board, seal_status
from stopline.operation.orders.commands import IssueOrders, WriteLesson
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.sightings.commands import (
    ConfirmSighting,
    NoteSighting,
    RetractSighting,
    ShareSightings,
)
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
from stopline.testing.side_plans import side_plans
from stopline.testing.two_desks import START_S, TwoNodes
from stopline.testing.two_journals import agree_on_what_was_shared, export_journals


def play(folder: Path) -> Story:
    """Go through the whole protocol.

    Args:
        folder: an empty folder for the two nodes.
    """
    document = (HERE / "protocols/joint_search.yaml").read_bytes()
    story = Story(TwoNodes.make(folder, document), NAME)
    for t, end, role, task in DONE:
        done = DoTask(incident=NAME, task=task, evidence="said and repeated")
        story.later(t, lambda end=end, role=role, done=done: story.do(end, role, done))
    for t, end, role, task in NOTED:
        noted = AcknowledgeTask(incident=NAME, task=task)
        story.later(t, lambda end=end, role=role, noted=noted: story.do(end, role, noted))
    _alarm(story)
    _watch_and_wrong_report(story)
    _agree(story)
    _seal(story)
    _search(story)
    _detain(story)
    _stand_down(story)
    return story


def _alarm(story: Story) -> None:
    for end in (0, 1):
        open_ = OpenIncident(
            incident=NAME, title="Attack at the concert hall", expires=story.at(86_400),
            authority=f"order 7{end} of the court on duty",
        )  # fmt: skip
        story.do(end, "duty_officer", open_)
    story.until(0)
    alarm = RaiseAlarm(
        incident=NAME, what="Shots in a concert hall; a white van drives off", place="Vaduz",
        happened=story.at(-240), vehicle="white van; the cameras know the plate",
    )  # fmt: skip
    story.do(0, "duty_officer", alarm)
    story.say("the alarm is raised")
    story.until(65)
    happened = "Shots in a concert hall in Vaduz"
    story.tell(0, "duty_officer", "alert", what_happened=happened, vehicle="white van")
    story.until(150)
    story.tell(1, "duty_officer", "alert_understood")
    story.say("Birch is alerted and has confirmed")
    for end in (0, 1):
        story.until(290 + 40 * end)
        story.tell(end, "liaison_officer", "liaison_open", contact_persons="on duty day and night")
    story.until(340)
    story.say("both chiefs are informed; liaison is open")


def _watch_and_wrong_report(story: Story) -> None:
    for end in (0, 1):
        story.until(440 + 90 * end)
        story.voice(end, "camera_search", "prosecutor")
        watch = AddWatch(
            incident=NAME, plate=PLATE, vehicle="white van", expires=story.at(6 * 3600)
        )
        story.until(470 + 80 * end)
        story.do(end, "second_officer", watch)
    story.say("the cameras look for the one vehicle")
    story.until(640)
    wrong = NoteSighting(
        incident=NAME, lon=9.5090, lat=47.1650, radius_m=400, place="Schaan, at the station",
        seen=story.at(-90), source="caller", grade="D4",
    )  # fmt: skip
    told = story.do(0, "second_officer", wrong)
    story.say("a caller has seen it in Schaan; he is wrong, and nobody knows yet")
    back = RetractSighting(incident=NAME, sighting=told.ids[0], reason="another white van")
    story.later(1010, lambda: story.do(0, "chief_of_police", back))
    story.until(700)
    draft = DraftStatement(
        incident=NAME, statement="first", agreed_by=(), asks_other_side=True,
        text="An attack has happened in Vaduz. Stay at home. Roads at the border are closed.",
    )  # fmt: skip
    story.do(0, "press_officer", draft)
    story.until(760)
    show = ShowStatement(incident=NAME, statement="first", answer_by=story.at(900))
    story.do(0, "press_officer", show)


def _agree(story: Story) -> None:
    story.until(SEEN_S + 3)
    seen = NoteSighting(
        incident=NAME, lon=VADUZ[0], lat=VADUZ[1], place="centre of Vaduz", seen=story.at(-3),
        source="patrol 3", grade="A1", confirmed=True, towards="the border",
    )  # fmt: skip
    sighting = story.do(0, "duty_officer", seen)
    share = ShareSightings(incident=NAME, sightings=sighting.ids[:1], message="heading")
    story.do(0, "liaison_officer", share)
    also = ShareSightings(incident=NAME, sightings=sighting.ids[:1])
    story.later(990, lambda: story.do(0, "liaison_officer", also))
    story.until(SEEN_S + 5)
    story.say("the heading is known to both")
    parts = side_plans(SCENARIO, SIDES, START_S + 10.0 + SEEN_S)
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
    story.line(cut=True)
    story.say("THE LINE BREAKS")
    ask = AskOtherSide(
        incident=NAME, message="can_you_seal", asked="seal sections",
        text="Can you help me seal it off?", wanted_sections=wanted, answer_by=story.at(480),
    )  # fmt: skip
    asked = story.do(0, "liaison_officer", ask)
    story.until(SEEN_S + 25)
    story.say("Alder has asked Birch to seal its sections; nothing gets through")
    story.line(cut=False)
    story.until(SEEN_S + 30)
    story.say("the line is back, and the request has arrived")
    _answer_and_agree(story, asked.ids[0], wanted)


def _answer_and_agree(story: Story, asked: str, wanted: tuple[WantedSection, ...]) -> None:
    story.do(1, "chief_of_police", AcknowledgeMessage(incident=NAME, message=asked))
    story.until(SEEN_S + 38)
    yes = tuple(CommittedSection(site=one.site, closed_by=one.by) for one in wanted)
    answer = AnswerOtherSide(
        incident=NAME, request=asked, answer="accepted", text="Yes, by these times.",
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
        story.voice(end, "joint_sealing", "head_of_state")
        story.tell(end, "liaison_officer", "sealing_agreed")
    story.until(SEEN_S + 44)
    story.say("both heads agree")


def _seal(story: Story) -> None:
    for end in (0, 1):
        story.until(SEEN_S + 50 + 5 * end)
        story.do(end, "duty_officer", IssueOrders(incident=NAME, side=SIDES[end]))
        for order in story.orders(end).orders.values():
            _will_close(story, end, order.issued.order, order.issued.unit, order.expected_s)
    count = sum(len(story.orders(end).orders) for end in (0, 1))
    story.say(f"{count} orders are out")
    for t, end in ((985, 1), (1200, 0), (1250, 0)):
        story.later(t, lambda end=end: _tell_seals(story, end, "leak"))
    story.later(1210, lambda: _tell_seals(story, 1, "sections_sealed"))
    asked = next(one.id for one in _said(story, 1) if one.body.name == "can_you_seal")
    done = AnswerOtherSide(
        incident=NAME, request=asked, answer="done", text="All of them are closed."
    )
    story.later(1215, lambda: story.do(1, "chief_of_police", done))
    draft = next(iter(story.both.desks[1].catch_up().incident(NAME).projection(Statements).by_name))
    agreed = AnswerStatement(incident=NAME, statement=draft, answer="accepted")
    story.later(1150, lambda: story.do(1, "press_officer", agreed))
    story.later(1200, lambda: story.tell(0, "chief_of_police", "anything_else"))
    story.later(1260, lambda: story.tell(1, "chief_of_police", "we_need", text="Nothing, thanks."))
    ministers = ("interior_minister", "defence_minister")
    for end in (0, 1):
        no = lambda end=end: story.voice(end, "call_out_military", *ministers, outcome="no")  # noqa: E731
        story.later(1300 + 100 * end, no)
    story.until(1375)
    for end in (0, 1):
        rows = board(story.orders(end), story.both.now_s)
        states = ", ".join(f"{row.order.issued.road}: {row.state}" for row in rows)
        story.say(f"{NODES[end].capitalize()}: {states}")
    _tell_seals(story, 0, "sections_sealed")
    story.until(1380)
    story.say("both know that all sections are closed")


def _said(story: Story, end: int) -> list[Said]:
    return list(story.both.desks[end].catch_up().incident(NAME).projection(Exchange).said.values())


def _will_close(story: Story, end: int, order: str, unit: str, expected_s: float) -> None:
    """A unit takes as long from its order as the plan says, unless it is delayed."""
    takes_s = expected_s - START_S - 10.0 - SEEN_S + DELAYED.get(unit, 0.0)
    now = story.t
    for share, state in ((0.1, "acknowledged"), (0.25, "under way"), (1.0, "closed")):
        when = now + share * takes_s
        story.later(when, lambda state=state: story.move(end, order, state))


def _tell_seals(story: Story, end: int, message: str) -> None:
    status = seal_status(story.orders(end), story.both.now_s)
    told = [one.model_dump(mode="json") for one in status]
    story.tell(end, "liaison_officer", message, seal_status=told)


def _search(story: Story) -> None:
    story.until(1400)
    story.line(cut=True)
    story.say("the line breaks again")
    story.until(1440)
    witness = NoteSighting(
        incident=NAME, lon=9.5196, lat=47.1213, radius_m=200, place="Meierhof, south of Vaduz",
        seen=story.at(-60), source="resident", grade="B2",
    )  # fmt: skip
    seen = story.do(0, "second_officer", witness)
    story.until(1500)
    sure = ConfirmSighting(
        incident=NAME, sighting=seen.ids[0], grade="A2", reason="a patrol found the tracks"
    )
    story.do(0, "liaison_officer", sure)
    story.do(0, "liaison_officer", ShareSightings(incident=NAME, sightings=seen.ids[:1]))
    story.say("a resident has seen it south of Vaduz; Birch cannot be told")
    story.until(1590)
    story.line(cut=False)
    story.until(1600)
    story.say("the line is back, and the sighting has arrived")
    story.until(1650)
    story.voice(0, "release_statement", "interior_minister", "prime_minister")
    out = ReleaseStatement(incident=NAME, statement="first", version=1, where="all stations")
    story.do(0, "press_officer", out)
    story.voice(1, "release_statement", "interior_minister", "prime_minister", outcome="no")
    story.say("the statement that both agreed is released, from Alder")
    story.until(1710)
    for end in (0, 1):
        report = IssueSituation(incident=NAME, reader="head_of_state", zone="Europe/Vaduz")
        story.do(end, "chief_of_police", report)
    story.say("both heads have the situation on one page")


def _detain(story: Story) -> None:
    story.until(STOPPED_S)
    stopped = StopVehicle(
        incident=NAME, place="at the closed road between Vaduz and Triesen",
        text="white van, two persons",
    )  # fmt: skip
    story.do(0, "duty_officer", stopped)
    story.until(STOPPED_S + 40)
    story.tell(0, "duty_officer", "detained", detention="a white van between Vaduz and Triesen")
    story.until(STOPPED_S + 45)
    story.say("a vehicle is stopped")
    story.until(2600)
    story.voice(0, "is_it_the_one", "chief_of_police", "security_chief")
    story.tell(0, "liaison_officer", "right_vehicle", detention="it is the one")
    story.until(2820)
    story.voice(0, "stand_down", "chief_of_police", "interior_minister")
    story.tell(0, "liaison_officer", "stand_down")
    story.until(2825)
    story.say("two persons have decided: stand down")


def _stand_down(story: Story) -> None:
    for end in (0, 1):
        story.until(2850 + 10 * end)
        story.do(end, "duty_officer", ProposeStandDown(incident=NAME))
        done = DoTask(incident=NAME, task="end_watch_list", evidence="taken off; nothing is kept")
        story.do(end, "second_officer", done)
    for end in (0, 1):
        laid = story.both.desks[end].catch_up().incident(NAME).projection(StandDown).proposed
        for step in laid.steps if laid is not None else ():
            withdraw = WithdrawNextStep(incident=NAME, reason="the vehicle is detained")
            story.do(end, "duty_officer", withdraw)
            for order in step.orders:
                story.until(story.t + 45)
                if story.orders(end).orders[order].closed_s is not None:
                    story.move(end, order, "reopened")
            names = [story.orders(end).orders[order].issued.road for order in step.orders]
            story.say(f"{NODES[end].capitalize()}, {step.name}, open again: {', '.join(names)}")
        story.until(story.t + 5)
        story.do(end, "duty_officer", CheckStandDown(incident=NAME))
        _tell_seals(story, end, "roads_reopened")
        story.until(story.t + 5)
    story.say("every road is open again")
    texts = (
        "Say the plan to the units while the heads still speak; a minute is a bridge.",
        "The chief's report to the head came too late, as one person had both telephones.",
    )
    for end in (0, 1):
        story.do(end, "chief_of_police", WriteLesson(incident=NAME, text=texts[end]))
    story.until(story.t + 5)
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
        if given.out:
            export_journals(story.both, folder)
            write_truth(folder / "truth.csv")
        story.both.close()
        for end in (0, 1) if given.out else ():
            made = review(folder, end)
            print(f"\nReview of {NODES[end]}: {made.file.summary.headline}")
            print(f"  {', '.join(str(path) for path in made.files)}")


if __name__ == "__main__":
    main()
