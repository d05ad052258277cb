"""A joint plan over real HTTPS between two served nodes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tests.link.pairs import NAMES, Pair
from tests.link.test_https import free_ports, run_quietly

from operation.joint.joint_case import outcome, part_of
from sealing.instances import random_problem
from stopline.link.disclosure import AllKinds
from stopline.link.https import Chore, LinkServer, serve
from stopline.link.mailbox import post
from stopline.operation.joint.plan import JointPlan, ask_joint_plan
from stopline.operation.joint.query_client import QueryClient
from stopline.operation.joint.query_service import QueryService
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan
from stopline.testing.everything_agreed import EverythingAgreed

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.link.mailbox import Message
    from stopline.sealing.problem import SealingProblem


async def planned_over_https(folder: Path, problem: SealingProblem) -> JointPlan:
    ports = free_ports(2)
    pair = Pair(folder, (f"https://127.0.0.1:{ports[0]}", f"https://127.0.0.1:{ports[1]}"))
    engines = [pair.engine(0), pair.engine(1)]
    theirs = part_of(problem, "south")
    answering = QueryService(
        journal=pair.journals[1],
        identity=pair.identities[1],
        agreed=EverythingAgreed(),
        problem=lambda: theirs,
        side="south",
    )
    chores: list[list[Chore]] = [[], [Chore(0.02, answering.chore)]]
    stop = asyncio.Event()
    tasks = []
    for end in (0, 1):
        pinned = {NAMES[1 - end]: pair.certificates[1 - end]}
        server = LinkServer([engines[end]], pinned, chores[end])
        place = pair.folders[end]
        tasks.append(
            asyncio.create_task(
                serve(
                    server,
                    host="127.0.0.1",
                    port=ports[end],
                    key_file=place / "tls.key",
                    certificate_file=place / "tls.crt",
                    stop=stop,
                )
            )
        )
    # The officer's command is another process with its own connection to the journal.
    from stopline.journal.sqlite import open_sqlite  # noqa: PLC0415

    def plan() -> JointPlan:
        journal = open_sqlite(pair.folders[0] / "journal.db")

        def put(message: Message) -> None:
            with journal.transaction() as work:
                post(work, pair.identities[0].signer, NAMES[1], message, AllKinds())

        asking = QueryClient(
            journal=journal,
            peer=NAMES[1],
            post=put,
            pause=lambda: time.sleep(0.01),
            utc_s=time.time,
            problem=part_of(problem, "north"),
            matter="over-https",
            author="a.novak",
            role="duty-officer",
            answer_within_s=30.0,
        )
        try:
            return ask_joint_plan(asking, "south")
        finally:
            journal.close()

    try:
        return await asyncio.to_thread(plan)
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0.2)
        pair.close()


def test_two_served_nodes_plan_as_one_over_https(tmp_path: Path) -> None:
    problem = next(
        problem
        for problem in map(random_problem, range(7000, 7400))
        if make_plan(problem).verdict is Verdict.SEALED
        and make_plan(part_of(problem, "north")).verdict is not Verdict.SEALED
    )
    joint = run_quietly(planned_over_https(tmp_path, problem))
    assert joint.answered
    assert joint.rounds > 0
    assert outcome(joint.plan) == outcome(make_plan(problem))
