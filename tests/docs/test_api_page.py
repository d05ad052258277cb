"""`docs/api.md` works from top to bottom: a reader with curl signs in, commands, follows."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.test_serving import Process
from operation.accounts.house import DOCUMENT, House
from operation.readiness_case import registered
from stopline.console.problem_details import KINDS
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import OpenIncident
from stopline.operation.readiness.commands import RegisterUnits
from stopline.testing.two_desks import TwoNodes

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Each command of the page after the first, and the output that the page shows."""
    found = []
    for block in _BLOCK.finditer(PAGE.read_text("utf-8")):
        for part in block[1].split("$ ", 1)[1].split("\n$ "):
            command, _, shown = part.partition("\n")
            found.append((command, shown if not shown or shown.endswith("\n") else shown + "\n"))
    assert found[0][0].startswith("stopline serve")
    return found[1:]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
def test_the_page_runs(tmp_path: Path) -> None:
    both = TwoNodes.make(tmp_path, DOCUMENT.read_bytes())
    house = House.of(both)
    house.now_s = time.time()
    house.admit("eva", "duty_officer")
    duty = Actor("eva", "duty_officer", "police")
    ends = datetime.fromtimestamp(time.time() + 9e4, UTC)
    house.do(OpenIncident(incident="i-1", title="Hall", authority="order", expires=ends), duty)
    house.do(RegisterUnits(units=(registered("P1"),)), duty)
    both.close()
    served = Process.start(tmp_path / "alder", "--no-link")
    try:
        script = ["shopt -s expand_aliases"]
        for number, (command, _) in enumerate(steps()):
            real = command.replace("https://127.0.0.1:8443", served.url)
            script += [f"echo '--- {number}'", real]
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", "\n".join(script)],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        outputs = re.split(r"--- \d+\n", done.stdout)[1:]
        for (command, shown), output in zip(steps(), outputs, strict=True):
            assert output == shown, command
        assert (tmp_path / "situation.pdf").read_bytes().startswith(b"%PDF")
    finally:
        served.end()


def test_every_problem_is_on_the_page() -> None:
    table = PAGE.read_text("utf-8").partition("## What is wrong")[2].partition("## Look")[0]
    named = {
        (int(status), name)
        for row in re.findall(r"^\| ([\d, ]+) \| ([^|]+) \|", table, re.MULTILINE)
        for status in row[0].split(", ")
        for name in re.findall(r"`([a-z-]+)`", row[1])
    }
    for name, kind in KINDS.items():
        assert (kind.status, name) in named, name
    assert {name for _, name in named} == set(KINDS)
