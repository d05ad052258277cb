"""Rounds, messages, bytes and seconds of joint plans over a line of 100 ms each way.

    python benchmarks/joint_plan.py

The line is simulated and costs no time to simulate; `line` counts its seconds, `computing` those
of both sides' planning, journals and signatures, as processor time, so that other work on the
machine does not count. Their sum is what an officer waits on a machine of their own.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.link.pairs import NAMES, START_S, Pair

from stopline.link.envelope import parse_envelope
from stopline.operation.joint.plan import ask_joint_plan
from stopline.operation.joint.query_client import QueryClient
from stopline.operation.joint.query_service import QueryService
from stopline.scenario.loader import load_scenario
from stopline.sealing.planner import make_plan
from stopline.testing.everything_agreed import EverythingAgreed
from stopline.testing.in_process_line import InProcessLine

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem

EXAMPLES = Path(__file__).parent.parent / "examples"


def part_of(problem: SealingProblem, side: str) -> SealingProblem:
    """The problem as one side knows it."""
    own = [n for n, unit in enumerate(problem.units) if unit.side == side]
    places = problem.unit_places
    return replace(
        problem,
        units=tuple(problem.units[n] for n in own),
        unit_places=None if places is None else tuple(places[n] for n in own),
    )


def measure(name: str, one_way_s: float) -> None:
    """Plan an example from each side and print a row for each."""
    problem = load_scenario(EXAMPLES / name).problem
    whole = make_plan(problem)
    sides = sorted({unit.side for unit in problem.units})
    for own, other in (sides, sides[::-1]):
        with tempfile.TemporaryDirectory() as folder:
            pair = Pair(Path(folder))
            line = InProcessLine([pair.engine(0), pair.engine(1)], random.Random(1))
            for faults in line.faults:
                faults.delay_s = one_way_s
            theirs = part_of(problem, other)
            answering = QueryService(
                journal=pair.journals[1],
                identity=pair.identities[1],
                agreed=EverythingAgreed(),
                problem=lambda theirs=theirs: theirs,
                side=other,
                posted=line.ends[1].look,
            )
            line.run(1.0)
            begun_s = line.now_s

            def pause(line: InProcessLine = line, answering: QueryService = answering) -> None:
                line.step()
                answering(START_S + line.now_s)

            asking = QueryClient(
                journal=pair.journals[0],
                peer=NAMES[1],
                post=line.ends[0].post,
                pause=pause,
                utc_s=lambda line=line: START_S + line.now_s,
                problem=part_of(problem, own),
                matter="bench",
                author="bench",
                role="bench",
            )
            started = time.process_time()
            joint = ask_joint_plan(asking, other)
            computing_s = time.process_time() - started
            sent = [
                len(str(entry.body["envelope"]))
                for journal in pair.journals
                for entry in journal.read()
                if entry.kind == "message.sent" and str(entry.body["kind"]).startswith("plan.")
            ]
            same = (joint.plan.verdict, joint.plan.units_used, round(joint.plan.margin_s)) == (
                whole.verdict,
                whole.units_used,
                round(whole.margin_s),
            )
            line_s = line.now_s - begun_s
            demands, sites = asked_about(pair)
            print(
                f"| {name} | {own} | {joint.plan.verdict}, {joint.plan.units_used} units, "
                f"{'same' if same else 'NOT THE SAME'} | {joint.rounds} | {demands} | {sites} | "
                f"{sum(sent) / 1e6:.2f} MB | {line_s:.1f} s | {computing_s:.1f} s | "
                f"{line_s + computing_s:.1f} s |",
                flush=True,
            )
            pair.close()


def asked_about(pair: Pair) -> tuple[int, int]:
    """How many demands were in all questions, and about how many sites they were."""
    demands, sites = 0, set()
    for entry in pair.journals[0].read():
        if entry.kind == "message.sent" and str(entry.body["kind"]) == "plan.asked":
            body = parse_envelope(str(entry.body["envelope"]).encode()).body
            row = str(body["site"]).split(" ")
            demands += len(row)
            sites.update(row)
    return demands, len(sites)


if __name__ == "__main__":
    for delay in (0.05, 0.1):
        print(f"{delay * 1000:.0f} ms one way")
        for example in ("corridor/sealed.yaml", "liechtenstein/sealed.yaml"):
            measure(example, delay)
