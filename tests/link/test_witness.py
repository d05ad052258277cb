"""A third party cosigns what continues what it saw, as c2sp.org/tlog-witness has it.

The witness here is written from that document alone and shares no code with the product.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.errors import BadInput, BadSignature
from stopline.journal.base import Fact
from stopline.journal.errors import Contradiction
from stopline.link.ids import new_id
from stopline.link.witness import read_witness_key, witnessed
from stopline.operation.core.node import Node, open_node
from stopline.operation.facts.incident import ReportTaken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME, NOW_S = "witness.example/w1", 1_795_000_000


def root_from(proof: list[bytes], old: int, new: int, old_root: bytes) -> bytes | None:
    """RFC 9162, 2.1.4.2: the new root that a consistency proof leads to; None if it fails."""
    if old == new:
        return old_root if not proof else None
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not path:
        return None
    fr = sr = path.pop(0)
    for one in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            fr = hashlib.sha256(b"\x01" + one + fr).digest()
            sr = hashlib.sha256(b"\x01" + one + sr).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\x01" + sr + one).digest()
        fn, sn = fn >> 1, sn >> 1
    return sr if fr == old_root and sn == 0 else None


@dataclass
class Witness:
    """Cosigns one origin; the signature of the log is not checked here."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    size: int = 0
    root: bytes = b""
    asked: list[int] = field(default_factory=list)

    @property
    def raw(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(NAME.encode() + b"\n\x04" + self.raw).digest()[:4]

    def vkey(self) -> str:
        return f"{NAME}+{self.key_id.hex()}+{base64.b64encode(bytes([4]) + self.raw).decode()}"

    def __call__(self, body: bytes) -> tuple[int, str, bytes]:
        head, _, note = body.decode().partition("\n\n")
        old, *proof = head.split("\n")
        text = note.partition("\n\n")[0] + "\n"
        _, size, root = text.split("\n")[:3]
        self.asked.append(int(old.removeprefix("old ")))
        if self.asked[-1] != self.size:
            return 409, "text/x.tlog.size", f"{self.size}\n".encode()
        new, made = int(size), base64.b64decode(root)
        path = [base64.b64decode(one) for one in proof]
        if self.size and root_from(path, self.size, new, self.root) != made:
            return 422, "text/plain", b"the proof does not verify"
        self.size, self.root = new, made
        message = f"cosignature/v1\ntime {NOW_S}\n{text}".encode()
        blob = self.key_id + struct.pack(">Q", NOW_S) + self.key.sign(message)
        return 200, "text/plain", f"\u2014 {NAME} {base64.b64encode(blob).decode()}\n".encode()


def tell(node: Node, count: int) -> None:
    for number in range(count):
        body = ReportTaken(about="x", outcome="", text=str(number))
        fact = Fact(
            fact_id=new_id(node.clock()), time_s=node.clock(), author="a", role="b", body=body
        )
        node.journal.append([fact])


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    CliRunner().invoke(app, ["node", "init", str(tmp_path / "n"), "--name", "north.example/node"])
    with open_node(tmp_path / "n") as made:
        yield made


def test_each_checkpoint_continues_the_one_before(node: Node) -> None:
    witness = Witness()
    key = read_witness_key(witness.vkey())
    for count in (1, 2, 5, 0, 9):
        tell(node, count)
        made = witnessed(node.journal, node.sign_checkpoint(), key, witness)
        assert made.checkpoint.size == witness.size == node.journal.size
        assert [one.time_s for one in made.verify([key])] == [NOW_S]
    tell(node, 3)
    before, witness.asked = witness.size, []
    witnessed(node.journal, node.sign_checkpoint(), key, witness, before)
    assert witness.asked == [before]  # who knows it asks once


def test_another_history_is_not_cosigned(node: Node) -> None:
    witness = Witness()
    key = read_witness_key(witness.vkey())
    tell(node, 4)
    witnessed(node.journal, node.sign_checkpoint(), key, witness)
    witness.root = bytes(32)  # it saw something else under this size
    tell(node, 1)
    with pytest.raises(Contradiction, match="does not cosign"):
        witnessed(node.journal, node.sign_checkpoint(), key, witness)
    witness.size = 10**6
    with pytest.raises(Contradiction, match="older copy"):
        witnessed(node.journal, node.sign_checkpoint(), key, witness)


def test_what_is_no_cosignature_is_refused(node: Node) -> None:
    tell(node, 2)
    signed, key = node.sign_checkpoint(), read_witness_key(Witness().vkey())
    with pytest.raises(BadSignature):  # of another witness
        witnessed(node.journal, signed, key, Witness())
    for status, media, answer in (
        (404, "text/plain", b"unknown log"), (500, "", b""), (200, "text/plain", b"yes\n"),
        (409, "text/x.tlog.size", b"-1\n"), (409, "text/x.tlog.size", b"9" * 40),
    ):  # fmt: skip
        with pytest.raises((BadInput, BadSignature)):
            witnessed(node.journal, signed, key, lambda _, a=(status, media, answer): a)


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/add-checkpoint"
            status, media, body = witness(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", media)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_by_the_command_line(node: Node, tmp_path: Path) -> None:
    witness, out = Witness(), tmp_path / "seen.note"
    (tmp_path / "w.vkey").write_text(witness.vkey() + "\n")
    with served(witness) as url:
        words = ["journal", "witness", str(node.folder), "--url", url, "--key",
                 str(tmp_path / "w.vkey"), "--out", str(out)]  # fmt: skip
        for _ in range(2):
            tell(node, 2)
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, done.output
    assert witness.asked == [0, witness.asked[1]]
    told = CliRunner().invoke(app, ["journal", "compare", str(node.folder), str(out)])
    assert told.exit_code == 0, told.output
