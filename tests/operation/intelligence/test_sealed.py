"""Whatever is changed in a sealed text or a locked key makes it unreadable."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from stopline.errors import BadInput
from stopline.operation.intelligence.recipient_key import (
    make_locked_key,
    read_locked_key,
    unlock,
)
from stopline.operation.intelligence.sealed import (
    CannotOpen,
    Recipient,
    fingerprint,
    open_sealed,
    read_sealed,
    seal,
)

PASSPHRASE = "correct horse battery"  # noqa: S105  (of a test)


@pytest.mark.parametrize("field", ["label", "person", "role", "key", "wrapped", "nonce", "body"])
def test_any_change_is_detected(field: str) -> None:
    private, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    keys = [seal(b"x", "RED", [_someone(k)]).recipients[0] for k in (private, other)]
    sealed = seal(b"secret", "RED", keys)
    assert open_sealed(sealed, private) == open_sealed(sealed, other) == b"secret"
    value = sealed.model_dump(mode="json")
    if field == "label":
        value["label"] = "CLEAR"
    elif field in {"person", "role"}:
        value["recipients"][1][field] = "somebody"
    elif field == "key":
        fresh = _someone(X25519PrivateKey.generate())
        value["recipients"][1]["key"] = fresh.key
    elif field == "wrapped":
        value["wrapped"][0] = _flipped(value["wrapped"][0])
    else:
        value[field] = _flipped(value[field])
    changed = read_sealed(json.dumps(value))
    with pytest.raises(CannotOpen, match="changed"):
        open_sealed(changed, private)


def test_every_flipped_byte_of_the_body_is_detected() -> None:
    private = X25519PrivateKey.generate()
    sealed = seal(b"They mean to cross.", "RED", [_someone(private)])
    for place in range(0, len(sealed.body) - 4, 4):
        body = (
            sealed.body[:place]
            + _flipped(sealed.body[place : place + 4])
            + (sealed.body[place + 4 :])
        )
        with pytest.raises(CannotOpen):
            open_sealed(sealed.model_copy(update={"body": body}), private)


def _someone(private: X25519PrivateKey) -> Recipient:
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    return Recipient(side="alder", role="head_of_state", person=f"p.{key[:4]}", key=key)


def _flipped(text: str) -> str:
    return ("B" if text[0] == "A" else "A") + text[1:]


def test_a_locked_key_opens_with_its_passphrase_only() -> None:
    made = make_locked_key(PASSPHRASE)
    private = unlock(made, PASSPHRASE)
    assert private.public_key().public_bytes_raw()
    with pytest.raises(CannotOpen):
        unlock(made, "another passphrase")
    with pytest.raises(CannotOpen):
        unlock(made.model_copy(update={"locked": _flipped(made.locked)}), "correct horse")
    with pytest.raises(BadInput, match="at least 12"):
        make_locked_key("short")
    for bad in ("{}", "[]", made.text().replace('"lanes":4', '"lanes":99')):
        with pytest.raises(BadInput):
            read_locked_key(bad)
    shown = fingerprint(made.public)
    assert len(shown.split()) == 6
