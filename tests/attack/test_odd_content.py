"""What a paired node signs may hold anything: too long, hidden, twice, from the future, misspelt.

Each is refused with its reason and changes nothing; the next message is taken. The attacker is the
client of line_client.py, which shares no code with the product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attack.line_client import uuid7
from attack.test_received_like_sent import SIGHTING, cases, leads
from operation.liaison_case import INCIDENT
from stopline.link.messages import MessageDeclined
from stopline.link.refusing import NOTED_A_WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from attack.victim import Victim

__all__ = ["cases", "leads"]
LONG = "x" * 9000
_ID = uuid7(1_795_000_000.0)


def seen(**changes: Any) -> dict[str, Any]:
    return {"sightings": [{**SIGHTING, **changes}]}


SAID: dict[str, tuple[str, dict[str, Any], str]] = {
    "a sighting from tomorrow": (
        "sighting", seen(seen="2026-11-20T10:00:00+00:00"), "in the future"),
    "the same sighting twice": ("sighting", {"sightings": [SIGHTING, SIGHTING]}, "twice"),
    "anywhere on Earth": ("sighting", seen(radius_m=10**9), "100000"),
    "off the Earth": ("sighting", seen(lon=999), "180"),
    "a heading of no compass": ("sighting", seen(heading_deg=-720), "greater than or equal to 0"),
    "a place that wipes the screen": ("sighting", seen(towards="a\x1b[2J\x1b[Hb"), "U+001B"),
    "a place that reads backwards": ("sighting", seen(towards="a\u202eb"), "U+202E"),
    "a place of a book's length": ("sighting", seen(towards=LONG), "at most 400"),
    "three thousand sightings": (
        "sighting", {"sightings": [{**SIGHTING, "sighting": f"s{n}"} for n in range(3000)]},
        "at most 1000"),
    "words of a book's length": ("liaison_open", {"contact_persons": LONG}, "at most 8000"),
    "a name with a sign that is not seen": ("liaison_open\u200b", {}, "is no message of"),
    "a name that reads backwards": ("\u202eliaison_open", {}, "U+202E"),
    "an id in capitals": ("liaison_open", {"id": _ID.upper()}, "in lower case"),
    "an id in braces": ("liaison_open", {"id": f"{{{_ID}}}"}, "in lower case"),
    "an id in other digits": ("liaison_open", {"id": _ID.replace("0", "\uff10")}, "in lower case"),
    "an id that wipes the screen": ("liaison_open", {"id": "\x1b[2J"}, "in lower case"),
}  # fmt: skip
SIGNED: dict[str, tuple[Callable[[Victim], bytes], str]] = {
    "a kind that writes a line of the log": (
        lambda v: v.hostile.envelope("x\nINFO all is well\x1b[2J", {}), "no kind of message"),
    "an incident that wipes the screen": (
        lambda v: v.hostile.said(v.protocol, "liaison_open", "i-1\x1b[2J"), "no name of an in"),
    "an incident in capitals": (
        lambda v: v.hostile.said(v.protocol, "liaison_open", INCIDENT.upper()), "knows no in"),
    "a line of another's terminal": (
        lambda v: v.hostile.envelope("text.sent", {"text": "ok\rdone"}, lane="routine"), "U+000D"),
    "a megabyte of words": (
        lambda v: v.hostile.envelope("text.sent", {"text": "x" * 900_000}, lane="routine"),
        "at most 8000"),
    "a lie as a number": (
        lambda v: v.hostile.envelope("text.sent", {"text": "x"}, lane="routine", schema=True),
        "an integer from 1"),
}  # fmt: skip


def test_each_is_refused_with_its_reason_and_changes_nothing(leads: Victim) -> None:
    before, told = leads.snapshot(), []
    for what, (name, content, why) in SAID.items():
        reasons = leads.say(name, **content)
        told.append((what, len(reasons) == 1 and why in reasons[0], reasons))
    for what, (make, why) in SIGNED.items():
        reasons = leads.send(make(leads))
        told.append((what, len(reasons) == 1 and why in reasons[0], reasons))
        if "integer" in why:  # what is no envelope has no number, and is sent again
            leads.hostile.seq["routine"] -= 1
    assert [one for one in told if not one[1]] == []
    assert len(told) < NOTED_A_WINDOW
    assert leads.snapshot() == before
    assert leads.verify() == []
    assert leads.say("liaison_open", contact_persons="A. Novak\non channel 4") == []


def test_what_is_said_about_it_hides_nothing_either(leads: Victim) -> None:
    for make, _ in SIGNED.values():
        leads.send(make(leads))
    leads.say("liaison_open", id="\x1b[2J")
    facts = [
        entry.body for entry in leads.desk.node.journal.read() if entry.kind == "message.refused"
    ]
    texts = [str(fact[name]) for fact in facts if fact for name in ("kind", "message", "reason")]
    answers = [one["body"] for one in leads.answers() if one["kind"] == "message.declined"]
    texts += [str(answer[name]) for answer in answers for name in ("kind", "message", "reason")]
    assert len(answers) >= len(SIGNED) - 1
    assert [text for text in texts if text and not text.isprintable()] == []
    for answer in answers:
        MessageDeclined.model_validate(answer)  # the other side takes it


MANGLED: dict[str, Callable[[bytes], bytes]] = {
    "a key twice": lambda e: e.replace(b'"kind":', b'"kind":"node.key-rotated","kind":', 1),
    "a key of the body twice": lambda e: e.replace(b'{"text":"x"}', b'{"text":"y","text":"x"}'),
    "a blank": lambda e: e.replace(b",", b", ", 1),
    "an exponent": lambda e: e.replace(b'"schema":1', b'"schema":1e0'),
    "a long number": lambda e: e.replace(b'"schema":1', b'"schema":' + b"9" * 5000),
    "half a sign": lambda e: e.replace(b'"text":"x"', b'"text":"\\ud800"'),
    "no UTF-8": lambda e: e.replace(b'"x"', b'"\xff"'),
    "a byte order mark": lambda e: b"\xef\xbb\xbf" + e,
    "deep": lambda _: b"[" * 100_000,
    "nothing": lambda _: b"{}",
}


def test_no_other_spelling_of_what_was_signed(leads: Victim) -> None:
    before = leads.snapshot()
    envelope = leads.hostile.envelope("text.sent", {"text": "x"}, lane="routine")
    leads.send()  # the line begins
    size = leads.desk.node.journal.size
    refused = {what: leads.send(mangle(envelope)) for what, mangle in MANGLED.items()}
    assert [what for what, reasons in refused.items() if len(reasons) != 1] == []
    assert leads.snapshot() == before
    assert leads.desk.node.journal.size - size <= 2  # that frames were refused, once a minute
    assert leads.send(envelope) == []  # the true one still comes


def test_order_and_repetition_change_nothing(leads: Victim) -> None:
    sent = [leads.hostile.envelope("text.sent", {"text": str(n)}, lane="routine") for n in range(4)]
    for order in ((3, 1, 2), (3, 3), (0, 0, 1), (2, 1, 0), (0, 1, 2, 3)):
        leads.send(*(sent[n] for n in order))
    taken = [
        entry.body["envelope"] for entry in leads.desk.node.journal.read()
        if entry.kind == "message.received" and entry.body and entry.body["kind"] == "text.sent"
    ]  # fmt: skip
    assert taken == [one.decode() for one in sent]
    assert leads.verify() == []
