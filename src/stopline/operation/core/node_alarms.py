"""What is wrong with the node or its line, for people: the worst first, each with what to do."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.link.facts import (
    ContradictionFound,
    LinesBegan,
    MessageRefused,
    NodeFellBehind,
    NodeFenced,
    PeerLostRecord,
    PeerSecondCopy,
)
from stopline.link.messages import MessageDeclined
from stopline.operation.core.projection import Projection, folds, on_message, projection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stopline.journal.base import Entry
    from stopline.operation.core.state import NodeState

_SHOWN: Final = 50
_RECENT_S: Final = 3600.0
_LITTLE_ROOM: Final = 100 << 20  # bytes


@dataclass(frozen=True, slots=True)
class NodeAlarm:
    """One thing that officers should know of their node.

    Attributes:
        lead: in capitals, for example `LINE DOWN`.
        text: what it is, and what to do.
        since_s: since when, UTC seconds.
    """

    lead: str
    text: str
    since_s: float


_SOURCES: list[Callable[[NodeState, float], Iterator[NodeAlarm]]] = []


def tells_alarms(
    source: Callable[[NodeState, float], Iterator[NodeAlarm]],
) -> Callable[[NodeState, float], Iterator[NodeAlarm]]:
    """Register a function that gives alarms of the node at a time, the worst first."""
    _SOURCES.append(source)
    return source


def node_alarms(book: NodeState, now_s: float) -> list[NodeAlarm]:
    """Everything that is wrong with the node or its line at a time."""
    return [one for source in _SOURCES for one in source(book, now_s)]


@dataclass(frozen=True, slots=True)
class RefusedHere:
    """A message that was not taken."""

    at_s: float
    body: MessageRefused


@projection("node")
class RefusedMessages(Projection):
    """Messages that were not taken, here and there; the last ones.

    Attributes:
        here: of the other side, refused by this node.
        there: of this side, by id, refused by the other node: when, and its answer.
        count: refused by this node so far.
    """

    def __init__(self) -> None:
        self.here: deque[RefusedHere] = deque(maxlen=_SHOWN)
        self.there: dict[str, tuple[float, MessageDeclined]] = {}
        self.count = 0

    @folds(MessageRefused)
    def _refused(self, body: MessageRefused, entry: Entry) -> None:
        self.here.append(RefusedHere(entry.time_s, body))
        self.count += 1 + body.more

    @on_message(MessageDeclined)
    def _declined(self, body: MessageDeclined, entry: Entry, *, received: bool) -> None:
        if received:
            self.there[body.message] = (entry.time_s, body)
            while len(self.there) > _SHOWN:
                self.there.pop(next(iter(self.there)))


@tells_alarms
def _storage(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    if book.trouble:
        yield NodeAlarm(
            "NOTHING IS RECORDED",
            f"{book.trouble}. What is shown is what was known before; write orders down on paper.",
            now_s,
        )


@tells_alarms
def _room(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    if book.room_bytes is not None and book.room_bytes < _LITTLE_ROOM:
        yield NodeAlarm(
            "THE DISK IS NEARLY FULL",
            f"{book.room_bytes >> 20} MiB are left for the journal; when they are used nothing is "
            "recorded. Whoever administers the node makes room now.",
            now_s,
        )


@projection("node")
class Contradictions(Projection):
    """Checkpoints of the other node that do not continue what it signed before."""

    def __init__(self) -> None:
        self.found: list[tuple[float, ContradictionFound]] = []

    @folds(ContradictionFound)
    def _found(self, body: ContradictionFound, entry: Entry) -> None:
        self.found.append((entry.time_s, body))


@projection("node")
class CopiesSeen(Projection):
    """What was found of copies of this node and of the other: time and fact, the last of each."""

    def __init__(self) -> None:
        self.fenced: tuple[float, NodeFenced] | None = None
        self.behind: tuple[float, NodeFellBehind] | None = None
        self.second: tuple[float, PeerSecondCopy] | None = None
        self.lost_there: tuple[float, PeerLostRecord] | None = None

    @folds(LinesBegan)
    def _began(self, body: LinesBegan, entry: Entry) -> None:
        del body, entry
        self.fenced = self.behind = None  # it is found again if it is still so

    @folds(NodeFenced)
    def _fenced(self, body: NodeFenced, entry: Entry) -> None:
        self.fenced = (entry.time_s, body)

    @folds(NodeFellBehind)
    def _behind(self, body: NodeFellBehind, entry: Entry) -> None:
        self.behind = (entry.time_s, body)

    @folds(PeerSecondCopy)
    def _second(self, body: PeerSecondCopy, entry: Entry) -> None:
        self.second = (entry.time_s, body)

    @folds(PeerLostRecord)
    def _lost(self, body: PeerLostRecord, entry: Entry) -> None:
        self.lost_there = (entry.time_s, body)


@tells_alarms
def _own_copies(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    del now_s  # it stands until the lines begin anew
    seen = book.projection(CopiesSeen)
    if seen.fenced is not None:
        at_s, fenced = seen.fenced
        yield NodeAlarm(
            "THIS COPY DOES NOT COUNT",
            f"{fenced.peer} takes nothing of it: {fenced.why}. Stop this one if the other runs; if "
            "this one is to go on, stop the other and follow `A restored node` in docs/nodes.md.",
            at_s,
        )
    if seen.behind is not None:
        at_s, behind = seen.behind
        yield NodeAlarm(
            "THIS RECORD IS AN OLD COPY",
            f"{behind.why}. Nothing is sent until that is mended: ask the other side for its "
            "export and follow `A restored node` in docs/nodes.md.",
            at_s,
        )


@tells_alarms
def _their_copies(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    seen = book.projection(CopiesSeen)
    if seen.lost_there is not None and now_s - seen.lost_there[0] < _RECENT_S:
        at_s, lost = seen.lost_there
        yield NodeAlarm(
            "THEY LOST PART OF THEIR RECORD",
            f"{lost.why}. Their node was put back from an old copy; give them an export of our "
            "journal (`stopline journal export`), and read out by telephone what must not wait.",
            at_s,
        )
    if seen.second is not None and now_s - seen.second[0] < _RECENT_S:
        at_s, second = seen.second
        yield NodeAlarm(
            "TWO COPIES OF THE OTHER NODE",
            f"{second.peer} runs twice (start {second.epoch} beside {second.counts}); nothing of "
            "the older one is taken. Telephone: one of the two must be stopped.",
            at_s,
        )


@tells_alarms
def _contradictions(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    del now_s  # it does not pass
    found = book.projection(Contradictions).found
    if found:
        at_s, first = found[0]
        yield NodeAlarm(
            "THEIR RECORD CONTRADICTS ITSELF",
            f"{first.peer} signed two checkpoints that cannot both be true ({first.why}). It was "
            "restored from an old copy, or rewritten; nothing of it is cosigned since. Both signed "
            "notes stand in our journal. Telephone and ask.",
            at_s,
        )


@tells_alarms
def _refusals(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    known = book.projection(RefusedMessages)
    recent = [one for one in known.here if now_s - one.at_s < _RECENT_S]
    if recent:
        last = recent[-1]
        yield NodeAlarm(
            "MESSAGES REFUSED",
            f"{book.other_side or last.body.peer} sent what the agreed protocol does not give it; "
            f"{known.count} so far, none of them counts. The last, `{last.body.kind}`: "
            f"{last.body.reason}. Telephone and ask.",
            last.at_s,
        )
    for at_s, body in known.there.values():
        if now_s - at_s < _RECENT_S:
            yield NodeAlarm(
                "NOT TAKEN THERE",
                f"the other node did not take our message {body.message}: {body.reason}. "
                "Telephone, and say it another way.",
                at_s,
            )
