"""A node's journal as a review reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from operation.liaison_case import INCIDENT, Case
from stopline.journal.export import write_jsonl
from stopline.review.history import History, fold_history
from stopline.review.review import review_incident

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.review.schema import ReviewFile

ZONE = ZoneInfo("Europe/Vaduz")


def history(case: Case, end: int = 0) -> History:
    """The journal of a side, folded step by step."""
    return fold_history(case.both.desks[end].node.journal.read(), INCIDENT)


def reviewed(case: Case, end: int = 0, **options: object) -> ReviewFile:
    """A review of a side, while its desk stays open."""
    return review_incident(
        case.both.folders[end], INCIDENT, zone=ZONE, now_s=case.both.now_s, **options,  # type: ignore[arg-type]
    ).file  # fmt: skip


def exported(case: Case, end: int, path: Path, *, signed: bool = True) -> Path:
    """A side's journal as it is handed to the other."""
    node = case.both.desks[end].node
    if signed:
        node.sign_checkpoint()
    with path.open("wb") as file:
        write_jsonl(node.journal.read(), node.journal.checkpoints() if signed else [], file)
    return path
