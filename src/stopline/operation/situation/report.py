"""The situation report at a time: a pure function of the book, the reader and now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from stopline.operation.core.exercise_mark import is_exercise, marked_text
from stopline.operation.core.happenings import Happenings
from stopline.operation.core.line_now import LINE_DOWN, line_now
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.joint.commitment_text import broken_plan
from stopline.operation.joint.projection import JointPlans
from stopline.operation.sightings.projection import Sightings
from stopline.operation.situation import answers
from stopline.operation.situation.forces import forces
from stopline.operation.situation.page_fit import (
    LOOSE_ROWS,
    ROOMS,
    ROWS,
    Room,
    block,
    rows,
    short,
)
from stopline.operation.situation.sealed import open_in_numbers, sealing_in_numbers, seals
from stopline.operation.situation.small_map import CAPTION, SmallMap
from stopline.operation.situation.times import Times
from stopline.rendering.page.model import Block, Line, Paper
from stopline.rendering.page.pdf import pdf_pages
from stopline.rendering.time_text import span

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState

HEAD = "head_of_state"
_HIDDEN = Line("Not for your role.", tone="quiet")
Answers: TypeAlias = dict[str, list[Line]]


def situation_report(
    book: NodeState,
    incident: Incident,
    now_s: float,
    *,
    reader: str = HEAD,
    zone: tzinfo = UTC,
    reads: frozenset[str] | None = None,
) -> Paper:
    """Say how an incident stands, on one page.

    Args:
        book: all that this node knows.
        incident: which incident.
        now_s: the moment that it shows, UTC seconds.
        reader: role of the protocol that it is for.
        zone: zone to write times in.
        reads: rows of the table of reads that whoever asks may look at; those of the reader's
            role if None. What they may not see elsewhere they do not see here.
    """
    if reads is None:
        reads = rows_for([reader], book)
    times = Times(now_s, zone)
    sealed, unsealed = seals(incident, times)
    broken = broken_plan(book, incident, now_s)
    if "board" not in reads:
        sealed, unsealed = [_HIDDEN], [_HIDDEN]
    for alarm in reversed(node_alarms(book, now_s)):
        text = alarm.text
        if alarm.lead == LINE_DOWN:  # addresses and errors are for whoever mends it
            text = f"no word from the other side since {times.at(alarm.since_s)}; telephone"
        unsealed.insert(0, Line(text, alarm.lead, "bad"))
    if broken:
        unsealed.insert(0, Line(f"our plan rests on {broken}", "Their word", "bad"))
    asked: Answers = {
        "decisions": answers.decisions(incident, reader, times),
        "happened": answers.happened(incident, times),
        "where": (answers.where(incident, times) if "sightings" in reads else [_HIDDEN]),
        "sealed": sealed,
        "unsealed": unsealed,
        "asked": answers.asked(incident, book.projection(JointPlans), times),
        "public": answers.public(incident, times),
        "overdue": answers.overdue(incident, times),
        "forces": forces(book, now_s) if "units" in reads else [],
    }
    roles = incident.machine.protocol.roles
    name = roles[reader].title if reader in roles else reader
    late_roads = any(line.tone == "bad" for line in unsealed)
    bare = Paper(
        title=short(marked_text(incident.title, exercise=is_exercise(book)), 80),
        headline=short(_headline(incident, times, reads), 220),
        tone="bad" if late_roads else "plain",
        facts=(
            f"For the {name[:1].lower()}{name[1:]}",
            *_facts(book, incident, times),
            _phase(incident, open_still=late_roads or bool(asked["decisions"])),
        ),
        blocks=(),
        foot=(
            f"Incident {incident.id}, {book.side}. Made from {book.size} entries of the journal, "
            f"{datetime.fromtimestamp(now_s, UTC).isoformat(timespec='seconds')}. "
            f"Authority: {short(incident.authority) or 'none on this side'}."
        ),
    )
    return fitted(bare, asked)


def fitted(bare: Paper, asked: Answers) -> Paper:
    """Fill the page with answers, cut so far that it stays one page."""
    for room in ROOMS:
        page = _filled(bare, asked, room)
        if rows(page) <= ROWS:
            break
    return replace(page, dense=rows(page) > LOOSE_ROWS)


def with_map(page: Paper, drawn: SmallMap | None) -> Paper:
    """Give what is left of the page to the map; a page without room, or a map, stays as it is."""
    if drawn is None:
        return page
    # Behind what is sealed and what is not: the reader looks for it there.
    at = next(n for n, one in enumerate(page.blocks) if one.title == "What is not sealed") + 1
    before, (beside, *behind) = page.blocks[:at], page.blocks[at:]
    for shape in drawn.shapes:
        on_map = Block("On the map", (), wide=shape.wide, picture=drawn.png(shape), caption=CAPTION)
        beside = replace(beside, wide=shape.wide)
        shown = replace(page, dense=True, blocks=(*before, on_map, beside, *behind))
        if pdf_pages(shown) == 1:  # rows are counted with some to spare; what is drawn is certain
            return shown
    return page


def _filled(bare: Paper, asked: Answers, room: Room) -> Paper:
    make = partial(block, room=room)
    return replace(
        bare,
        blocks=(
            make("What decision is wanted", asked["decisions"], 5, none="None is wanted now.",
                 boxed=True),
            make("What happened", asked["happened"], 4, none="Not known."),
            make("Where it can be", asked["where"], 5, none="Not known."),
            make("What is sealed", asked["sealed"], 8, none="Nothing is reported closed."),
            make("What is not sealed", asked["unsealed"], 10, none="Nothing is reported open."),
            make("What the sides asked and were told", asked["asked"], 7,
                 none="Nothing was asked.", wide=True),
            make("What was said in public", asked["public"], 3, none="Nothing was said.",
                 wide=True),
            make("What is overdue on our side", asked["overdue"], 5, none="Nothing is overdue.",
                 wide=True),
            *(
                [make("What our forces are doing", asked["forces"], 5, none="", wide=True)]
                if asked.get("forces") else []  # a node without units says nothing of them
            ),
        ),
    )  # fmt: skip


def _headline(incident: Incident, times: Times, reads: frozenset[str]) -> str:
    """What is known and open: roads in numbers, and where the vehicle was seen last.

    Whoever may not look at the board or at sightings is not told of them here either.
    """
    if not {"board", "sightings"} <= reads:
        over = "The incident is over." if incident.is_over else "The incident goes on."
        return f"{over} Roads and sightings are not for this role to see."
    counts = sealing_in_numbers(incident, times)
    roads = " ".join(part for part in (open_in_numbers(incident, times.now_s), counts) if part)
    over = "The incident is over. " if incident.is_over else ""
    stopped = incident.projection(Happenings).stopped
    if stopped:
        at_s, _, place = stopped[-1]
        return f"{over}A vehicle was stopped {times.at(at_s)}: {place}. {roads}".strip()
    if over:
        return f"{over}{roads}".strip()
    seen = incident.projection(Sightings).last_seen()
    known = "The vehicle has not been seen yet."
    if seen is not None:
        sure = "" if seen.confirmed else ", not confirmed"
        place = answers.place_of(seen, incident) or "a place that the other side knows"
        known = f"Seen last at {place}, {times.at(seen.seen_s)}{sure}."
    return f"{roads or 'No road is ordered to be closed.'} {known}"


def _phase(incident: Incident, *, open_still: bool) -> str:
    """What the procedure is at; its title only where no road or decision contradicts it."""
    title = incident.machine.protocol.phases[incident.phase].title
    return f"Phase of the procedure: {incident.phase}" if open_still else title


def _facts(book: NodeState, incident: Incident, times: Times) -> tuple[str, ...]:
    began = incident.state.began_s
    since = "no alarm yet" if began is None else f"{span(times.now_s - began)} since the alarm"
    line = line_now(book, times.now_s)
    if line.up is None:
        told = "Line to the other side: not known"
    else:
        told = (
            f"Line to the other side: {'up' if line.up else 'DOWN'} since {times.at(line.since_s)}"
        )
    return (f"{times.clock.minute(0)} {times.clock.day()}", since, told)
