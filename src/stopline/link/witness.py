"""Have a third party witness a journal: the asking side of c2sp.org/tlog-witness.

A witness keeps the last checkpoint of each journal that it knows, and cosigns only one that
continues it. Two observers who were shown two histories cannot both show its cosignature.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import httpx

from stopline.errors import BadInput
from stopline.journal.checkpoint import SignedCheckpoint
from stopline.journal.errors import Contradiction
from stopline.link.line_log import log_text
from stopline.signed_note import COSIGNATURE_V1, Note, PublicKey, parse_note

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from stopline.journal.base import Journal

    Ask: TypeAlias = Callable[[bytes], tuple[int, str, bytes]]

_PATH: Final = "/add-checkpoint"
_SIZE_MEDIA: Final = "text/x.tlog.size"
_LONGEST_ANSWER: Final = 16 << 10
_PATIENCE_S: Final = 10.0
_OK, _CONFLICT, _DOES_NOT_CONTINUE = 200, 409, 422


def witnessed(
    journal: Journal, signed: SignedCheckpoint, witness: PublicKey, ask: Ask, earlier: int = 0
) -> SignedCheckpoint:
    """Ask a witness to cosign a checkpoint; give it with the cosignature that was verified.

    Args:
        journal: of this node.
        signed: its last checkpoint.
        witness: the witness's key, algorithm 4.
        ask: sends a request's body; gives status, media type and body of the answer.
        earlier: size of the checkpoint that the witness cosigned last, if known; it tells.

    Raises:
        Contradiction: the witness holds what this journal does not continue.
        BadInput: it does not know this journal, or answers something else.
        BadSignature: the cosignature is wrong, or not by that key.
    """
    point = signed.checkpoint
    status, media, answer = ask(_request(journal, signed, min(earlier, point.size)))
    if status == _CONFLICT and media.partition(";")[0].strip() == _SIZE_MEDIA:
        held = _size(answer)
        if held > point.size:
            why = "the witness has cosigned more than this journal holds: it is an older copy"
            raise Contradiction(point.origin, point.size, held, why)
        status, media, answer = ask(_request(journal, signed, held))
    if status in {_CONFLICT, _DOES_NOT_CONTINUE}:
        why = f"the witness does not cosign it: {log_text(answer.decode('utf-8', 'replace'))}"
        raise Contradiction(point.origin, earlier, point.size, why)
    if status != _OK:
        seen = f"{status} {log_text(answer.decode('utf-8', 'replace'))[:80]}".strip()
        expected = "200 and a cosignature; 404: it does not know this journal, 403: nor its key"
        raise BadInput.single("answer of the witness", seen, expected)
    lines = parse_note(f"{signed.note.text}\n{answer.decode('utf-8', 'replace')}")
    own = [each for each in lines.signatures if each.key_id == witness.key_id]
    Note(lines.text, tuple(own)).verify([witness])
    return SignedCheckpoint(point, signed.note.with_signatures(own[:1]))


def asking_at(url: str) -> Ask:
    """Give what posts to a witness's submission prefix.

    Raises:
        BadInput: when it is called: the witness cannot be reached, or says too much.
    """
    address = url.rstrip("/") + _PATH

    def ask(body: bytes) -> tuple[int, str, bytes]:
        said = bytearray()
        try:
            with httpx.stream("POST", address, content=body, timeout=_PATIENCE_S) as answer:
                for part in answer.iter_raw():
                    said += part
                    if len(said) > _LONGEST_ANSWER:
                        expected = f"at most {_LONGEST_ANSWER} bytes"
                        raise BadInput.single("answer of the witness", "a longer one", expected)
        except httpx.HTTPError as error:
            raise BadInput.single(address, f"{error}", "a witness that answers") from error
        return answer.status_code, answer.headers.get("content-type", ""), bytes(said)

    return ask


def read_witness_key(text: str) -> PublicKey:
    """Read a witness's key as it publishes it.

    Raises:
        BadInput: it is none of algorithm 4.
    """
    key = PublicKey.decode(text.strip())
    if key.algorithm != COSIGNATURE_V1:
        raise BadInput.single("key of the witness", "one that signs notes", "one that cosigns")
    return key


def _request(journal: Journal, signed: SignedCheckpoint, earlier: int) -> bytes:
    path = journal.consistency(earlier, signed.checkpoint.size) if earlier else []
    proof = "".join(f"{base64.b64encode(part).decode()}\n" for part in path)
    return f"old {earlier}\n{proof}\n{signed.encode()}".encode()


def _size(answer: bytes) -> int:
    text = answer.decode("ascii", "replace").strip()
    if not text.isdecimal() or len(text) > 18:  # noqa: PLR2004  (digits)
        raise BadInput.single("answer of the witness", text[:40], "the size that it holds")
    return int(text)
