"""Two paired nodes for the tests."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from stopline.journal.sqlite import open_sqlite
from stopline.link.engine import LinkEngine
from stopline.link.identity import Identity, certificate_fingerprint, make_certificate, make_key
from stopline.link.ids import derived_id
from stopline.link.key_management import accept_pairing
from stopline.link.mailbox import Message
from stopline.link.messages import FileSent, MessageBody, TextSent
from stopline.link.pairing import Offer, fingerprint
from stopline.link.procedure_message import ProcedureSaid
from stopline.testing.in_process_line import InProcessLine

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.journal.stored import StoredJournal

START_S = 1_795_000_000.0
NAMES = ("north.example/node", "south.example/node")


class Pair:
    """Two nodes in two folders, paired; restart either at any time."""

    def __init__(self, folder: Path, urls: tuple[str, str] = ("", "")) -> None:
        self.folders = [folder / "north", folder / "south"]
        self.identities: list[Identity] = []
        self.certificates: list[str] = []
        self.journals: list[StoredJournal] = []
        for name, place in zip(NAMES, self.folders, strict=True):
            place.mkdir(parents=True)
            self.identities.append(make_key(name, place))
            self.certificates.append(make_certificate(name, place, START_S))
            self.journals.append(open_sqlite(place / "journal.db"))
        self.offers = [
            Offer(i.name, i.key, url, certificate_fingerprint(c), START_S).sign(i.signer)
            for i, c, url in zip(self.identities, self.certificates, urls, strict=True)
        ]
        digits = fingerprint(*self.offers)
        for end in (0, 1):
            own, theirs = self.offers[end], self.offers[1 - end]
            journal = self.journals[end]
            accept_pairing(journal, own, theirs, spoken=digits, person="a.novak", now_s=START_S)

    def engine(self, end: int) -> LinkEngine:
        return LinkEngine(self.journals[end], self.identities[end], NAMES[1 - end])

    def reopen(self, end: int) -> LinkEngine:
        """Kill a node and start it again from what is on disk."""
        self.journals[end].close()
        self.journals[end] = open_sqlite(self.folders[end] / "journal.db")
        return self.engine(end)

    def line(self, seed: int = 1) -> InProcessLine:
        return InProcessLine([self.engine(0), self.engine(1)], random.Random(seed))

    def inbox(self, end: int, lane: str | None = None) -> list[str]:
        """Texts that an end received, in the order of its journal."""
        found = []
        for entry in self.journals[end].read():
            body = entry.body or {}
            if entry.kind == "message.received" and lane in {None, body["lane"]}:
                found.append(str(body["message"]))
        return found

    def close(self) -> None:
        for journal in self.journals:
            journal.close()


def body_of(lane: str, number: int) -> MessageBody:
    if lane == "alarm":
        return ProcedureSaid(protocol="none", name="alert", text=f"alarm {number}")
    if lane == "bulk":
        return FileSent(name="map.pdf", part=number, parts=99, content="QUJD" * 200)
    return TextSent(text=f"text {number}")


def message(end: int, number: int, lane: str = "routine") -> Message:
    return Message(
        message_id=derived_id(START_S + number, end, number, lane),
        body=body_of(lane, number),
        time_s=START_S + number,
        author="a.novak",
        role="duty-officer",
    )
