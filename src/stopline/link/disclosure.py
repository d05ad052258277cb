"""The one door: everything that leaves the node passes `disclose`, against this table.

The table is written by hand and apart from the message forms on purpose. A field added to a message
does not leave the node until somebody adds it here too, where reviewers look; a test compares both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stopline.link.errors import NotDisclosable

if TYPE_CHECKING:
    from collections.abc import Mapping

# What carries messages: header of an envelope, header of a frame, pairing file.
ENVELOPE, FRAME, PAIRING = "link:envelope", "link:frame", "link:pairing"

DISCLOSED: dict[str, frozenset[str]] = {
    ENVELOPE: frozenset(
        {"form", "from", "to", "lane", "seq", "id", "kind", "schema", "time", "incident", "body",
         "key", "sig"}
    ),
    FRAME: frozenset(
        {"form", "from", "to", "session", "counter", "epoch", "sent", "echo", "acks", "count",
         "digest", "sigs"}
    ),
    PAIRING: frozenset({"form", "name", "key", "url", "certificate", "time"}),
    "procedure.said": frozenset(
        {"protocol", "name", "ref", "request", "asked", "answer", "answer_by", "text",
         # content, each under the name of the disclosure that governs it
         "what_happened", "vehicle", "contact_persons", "sightings", "belief", "suspicions",
         "wanted_sections", "commitments", "seal_status", "draft_statement_text", "detention"}
    ),
    "text.sent": frozenset({"text"}),
    "file.sent": frozenset({"name", "part", "parts", "content"}),
    "person.described": frozenset({"text"}),
    "recipient.introduced": frozenset({"role", "person", "key"}),
    "message.acknowledged": frozenset({"message", "person", "role"}),
    "message.declined": frozenset({"message", "kind", "reason", "more"}),
    "node.key-rotated": frozenset({"note", "until"}),
    "journal.checkpoint": frozenset({"checkpoint", "earlier", "consistency"}),
    "journal.cosigned": frozenset({"size", "line"}),
    "plan.asked": frozenset(
        {"matter", "number", "common", "now_utc_s", "wanted", "site", "strength", "by_s", "prefer"}
    ),
    "plan.answered": frozenset(
        {"matter", "number", "closed_s", "units", "strength", "members", "most"}
    ),
    "plan.declined": frozenset({"matter", "number", "reason"}),
    "plan.taken": frozenset({"matter", "number", "held", "expires_utc_s"}),
    "plan.decided": frozenset({"matter", "number"}),
    "plan.withdrawn": frozenset({"matter", "number", "reason"}),
}  # fmt: skip
ALWAYS = frozenset(
    {ENVELOPE, FRAME, PAIRING, "message.acknowledged", "message.declined", "node.key-rotated",
     "journal.checkpoint", "journal.cosigned"}
)  # fmt: skip


class DisclosureRules(Protocol):
    """What the two sides agreed to share, and when."""

    def allows(self, kind: str, phase: str | None) -> bool:
        """Tell whether messages of a kind may leave in a phase of the protocol."""
        ...


class AllKinds:
    """Rules for two nodes without a protocol in force: every kind of the table, at any time."""

    def allows(self, kind: str, phase: str | None) -> bool:  # noqa: ARG002
        """Allow it."""
        return True


def disclose(
    kind: str,
    fields: Mapping[str, object],
    *,
    rules: DisclosureRules | None = None,
    phase: str | None = None,
) -> dict[str, object]:
    """Give the fields that may leave the node, or refuse the whole; nothing is dropped silently.

    Args:
        kind: message kind, or what carries messages (`link:...`).
        fields: everything that would leave.
        rules: the agreed rules; without them only what the link itself needs may leave.
        phase: the protocol's phase, if one is in force.

    Raises:
        NotDisclosable: the kind or a field is not in the table, or the rules forbid it now.
    """
    known = DISCLOSED.get(kind)
    if known is None:
        raise NotDisclosable(kind, "it is not in the table of disclosed kinds")
    extra = sorted(set(fields) - known)
    if extra:
        raise NotDisclosable(kind, f"{', '.join(extra)} not in the table of disclosed fields")
    if kind not in ALWAYS and (rules is None or not rules.allows(kind, phase)):
        raise NotDisclosable(kind, f"the agreed rules forbid it in phase {phase or 'none'}")
    return dict(fields)
