"""The answers of the situation report, one function a question, each read from the book alone."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from stopline.operation.core.happenings import Happenings
from stopline.operation.intelligence.projection import Intelligence
from stopline.operation.liaison.open_matters import decisions_wanted
from stopline.operation.liaison.projection import Exchange
from stopline.operation.liaison.requests import Request, requests_of
from stopline.operation.sightings.projection import Sighting, Sightings
from stopline.operation.statements.clock import public_clock
from stopline.operation.statements.projection import Statements
from stopline.operation.watch_list.projection import standing_down
from stopline.operation.whereabouts.projection import Beliefs
from stopline.rendering.page.model import Line, Tone
from stopline.rendering.time_text import span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.operation.core.incident import Incident
    from stopline.operation.facts.whereabouts import Whereabouts
    from stopline.operation.joint.projection import JointPlans
    from stopline.operation.situation.times import Times

_BEFORE: Final = re.compile(r", (?:\d+ km before|at the border) .*$")
_NOT_COMPUTED: Final = "not known; this node has not found it yet"
_STATES: dict[str, tuple[str, Tone]] = {
    "asked": ("not answered yet", "plain"),
    "accepted": ("yes", "good"),
    "in part": ("in part", "plain"),
    "declined": ("no", "bad"),
    "done": ("done", "good"),
    "overdue": ("OVERDUE", "bad"),
}


def decisions(incident: Incident, reader: str, times: Times) -> list[Line]:
    """Which decision is wanted: of the reader first, then of others."""
    roles = incident.machine.protocol.roles
    lines = []
    for wanted in decisions_wanted(incident):
        by = "" if wanted.due_s is None else f" by {times.at(wanted.due_s)}"
        late = wanted.due_s is not None and wanted.due_s <= times.now_s
        voices = "".join(
            f" {roles[role].title if role in roles else role} says {outcome}."
            for _, role, outcome in wanted.voices
        )
        more = f" {wanted.persons} must agree." if wanted.persons > 1 else ""
        mine = reader in wanted.taken_by
        others = " or ".join(roles[r].title for r in wanted.taken_by if r in roles)
        lead = f"You{by}:" if mine else f"{others}{by}:"
        tone: Tone = "bad" if late else ("plain" if mine else "quiet")
        lines.append((not mine, Line(f"{wanted.title}{more}{voices}", lead, tone)))
    ranked = [line for _, line in sorted(lines, key=lambda pair: pair[0])]
    if ranked and all(not_mine for not_mine, _ in lines):
        ranked.insert(0, Line("None of you. Others are asked:", tone="plain"))
    return ranked


def happened(incident: Incident, times: Times) -> list[Line]:
    """What happened, where, when, which vehicle; and whether one was stopped."""
    known = incident.projection(Happenings)
    lines = [
        Line(place, f"Stopped {times.at(at_s)}{' by the other side' if theirs else ''}", "good")
        for at_s, theirs, place in known.stopped[::-1]
    ]
    if known.alarm is not None:
        alarm = known.alarm
        lines.append(Line(f"{alarm.what}, {alarm.place}", times.iso(alarm.happened)))
        if not standing_down(incident):  # nobody searches for it any more
            lines.append(Line(alarm.vehicle, "Vehicle"))
    elif known.told[0]:
        lines.append(Line(known.told[0], "The other side says"))
        if known.told[1] and not standing_down(incident):
            lines.append(Line(known.told[1], "Vehicle"))
    return lines


def where(incident: Incident, times: Times) -> list[Line]:
    """Where it can be and where it is heading."""
    sightings = incident.projection(Sightings)
    last = sightings.last_seen()
    lines = [] if last is None else [_seen(last, incident, times)]
    lines += believed(incident, times)
    there = incident.projection(Happenings).belief_there
    if there is not None:
        at_s, chances = there
        lines.append(Line(_chances(chances), f"The other side believes, {times.at(at_s)}"))
    later = [s for s in sightings.standing()[::-1] if s is not last and not s.nothing_seen]
    return lines + [_seen(s, incident, times) for s in later]


def believed(incident: Incident, times: Times) -> list[Line]:
    """Where it is by what was concluded here; the words and source of reports stay out."""
    lines = [
        Line(
            f"{_chances(used.destinations) or 'near a place'} (held at {used.probability:.0%})",
            f"From intelligence, {times.at(at_s)}",
        )
        for at_s, used in incident.projection(Intelligence).used[::-1][:2]
    ]
    if standing_down(incident):
        return lines  # nobody asks any more how far it can have come
    found = incident.projection(Beliefs).now
    if found is None:
        seen = incident.projection(Sightings).last_seen()
        unknown = "not known: it has not been seen yet" if seen is None else _NOT_COMPUTED
        return [*lines, Line(unknown, "What it can have reached", "quiet")]
    return [*_computed(found, times), *lines]


def _computed(found: Whereabouts, times: Times) -> list[Line]:
    """What the node found by itself: how far it can be, where it is heading, where it is."""
    at = times.iso(found.at)
    is_known = found.reach_km is not None
    lines = [
        Line(_reach(found), f"What it can have reached, {at}", "plain" if is_known else "quiet"),
        Line(found.heading, f"Where it is heading, {at}"),
    ]
    if found.roads:
        on = ", ".join(f"{one.name} {one.probability:.0%}" for one in found.roads)
        lines.append(Line(f"{on}; out already {found.out:.0%}", f"Likeliest, {at}"))
    return lines


def _reach(found: Whereabouts) -> str:
    if found.reach_km is None:
        return "not known, nothing near a road is confirmed"
    begin = _BEFORE.sub("", found.reach_from)
    near = f"{max(1, math.ceil(found.reach_km))} km of {begin or 'there'}"
    if found.exits:
        exits = "1 exit" if found.exits == 1 else f"{found.exits} exits"
        return f"any place within {near} and {exits}, if no road were closed"
    return f"any place within {near}, as far as {found.reach_to}, but no exit"


def asked(incident: Incident, known: JointPlans, times: Times) -> list[Line]:
    """What the other side asked and was told, what we asked, and calls: newest first."""
    lines = [
        (one.since_s, _asked_by_plan(known, matter, times))
        for matter, one in known.asked.items()
        if one.incident == incident.id
    ]
    ended = standing_down(incident)  # what was promised is not waited for any more
    lines += [
        (r.asked.at_s, _request(r, times, ended=ended)) for r in requests_of(incident, times.now_s)
    ]
    for call in incident.projection(Exchange).calls.values():
        words = _sentences(
            f"{head}: {text}"
            for head, text in (
                ("we asked", call.body.we_asked),
                ("they asked", call.body.they_asked),
                ("agreed", call.body.agreed),
            )
            if text
        )
        lead = f"{times.at(call.began_s)} call between {call.body.between}"
        lines.append((call.began_s, Line(words, lead)))
    return [line for _, line in sorted(lines, key=lambda pair: -pair[0])]


def public(incident: Incident, times: Times) -> list[Line]:
    """What was said in public, and how long there is left to say something."""
    lines = []
    for each in incident.projection(Statements).released()[::-1]:
        at = times.at(each.released_s or 0.0)
        lead = f"{at}, corrected {times.at(each.corrections[-1].at_s)}" if each.corrections else at
        lines.append(Line(f"“{each.public_text}”", lead))
    clock = public_clock(incident, times.now_s)
    left = clock.left_s(times.now_s)
    if left is not None and left < 0:
        lines.append(Line(f"overdue by {span(-left)}", "Nothing said yet", "bad"))
    elif left is not None:
        lines.append(Line(f"{span(left)} left of the agreed time", "Nothing said yet"))
    return lines


def overdue(incident: Incident, times: Times) -> list[Line]:
    """Which tasks of this side are overdue."""
    roles = incident.machine.protocol.roles
    due: dict[str, list[str]] = {}
    for task in incident.due(times.now_s).overdue:
        who = roles[task.role].title if task.role in roles else task.role
        due.setdefault(f"{task.title} ({who})", []).append(times.at(task.deadline_s or 0))
    # What is due several times is one matter, with its oldest moment.
    return [
        Line(text, f"due {at[0]}" if len(at) == 1 else f"due {len(at)} times since {at[0]}", "bad")
        for text, at in due.items()
    ]


def _sentences(parts: Iterable[str], mark: str = "; ") -> str:
    """Parts one after the other; after a question mark no other mark stands."""
    text = ""
    for part in parts:
        text += ("" if not text else " " if text.endswith("?") else mark) + part
    return text


def place_of(seen: Sighting, incident: Incident) -> str:
    """Where it was seen, as people name it; a point that the other side told, by our own roads."""
    found = incident.projection(Beliefs).now
    by_roads = "" if found is None else found.reach_from
    last = incident.projection(Sightings).last_seen()
    return seen.place or (by_roads if last is not None and seen.id == last.id else "")


def _seen(seen: Sighting, incident: Incident, times: Times) -> Line:
    place = place_of(seen, incident)
    if not place and seen.lon is not None and seen.lat is not None:
        place = f"{seen.lat:.4f}°, {seen.lon:.4f}° within {seen.radius_m:.0f} m"
    towards = f", heading for {seen.towards}" if seen.towards else ""
    source = ", told by the other side" if seen.theirs else ""
    sure = "confirmed" if seen.confirmed else f"not confirmed, {seen.grade}"
    return Line(f"{place}{towards} ({sure}{source})", f"Seen {times.ago(seen.seen_s)}")


def _chances(chances: dict[str, float]) -> str:
    ranked = sorted(chances.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {chance:.0%}" for name, chance in ranked)


def _asked_by_plan(known: JointPlans, matter: str, times: Times) -> Line:
    """A question for a joint plan; what it asks of units stays out."""
    one = known.asked[matter]
    tone: Tone = "bad" if one.declined else "plain" if one.answered_s is None else "good"
    who = "They asked" if one.theirs else "We asked"
    text = f"which roads to hold for one plan over both territories: {known.words(matter)}"
    return Line(text, f"{times.at(one.since_s)} {who}", tone)


def _request(each: Request, times: Times, *, ended: bool = False) -> Line:
    given = each.answers[-1].body.answer or "done" if each.answers else "asked"
    state, tone = _STATES[given if ended else each.state]
    who = "They asked" if each.asked.received else "We asked"
    waits = each.due_s is not None and each.is_open and not ended
    due = f" by {times.at(each.due_s or 0.0)}" if waits else ""
    sites = len(each.asked.body.wanted_sections)
    what = f"to seal {sites} road{'s' if sites > 1 else ''}" if sites else each.asked.body.text
    said = f"; {each.answer_text}" if each.answer_text else ""
    text = _sentences((what or each.title, f"{state}{due}{said}"), ": ")
    return Line(text, f"{times.at(each.asked.at_s)} {who}", tone)
