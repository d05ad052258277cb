"""What a transport carries: a signed header (heartbeat, acknowledgements, echo) and envelopes.

Lines of JSON: the header, then one envelope a line. A file carried by hand is a frame, too.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from stopline.documents.canonical_json import canonical, parse_json
from stopline.errors import BadInput
from stopline.journal.base import write_time
from stopline.link.disclosure import FRAME, disclose
from stopline.link.envelope import Envelope, decode_signature, parse_envelope, read_moment
from stopline.link.errors import Forged
from stopline.link.messages import LANES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.documents.canonical_json import Json
    from stopline.signed_note import PublicKey, Signer

FORM = "stopline-frame@v1"
MAX_FRAME_BYTES = 64 << 20
MAX_SIGNERS = 4
FRAME_FIELDS: dict[str, str] = {
    "form": f"`{FORM}`",
    "from": "name of the sending node",
    "to": "name of the receiving node",
    "session": "random name of this run of the sender, 32 hex digits",
    "counter": "number of this frame within the session, from 1",
    "epoch": "number of this start of the sender's lines; a frame of an older copy is refused",
    "sent": "the sender's clock, UTC",
    "echo": "the last frame that the sender got: session, counter, received; or null",
    "acks": "last number of each lane that stands in the sender's journal",
    "count": "envelopes that follow",
    "digest": "SHA-256 over the lines of envelopes, hex",
    "sigs": "Ed25519 by key id over the header without `sigs`, base64",
}
_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Echo:
    """The last frame that the sender had got: proof that it hears us, and how long ago."""

    session: str
    counter: int
    received_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A header and envelopes; see `FRAME_FIELDS`."""

    sender: str
    recipient: str
    session: str
    counter: int
    sent_s: float
    echo: Echo | None
    acks: Mapping[str, int]
    envelopes: tuple[bytes, ...] = ()
    epoch: int | None = None
    signatures: Mapping[str, bytes] = field(default_factory=dict)

    def encode(self, signers: Iterable[Signer]) -> bytes:
        """Sign with each key, and write."""
        header = self._header()
        message = _signed(header)
        header["sigs"] = {
            s.key.key_id.hex(): base64.b64encode(s.sign(message)).decode() for s in signers
        }
        whole = canonical(cast("dict[str, Json]", disclose(FRAME, header)))
        return b"".join(line + b"\n" for line in (whole, *self.envelopes))

    def check(self, keys: Iterable[PublicKey]) -> None:
        """Check that one of the keys signed.

        Raises:
            Forged: none did, or a signature is wrong.
        """
        for key in keys:
            signature = self.signatures.get(key.key_id.hex())
            if signature is None:
                continue
            try:
                key.check(_signed(self._header()), signature, "frame")
            except ValueError as error:
                raise Forged(f"frame from {self.sender}: {error}") from error
            return
        raise Forged(f"frame from {self.sender}: no key of that node signed it")

    def opened(self) -> list[Envelope]:
        """Read the envelopes.

        Raises:
            BadInput: one is not of the form.
        """
        return [parse_envelope(text) for text in self.envelopes]

    def _header(self) -> dict[str, object]:
        echo = self.echo
        return {
            "form": FORM,
            "from": self.sender,
            "to": self.recipient,
            "session": self.session,
            "counter": self.counter,
            "sent": write_time(self.sent_s),
            "echo": None
            if echo is None
            else {
                "session": echo.session,
                "counter": echo.counter,
                "received": write_time(echo.received_s),
            },
            "acks": dict(self.acks),
            "count": len(self.envelopes),
            "digest": hashlib.sha256(b"".join(e + b"\n" for e in self.envelopes)).hexdigest(),
            **({} if self.epoch is None else {"epoch": self.epoch}),
        }


