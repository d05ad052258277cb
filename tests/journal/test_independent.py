"""Others check our trees: pymerkle always, Go's checksum-database verifier where Go is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pymerkle
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle.core import _inclusion_path_layout
from tests.journal.facts import fact

from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.merkle import leaf_hash
from stopline.journal.sqlite import open_sqlite
from stopline.signed_note import Signer

if TYPE_CHECKING:
    from stopline.journal.stored import StoredJournal

SIGNER = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))
SIZE = 37
GO_PLACES = (Path("/usr/lib/go-1.19"), Path("/tmp/godl/root/usr/lib/go-1.19"))  # noqa: S108
GO_MOD_PLACES = (Path("/usr/share/gocode"), Path("/tmp/godl/root/usr/share/gocode"))  # noqa: S108


@pytest.fixture
def full(tmp_path: Path) -> StoredJournal:
    journal = open_sqlite(tmp_path / "j.db")
    journal.append([fact(number) for number in range(SIZE)])
    return journal


@pytest.fixture
def theirs(full: StoredJournal) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in full.read():
        tree.append_entry(entry.leaf)
    return tree


def test_pymerkle_computes_our_roots(full: StoredJournal, theirs: pymerkle.InmemoryTree) -> None:
    for size in range(1, SIZE + 1):
        assert theirs.get_root(size) == full.root(size)


def test_pymerkle_accepts_our_inclusion_proofs_and_refuses_altered_ones(
    full: StoredJournal,
) -> None:
    for index, entry in enumerate(full.read()):
        path = full.inclusion(index, SIZE)
        proof = _as_inclusion(index, SIZE, [leaf_hash(entry.leaf), *path])
        pymerkle.verify_inclusion(leaf_hash(entry.leaf), full.root(), proof, index + 1, SIZE)
        altered = _as_inclusion(index, SIZE, [leaf_hash(entry.leaf), *path[:-1], b"\1" * 32])
        with pytest.raises(pymerkle.InvalidProof):
            pymerkle.verify_inclusion(leaf_hash(entry.leaf), full.root(), altered, index + 1, SIZE)


def test_pymerkle_proves_that_each_of_our_roots_continues_the_earlier_ones(
    full: StoredJournal, theirs: pymerkle.InmemoryTree
) -> None:
    """Its consistency proofs are cut otherwise than RFC 6962's; Go checks ours, below."""
    for earlier in range(1, SIZE):
        proof = theirs.prove_consistency(earlier, SIZE)
        pymerkle.verify_consistency(full.root(earlier), full.root(), proof, earlier, SIZE)
        with pytest.raises(pymerkle.InvalidProof):
            pymerkle.verify_consistency(full.root(earlier - 1), full.root(), proof, earlier, SIZE)


def _as_inclusion(index: int, size: int, path: list[bytes]) -> pymerkle.InclusionProof:
    """Put our path, which goes up from the leaf, into pymerkle's order."""
    rule, _ = _inclusion_path_layout(index + 1, size)
    return pymerkle.InclusionProof("sha256", True, size, index + 1, rule, path)


def _go() -> tuple[Path, Path] | None:
    on_path = shutil.which("go")
    roots = [Path(on_path).resolve().parents[1]] if on_path else []
    root = next((place for place in (*roots, *GO_PLACES) if (place / "bin/go").exists()), None)
    mods = next((place for place in GO_MOD_PLACES if place.exists()), None)
    return (root, mods) if root and mods else None


GO_PROGRAM = """package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proofs struct {
	Vkey, Note, Entry                string
	Index, Size, Earlier             int64
	Root, EarlierRoot                string
	Path, Consistency                []string
}

func hashOf(text string) tlog.Hash {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		panic("hash")
	}
	return tlog.Hash(*(*[32]byte)(raw))
}

func hashes(texts []string) (found []tlog.Hash) {
	for _, text := range texts {
		found = append(found, hashOf(text))
	}
	return
}

func main() {
	var p proofs
	if err := json.NewDecoder(os.Stdin).Decode(&p); err != nil {
		panic(err)
	}
	verifier, err := note.NewVerifier(p.Vkey)
	if err == nil {
		_, err = note.Open([]byte(p.Note), note.VerifierList(verifier))
	}
	if err == nil {
		leaf := tlog.RecordHash([]byte(p.Entry))
		err = tlog.CheckRecord(hashes(p.Path), p.Size, hashOf(p.Root), p.Index, leaf)
	}
	if err == nil {
		err = tlog.CheckTree(hashes(p.Consistency), p.Size, hashOf(p.Root), p.Earlier, hashOf(p.EarlierRoot))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("holds")
}
"""  # noqa: E501


@pytest.fixture(scope="session")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = _go()
    if found is None:
        pytest.skip("needs Debian's golang-go and golang-golang-x-mod-dev")
    root, mods = found
    folder = tmp_path_factory.mktemp("go")
    (folder / "main.go").write_text(GO_PROGRAM)
    environment = {
        **os.environ,
        "GOROOT": str(_whole_root(root, folder)),
        "GOPATH": str(mods),
        "GO111MODULE": "off",
        "GOCACHE": str(folder / "cache"),
        "CGO_ENABLED": "0",
    }
    program = folder / "verifier"
    subprocess.run(
        [root / "bin/go", "build", "-o", program, folder / "main.go"], env=environment, check=True
    )
    return program


def _whole_root(root: Path, folder: Path) -> Path:
    """Debian keeps GOROOT in two places, joined by links that an unpacked package lacks."""
    if (root / "src/fmt").exists():
        return root
    whole, shared = folder / "root", root.parents[1] / "share" / root.name
    whole.mkdir()
    for part in (*root.iterdir(), *shared.iterdir()):
        target = whole / part.name
        if part.exists() and not target.exists():
            target.symlink_to(part)
    return whole


def test_gos_checksum_database_verifier_accepts_ours_and_refuses_altered(
    full: StoredJournal, go_verifier: Path
) -> None:
    import base64  # noqa: PLC0415
    import json  # noqa: PLC0415

    def b64(digest: bytes) -> str:
        return base64.b64encode(digest).decode()

    point = Checkpoint("north.example/node", SIZE, full.root())
    entry = next(full.read(11, 12))
    told = {
        "Vkey": SIGNER.key.encode(),
        "Note": SignedCheckpoint.make(point, SIGNER).encode(),
        "Entry": entry.leaf.decode(),
        "Index": 11,
        "Size": SIZE,
        "Earlier": 20,
        "Root": b64(full.root()),
        "EarlierRoot": b64(full.root(20)),
        "Path": [b64(part) for part in full.inclusion(11, SIZE)],
        "Consistency": [b64(part) for part in full.consistency(20, SIZE)],
    }

    def ask(change: dict[str, object]) -> str:
        asked = json.dumps({**told, **change}).encode()
        return subprocess.run(
            [go_verifier], input=asked, capture_output=True, check=False
        ).stdout.decode()

    assert ask({}) == "holds\n"
    assert "holds" not in ask({"Entry": entry.leaf.decode().replace("note 11", "note 12")})
    assert "holds" not in ask({"EarlierRoot": b64(full.root(19))})
    assert "holds" not in ask({"Note": str(told["Note"]).replace("\n37\n", "\n38\n")})
