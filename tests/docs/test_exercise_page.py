"""`docs/exercise.md` works from top to bottom: two empty folders end in a first exercise."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.docs.typed import Typed
from tests.link.test_https import free_ports

from stopline.link.engine import LinkEngine
from stopline.operation.core.node import open_node
from stopline.protocol.longer_deadlines import with_longer_deadlines
from stopline.protocol.reader import parse_protocol, read_protocol

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "exercise.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOUR = (
    'stopline do alder sighting.note place=Vaduz confirmed=true source="patrol 3"',
    "stopline plan --node alder",
    "stopline do alder plan.adopt issue=true",
    "stopline do birch commitment.order",
)
PORTS = ("8441", "8442", "8443", "8444")


class Newcomer:
    """Somebody who types what the page says, at ports that are free here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS, map(str, free_ports(4)), strict=True))
        bin_folder = folder / "alone"
        bin_folder.mkdir()
        start = bin_folder / "stopline"
        start.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stopline "$@"\n')
        start.chmod(0o755)
        modules = os.pathsep.join(map(os.path.abspath, sys.path))
        own = {"PYTHONPATH": modules, "XDG_CONFIG_HOME": str(folder / "config")}
        self.typed = Typed(folder / "typed", {**os.environ, **own})
        # What a command computes counts with all that it loads: such a one is a process of its own.
        self.environment, self.alone = (
            {**os.environ, **own, "PATH": os.pathsep.join([str(place), os.environ["PATH"]])}
            for place in (self.typed.folder, bin_folder)
        )
        self.used_s = 0.0
        self.served: list[subprocess.Popen[bytes]] = []

    def do(self, command: str) -> str:
        for shown, real in self.ports.items():
            command = command.replace(f":{shown}", f":{real}")
        command = command.replace("~/stopline", str(ROOT))
        if command.startswith("stopline serve"):
            self.served.append(
                subprocess.Popen(
                    ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.environment,
                    stdout=subprocess.PIPE,
                )
            )  # fmt: skip
            self.wait_until_serving(self.served[-1])
            return ""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=400,
            check=False, env=self.alone if command in FOUR else self.environment,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        sealed_or_open = {0, 3} if command.startswith(("stopline plan", "stopline board")) else {0}
        assert done.returncode in sealed_or_open, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    @staticmethod
    def wait_until_serving(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        said = b""
        while b"API on" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line

    def wait_until_up(self, look: str) -> None:
        """Nodes that have just started need a moment to find each other."""
        ends_s = time.monotonic() + 300
        while subprocess.run(
            ["bash", "-c", look], cwd=self.folder, env=self.environment, capture_output=True,
            check=False,
        ).returncode:  # fmt: skip
            assert time.monotonic() < ends_s
            time.sleep(0.2)

    def wait_until_delivered(self) -> None:
        """People answer what they have seen."""
        ends_s = time.monotonic() + 300
        for name in ("alder", "birch"):
            with open_node(self.folder / name) as node:
                while any(
                    LinkEngine(node.journal, node.identity, peer).state().unacknowledged
                    for peer in node.peers()
                ):
                    assert time.monotonic() < ends_s
                    time.sleep(0.05)

    def wait_until_found(self) -> None:
        """They wait some seconds before they look at the page."""
        ends_s = time.monotonic() + 300
        for name in ("alder", "birch"):
            with open_node(self.folder / name) as node:
                while not any(entry.kind == "belief.computed" for entry in node.journal.read()):
                    assert time.monotonic() < ends_s, name
                    time.sleep(0.2)

    def stop(self) -> list[int]:
        for process in self.served:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(20) for process in self.served]
        for process in self.served:
            assert process.stdout is not None
            process.stdout.close()
        self.typed.close()
        return codes


def with_unit_of_the_board(command: str, said: dict[str, str]) -> str:
    """Who reports names a unit that the board shows: which are ordered hangs on when."""
    board = next(out for shown, out in said.items() if shown.startswith("stopline board"))
    rows = [line.split("\t") for line in board.splitlines() if "\t" in line][1:]
    units = [row[3] for row in rows if row[1] == "ordered"]
    assert units, board
    named = re.search(r"order=(\S+)", command)
    assert named is not None
    return command if named[1] in units else command.replace(named[1], units[0])


def test_whoever_reads_along_misses_no_deadline() -> None:
    """Each command of the exercise takes half a minute, and nothing of it is due sooner."""
    page = PAGE.read_text("utf-8")
    ((name, times),) = re.findall(r"protocol stretch (\S+) --times (\d+)", page)
    slow = parse_protocol(with_longer_deadlines(read_protocol(ROOT / name), int(times)))
    played = page.partition("## 6.")[2].partition("## 7.")[0]
    needed_s = 30 * sum(line.startswith("$ ") for line in played.splitlines())
    tasks = slow.protocol.tasks
    opened = ("alert_police", "alert_other_side", "share_sighting", "tell_heading", "issue_orders")
    assert all((tasks[name].within_s or 0.0) > needed_s for name in opened)


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STOPLINE_TOKEN", raising=False)
    commands = [
        line.removeprefix("$ ")
        for block in _BLOCK.findall(PAGE.read_text("utf-8"))
        for line in block.splitlines()
    ]
    assert len(commands) > 30
    newcomer = Newcomer(tmp_path)
    said, used_s = {}, list[float]()
    try:
        for command in commands:
            if "link status" in command:
                newcomer.wait_until_up(command)
            if "order.move" in command:
                command = with_unit_of_the_board(command, said)  # noqa: PLW2901
            said[command] = newcomer.do(command)
            if len(newcomer.served) == 2:
                newcomer.wait_until_delivered()
            if "sighting.share" in command:
                newcomer.wait_until_found()
            if command in FOUR:
                used_s.append(newcomer.used_s)
    finally:
        codes = newcomer.stop()
    assert codes == [0, 0]
    # From a report to orders on both sides: before, 12 commands of 1,334 signs with pasted ids.
    assert len(used_s) == len(FOUR) <= 4
    assert sum(map(len, FOUR)) < 200
    assert not any("=0" in command for command in FOUR)
    assert max(used_s) < 0.3, used_s  # seconds of computing for each
    for name in ("alder", "birch"):
        with open_node(tmp_path / name) as node:
            kinds = [entry.kind for entry in node.journal.read()]
        assert "order.issued" in kinds, name
        assert "deadline.passed" not in kinds, name
    pages = [out for command, out in said.items() if command.startswith("stopline situation")]
    assert len(pages) == 2
    assert all(pages), pages
    for name in ("alder", "birch"):
        page = (tmp_path / f"page-{name}" / "situation.html").read_text("utf-8")
        assert "km of" in page, name  # what it can have reached, as each node found by itself
        assert "patrol 3" not in page
    verified = [out for command, out in said.items() if "journal verify" in command]
    assert [out.splitlines()[-1] for out in verified] == ["holds", "holds"]
    assert (tmp_path / "review-alder" / "review.pdf").read_bytes().startswith(b"%PDF")
