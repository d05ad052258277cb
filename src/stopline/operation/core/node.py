"""A node's folder: its settings, its key, its journal; opened here and nowhere else.

node.json        name, journal (a path in the folder, or a PostgreSQL URL), url, listen, and
                 exercise if the node was made for exercises
node.key         Ed25519, owner only
tls.key tls.crt  for HTTPS
journal.db       the journal, by default
pairing.note     what the other side gets
peer-NAME.crt    certificate of a peer that this node calls
checkpoint.note  the last checkpoint that was signed, outside of the journal on purpose: a
                 journal that was put back from an old copy does not fit it
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from stopline import __version__
from stopline.errors import BadInput
from stopline.journal.base import Fact
from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.facts import KeyMade, NodeMadeForExercises, NodeStarted
from stopline.journal.keyring import parse_rotation
from stopline.journal.sqlite import open_sqlite
from stopline.journal.stored import check_is_ours
from stopline.link.identity import (
    TLS_CERTIFICATE_FILE,
    Identity,
    adopt_key,
    certificate_fingerprint,
    load_key,
    make_certificate,
    make_key,
    prepared_key,
)
from stopline.link.ids import new_id
from stopline.link.pairing import Offer
from stopline.link.peers import PEER_SHELF
from stopline.operation.core.exercise_clock import CLOCK_FILE, ExerciseClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from stopline.journal.kinds import FactBody
    from stopline.journal.stored import StoredJournal

SETTINGS_FILE, PAIRING_FILE, CHECKPOINT_FILE = "node.json", "pairing.note", "checkpoint.note"
_PAUSE_S = 0.01


def _nap() -> None:
    time.sleep(_PAUSE_S)


@dataclass(frozen=True, slots=True)
class Node:
    """An open node.

    Attributes:
        folder: its folder.
        identity: its name and keys.
        journal: its record.
        listen: host:port of its link.
        exercise: it was made for exercises, for good.
        clock: gives UTC seconds, to which facts, deadlines and duties hold; of an exercise node
            that of the exercise. Sessions, log-in waits and the line's liveness go by the wall.
        elapsed: seconds that never stand still, by which an answer of the other side is waited for.
        pause: lets the line work for a moment while one is waited for.
    """

    folder: Path
    identity: Identity
    journal: StoredJournal
    listen: str
    exercise: bool = False
    clock: Callable[[], float] = time.time
    elapsed: Callable[[], float] = time.monotonic
    pause: Callable[[], None] = _nap

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.journal.close()

    @property
    def pairing(self) -> str:
        """This node's pairing file."""
        return (self.folder / PAIRING_FILE).read_text("utf-8")

    def stamp(self, now_s: float) -> float:
        """When a fact happened that the wall clock brought about: by the clock of the record."""
        return self.clock() if self.exercise else now_s

    def peers(self) -> list[str]:
        """Name the paired nodes."""
        return [name for name, _ in self.journal.shelf(PEER_SHELF)]

    def record(self, body: FactBody, now_s: float) -> None:
        """Record a fact of the node itself."""
        self.journal.append([_own(self.identity.name, body, now_s)])

    def sign_checkpoint(self) -> SignedCheckpoint:
        """Sign the journal as it is now, keep the checkpoint there and beside it."""
        size = self.journal.size
        point = Checkpoint(self.identity.name, size, self.journal.root(size))
        signed = SignedCheckpoint.make(point, self.identity.signer)
        self.keep_checkpoint(signed)
        return signed

    def keep_checkpoint(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint of this node in the journal and beside it."""
        self.journal.keep_checkpoint(signed)
        beside = self.folder / CHECKPOINT_FILE
        fresh = beside.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(signed.encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(beside)


def make_node(
    folder: Path,
    name: str,
    *,
    journal: str,
    url: str,
    listen: str,
    now_s: float,
    exercise: bool = False,
) -> None:
    """Make a node in an empty folder: key, certificate, journal, pairing file.

    Args:
        folder: where it lives.
        name: its name.
        journal: where its journal is.
        url: where the other side calls.
        listen: host:port of its lines.
        now_s: UTC seconds.
        exercise: it is for exercises, for good: it takes another clock, marks all that it says,
            and pairs only with another such node.

    Raises:
        BadInput: there is a node already, or the name will not do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / SETTINGS_FILE).exists():
        raise BadInput.single(str(folder), "a node", "an empty folder")
    folder.chmod(0o700)
    identity = make_key(name, folder)
    certificate = make_certificate(name, folder, now_s)
    digest = certificate_fingerprint(certificate)
    offer = Offer(name, identity.key, url, digest, now_s, exercise=exercise)
    (folder / PAIRING_FILE).write_text(offer.sign(identity.signer), "utf-8")
    with open_journal(folder, journal, create=True) as opened:
        opened.append([_own(name, KeyMade(key=identity.key.encode()), now_s)])
        if exercise:
            opened.append([_own(name, NodeMadeForExercises(), now_s)])
    settings = {"name": name, "journal": journal, "url": url, "listen": listen}
    if exercise:
        settings["exercise"] = "for good"
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


