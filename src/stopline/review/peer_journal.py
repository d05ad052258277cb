"""The other side's journal, exported as JSON Lines: verified as theirs, or refused."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (a signature)
from typing import TYPE_CHECKING

from stopline.errors import VerificationFailed
from stopline.journal.entry import read_entry
from stopline.journal.export import JsonlCopy
from stopline.journal.verify import verify_journal
from stopline.link.peers import PEER_SHELF, Peer

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.journal.stored import StoredJournal
    from stopline.signed_note import PublicKey


def read_peer_journal(path: Path, own: StoredJournal) -> tuple[list[Entry], int]:
    """Read the other side's exported journal as far as its own signature covers it.

    Args:
        path: what `stopline journal export` wrote there.
        own: this node's journal, which holds the key that people compared when the nodes paired.

    Returns:
        The entries that a signed checkpoint covers, and how many more stand behind them.

    Raises:
        VerificationFailed: it was changed, or nothing shows that it is the other side's.
        BadInput: it is no exported journal.
    """
    with path.open("rb") as file:
        copy = JsonlCopy(file)
    report = verify_journal(copy, key=_first_key(own))
    if not report.holds:
        faults = "; ".join(str(fault) for fault in report.faults[:3])
        raise VerificationFailed(f"{path} does not verify, nothing of it is used: {faults}")
    covered = max((point.checkpoint.size for point in copy.checkpoints()), default=0)
    if not covered:
        raise VerificationFailed(
            f"{path} holds no signed checkpoint, so nothing shows that it is the other side's; "
            "there, `stopline journal prove` signs one; export it again then"
        )
    entries = [read_entry(i, leaf, lambda _id, _sealed: None) for i, _, leaf in copy.leaves()]
    return entries[:covered], len(entries) - covered


def _first_key(own: StoredJournal) -> PublicKey:
    for _, value in own.shelf(PEER_SHELF):
        return Peer.from_bytes(value).offer.key
    raise VerificationFailed("this node is not paired: it cannot tell whose journal that is")
