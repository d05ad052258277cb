"""A joint plan from the command line, between two nodes that two other processes serve."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.link.test_https import free_ports
from typer.testing import CliRunner

from operation.liaison_case import CHIEF, DOCUMENT, INCIDENT, Case
from scenario.scenario_case import write_case
from stopline.cli.main import app
from stopline.operation.joint.commands import WithdrawCommitment
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.testing.two_desks import START_S, TwoNodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NORTH, SOUTH = "alder.example/node", "birch.example/node"
CORNER = {"place": {"name": "Corner", "lon": 9.533, "lat": 47.1135, "radius_m": 100}}
OURS = {"id": "e1", "side": "E", "agency": "police", "lon": 9.533, "lat": 47.1115}
THEIRS = {
    "id": "w1", "side": "W", "agency": "police", "lon": 9.5300, "lat": 47.1135,
    "may_act_in": ["Eastland"],
}  # fmt: skip


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def agreeing(folder: Path, ports: tuple[int, int]) -> tuple[Path, Path]:
    """Two nodes with the shipped protocol in force, and an incident in phase AGREE, of now."""
    case = Case.__new__(Case)
    case.both = TwoNodes.make(folder, DOCUMENT.read_bytes(), ports=ports)
    case.both.line.now_s = time.time() - START_S - 60
    case.agree()
    case.both.close()
    return case.both.folders


@contextmanager
def served(folder: Path, *options: object) -> Iterator[None]:
    """Serve a node in a process of its own."""
    api = ("--plain", "--listen", "127.0.0.1:0")
    command = [sys.executable, "-m", "stopline", "serve", str(folder), *api]
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(
        [*command, *map(str, options)], stdout=log, stderr=log, env=os.environ
    )
    try:
        wait_for(lambda: "lines" in (folder / "serve.log").read_text())
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        log.close()


def wait_for(holds: Callable[[], bool], seconds: float = 40.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come in time"
        time.sleep(0.2)


def scenarios(folder: Path) -> tuple[Path, Path]:
    """The same roads, sites and rules twice, each with the units of one side."""
    made = []
    for name, units in (("north", [OURS]), ("south", [THEIRS])):
        place = folder / f"files-{name}"
        place.mkdir()
        made.append(write_case(place, exits=[CORNER], units=units))
    return made[0], made[1]


def test_planned_together_verified_alone_and_again(tmp_path: Path) -> None:
    ports = free_ports(2)
    north, south = agreeing(tmp_path, (ports[0], ports[1]))
    ours, theirs = scenarios(tmp_path)
    out = tmp_path / "out"
    joint = [
        "plan", ours, "--with", SOUTH, "--node", north, "--side", "W", "--out", out,
        "--incident", INCIDENT,
    ]  # fmt: skip
    alone = run("plan", ours, "--no-pictures", "--out", tmp_path / "alone")
    assert alone.exit_code == 3, alone.output
    answers = ["--plan-for", theirs]
    with served(north):
        with served(south, *answers):
            wait_for(lambda: ": up since" in run("link", "status", north).stdout)
            result = run(*joint)
            assert result.exit_code == 0, result.output
            rows = [line.split("\t") for line in result.stdout.splitlines()]
            held = {row[4]: row for row in rows[1:]}
            assert set(held) == {"e1", "held by W (committed)"}
            assert held["held by W (committed)"][3] == "W"
            assert held["held by W (committed)"][5] == "theirs"
            assert "Word: W committed itself" in result.stderr
            names = sorted(file.name for file in out.iterdir())
            assert names == ["plan.geojson", "plan.json", "plan.png", "plan.svg", "plan.tsv"]
            text = (out / "plan.json").read_text()
            assert '"w1"' not in text  # a unit of the other side
            checked = run("verify", out / "plan.json", "--node", north)
            assert checked.exit_code == 0, checked.output
            assert "with its signature" in checked.output
            document = json.loads(text)
            theirs_of = next(s for s in document["seals"] if s.get("committed"))
            theirs_of["committed"][0]["strength"] = 2
            (tmp_path / "forged.json").write_text(json.dumps(document))
            assert run("verify", tmp_path / "forged.json").exit_code == 0
            forged = run("verify", tmp_path / "forged.json", "--node", north)
            assert forged.exit_code == 3
            assert "did not say so of units and strength" in forged.output
            assert (
                "given to alder.example/node: 1 sites" in run("node", "commitments", south).stdout
            )
        wait_for(lambda: "down" in run("link", "status", north).stdout)
        away = run(*joint, "--no-pictures")
        assert away.exit_code == 0, away.output
        assert "W does not answer; planned with its last commitments (1 sites)" in away.stderr
        assert run("verify", out / "plan.json", "--node", north).exit_code == 0
        assert "is asked again when the line is back" in run("node", "commitments", north).stdout
        with served(south, *answers):
            wait_for(lambda: "planned again" in run("node", "commitments", north).stdout)
            told = run("node", "commitments", north).stdout
            withdrawn(north, south, tmp_path / "out-answered" / "plan.json")
    assert f"planned again with {SOUTH}: sealed; nothing differs" in told
    assert "is asked again" not in told
    assert "planned again with" in (north / "serve.log").read_text()


def withdrawn(north: Path, south: Path, plan: Path) -> None:
    """An officer takes the commitment back: the plan that rests on it does not hold any more."""
    wait_for(lambda: run("verify", plan, "--node", north).exit_code == 0)  # once it is written
    told = run("node", "commitments", south).stdout
    (name,) = re.findall(r"counted on until .* \((.+/\d+)\)", told)
    matter, _, number = name.rpartition("/")
    desk = open_command_handler(south)
    back = WithdrawCommitment(
        incident=INCIDENT, matter=matter, number=int(number), reason="the bridge is out"
    )
    desk.do(back, CHIEF, command_id="back", now_s=time.time())
    desk.node.journal.close()
    wait_for(
        lambda: "it was withdrawn: the bridge is out" in run("node", "commitments", north).stdout
    )
    assert run("verify", plan, "--node", north).exit_code == 3


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    both = TwoNodes.make(tmp_path, DOCUMENT.read_bytes())
    both.close()
    north, _ = both.folders
    ours, _ = scenarios(tmp_path)
    half = run("plan", ours, "--with", SOUTH)
    assert half.exit_code == 2
    assert "--with and --node" in half.output
    nobody = run("plan", ours, "--with", "west.example/node", "--node", north)
    assert nobody.exit_code == 2
    assert f"a paired node: {SOUTH}" in nobody.output
    assert NORTH not in nobody.output
    nothing = run("plan", ours, "--with", SOUTH, "--node", north)
    assert nothing.exit_code == 2
    assert "--incident" in nothing.output
    assert "as joint_search is in force" in nothing.output
