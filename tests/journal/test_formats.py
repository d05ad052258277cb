"""Canonical bytes, notes, checkpoints, proofs: examples of the standards, and what is refused."""

from __future__ import annotations

import base64
import json
import pickle
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from stopline.documents.canonical_json import _encode, canonical, is_canonical, parse_json
from stopline.errors import BadInput, BadSignature
from stopline.journal.base import Fact
from stopline.journal.checkpoint import (
    Checkpoint,
    EntryProof,
    SignedCheckpoint,
    check_same_history,
    parse_checkpoint,
)
from stopline.journal.entry import leaf_bytes, time_of_leaf
from stopline.journal.errors import BadProof, Contradiction
from stopline.journal.facts import NoteWritten, PersonDescribed
from stopline.journal.keyring import KeyRing, make_revocation, make_rotation
from stopline.journal.merkle import (
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from stopline.signed_note import PublicKey, Signer, cosign, parse_note, sign_note

SIGNER = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))
OTHER = Signer("south.example/node", Ed25519PrivateKey.from_private_bytes(b"s" * 32))
NEXT = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"m" * 32))

# RFC 8785, appendix B: the bits of a double and how it is written.
NUMBERS = {
    0x0000000000000000: "0",
    0x8000000000000000: "0",
    0x0000000000000001: "5e-324",
    0x8000000000000001: "-5e-324",
    0x7FEFFFFFFFFFFFFF: "1.7976931348623157e+308",
    0x4340000000000000: "9007199254740992",
    0xC340000000000000: "-9007199254740992",
    0x4430000000000000: "295147905179352830000",
    0x44B52D02C7E14AF5: "9.999999999999997e+22",
    0x44B52D02C7E14AF6: "1e+23",
    0x444B1AE4D6E2EF4E: "999999999999999700000",
    0x444B1AE4D6E2EF4F: "999999999999999900000",
    0x444B1AE4D6E2EF50: "1e+21",
    0x3EB0C6F7A0B5ED8C: "9.999999999999997e-7",
    0x3EB0C6F7A0B5ED8D: "0.000001",
    0x41B3DE4355555553: "333333333.3333332",
    0x41B3DE4355555557: "333333333.33333343",
    0xBECBF647612F3696: "-0.0000033333333333333333",
    0x43143FF3C1CB0959: "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_written_as_rfc_8785_has_them(bits: int, text: str) -> None:
    (value,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert canonical(value) == text.encode()


def test_keys_are_sorted_by_utf16_as_rfc_8785_has_them() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6"]
    order = ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 0)))) == order


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, b"", {"a": {"\udfff": 1}}]
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        canonical(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", [b'{"a":1,"a":1}', b"NaN", b"{", b"\xff", b"[" * 5000, b"[" * 70 + b"]" * 70]
)
def test_sloppy_json_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput):
        parse_json(text, "here")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_bytes_read_back_and_are_their_own_canonical_form(value: object) -> None:
    data = canonical(value)  # type: ignore[arg-type]
    assert parse_json(data, "value") == value
    assert is_canonical(data)


@given(JSON)
def test_the_fast_way_and_the_slow_way_write_the_same_bytes(value: object) -> None:
    assert canonical(value) == _encode(value).encode()  # type: ignore[arg-type]


@given(st.floats(0, 253_402_300_799), st.text(max_size=30), st.booleans())
def test_the_time_of_a_leaf_is_read_without_the_rest(
    time_s: float,
    text: str,
    personal: bool,  # noqa: FBT001  (drawn)
) -> None:
    body = PersonDescribed(text=text) if personal else NoteWritten(text=text)
    fact = Fact(fact_id=f"01J{7:023d}", time_s=time_s, author="a", role="r", body=body)
    leaf = leaf_bytes(fact, "c2VhbGVk" if personal else None)
    assert time_of_leaf(leaf) == fact.time_s
    with pytest.raises(BadInput):
        time_of_leaf(leaf[:-1])


def test_the_tree_of_rfc_6962_known_answers() -> None:
    """The test vectors of certificate-transparency's reference tree."""
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = frontier.grow(leaf_hash(bytes.fromhex(leaf)))
        if frontier.size in roots:
            assert frontier.root().hex() == roots[frontier.size]


def test_the_consistency_proof_of_the_reference_tree() -> None:
    tree = Tree(0)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f"):  # fmt: skip
        tree.add(bytes.fromhex(leaf))
    assert [part.hex() for part in consistency_path(6, 8, tree.node)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


class Tree:
    def __init__(self, size: int) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontiers = [Frontier()]
        for number in range(size):
            self.add(b"%d" % number)

    def add(self, entry: bytes) -> None:
        grown, done = self.frontiers[-1].grow(leaf_hash(entry))
        self.frontiers.append(grown)
        self.nodes.update({(node.level, node.number): node.digest for node in done})

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


TREE = Tree(70)


@given(st.data())
def test_proofs_hold_and_altered_ones_do_not(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    root = TREE.frontiers[size].root()
    path = inclusion_path(index, size, TREE.node)
    verify_inclusion(index, size, TREE.node(0, index), path, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else 1
    with pytest.raises(BadProof):
        verify_inclusion(other, size, TREE.node(0, index), path, root)
    with pytest.raises(BadProof):
        verify_inclusion(index, size, TREE.node(0, index), [*path, b"\0" * 32], root)
    earlier = data.draw(st.integers(0, size))
    proof = consistency_path(earlier, size, TREE.node)
    before = TREE.frontiers[earlier].root()
    verify_consistency(earlier, size, before, root, proof)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        altered = [b"\1" * 32 if number == at else part for number, part in enumerate(proof)]
        for wrong in (altered, proof[:-1], [*proof, b"\0" * 32]):
            with pytest.raises(BadProof):
                verify_consistency(earlier, size, before, root, wrong)


def test_the_checkpoint_of_the_standard_reads() -> None:
    """The example of c2sp.org/tlog-cosignature, with its two signatures."""
    text = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"  # noqa: E501
        "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrD"  # noqa: E501
        "JsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    signed = SignedCheckpoint.parse(text)
    assert signed.checkpoint.size == 20852163
    assert signed.encode() == text
    with pytest.raises(BadSignature, match="trusted"):
        signed.verify([SIGNER.key])


def test_a_key_reads_back_and_a_wrong_id_is_refused() -> None:
    text = SIGNER.key.encode()
    assert PublicKey.decode(text) == SIGNER.key
    for wrong in ("", "a+b", text.replace("+", "+0", 1), text[:-4], "a b+00000000+AQ=="):
        with pytest.raises(BadInput):
            PublicKey.decode(wrong)


def test_a_private_key_is_never_shown() -> None:
    secret = base64.b64encode(b"n" * 32).decode()
    shown = repr(SIGNER) + str(SIGNER)
    assert secret not in shown
    assert "nnnn" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(SIGNER)


def test_notes_are_verified_by_known_keys_only() -> None:
    note = sign_note("hello\n\nworld\n", SIGNER, OTHER)
    assert parse_note(note.encode()) == note
    assert [found.key for found in note.verify([OTHER.key])] == [OTHER.key]
    with pytest.raises(BadSignature):
        note.verify([NEXT.key])
    forged = parse_note(note.encode().replace("hello", "hallo"))
    with pytest.raises(BadSignature, match="wrong"):
        forged.verify([SIGNER.key])


@pytest.mark.parametrize(
    "text",
    ["", "\n", "a\n", "a\n\n", "a\n\nb\n", "a\n\n\u2014 n AAAAAAA=", "a\r\n\n\u2014 n AAAAAAA=\n",
     "a\n\n\u2014 n AAAA\n", "a\n\n\u2014 n+ AAAAAAA=\n", "a\n\n\u2014  AAAAAAA=\n",
     "a\n\n\u2014 n AAAAAAB=\n"],
)  # fmt: skip
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_note(text)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n1\nAA==\n",  # noqa: E501
             "\n1\n" + "A" * 43 + "=\n", "a\n1\n" + "A" * 43 + "=\n\nx\n"]
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_checkpoint(text)


def signed_at(size: int, root: bytes | None = None) -> SignedCheckpoint:
    root = TREE.frontiers[size].root() if root is None else root
    return SignedCheckpoint.make(Checkpoint("north.example/node", size, root), SIGNER)


def test_a_cosignature_names_its_time_and_covers_the_checkpoint() -> None:
    point = signed_at(5)
    note = point.note.with_signatures([cosign(point.note.text, OTHER, 1_795_000_000)])
    (found,) = note.verify([OTHER.key.as_cosigner()])
    assert found.time_s == 1_795_000_000
    assert OTHER.key.as_cosigner().key_id != OTHER.key.key_id


def test_a_proof_reads_back_and_holds_for_its_entry_only() -> None:
    path = tuple(inclusion_path(3, 7, TREE.node))
    proof = EntryProof(3, path, signed_at(7), b"3")
    again = EntryProof.parse(proof.encode())
    assert again == proof
    again.verify(b"3", [SIGNER.key])
    with pytest.raises(BadProof):
        again.verify(b"4", [SIGNER.key])
    with pytest.raises(BadSignature):
        again.verify(b"3", [OTHER.key])


def test_history_that_was_rewritten_is_a_contradiction() -> None:
    path = consistency_path(4, 9, TREE.node)
    check_same_history(signed_at(4), signed_at(9), path)
    for earlier, later, proof in (
        (signed_at(4, b"\1" * 32), signed_at(9), path),
        (signed_at(9), signed_at(4), []),
        (signed_at(4), signed_at(4, b"\1" * 32), []),
    ):
        with pytest.raises(Contradiction):
            check_same_history(earlier, later, proof)


def test_history_signed_by_an_old_key_stays_verifiable() -> None:
    ring = KeyRing.trusting(SIGNER.key).rotated(make_rotation(SIGNER, NEXT, 10))
    assert ring.current == NEXT.key
    ring.verify(signed_at(9).note, 9)
    with pytest.raises(BadSignature):
        ring.verify(signed_at(11).note, 11)  # the old key came back
    ring = ring.revoked(make_revocation(NEXT, SIGNER.key, 5))
    ring.verify(signed_at(5).note, 5)
    with pytest.raises(BadSignature):
        ring.verify(signed_at(9).note, 9)
    gone = KeyRing.trusting(SIGNER.key).revoked(make_revocation(SIGNER, SIGNER.key, 5))
    assert gone.current is None


def test_a_rotation_by_one_key_alone_is_refused() -> None:
    ring = KeyRing.trusting(SIGNER.key)
    whole = parse_note(make_rotation(SIGNER, NEXT, 3))
    for kept in whole.signatures:
        half = type(whole)(whole.text, (kept,)).encode()
        with pytest.raises(BadSignature):
            ring.rotated(half)
    with pytest.raises(BadSignature):
        ring.revoked(make_revocation(NEXT, SIGNER.key, 3))
