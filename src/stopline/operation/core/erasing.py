"""Destroy a personal body, and the digest of the command that brought it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from stopline.documents.canonical_json import canonical
from stopline.journal.erasure import KEY_SHELF, SEALED_SHELF

if TYPE_CHECKING:
    from stopline.operation.core.context import Erase
    from stopline.operation.core.unit_of_work import UnitOfWork

COMMAND_SHELF: Final = "commands"


def erase_in(work: UnitOfWork, effect: Erase) -> None:
    """Take a body and its key away, and the digest of its command: what is short can be guessed."""
    work.remove(KEY_SHELF, effect.fact_id)
    work.remove(SEALED_SHELF, effect.fact_id)
    known = work.get(COMMAND_SHELF, effect.command_id)
    if known is not None:
        told = {**json.loads(known), "digest": ""}
        work.put(COMMAND_SHELF, effect.command_id, canonical(told))
