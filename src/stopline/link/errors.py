"""What can go wrong between two nodes, each with a name of its own.

LinkError (StoplineError)
├── NotDisclosable   the agreed rules do not let this leave the node
├── NotPaired        the other node is not known here
├── Forged           a frame or envelope that its sender did not sign
│   └── KeyEnded     signed by a key that had ended by then
├── Replayed         a frame that was taken before is shown again
├── PeerContradicts  the other node signed two things that cannot both be true
├── Fenced           another copy of the sending node counts, and this frame is not of it
├── PeerAhead        the other node confirms what was never sent: this node lost its own record
└── Unreachable      the transport could not bring a frame across
"""

from __future__ import annotations

from stopline.errors import StoplineError


class LinkError(StoplineError):
    """The root of what the link raises."""


class NotDisclosable(LinkError):  # noqa: N818
    """The agreed rules do not let this leave the node."""

    def __init__(self, kind: str, why: str) -> None:
        self.kind = kind
        super().__init__(f"{kind} may not leave this node: {why}")


class NotPaired(LinkError):  # noqa: N818
    """The other node is not known here."""

    def __init__(self, peer: str) -> None:
        super().__init__(f"{peer} is not paired with this node; exchange pairing files first")


class Forged(LinkError):  # noqa: N818
    """A frame or envelope that its sender did not sign."""


class KeyEnded(Forged):
    """Signed by a key that had ended by then."""


class Replayed(LinkError):  # noqa: N818
    """A frame that was taken before is shown again; nothing in it counts twice."""


class PeerContradicts(LinkError):  # noqa: N818
    """The other node signed two things that cannot both be true."""


class PeerAhead(LinkError):  # noqa: N818
    """The other node confirms what was never sent: this node lost part of its own record."""


class Fenced(LinkError):  # noqa: N818
    """Another copy of the sending node counts; nothing of this one is taken.

    Attributes:
        for_good: the other began later; else it is only still heard, and this one may come next.
    """

    def __init__(self, why: str, *, for_good: bool) -> None:
        self.for_good = for_good
        super().__init__(why)


class Unreachable(LinkError):  # noqa: N818
    """The transport could not bring a frame across."""
