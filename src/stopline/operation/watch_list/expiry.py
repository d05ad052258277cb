"""End watches that are over, and destroy what named the vehicle; called each second."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stopline.documents.canonical_json import canonical
from stopline.link.ids import derived_id
from stopline.operation.core.actor import Actor
from stopline.operation.core.erasing import COMMAND_SHELF
from stopline.operation.core.errors import Refused
from stopline.operation.watch_list.commands import EndWatch, NoteErased, over
from stopline.operation.watch_list.hit_commands import PassHitOn
from stopline.operation.watch_list.hits import Hits
from stopline.operation.watch_list.projection import WatchList, running

if TYPE_CHECKING:
    from stopline.operation.core.command_handler import CommandHandler


def expire_watch_list(desk: CommandHandler, now_s: float) -> int:
    """End every watch that is over and erase what named its vehicle; give how many ended.

    A node that is killed in between goes on where it was: the end names what is to be erased, and
    erasing twice is erasing once.
    """
    own = Actor(desk.node.identity.name, "node")
    with desk.reading:
        ending = [
            (incident.id, watch.id)
            for incident in desk.catch_up().incidents.values()
            if (watch := incident.projection(WatchList).listed()) is not None
            and over(incident, watch, now_s) is not None
        ]
    ended = 0
    for incident, listed in ending:
        command_id = derived_id(0.0, "watch-end", incident, listed)
        try:
            done = desk.do(EndWatch(incident=incident), own, command_id=command_id, now_s=now_s)
        except Refused:  # a person, or another process, was first
            continue
        ended += not done.repeated
    _erase(desk, own, now_s)
    return ended


def pass_hits_on(desk: CommandHandler, now_s: float) -> int:
    """Pass on every possible hit that nobody decided in time; return how many."""
    own = Actor(desk.node.identity.name, "node")
    with desk.reading:
        late = [
            (incident.id, hit.id)
            for incident in desk.catch_up().incidents.values()
            if running(incident, now_s) is not None
            for hit in incident.projection(Hits).waiting()
            if hit.decide_by_s is not None and now_s >= hit.decide_by_s
        ]
    passed = 0
    for incident, name in late:
        given = PassHitOn(incident=incident, hit=name, reason="nobody decided in time")
        command_id = derived_id(0.0, "hit-passed-on", incident, name)
        try:
            passed += not desk.do(given, own, command_id=command_id, now_s=now_s).repeated
        except Refused:  # a person, or another process, was first
            continue
    return passed


def _erase(desk: CommandHandler, own: Actor, now_s: float) -> None:
    with desk.reading:
        waiting = {
            incident.id: dict(incident.projection(WatchList).to_erase)
            for incident in desk.catch_up().incidents.values()
            if incident.projection(WatchList).to_erase
        }
    for incident, bodies in waiting.items():
        for fact_id, command_id in bodies.items():
            _forget_digest(desk, command_id)
            desk.node.journal.erase(fact_id)
        note = NoteErased(incident=incident, facts=tuple(bodies))
        note_id = derived_id(0.0, "watch-erased", incident, *sorted(bodies))
        try:
            desk.do(note, own, command_id=note_id, now_s=now_s)
        except Refused:  # another process noted it first
            continue


def _forget_digest(desk: CommandHandler, command_id: str) -> None:
    """Take away the digest of a command with a plate: what is short can be guessed from it."""
    with desk.node.journal.transaction() as work:
        known = work.get(COMMAND_SHELF, command_id)
        if known is not None:
            told = {**json.loads(known), "digest": ""}
            work.put(COMMAND_SHELF, command_id, canonical(told))
