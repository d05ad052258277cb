"""An incident in which everything that the situation page speaks of has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operation.liaison_case import CHIEF, DUTY, INCIDENT, LIAISON, actor
from stopline.link.procedure_message import CommittedSection, SealStatus
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.liaison.commands import AnswerOtherSide, AskOtherSide, LogCall
from stopline.operation.statements.commands import (
    CorrectStatement,
    DraftStatement,
    ReleaseStatement,
)

if TYPE_CHECKING:
    from operation.liaison_case import Case

PRESS = actor("press_officer")


def fill(case: Case) -> None:
    """Seal jointly, with a leak on the other side, a question, a call and a corrected statement."""
    case.seal()
    case.do(0, case.sighting(place="Mill road", seen=case.at(-120), grade="C3"), DUTY)
    wanted = tuple(case.wanted(f"section {n}") for n in range(3))
    ask = AskOtherSide(
        incident=INCIDENT, message="can_you_seal", asked="seal sections", wanted_sections=wanted,
        answer_by=case.at(300),
    )  # fmt: skip
    asked = case.do(0, ask, LIAISON).ids[0]
    held = (CommittedSection(site="section 0", closed_by=case.at(900).isoformat()),)
    answer = AnswerOtherSide(
        incident=INCIDENT, request=asked, answer="in part", commitments=held,
        text="only with your patrol at the bridge",
    )  # fmt: skip
    case.do(1, answer, CHIEF)
    seals = [
        SealStatus(site=f"section {n}", road=road, state=state, since=case.at(-60).isoformat())
        for n, (road, state) in enumerate(
            [("A 3 north", "closed"), ("Old bridge", "late"), ("Forest road", "under way")]
        )
    ]  # type: ignore[arg-type]  (states as literals)
    case.do(1, case.said("sections_sealed", seal_status=seals), LIAISON)
    call = LogCall(
        incident=INCIDENT, between="heads", ours="A. Adler", theirs="B. Birke",
        began=case.at(-300), minutes=4, we_asked="Can you help me seal it off?", agreed="yes",
    )  # fmt: skip
    case.do(0, call, actor("head_of_state"))
    draft = DraftStatement(
        incident=INCIDENT, statement="first", text="Three men fled. Stay at home.",
        asks_other_side=False,
    )  # fmt: skip
    case.do(0, draft, PRESS)
    for role in ("interior_minister", "prime_minister"):
        voice = VoiceDecision(incident=INCIDENT, decision="release_statement", outcome="yes")
        case.do(0, voice, actor(role))
    release = ReleaseStatement(incident=INCIDENT, statement="first", version=1, where="all")
    case.do(0, release, PRESS)
    correct = CorrectStatement(
        incident=INCIDENT, statement="first", text="Two men fled. Stay at home.", reason="count"
    )
    case.do(0, correct, PRESS)
    case.both.run(200)
