"""What the sides asked, answered and said in public, and what waited for the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.link.facts import LinkChanged, MessagesDelivered
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.joint.projection import JointPlans
from stopline.operation.liaison.requests import requests_of
from stopline.operation.orders.projection import Orders
from stopline.operation.statements.clock import public_clock
from stopline.operation.statements.projection import Statements
from stopline.operation.watch_list.projection import WatchList
from stopline.review.redaction import masked
from stopline.review.schema import Asked, ReviewedLineDown, Spoken, Undelivered, Watched

if TYPE_CHECKING:
    from stopline.operation.liaison.requests import Request
    from stopline.review.history import History
    from stopline.review.relative_time import Since

_BRIEF_S = 1.0
_SLOW_S = 5.0  # a message that took longer than this waited for the line


def line_of(history: History, since: Since) -> list[ReviewedLineDown]:
    """When the line was down during the incident, as this node noted it.

    Breaks of less than a second stand in the record; nobody can have noticed them.
    """
    name = history.side_name(history.side)
    found: list[ReviewedLineDown] = []
    for step in history.steps:
        if not isinstance(step.body, LinkChanged):
            continue
        at_s = since.t(step.entry.time_s)
        if step.body.up and found and found[-1].until_s is None:
            found[-1] = found[-1].model_copy(update={"until_s": at_s})
        elif not step.body.up and (not found or found[-1].until_s is not None):
            found.append(ReviewedLineDown(side=name, from_s=at_s, until_s=None))
    return [one for one in found if one.until_s is None or one.until_s - one.from_s >= _BRIEF_S]


def delivered_times(history: History) -> dict[str, float]:
    """When the other node had confirmed each message that was sent from here, UTC seconds."""
    waiting: dict[str, tuple[str, int]] = {}
    found: dict[str, float] = {}
    for step in history.steps:
        if step.said is not None and not step.said.received and step.entry.body is not None:
            told = step.entry.body
            waiting[step.said.id] = (str(told["lane"]), int(str(told["seq"])))
        elif isinstance(step.body, MessagesDelivered):
            for message, (lane, seq) in list(waiting.items()):
                if seq <= step.body.through.get(lane, 0):
                    found[message] = step.entry.time_s
                    del waiting[message]
    return found


def undelivered_of(history: History, since: Since) -> list[Undelivered]:
    """Messages that were sent from here and waited, or never arrived."""
    arrived, messages = delivered_times(history), history.incident.machine.protocol.messages
    found = []
    for step in history.steps:
        said = step.said
        if said is None or said.received or step.entry.incident != history.name:
            continue
        at_s = arrived.get(said.id)
        waited_s = None if at_s is None else round(at_s - said.sent_s, 3)
        if waited_s is not None and waited_s <= _SLOW_S:
            continue
        known = messages.get(said.body.name) if isinstance(said.body, ProcedureSaid) else None
        found.append(
            Undelivered(
                t_s=since.t(said.sent_s), side=history.side_name(history.side),
                what=known.title if known else "a note that a message was read",
                delivered_s=since.t(at_s), waited_s=waited_s,
            )
        )  # fmt: skip
    return found


def requests(history: History, peer: History | None, since: Since, now_s: float) -> list[Asked]:
    """Requests both ways, each once, with how long the answer took."""
    here, there = history.side_name(history.side), history.side_name(history.book.other_side)
    arrived = delivered_times(history)
    reached = {} if peer is None else {s.said.id: s.entry.time_s for s in peer.steps if s.said}
    sent = {s.said.id: s.said.sent_s for s in history.steps if s.said}
    found = []
    for one in requests_of(history.incident, now_s):
        asked, answers = one.asked, one.answers
        at_s = sent.get(asked.id, asked.at_s)
        known_s = asked.at_s if asked.received else reached.get(asked.id, arrived.get(asked.id))
        first_s = answers[0].at_s if answers else None
        due = asked.body.answer_by
        found.append(
            Asked(
                t_s=since.t(at_s), side=there if asked.received else here, what=one.title,
                text=masked(asked.body.text), state=_answered(one), arrived_s=since.t(known_s),
                answered_s=since.t(first_s),
                took_s=None if first_s is None else round(first_s - at_s, 3),
                due_s=None if due is None else since.of_iso(due),
            )
        )  # fmt: skip
    return sorted([*found, *_asked_by_plans(history, since)], key=lambda one: one.t_s)


def _asked_by_plans(history: History, since: Since) -> list[Asked]:
    """What was asked for plans over both territories, each plan once."""
    here, there = history.side_name(history.side), history.side_name(history.book.other_side)
    known = history.book.projection(JointPlans)
    return [
        Asked(
            t_s=since.t(one.since_s), side=there if one.theirs else here,
            what="which roads to hold for one plan over both territories",
            text="", state=masked(known.words(matter)), arrived_s=None,
            answered_s=since.t(one.answered_s), due_s=None,
            took_s=None if one.answered_s is None else round(one.answered_s - one.since_s, 3),
        )
        for matter, one in known.asked.items()
        if one.incident == history.name
    ]  # fmt: skip


def _answered(one: Request) -> str:
    """What the answer was; whether what was promised was kept, the orders say."""
    if not one.answers:
        return "overdue" if one.state == "overdue" else "asked"
    given = dict.fromkeys(each.body.answer or "done" for each in one.answers)
    return ", then ".join(given)


def statements(history: History, since: Since, now_s: float) -> list[Spoken]:
    """Statements of this side, with the clock of the public."""
    due_s = public_clock(history.incident, now_s).due_s
    return [
        Spoken(
            t_s=since.t(one.released_s), side=history.side_name(history.side), name=one.name,
            text=masked(one.public_text or one.last.text),
            drafted_s=since.t(one.versions[0].drafted_s), due_s=since.t(due_s),
            corrections=len(one.corrections),
        )
        for one in history.incident.projection(Statements).by_name.values()
        if not one.request
    ]  # fmt: skip


def watches(history: History, since: Since) -> list[Watched]:
    """The watch list; which vehicle it was stays out."""
    known = history.incident.projection(WatchList)
    return [
        Watched(
            side=history.side_name(history.side), from_s=since.t(one.since_s),
            until_s=since.t(one.ended_s), why=one.why or "", authority=masked(one.authority),
            erased=one.ended_s is not None and not known.to_erase,
        )
        for one in known.by_id.values()
    ]  # fmt: skip


def lessons(history: History) -> list[str]:
    """What officers wrote down, with the side."""
    name = history.side_name(history.side)
    return [f"{name}: {masked(text)}" for _, text in history.incident.projection(Orders).lessons]