def parse_frame(data: bytes) -> Frame:
    """Read a frame; signatures are not checked yet.

    Raises:
        BadInput: it is not of the form.
    """
    if len(data) > MAX_FRAME_BYTES:
        raise BadInput.single("frame", f"{len(data)} bytes", f"at most {MAX_FRAME_BYTES}")
    lines = data.split(b"\n")
    if len(lines) < 2 or lines.pop():  # noqa: PLR2004
        raise BadInput.single("frame", "no final newline", "lines of JSON")
    value = parse_json(lines[0], "frame")
    if not isinstance(value, dict) or not _has_form(value):
        raise BadInput.single("frame", str(value)[:60], f"{FORM} with {sorted(FRAME_FIELDS)}")
    try:
        frame = Frame(
            sender=_text(value["from"]),
            recipient=_text(value["to"]),
            session=_text(value["session"]),
            counter=_number(value["counter"]),
            sent_s=read_moment(_text(value["sent"]), "frame.sent"),
            echo=_echo(value["echo"]),
            acks={lane: _number(value["acks"][lane]) for lane in LANES},
            envelopes=tuple(lines[1:]),
            epoch=_number(value["epoch"]) if "epoch" in value else None,
            signatures={
                key: decode_signature(_text(sig), "frame.sigs")
                for key, sig in value["sigs"].items()
            },
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise BadInput.single("frame", str(error)[:60], "fields of the form") from error
    if len(frame.signatures) > MAX_SIGNERS:
        raise BadInput.single("frame.sigs", f"{len(frame.signatures)}", f"at most {MAX_SIGNERS}")
    header = frame._header()  # noqa: SLF001
    if any(header[name] != value[name] for name in header):
        raise BadInput.single("frame", "a header that does not fit", "its own envelopes and form")
    return frame


@dataclass(frozen=True, slots=True)
class Head:
    """A header as it came: who it is from, and what was signed.

    Attributes:
        sender: name of the node that it claims to be of.
        signed: the bytes that the signatures are over.
        signatures: by key id in hex.
    """

    sender: str
    signed: bytes
    signatures: Mapping[str, bytes]

    def check(self, keys: Iterable[PublicKey]) -> None:
        """Check that one of the keys signed.

        Raises:
            Forged: none did, or a signature is wrong.
        """
        for key in keys:
            signature = self.signatures.get(key.key_id.hex())
            if signature is None:
                continue
            try:
                key.check(self.signed, signature, "frame")
            except ValueError as error:
                raise Forged(f"frame from {self.sender[:200]}: {error}") from error
            return
        raise Forged(f"frame from {self.sender[:200]}: no key of that node signed it")


def parse_header(line: bytes) -> Head:
    """Read a frame's first line, and of it only what its signature needs.

    Raises:
        BadInput: it is not of the form.
    """
    value = parse_json(line, "frame")
    if not isinstance(value, dict) or not _has_form(value):
        raise BadInput.single("frame", str(value)[:60], f"{FORM} with {sorted(FRAME_FIELDS)}")
    sigs = value.pop("sigs")
    if not isinstance(sigs, dict) or len(sigs) > MAX_SIGNERS:
        raise BadInput.single("frame.sigs", str(sigs)[:60], f"at most {MAX_SIGNERS} by key id")
    signatures = {key: decode_signature(_text(sig), "frame.sigs") for key, sig in sigs.items()}
    return Head(_text(value["from"]), _signed(value), signatures)


def _has_form(value: dict[str, object]) -> bool:
    """Whether the fields are those of a header; a node before epochs leaves `epoch` out."""
    return {*value, "epoch"} == set(FRAME_FIELDS) and value.get("form") == FORM


def _echo(value: object) -> Echo | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"session", "counter", "received"}:
        raise BadInput.single("frame.echo", str(value)[:60], "session, counter, received; or null")
    return Echo(
        _text(value["session"]),
        _number(value["counter"]),
        read_moment(_text(value["received"]), "frame.echo"),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadInput.single("frame", repr(value)[:40], "text")
    return value


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise BadInput.single("frame", repr(value)[:40], "a whole number")
    return value


def _signed(header: dict[str, object]) -> bytes:
    return f"{FORM}\n".encode() + canonical(cast("dict[str, Json]", header))