def open_node(folder: Path, *, now_s: float | None = None) -> Node:
    """Open a node; with a time, say in the journal that it started.

    Raises:
        BadInput: there is no node, or its key file will not do.
        StorageError: the journal cannot be opened, or is damaged.
        Contradiction: the journal is older than the last checkpoint that this node signed.
    """
    settings = _settings(folder)
    name = settings["name"]
    journal = open_journal(folder, settings["journal"])
    try:
        _check_begun(journal, settings["journal"])
        _finish_rotation(name, folder, journal)
        beside = folder / CHECKPOINT_FILE
        if beside.exists():
            check_is_ours(journal, SignedCheckpoint.parse(beside.read_text("utf-8")))
        exercise = _kind(folder, settings, journal)
        clock = ExerciseClock(folder) if exercise else time.time
        key = load_key(name, folder)
        node = Node(folder, key, journal, settings["listen"], exercise, clock)
        if now_s is not None:
            node.record(NodeStarted(version=__version__), now_s)
    except BaseException:
        journal.close()
        raise
    return node


def open_journal(folder: Path, where: str, *, create: bool = False) -> StoredJournal:
    """Open a journal by URL, or by a path in the node's folder; only who makes a node makes it.

    Raises:
        BadInput: there is none; nothing is made then.
        StorageError: it cannot be opened, or is damaged.
    """
    if where.startswith(("postgres://", "postgresql://")):
        from stopline.journal.postgres import open_postgres  # noqa: PLC0415  (heavy)

        return open_postgres(where, create=create)
    path = folder / where
    if not create and not path.exists():
        expected = "the node's record; put it back, a new one would not be this node's"
        raise BadInput.single(str(path), f"no journal at {path}", expected)
    return open_sqlite(path, create=create)


def _check_begun(journal: StoredJournal, where: str) -> None:
    if not journal.size:
        expected = "the record that `stopline node init` began; put it back"
        raise BadInput.single(where, "a journal without entries", expected)


def pairing_certificate(folder: Path) -> str:
    """Give the node's TLS certificate, which goes to the other side with the pairing file."""
    return (folder / TLS_CERTIFICATE_FILE).read_text("utf-8")


def peer_certificate_file(folder: Path, peer: str) -> Path:
    """Name the file that holds a peer's certificate."""
    safe = "".join(sign if sign.isalnum() or sign in "-." else "_" for sign in peer)
    return folder / f"peer-{safe}.crt"


def _finish_rotation(name: str, folder: Path, journal: StoredJournal) -> None:
    """Put a prepared key in use if the journal says that it took over before a crash."""
    waiting = prepared_key(name, folder)
    if waiting is None:
        return
    for entry in journal.read():
        if entry.kind == "node.key-rotated" and entry.body is not None:
            _, new, _, _ = parse_rotation(str(entry.body["note"]))
            if new == waiting:
                adopt_key(folder)
                return


def _kind(folder: Path, settings: dict[str, str], journal: StoredJournal) -> bool:
    """Whether the node was made for exercises; settings, journal and folder must say the same.

    Raises:
        BadInput: they do not: a node is made for the one or the other, and stays so.
    """
    first = journal.read(0, min(2, journal.size))
    exercise = any(entry.kind == "node.made-for-exercises" for entry in first)
    if exercise is not ("exercise" in settings):
        seen = "with exercise" if "exercise" in settings else "without exercise"
        expected = "what its journal says it was made for; make another node with node init"
        raise BadInput.single(str(folder / SETTINGS_FILE), seen, expected)
    if not exercise and (folder / CLOCK_FILE).exists():
        expected = "none; only a node made with `node init --exercise` takes another clock"
        raise BadInput.single(str(folder / CLOCK_FILE), "another clock", expected)
    return exercise


def _settings(folder: Path) -> dict[str, str]:
    path = folder / SETTINGS_FILE
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        expected = "the folder of a node, as `stopline node init` makes one"
        raise BadInput.single(str(folder), "no node", expected) from None
    except ValueError as error:
        raise BadInput.single(str(path), str(error), "JSON") from error
    wanted = {"name", "journal", "url", "listen"}
    if not isinstance(value, dict) or set(value) - {"exercise"} != wanted:
        raise BadInput.single(str(path), str(value)[:60], f"an object with {sorted(wanted)}")
    return {key: str(inner) for key, inner in value.items()}


def _own(name: str, body: FactBody, now_s: float) -> Fact:
    return Fact(fact_id=new_id(now_s), time_s=now_s, author=name, role="node", body=body)
