"""What a node does by itself: each thing once, by however many processes, whatever else fails."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from operation.liaison_case import DOCUMENT, DUTY, INCIDENT, LIAISON, Case, actor
from operation.orders.sealing_case import entries, orders, report, until, verdict
from stopline.link.envelope import parse_envelope
from stopline.operation.core.background import Background
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.liaison.reminders import reminders
from stopline.operation.orders.seal_notices import TellSeals, may_say_itself, untold
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.operation.runtime.failures import DutyTroubles, NoteDuty
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
from stopline.testing.two_desks import QUIET, TwoNodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from operation.own_server import OwnServer

LATE = "LP-Triesen"
WORDS = "a secret in the words of somebody else's error"
NOTED = ("verdict.changed", "replan.offered", "seal.late", "deadline.passed", "duty.failed")


def before_late(case: Case) -> Case:
    """A second before one unit is late; all others close in time."""
    order = next(o for o in orders(case).orders.values() if o.issued.unit == LATE)
    until(case, order.deadline_s - 3.0, held_back=(LATE,))
    return case


@pytest.fixture
def late(sealing: Case) -> Case:
    """A second before one unit is late."""
    return before_late(sealing)


@pytest.fixture
def judged_late(judged: Case) -> Case:
    """The same where no plan is computed against the leak."""
    return before_late(judged)


def run_together(case: Case) -> None:
    """Three processes of one side do their duties at once, each second, until a unit is late."""
    folder = case.both.folders[0]
    others = [Scheduler(open_command_handler(folder), QUIET) for _ in range(2)]
    try:
        for second in range(8):
            now_s = case.both.now_s + second
            threads = [
                threading.Thread(target=one.run, args=(now_s,))
                for one in (case.both.duties[0], *others)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        for one in others:
            one.desk.node.journal.close()


def each_is_noted_once(case: Case) -> None:
    assert verdict(case).verdict == "leaking"
    for kind in NOTED:
        bodies = [str(one.body) for one in entries(case, kind)]
        assert len(set(bodies)) == len(bodies), kind
    assert len(entries(case, "replan.offered")) == 1
    assert len(entries(case, "seal.late")) == 1
    assert entries(case, "duty.failed") == []


def test_several_processes_note_each_thing_once(late: Case) -> None:
    run_together(late)
    each_is_noted_once(late)


def test_several_servers_on_postgresql_note_each_thing_once(
    tmp_path: Path, made: str, own_server: OwnServer
) -> None:
    case = Case.__new__(Case)
    urls = (own_server.url("duty-alder"), own_server.url("duty-birch"))
    case.both = TwoNodes.make(tmp_path, DOCUMENT.read_bytes(), journals=urls)
    try:
        case.orders_out(made)
        run_together(before_late(case))
        each_is_noted_once(case)
    finally:
        case.both.close()


def test_a_failing_duty_is_noted_once_and_the_others_go_on(
    late: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(WORDS)

    with monkeypatch.context() as patch:
        patch.setattr("stopline.operation.runtime.scheduler.watch_orders", broken)
        late.both.run(20.0)
        assert verdict(late).verdict == "leaking"
        (noted,) = entries(late, "duty.failed")
        assert noted.body is not None
        told = str(noted.body["error"])
        # The kind and the place, so that it can be found; its words may hold what is private.
        assert re.fullmatch(r"RuntimeError at test_scheduler\.py line \d+", told)
        failing = late.both.desks[0].catch_up().projection(DutyTroubles).failing
        assert failing == {"late seals": told}
        late.both.restart(0)
        late.both.run(5.0)
        assert len(entries(late, "duty.failed")) == 1
    late.do(0, late.sighting(lon=9.5215, lat=47.141), DUTY)
    assert len(entries(late, "duty.resumed")) == 1
    assert late.both.desks[0].catch_up().projection(DutyTroubles).failing == {}


def test_only_the_node_notes_what_it_does(late: Case) -> None:
    with pytest.raises(NotPermitted):
        late.do(0, NoteDuty(duty="verdict", error="x"), DUTY)
    with pytest.raises(NotNow, match="works"):
        late.do(0, NoteDuty(duty="verdict"), actor("node", "alder.example/node"))


def test_nothing_is_looked_at_while_nothing_changes(
    late: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    late.both.run(20.0)
    until(late, late.both.now_s + 240.0, held_back=(LATE,))
    late.both.run(30.0)
    looks: list[float] = []
    monkeypatch.setattr(Scheduler, "_judge", lambda _self, now_s: looks.append(now_s))
    duties = late.both.duties[0]
    start_s, began = late.both.now_s, time.perf_counter()
    for second in range(200):
        duties.run(start_s + second / 100)
    assert looks == []
    assert (time.perf_counter() - began) / 200 < 0.01


def test_the_answer_of_a_computing_thread_comes_with_a_later_second(late: Case) -> None:
    with ThreadPoolExecutor(1) as executor:
        late.both.duties[0] = Scheduler(
            late.both.desks[0], SchedulerSettings(executor=executor, believes=False)
        )
        late.both.run(5.0)
        until_s = time.monotonic() + 120.0
        while time.monotonic() < until_s:
            late.both.run(0.1)
            time.sleep(0.2)  # the thread computes meanwhile
            if entries(late, "replan.offered"):
                break
    assert verdict(late).verdict == "leaking"
    assert len(entries(late, "replan.offered")) == 1


def test_the_newest_question_is_answered_and_none_twice() -> None:
    gate, ran = threading.Event(), []

    def slow(name: str) -> Callable[[], str]:
        def compute() -> str:
            gate.wait(5.0)
            ran.append(name)
            return name

        return compute

    with ThreadPoolExecutor(1) as executor:
        asked: Background[str, str] = Background(executor)
        asked.ask("i-1", 1, slow("first"))
        asked.ask("i-1", 2, slow("second"))  # waits its turn
        assert asked.done() == []
        gate.set()
        executor.submit(lambda: None).result()
        assert asked.is_ready
        assert asked.done() == [("i-1", "first")]
        asked.ask("i-1", 2, slow("second"))
        executor.submit(lambda: None).result()
        assert asked.done() == [("i-1", "second")]
        asked.ask("i-1", 2, slow("second"))
        assert ran == ["first", "second"]


def sent(case: Case, end: int = 0) -> list[dict[str, Any]]:
    """Bodies of all messages that a side sent."""
    found = entries(case, "message.sent", end)
    return [dict(parse_envelope(str((e.body or {})["envelope"]).encode()).body) for e in found]


def test_the_officer_whom_the_protocol_names_is_reminded_and_tells(judged_late: Case) -> None:
    before = len(sent(judged_late))
    judged_late.both.run(20.0)
    assert len(sent(judged_late)) == before  # the node itself says nothing
    found = untold(judged_late.incident(), judged_late.both.now_s)
    assert found is not None
    assert (found.message, found.role, found.is_bad) == ("leak", "liaison_officer", True)
    book = judged_late.both.desks[0].catch_up()
    told = [
        r
        for r in reminders(book, judged_late.incident(), judged_late.both.now_s)
        if r.about == "leak"
    ]
    assert [one.role for one in told] == ["liaison_officer"]
    with pytest.raises(NotNow, match="sent by"):
        judged_late.do(0, TellSeals(incident=INCIDENT), actor("press_officer"))
    judged_late.do(0, TellSeals(incident=INCIDENT), LIAISON)
    assert untold(judged_late.incident(), judged_late.both.now_s) is None
    assert "leak_open" in judged_late.incident().state.happened
    with pytest.raises(NotNow, match="knows how our seals stand"):
        judged_late.do(0, TellSeals(incident=INCIDENT), LIAISON)


def test_when_all_are_closed_that_is_told(sealing: Case) -> None:
    until(sealing, max(o.expected_s for o in orders(sealing).orders.values()) + 2.0)
    found = untold(sealing.incident(), sealing.both.now_s)
    assert found is not None
    assert (found.message, found.is_bad) == ("sections_sealed", False)
    assert {one.state for one in found.status} == {"closed"}


@pytest.fixture
def speaking(tmp_path: Path, made: str) -> Iterator[Case]:
    """Both sides agreed that their nodes say how the seals stand."""
    text = DOCUMENT.read_text("utf-8")
    role = "  node: {title: the node itself}\n"
    text = text.replace("roles:\n", f"roles:\n{role}", 1)
    for name in ("sections_sealed", "leak"):
        head, _, tail = text.partition(f"  {name}:\n    title:")
        tail = tail.replace("sent_by: liaison_officer", "sent_by: node", 1)
        text = f"{head}  {name}:\n    title:{tail}"
    case = Case.__new__(Case)
    case.both = TwoNodes.make(
        tmp_path, text.encode(), settings=SchedulerSettings(replans=False, believes=False)
    )
    case.orders_out(made)
    yield case
    case.both.close()


def test_where_the_document_names_the_node_it_tells_and_never_a_unit(speaking: Case) -> None:
    case = speaking
    assert may_say_itself(case.incident(), "node")
    order = next(o for o in orders(case).orders.values() if o.issued.unit == LATE)
    until(case, order.deadline_s + 3.0, held_back=(LATE,))
    bodies = [one for one in sent(case) if one.get("name") == "leak"]
    assert len(bodies) == 1
    assert "late" in {one["state"] for one in bodies[0]["seal_status"]}
    (entry,) = [e for e in entries(case, "message.sent") if '"leak"' in str(e.body)]
    assert (entry.role, entry.author) == ("node", case.both.desks[0].node.identity.name)
    report(case, order, "closed")
    until(case, max(o.expected_s for o in orders(case).orders.values()) + 20.0)
    names = [one.get("name") for one in sent(case)]
    assert names.count("sections_sealed") == 1
    texts = [str(one) for one in sent(case)]
    for one in orders(case).orders.values():
        assert not any(one.issued.unit in text or one.issued.agency in text for text in texts)
    told = [one for body in sent(case) for one in body.get("seal_status", ())]
    assert told
    assert all(set(one) == {"site", "road", "state", "since"} for one in told)
