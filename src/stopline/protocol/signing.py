"""Put a protocol in force: both sides sign the same bytes, and anybody can verify it.

The signatures stand in a file beside the document (`joint.yaml.sigs`), as one C2SP signed note
whose text names the document and its digest:

    stopline-protocol-signature/1
    joint_search 1
    sha256:<64 hexadecimal digits>
    amends none                         (or: amends 1 sha256:<digest>)

Everything signed can be recomputed from the document's exact bytes, so a single changed byte, a
changed amendment or a signature moved from another document is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import BadInput, BadSignature
from stopline.signed_note import ED25519, Note, PublicKey, parse_note, sign_note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.protocol.reader import ProtocolFile
    from stopline.signed_note import Signature, Signer

HEADER = "stopline-protocol-signature/1"
SUFFIX = ".sigs"


@dataclass(frozen=True, slots=True)
class Force:
    """Whether a document is in force, and why not.

    Attributes:
        digest: name of the document's bytes.
        signed: sides whose true signature is there.
        missing: sides whose is not.
        problems: what is wrong, in sentences; empty if in force.
    """

    digest: str
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def in_force(self) -> bool:
        """Whether both sides have signed exactly these bytes and nothing is wrong."""
        return not self.missing and not self.problems


def text_to_sign(file: ProtocolFile) -> str:
    """The text that stands for a document's exact bytes."""
    protocol = file.protocol
    amends = "none"
    if protocol.amends is not None:
        amends = f"{protocol.amends.version} {protocol.amends.digest}"
    return f"{HEADER}\n{protocol.name} {protocol.version}\n{file.digest}\namends {amends}\n"


def sign(file: ProtocolFile, key: Signer, signatures: bytes = b"") -> bytes:
    """Add a side's signature; give the whole signature file.

    Args:
        file: the document.
        key: private key, under the name that the document gives as one side's `signed_as`.
        signatures: the signature file so far, empty if there is none.

    Raises:
        BadInput: if no side signs under that name, or the file so far is of other bytes.
    """
    names = [side.signed_as for side in file.protocol.sides.values()]
    if key.key.name not in names:
        raise BadInput.single("key", f"`{key.key.name}`", f"a key of {' or '.join(names)}")
    text = text_to_sign(file)
    kept: tuple[Signature, ...] = ()
    if signatures:
        note = _read_note(signatures)
        if note.text != text:
            seen = "signatures of another version of the document"
            raise BadInput.single("signatures", seen, f"signatures of {file.digest}")
        kept = tuple(s for s in note.signatures if s.name != key.key.name)
    return Note(text, kept).with_signatures(sign_note(text, key).signatures).encode().encode()


def verify(
    file: ProtocolFile,
    signatures: bytes,
    keys: Mapping[str, PublicKey],
    previous: ProtocolFile | None = None,
) -> Force:
    """Say whether a document is in force.

    Args:
        file: the document.
        signatures: its signature file; empty if there is none.
        keys: each side's public key, pinned when the sides paired, by side.
        previous: the version that it amends, if at hand; its digest is compared.
    """
    problems: list[str] = []
    note: Note | None = None
    try:
        note = _read_note(signatures) if signatures else None
    except BadInput as error:
        problems.append(str(error))
    if note is not None and note.text != text_to_sign(file):
        problems.append("the signatures are of other bytes than this document's")
        note = None
    signed = []
    for side, entry in file.protocol.sides.items():
        key = keys.get(side)
        if key is None:
            problems.append(f"no public key of {side} is known")
        elif key.name != entry.signed_as:
            problems.append(f"{side} signs as {entry.signed_as}, the known key is {key.name}")
        elif note is not None and _has_signed(key, note):
            signed.append(side)
    if len({key.raw for key in keys.values()}) < len(keys):
        problems.append("both sides have the same key")
    missing = tuple(side for side in file.protocol.sides if side not in signed)
    problems.extend(f"{side} has not signed" for side in missing)
    if previous is not None:
        problems.extend(_amendment_problems(file, previous))
    return Force(file.digest, tuple(signed), missing, tuple(problems))


def read_side_key(text: str) -> PublicKey:
    """Read a side's public key, `name+keyid+base64`; spaces around it do not matter.

    Raises:
        BadInput: it is not one, its id does not fit, or it is the key of a cosigner.
    """
    key = PublicKey.decode(text.strip())
    if key.algorithm != ED25519:
        raise BadInput.single("vkey", f"algorithm {key.algorithm}", "1 (Ed25519)")
    return key


def _read_note(signatures: bytes) -> Note:
    try:
        return parse_note(signatures.decode("utf-8"))
    except UnicodeDecodeError:
        seen = "bytes beyond UTF-8"
        raise BadInput.single("signatures", seen, "text in UTF-8") from None


def _has_signed(key: PublicKey, note: Note) -> bool:
    """Whether a true signature of the key is there, and no false one beside it."""
    try:
        return bool(note.verify([key]))
    except BadSignature:
        return False


def _amendment_problems(file: ProtocolFile, previous: ProtocolFile) -> list[str]:
    protocol, before = file.protocol, previous.protocol
    amends = protocol.amends
    if amends is None:
        return ["it does not say which version it amends"]
    problems = []
    if protocol.name != before.name:
        problems.append(f"it amends `{before.name}`, but is called `{protocol.name}`")
    if (amends.version, amends.digest) != (before.version, previous.digest):
        problems.append(f"it amends {amends.digest}, the version at hand is {previous.digest}")
    if protocol.version <= before.version:
        problems.append(f"its version {protocol.version} is not above {before.version}")
    if list(protocol.sides) != list(before.sides):
        problems.append("its sides are not those of the version it amends")
    return problems
