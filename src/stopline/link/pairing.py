"""Two sides meet: each hands the other a file, and both read the same digits to each other.

The file says how to reach a node and by which keys to know it, signed by the node. The fingerprint
covers both files, so that both screens show the same thirty digits (100 bits): digits, because the
two sides may share no language.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from stopline.errors import BadInput
from stopline.journal.base import read_time, write_time
from stopline.link.disclosure import PAIRING, disclose
from stopline.signed_note import Note, PublicKey, Signer, parse_note, sign_note

HEADER = "stopline-pairing@v1"
# Another form on purpose: no version of a node in service reads the file of one for exercises.
EXERCISE_HEADER = "stopline-exercise-pairing@v1"
PAIRING_FIELDS: dict[str, str] = {
    "form": f"first line: `{HEADER}`; of a node made for exercises `{EXERCISE_HEADER}`",
    "name": "name of the node",
    "key": "its public key, a vkey",
    "url": "where its link listens, https; `-` if it only calls or only carries files",
    "certificate": "SHA-256 of its TLS certificate, hex; `-` if none",
    "time": "when the file was made",
}
_FINGERPRINT_DIGITS = 30
_GROUP = 5
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a node tells of itself.

    Attributes:
        name: name of the node.
        key: its public key.
        url: where its link listens; empty if nowhere.
        certificate: SHA-256 of its TLS certificate, hex; empty if none.
        time_s: when it was made, UTC seconds.
        exercise: the node was made for exercises.
    """

    name: str
    key: PublicKey
    url: str
    certificate: str
    time_s: float
    exercise: bool = False

    def sign(self, signer: Signer) -> str:
        """Write the pairing file."""
        fields = disclose(
            PAIRING,
            {
                "form": EXERCISE_HEADER if self.exercise else HEADER,
                "name": self.name,
                "key": self.key.encode(),
                "url": self.url or _NONE,
                "certificate": self.certificate or _NONE,
                "time": write_time(self.time_s),
            },
        )
        lines = [str(fields.pop("form")), *(f"{name} {value}" for name, value in fields.items())]
        return sign_note("".join(f"{line}\n" for line in lines), signer).encode()


def read_offer(text: str) -> Offer:
    """Read a pairing file and check that its own key signed it.

    Raises:
        BadInput: it is not of the form.
        BadSignature: it is not signed by the key that it names.
    """
    note: Note = parse_note(text)
    lines = note.text.splitlines()
    names = list(PAIRING_FIELDS)[1:]
    known = {HEADER, EXERCISE_HEADER}
    if lines[0] not in known or [line.partition(" ")[0] for line in lines[1:]] != names:
        raise BadInput.single("pairing file", lines[0][:60], f"{HEADER}, then {', '.join(names)}")
    name, key_text, url, certificate, time = (line.partition(" ")[2] for line in lines[1:])
    key = PublicKey.decode(key_text)
    if key.name != name:
        raise BadInput.single("pairing file: key", key.name, f"a key of {name}")
    if url != _NONE and not url.startswith("https://"):
        raise BadInput.single("pairing file: url", url, "https://host:port")
    note.verify([key])
    return Offer(
        name,
        key,
        "" if url == _NONE else url,
        "" if certificate == _NONE else certificate,
        read_time(time),
        exercise=lines[0] == EXERCISE_HEADER,
    )


def fingerprint(one: str, other: str) -> str:
    """Make the digits that both sides read out, from both pairing files in either order."""
    texts = sorted(parse_note(text).text for text in (one, other))
    digest = hashlib.sha256(f"{HEADER}\n{texts[0]}\n{texts[1]}".encode()).digest()
    number = int.from_bytes(digest, "big") % 10**_FINGERPRINT_DIGITS
    digits = f"{number:0{_FINGERPRINT_DIGITS}d}"
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def same_fingerprint(one: str, other: str) -> bool:
    """Compare two fingerprints as people type them."""
    return [s for s in one if s.isdigit()] == [s for s in other if s.isdigit()]
