"""The kinds of fact that the link records."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


class _Carried(FactBody):
    peer: str = Field(description="the other node")
    lane: str = Field(description="alarm, routine or bulk")
    seq: int = Field(description="number in the lane, from 1")
    message: str = Field(description="id of the message")
    kind: str = Field(description="kind of the message")
    envelope: str = Field(description="the signed envelope, as it crossed the line")


@fact_kind("message.sent")
class MessageSent(_Carried):
    """A message was put into the outbox; its delivery is another fact."""


@fact_kind("message.received")
class MessageReceived(_Carried):
    """A message arrived, in order and signed."""


@fact_kind("message.sent-personal", personal=True)
class PersonalMessageSent(_Carried):
    """A message with personal content was put into the outbox."""


@fact_kind("message.received-personal", personal=True)
class PersonalMessageReceived(_Carried):
    """A message with personal content arrived."""


@fact_kind("message.refused")
class MessageRefused(FactBody):
    """A signed message arrived that the agreed protocol does not give its sender; it counts not."""

    peer: str = Field(description="the other node")
    lane: str = Field(description="alarm, routine or bulk")
    seq: int = Field(description="number in the lane, from 1")
    message: str = Field(description="id of the message")
    kind: str = Field(description="kind of the message, as it came")
    reason: str = Field(description="why it is not taken")
    digest: str = Field(description="SHA-256 of the signed envelope, hex")
    envelope: str = Field(description="the signed envelope; empty if it is long, or personal")
    more: int = Field(description="refused since the last such fact, and not noted one by one")


@fact_kind("message.delivered")
class MessagesDelivered(FactBody):
    """The other node confirmed messages: they are in its journal."""

    peer: str = Field(description="the other node")
    through: dict[str, int] = Field(description="last confirmed number of each lane that moved")


@fact_kind("frame.refused")
class FrameRefused(FactBody):
    """Something arrived that the other node did not sign, or that contradicts it."""

    peer: str = Field(description="the node that it claimed to come from")
    error: str = Field(description="name of the error")
    detail: str = Field(description="what was wrong")
    more: int = Field(description="how many were refused since the last such fact")


@fact_kind("link.changed")
class LinkChanged(FactBody):
    """The line went up or down."""

    peer: str = Field(description="the other node")
    up: bool = Field(description="frames pass both ways")
    unacknowledged: int = Field(description="messages that wait for confirmation")
    clock_offset_s: float | None = Field(description="the other clock minus ours, seconds, or null")


@fact_kind("peer.paired")
class PeerPaired(FactBody):
    """People compared fingerprints, and the two nodes are paired."""

    peer: str = Field(description="the other node")
    pairing: str = Field(description="its pairing file")
    fingerprint: str = Field(description="the fingerprint that both read out")


@fact_kind("peer.key-rotated")
class PeerKeyChanged(FactBody):
    """The other node's new key took over."""

    peer: str = Field(description="the other node")
    note: str = Field(description="rotation note")


@fact_kind("peer.key-revoked")
class PeerKeyRevoked(FactBody):
    """The other node's key is not believed any more."""

    peer: str = Field(description="the other node")
    key: str = Field(description="id of the key, hex")
    reason: str = Field(description="why, and who decided it")


@fact_kind("peer.checkpoint-kept")
class PeerCheckpointKept(FactBody):
    """The other node showed a checkpoint that continues the one held; it was cosigned."""

    peer: str = Field(description="the other node")
    size: int = Field(description="entries of its journal")
    checkpoint: str = Field(description="its signed checkpoint, a C2SP note")


@fact_kind("peer.contradiction")
class ContradictionFound(FactBody):
    """The other node signed a checkpoint that does not continue the one held: no cosignature."""

    peer: str = Field(description="the other node")
    why: str = Field(description="what contradicts what")
    held: str = Field(description="the signed checkpoint that is held")
    shown: str = Field(description="the signed checkpoint that was shown; both are the evidence")


@fact_kind("node.lines-began")
class LinesBegan(FactBody):
    """This node began to keep its lines; every frame says of which such start it is."""

    epoch: int = Field(description="number of the start, from 1")


@fact_kind("node.fenced")
class NodeFenced(FactBody):
    """The other node takes nothing of this copy of the node: it knows another one."""

    peer: str = Field(description="the other node")
    why: str = Field(description="what it said")


@fact_kind("node.fell-behind")
class NodeFellBehind(FactBody):
    """The other node has messages that this one does not know: this record is an older copy."""

    peer: str = Field(description="the other node")
    why: str = Field(description="what it confirms, and what this node knows")


@fact_kind("peer.line-began")
class PeerLineBegan(FactBody):
    """The other node began to keep its lines anew; earlier copies of it count no more."""

    peer: str = Field(description="the other node")
    epoch: int = Field(description="number of its start")
    session: str = Field(description="name of that run")


@fact_kind("peer.second-copy")
class PeerSecondCopy(FactBody):
    """Frames came of another copy of the other node than the one that counts."""

    peer: str = Field(description="the other node")
    epoch: int = Field(description="number of the start that the copy says")
    session: str = Field(description="name of that run")
    counts: int = Field(description="number of the start that counts")


@fact_kind("peer.lost-record")
class PeerLostRecord(FactBody):
    """The other node confirms less than it had confirmed: it was put back from an old copy."""

    peer: str = Field(description="the other node")
    why: str = Field(description="what it confirms now, and what it had confirmed")
