"""Two nodes made, paired and used from the command line, as a person would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from stopline.cli import journal as journal_cli
from stopline.cli import link as link_cli
from stopline.cli import node as node_cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    import typer

RUNNER = CliRunner()
NORTH, SOUTH = "north.example/node", "south.example/node"


def call(app: typer.Typer, *args: object, code: int = 0) -> str:
    result = RUNNER.invoke(app, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result.stdout


def make_two(
    folder: Path,
    ports: tuple[int, int] = (1, 2),
    journals: tuple[str, str] = ("journal.db", "journal.db"),
) -> tuple[Path, Path]:
    north, south = folder / "north", folder / "south"
    sides = zip((north, south), (NORTH, SOUTH), ports, journals, strict=True)
    for place, name, port, journal in sides:
        call(node_cli.app, "init", place, "--name", name, "--url", f"https://127.0.0.1:{port}",
             "--listen", f"127.0.0.1:{port}", "--journal", journal)  # fmt: skip
    digits = call(node_cli.app, "pair", "fingerprint", north, south / "pairing.note").strip()
    for own, other in ((north, south), (south, north)):
        call(node_cli.app, "pair", "accept", own, other / "pairing.note", "--fingerprint", digits,
             "--person", "Eva", "--certificate", other / "tls.crt")  # fmt: skip
    return north, south


def test_two_nodes_pair_send_carry_rotate_verify_and_prove(tmp_path: Path) -> None:
    north, south = make_two(tmp_path)
    sent = call(link_cli.app, "send", north, SOUTH, "hello", "--person", "Eva").strip()
    call(link_cli.app, "carry-out", north, SOUTH, tmp_path / "carry")
    assert call(link_cli.app, "carry-in", south, tmp_path / "carry") == "1 new messages\n"
    assert call(link_cli.app, "carry-in", south, tmp_path / "carry") == "0 new messages\n"
    call(link_cli.app, "carry-out", south, NORTH, tmp_path / "back")
    call(link_cli.app, "carry-in", north, tmp_path / "back")
    assert "0 unacknowledged" in call(link_cli.app, "status", north)
    call(node_cli.app, "rotate-key", north)
    call(link_cli.app, "send", north, SOUTH, "by the new key", "--person", "Eva")
    call(link_cli.app, "carry-out", north, SOUTH, tmp_path / "carry2")
    assert call(link_cli.app, "carry-in", south, tmp_path / "carry2") == "2 new messages\n"
    assert "by the new key" in call(journal_cli.app, "show", south)
    assert call(journal_cli.app, "show", south, "--as-of", "2020-01-01T00:00:00Z") == ""
    assert "tlog-proof@v1" in call(journal_cli.app, "prove", north, sent)
    for place in (north, south):
        assert "holds" in call(journal_cli.app, "verify", place)
        assert "holds" in call(journal_cli.app, "verify", place / "journal.db")
    out = tmp_path / "north.jsonl"
    call(journal_cli.app, "export", north, out)
    assert "holds" in call(journal_cli.app, "verify", out)
    out.write_bytes(out.read_bytes().replace(b"hello", b"hullo"))
    assert "DOES NOT HOLD" in call(journal_cli.app, "verify", out, code=3)
    for form in ("csv", "parquet"):
        call(journal_cli.app, "export", north, tmp_path / f"n.{form}", "--form", form)


def test_wrong_digits_and_wrong_places_are_refused(tmp_path: Path) -> None:
    north, south = make_two(tmp_path)
    call(node_cli.app, "pair", "accept", north, south / "pairing.note", "--fingerprint", "1 2 3",
         "--person", "Eva", code=3)  # fmt: skip
    call(node_cli.app, "init", north, "--name", NORTH, code=2)
    call(journal_cli.app, "verify", tmp_path / "nothing.db", code=2)
    call(journal_cli.app, "show", north, "--as-of", "yesterday", code=2)
    (north / "node.key").chmod(0o644)
    call(link_cli.app, "status", north, code=2)


def test_two_served_nodes_exchange_messages(tmp_path: Path) -> None:
    free = [socket.socket() for _ in range(2)]
    for each in free:
        each.bind(("127.0.0.1", 0))
    ports = tuple(int(each.getsockname()[1]) for each in free)
    for each in free:
        each.close()
    north, south = make_two(tmp_path, (ports[0], ports[1]))
    code = "from stopline.cli.main import app; app()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, "serve", place, "--listen", "127.0.0.1:0"],
            env=environment,
        )
        for place in (north, south)
    ]
    try:
        call(link_cli.app, "send", north, SOUTH, "over the line", "--person", "Eva")
        start = time.monotonic()
        while "over the line" not in call(journal_cli.app, "show", south):
            assert time.monotonic() - start < 20
            time.sleep(0.2)
    finally:
        for each in running:
            each.send_signal(signal.SIGTERM)
        codes = [each.wait(10) for each in running]
    assert codes == [0, 0]


def test_no_private_key_is_ever_printed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    north, _ = make_two(tmp_path)
    secret = (north / "node.key").read_text().splitlines()[1]
    shown = call(journal_cli.app, "show", north) + call(node_cli.app, "pair", "offer", north)
    assert secret not in shown + caplog.text
    assert (north / "node.key").stat().st_mode & 0o777 == 0o600
