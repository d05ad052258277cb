"""Signing: in force only with both sides' signatures of exactly these bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.errors import BadInput, BadSignature
from stopline.protocol.reader import ProtocolFile, parse_protocol, read_protocol
from stopline.protocol.signing import read_side_key, sign, verify
from stopline.signed_note import PublicKey, Signer, parse_note

EXAMPLES = Path(__file__).parents[2] / "examples" / "protocols"
FILE = read_protocol(EXAMPLES / "minimal.yaml")


def key_of(side: str, seed: int) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(FILE.protocol.sides[side].signed_as, private)


ALDER, BIRCH = key_of("alder", 1), key_of("birch", 2)
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KEYS = {"alder": ALDER.key, "birch": BIRCH.key}
ONE = sign(FILE, ALDER)
BOTH = sign(FILE, BIRCH, ONE)


def test_in_force_only_when_both_have_signed() -> None:
    assert not verify(FILE, b"", KEYS).in_force
    one = verify(FILE, ONE, KEYS)
    assert (one.signed, one.missing, one.in_force) == (("alder",), ("birch",), False)
    assert verify(FILE, BOTH, KEYS).in_force


def test_the_order_of_signing_does_not_matter_and_signing_twice_changes_nothing() -> None:
    assert verify(FILE, sign(FILE, ALDER, sign(FILE, BIRCH)), KEYS).in_force
    assert sign(FILE, ALDER, sign(FILE, ALDER)) == ONE


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(BOTH) - 1), st.integers(1, 255))
def test_no_altered_signature_file_is_in_force(at: int, change: int) -> None:
    altered = bytearray(BOTH)
    altered[at] ^= change
    assert not verify(FILE, bytes(altered), KEYS).in_force


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FILE.data) - 1), st.integers(1, 127))
def test_no_altered_document_is_in_force(at: int, change: int) -> None:
    data = bytearray(FILE.data)
    data[at] ^= change
    altered = ProtocolFile(FILE.protocol, FILE.lines, bytes(data))  # even if it reads the same
    assert not verify(altered, BOTH, KEYS).in_force


def test_strangers_swapped_and_shared_keys_are_refused() -> None:
    stranger = Signer(BIRCH.key.name, Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
    assert not verify(FILE, sign(FILE, stranger, ONE), KEYS).in_force
    swapped = {"alder": BIRCH.key, "birch": ALDER.key}
    assert not verify(FILE, BOTH, swapped).in_force
    assert not verify(FILE, BOTH, {"alder": ALDER.key}).in_force
    same = key_of("birch", 1)
    both = sign(FILE, same, ONE)
    shared = {"alder": ALDER.key, "birch": same.key}
    assert "both sides have the same key" in verify(FILE, both, shared).problems
    with pytest.raises(BadInput, match="key: found `other`"):
        sign(FILE, Signer("other", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)))


def test_one_false_signature_of_a_known_key_spoils_the_note() -> None:
    note = parse_note(BOTH.decode())
    false = replace(note.signatures[0], value=b"\x00" * 64)
    spoiled = replace(note, signatures=(*note.signatures, false))
    assert not verify(FILE, spoiled.encode().encode(), KEYS).in_force


def amended(version: int, digest: str, name: str = "minimal") -> ProtocolFile:
    text = FILE.data.decode().replace(
        "version: 1\n", f"version: {version}\namends: {{version: 1, digest: '{digest}'}}\n"
    )
    return parse_protocol(text.replace("name: minimal", f"name: {name}").encode())


def test_an_amendment_names_the_version_before_and_needs_its_own_signatures() -> None:
    new = amended(2, FILE.digest)
    assert not verify(new, BOTH, KEYS, FILE).in_force
    with pytest.raises(BadInput, match="signatures of another version"):
        sign(new, ALDER, BOTH)
    both = sign(new, BIRCH, sign(new, ALDER))
    assert verify(new, both, KEYS, FILE).in_force
    assert not verify(FILE, both, KEYS).in_force


@pytest.mark.parametrize(
    "file",
    [amended(2, "sha256:" + "0" * 64), amended(1, FILE.digest), amended(2, FILE.digest, "x"), FILE],
)
def test_a_false_amendment_is_not_in_force(file: ProtocolFile) -> None:
    both = sign(file, BIRCH, sign(file, ALDER))
    assert not verify(file, both, KEYS, FILE).in_force


def test_the_published_example_of_a_verifier_key_reads() -> None:
    # golang.org/x/mod/sumdb/note, documentation example
    assert read_side_key(NEUMANN).encode() == NEUMANN


def test_the_published_example_of_a_signed_note_verifies() -> None:
    key = read_side_key(NEUMANN)
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn"
        "gotpRZb6KE6RyyBwJnAM=\n"
    )
    assert parse_note(note).verify([key])
    with pytest.raises(BadSignature):
        parse_note(note.replace("answer", "Answer")).verify([key])


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "a+00000000+AAAA", f"a {NEUMANN}", NEUMANN.removesuffix("W"), f"x{NEUMANN}"],
)  # fmt: skip
def test_false_verifier_keys_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_side_key(text)


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_random_bytes_are_no_signatures(data: bytes) -> None:
    with pytest.raises(BadInput):
        sign(FILE, ALDER, data)
    assert not verify(FILE, data, KEYS).in_force


def test_a_cosigner_s_key_is_no_side_s_key() -> None:
    with pytest.raises(BadInput, match="algorithm 4"):
        read_side_key(ALDER.key.as_cosigner().encode())


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_bad_key_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        PublicKey(name, b"\x01" * 32)
