"""The journals of two desks afterwards: verified, compared, and exported for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.journal.export import write_jsonl
from stopline.journal.verify import verify_journal

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.journal.base import Entry
    from stopline.testing.two_desks import TwoNodes


def agree_on_what_was_shared(both: TwoNodes) -> int:
    """Verify both journals and compare what crossed the line; give how many messages.

    Raises:
        BadInput: a journal does not verify, or the two disagree.
    """
    sent: list[list[str]] = []
    received: list[list[str]] = []
    for desk in both.desks:
        report = verify_journal(desk.node.journal, key=desk.node.identity.key)
        if not report.holds:
            raise BadInput(report.faults)
        entries = list(desk.node.journal.read())
        sent.append([_envelope(e) for e in entries if e.kind.startswith("message.sent")])
        received.append([_envelope(e) for e in entries if e.kind.startswith("message.received")])
    for end in (0, 1):
        if sorted(sent[end]) != sorted(received[1 - end]):
            raise BadInput.single("journals", "other messages", "the same on both nodes")
    return len(sent[0]) + len(sent[1])


def export_journals(both: TwoNodes, folder: Path) -> list[Path]:
    """Write each journal as JSON Lines, signed up to its end, for the other side's review."""
    paths = []
    for desk, where in zip(both.desks, both.folders, strict=True):
        desk.node.sign_checkpoint()
        paths.append(folder / f"{where.name}.jsonl")
        with paths[-1].open("wb") as file:
            write_jsonl(desk.node.journal.read(), desk.node.journal.checkpoints(), file)
    return paths


def _envelope(entry: Entry) -> str:
    return str((entry.body or {})["envelope"])
