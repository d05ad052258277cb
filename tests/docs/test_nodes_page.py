"""`docs/nodes.md` works from top to bottom: make two nodes, pair, send, prove, sign, serve."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.link.test_https import free_ports
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.journal.sqlite import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "nodes.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"[0-9a-f-]{36}|\d{5}( \d{5}){5}")  # an id, digits of a fingerprint


def steps() -> list[tuple[str, str]]:
    """Each command of the page, and the output that the page shows."""
    found: list[tuple[str, str]] = []
    for block in _BLOCK.finditer(PAGE.read_text("utf-8")):
        for part in block[1].split("$ ")[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
    return found


class Reader:
    """Somebody who does what the page says, with the ids and digits that came out here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.real: dict[str, str] = {}
        self.running: list[subprocess.Popen[bytes]] = []
        for shown, port in zip(("8441", "8442"), free_ports(2), strict=True):
            self.real[shown] = str(port)

    def do(self, command: str, shown: str) -> None:
        for example, real in self.real.items():
            command = command.replace(example, real)
        words, _, to = command.partition(" > ")
        program, *args = shlex.split(words)
        if program == "cp":
            shutil.copy(*args)
            return
        assert program == "stopline"
        if args[0] == "serve":
            self.serve(args)
            return
        result = CliRunner().invoke(app, args)
        assert result.exit_code == 0, f"{command}\n{result.output}"
        if to:
            Path(to).write_text(result.stdout, "utf-8")
        example = _EXAMPLE.fullmatch(shown.strip())
        if example:
            assert _EXAMPLE.fullmatch(result.stdout.strip())
            assert self.real.setdefault(example[0], result.stdout.strip()) == result.stdout.strip()
        elif shown:
            assert result.stdout == shown

    def serve(self, args: list[str]) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.running.append(
            subprocess.Popen(
                [sys.executable, "-m", "stopline", *args], cwd=self.folder, env=environment
            )
        )

    def stop(self) -> list[int]:
        for each in self.running:
            each.send_signal(signal.SIGTERM)
        return [each.wait(15) for each in self.running]


def until(holds: Callable[[], bool]) -> None:
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < 120, "took too long"
        time.sleep(0.2)


def texts(node: str) -> list[str]:
    with open_sqlite(Path(node) / "journal.db", read_only=True) as journal:
        carried = [e.body for e in journal.read() if e.kind == "message.received" and e.body]
    return [str(body["envelope"]) for body in carried if body["kind"] == "text.sent"]


def cosigned(node: str) -> bool:
    with open_sqlite(Path(node) / "journal.db", read_only=True) as journal:
        return any(len(point.note.signatures) == 2 for point in journal.checkpoints())


def test_the_page_works_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples" / "protocols", tmp_path / "examples" / "protocols")
    reader = Reader(tmp_path)
    try:
        for command, shown in steps():
            reader.do(command, shown)
        until(lambda: len(texts("south")) == 2)
        until(lambda: cosigned("north") and cosigned("south"))
    finally:
        codes = reader.stop()
    assert codes == [0, 0]
    assert ["north bridge" in texts("south")[0], "line works" in texts("south")[1]] == [True, True]
    assert Path("proof.txt").read_text("utf-8").startswith("c2sp.org/tlog-proof@v1\n")
    for node in ("north", "south"):
        assert "holds\n" in CliRunner().invoke(app, ["journal", "verify", node]).stdout
