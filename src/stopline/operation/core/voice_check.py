"""Which voices in a record are proven by their officers' own keys, and which only claimed.

A decision or a report is *proven* if the key that its officer had enrolled before signed it, once.
Without a signature it is what the node says that somebody said. Needs no private key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.errors import BadInput, Fault, StoplineError
from stopline.operation.core.officer_signatures import signing_key
from stopline.operation.core.signing_keys import (
    SigningKeys,
    must_be_signed,
    said_by,
    why_not_enrolled,
    why_not_proven,
)
from stopline.operation.facts.incident import DecisionVoiced, IncidentOpened, ProtocolAdopted
from stopline.operation.facts.intelligence import IntelligenceFiled
from stopline.operation.facts.signing_keys import SigningKeyEnded, SigningKeyEnrolled
from stopline.protocol.reader import parse_protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stopline.journal.base import Entry
    from stopline.journal.kinds import FactBody
    from stopline.operation.core.signing_keys import Voice
    from stopline.protocol.schema import Protocol

_KINDS = frozenset(
    {
        "protocol.adopted", "incident.opened", "decision.voiced", "intelligence.filed",
        "signing-key.enrolled", "signing-key.ended",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VoiceFound:
    """One voice.

    Attributes:
        entry: its index in the journal.
        person: who.
        role: in which role.
        what: what was said, in a few words.
        proven: signed by the officer's own key.
        why: what that rests on, or why it is only claimed.
    """

    entry: int
    person: str
    role: str
    what: str
    proven: bool
    why: str

    def line(self) -> str:
        """Say it in a line."""
        how = "proven" if self.proven else "only claimed"
        return f"entry {self.entry}: {self.person} ({self.role}) {self.what}: {how}, {self.why}"


@dataclass(slots=True)
class VoicesFound:
    """All voices of a record.

    Attributes:
        voices: in order.
        faults: false signatures, voices that should be signed and are not, keys that nobody
            can have enrolled.
    """

    voices: list[VoiceFound] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def check_voices(
    entries: Iterable[Entry],
    cosigned: Sequence[int] = (),
    trusted: Mapping[str, Iterable[str]] | None = None,
) -> VoicesFound:
    """Tell proven voices from claimed ones.

    Args:
        entries: of the journal, in order.
        cosigned: sizes of the checkpoints that the other side cosigned: what stood before one of
            them cannot have been written later.
        trusted: keys of officers as people know them, by person; those of the record if None.
    """
    walk = _JournalWalk(cosigned, trusted)
    for entry in entries:
        if entry.kind not in _KINDS or entry.body is None:
            continue
        try:
            walk.take(entry.typed(), entry)
        except StoplineError as error:
            walk.found.faults.append(f"entry {entry.index}: {error}")
    return walk.found


class _JournalWalk:
    """What is known at an entry."""

    def __init__(
        self, cosigned: Sequence[int], trusted: Mapping[str, Iterable[str]] | None
    ) -> None:
        self.found = VoicesFound()
        self._cosigned = sorted(cosigned)
        self._trusted = None if trusted is None else {who: set(k) for who, k in trusted.items()}
        self._side = ""
        self._protocols: dict[str, Protocol] = {}
        self._force: Protocol | None = None
        self._of_incident: dict[str, Protocol] = {}
        self._keys = SigningKeys()
        self._ended: dict[str, int] = {}

    def take(self, body: FactBody, entry: Entry) -> None:
        """Take in one entry."""
        if isinstance(body, ProtocolAdopted):
            file = parse_protocol(body.document.encode(), "adopted protocol")
            self._protocols[file.digest] = self._force = file.protocol
            self._side = body.side
        elif isinstance(body, IncidentOpened):
            if body.protocol in self._protocols:
                self._of_incident[str(entry.incident)] = self._protocols[body.protocol]
        elif isinstance(body, SigningKeyEnrolled):
            held = self._keys.held.get(entry.author)
            reason = why_not_enrolled(body, held, self._side, entry.author)
            if reason:
                self.found.faults.append(f"entry {entry.index}: signing key: {reason}")
                return
        elif isinstance(body, SigningKeyEnded):
            self._ended[body.person] = entry.index
        elif isinstance(body, DecisionVoiced | IntelligenceFiled):
            self._voice(body, entry)
        self._keys.apply(body, entry)

    def _voice(self, body: Voice, entry: Entry) -> None:
        protocol = self._of_incident.get(str(entry.incident), self._force)
        needed = protocol is not None and must_be_signed(protocol, body)
        said = said_by(body, self._side, str(entry.incident or ""), entry.author, entry.role)
        reason = why_not_proven(self._keys, body, said, entry.time_s, needed=needed)
        proven = bool(body.signature) and not reason
        if proven:
            proven, why = self._rests_on(entry)
        else:
            why = reason or "as this node wrote it"
        if reason:
            who = f"{entry.author} ({entry.role})"
            self.found.faults.append(f"entry {entry.index}: voice of {who}: {reason}")
        self.found.voices.append(
            VoiceFound(entry.index, entry.author, entry.role, _what(body), proven, why)
        )

    def _rests_on(self, entry: Entry) -> tuple[bool, str]:
        """What the key of a signed voice rests on; not proven if people know another key."""
        held = self._keys.held[entry.author]
        if self._trusted is not None:
            if held.key in self._trusted.get(entry.author, set()):
                return True, f"by the key that you gave ({held.key[:12]}...)"
            return False, f"signed by key {held.key[:12]}..., which is not among those you gave"
        why = f"by key {held.key[:12]}... of entry {held.entry}"
        fixed = any(held.entry < size <= entry.index for size in self._cosigned)
        why += ", cosigned by the other side before" if fixed else ", not cosigned before"
        if self._ended.get(entry.author, -1) >= 0:
            why += f"; an earlier key of theirs was ended in entry {self._ended[entry.author]}"
        return True, why


def read_officer_keys(text: str, where: str) -> dict[str, set[str]]:
    """Read keys as `stopline officer keys` lists them: a JSON object with person and key a line.

    Raises:
        BadInput: a line is not of that form.
    """
    found: dict[str, set[str]] = {}
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
            found.setdefault(str(told["person"]), set()).add(signing_key(str(told["key"])))
        except (ValueError, KeyError, TypeError, StoplineError):
            expected = "a line of `stopline officer keys`"
            faults.append(Fault(f"{where} line {number}", line[:60], expected))
    if faults:
        raise BadInput(faults)
    return found


def _what(body: Voice) -> str:
    if isinstance(body, DecisionVoiced):
        return f"says {body.outcome} to {body.decision}"
    return f"files a report, TLP:{body.label.replace('_', '+')}"
