"""The line under every fault, in simulated time: all arrives, once, in order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.link.pairs import NAMES, Pair, message

from stopline.journal.errors import IdTaken
from stopline.journal.verify import verify_journal
from stopline.link.control_messages import show_checkpoint
from stopline.link.errors import PeerAhead
from stopline.link.mailbox import Message, delivery
from stopline.link.mailbox import post as put_out
from stopline.link.messages import MessageAcknowledged
from stopline.testing.in_process_line import Faults, InProcessLine


def post(
    line: InProcessLine, pair: Pair, end: int, numbers: range, lane: str = "routine"
) -> list[str]:
    """Post all in one transaction, as another process of the node might; give their ids."""
    engine = line.ends[end] or pair.engine(end)
    made = [message(end, number, lane) for number in numbers]
    with pair.journals[end].transaction() as work:
        for each in made:
            put_out(work, pair.identities[end].signer, NAMES[1 - end], each, engine.rules)
    line.run(0.11)  # until the engine has looked
    return [each.message_id for each in made]


def waiting(line: InProcessLine) -> int:
    return sum(engine.state().unacknowledged for engine in line.ends if engine is not None)


def test_messages_arrive_once_in_order_and_are_in_both_journals(pair: Pair) -> None:
    line = pair.line()
    sent = post(line, pair, 0, range(50))
    back = post(line, pair, 1, range(50))
    assert line.run(5, lambda: waiting(line) == 0) < 1
    assert pair.inbox(1) == sent
    assert pair.inbox(0) == back
    for end in (0, 1):
        assert verify_journal(pair.journals[end]).holds
    assert delivery(pair.journals[0], sent[0]).state == "delivered"


def test_a_black_hole_is_noticed_within_3_s_and_recovered_within_2_s_of_its_end(
    pair: Pair,
) -> None:
    line = pair.line()
    line.run(2)
    north = line.ends[0]
    assert north is not None
    assert north.state().up
    for faults in line.faults:
        faults.cut = True
    noticed = line.run(5, lambda: not north.state().up)
    assert noticed <= 3
    for faults in line.faults:
        faults.cut = False
    assert line.run(5, lambda: north.state().up) <= 2


@pytest.mark.parametrize("delay_s", [0.01, 0.1])
def test_500_messages_held_back_over_30_s_arrive_within_2_s_of_its_end(
    pair: Pair, delay_s: float
) -> None:
    line = pair.line()
    line.faults = [Faults(delay_s=delay_s), Faults(delay_s=delay_s)]
    line.run(2)
    for faults in line.faults:
        faults.cut = True
    line.run(5)
    sent = post(line, pair, 0, range(500))
    line.run(25)
    assert pair.inbox(1) == []
    for faults in line.faults:
        faults.cut = False
    assert line.run(10, lambda: waiting(line) == 0) <= 2
    assert pair.inbox(1) == sent


def test_a_line_that_works_one_way_only_is_down(pair: Pair) -> None:
    line = pair.line()
    line.run(2)
    line.faults[0].cut = True
    line.run(3)
    assert [engine.state().up for engine in line.ends if engine] == [False, False]


def test_alarms_overtake_bulk(pair: Pair) -> None:
    line = pair.line()
    post(line, pair, 0, range(200), "bulk")
    line.run(1.5)
    post(line, pair, 0, range(1), "alarm")
    line.run(20, lambda: waiting(line) == 0)
    arrived = pair.inbox(1)
    assert len(arrived) == 201
    line = pair.line()
    for faults in line.faults:
        faults.cut = True
    post(line, pair, 0, range(400, 450), "bulk")
    post(line, pair, 0, range(1, 5), "alarm")
    for faults in line.faults:
        faults.cut = False
    line.run(20, lambda: waiting(line) == 0)
    assert [lane_of(pair, one) for one in pair.inbox(1)[201:205]] == ["alarm"] * 4


def lane_of(pair: Pair, message_id: str) -> str:
    body = pair.journals[0].find(message_id).body
    assert body is not None
    return str(body["lane"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.data())
def test_any_mixture_of_faults_and_restarts_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    pair = Pair(tmp_path_factory.mktemp("pair"))
    line = pair.line(data.draw(st.integers(0, 2**16)))
    sent: dict[tuple[int, str], list[str]] = {
        (end, lane): [] for end in (0, 1) for lane in ("alarm", "routine", "bulk")
    }
    number = 0
    for _ in range(data.draw(st.integers(2, 6))):
        what = data.draw(st.sampled_from(["faults", "cut", "restart", "clean"]))
        end = data.draw(st.integers(0, 1))
        if what == "faults":
            line.faults[end] = Faults(
                delay_s=data.draw(st.sampled_from([0.0, 0.05, 0.4])),
                jitter_s=data.draw(st.sampled_from([0.0, 0.3])),
                loss=data.draw(st.sampled_from([0.0, 0.3])),
                doubling=data.draw(st.sampled_from([0.0, 0.5])),
            )
        elif what == "cut":
            line.faults[end].cut = True
        elif what == "restart":
            line.ends[end] = pair.reopen(end)
        else:
            line.faults[end] = Faults()
        for sender in (0, 1):
            lane = data.draw(st.sampled_from(["alarm", "routine", "bulk"]))
            count = data.draw(st.integers(0, 6))
            sent[sender, lane] += post(line, pair, sender, range(number, number + count), lane)
            number += count
        line.run(data.draw(st.sampled_from([0.1, 1.0, 3.0])))
    line.faults = [Faults(), Faults()]
    line.run(20, lambda: waiting(line) == 0)
    for (sender, lane), wanted in sent.items():
        assert pair.inbox(1 - sender, lane) == wanted
    for journal in pair.journals:
        assert verify_journal(journal).holds
    pair.close()


def test_posting_the_same_message_twice_sends_it_once(pair: Pair) -> None:
    engine = pair.engine(0)
    assert engine.post(message(0, 1)) == engine.post(message(0, 1)) == 1
    other = message(0, 2)
    with pytest.raises(IdTaken):
        engine.post(
            Message(
                message_id=message(0, 1).message_id,
                body=other.body,
                time_s=other.time_s,
                author="x",
                role="y",
            )
        )


def test_a_person_acknowledges_and_that_is_not_delivery(pair: Pair) -> None:
    line = pair.line()
    for faults in line.faults:
        faults.cut = True
    (sent,) = post(line, pair, 0, range(1), "alarm")
    assert delivery(pair.journals[0], sent).state == "waiting"
    line.faults = [Faults(), Faults()]
    line.run(2)
    assert delivery(pair.journals[0], sent).state == "delivered"
    ack = MessageAcknowledged(message=sent, person="Eva Horvat", role="duty-officer")
    south = line.ends[1]
    assert south is not None
    south.post(
        Message(
            message_id=message(1, 5).message_id,
            body=ack,
            time_s=1_795_000_005.0,
            author="Eva Horvat",
            role="duty-officer",
        )
    )
    line.run(1)
    told = delivery(pair.journals[0], sent)
    assert (told.state, told.person, told.role) == ("acknowledged", "Eva Horvat", "duty-officer")


def test_the_line_knows_the_other_clock_and_records_its_changes(pair: Pair) -> None:
    line = pair.line()
    line.utc_s[1] += 7.5
    line.run(2)
    north = line.ends[0]
    assert north is not None
    assert north.state().clock_offset_s == pytest.approx(7.5, abs=0.1)
    line.faults[0].cut = True
    line.run(4)
    changes = [e.body for e in pair.journals[0].read() if e.kind == "link.changed"]
    assert [change["up"] for change in changes if change] == [True, False]


def test_a_clock_set_back_an_hour_is_recorded_and_stops_nothing(pair: Pair) -> None:
    line = pair.line()
    line.run(2)
    line.utc_s[0] -= 3600
    sent = post(line, pair, 0, range(3))
    line.run(2)
    assert pair.inbox(1) == sent
    steps = [e.body for e in pair.journals[0].read() if e.kind == "clock.stepped"]
    assert [step["step_s"] for step in steps if step] == [pytest.approx(-3600, abs=0.1)]


def test_a_node_restored_from_an_old_copy_is_found_out(pair: Pair) -> None:
    """South confirms messages that north's older journal never sent."""
    import shutil  # noqa: PLC0415

    place = pair.folders[0] / "journal.db"
    pair.journals[0]._rows.scrub()
    shutil.copy(place, place.with_name("old.db"))
    line = pair.line()
    post(line, pair, 0, range(3))
    line.run(2)
    pair.journals[0].close()
    for beside in ("journal.db", "journal.db-wal", "journal.db-shm"):
        (pair.folders[0] / beside).unlink(missing_ok=True)
    shutil.copy(place.with_name("old.db"), place)
    line.ends[0] = pair.reopen(0)
    line.run(2)
    errors = [
        e.body["error"] for e in pair.journals[0].read() if e.kind == "frame.refused" and e.body
    ]
    assert PeerAhead.__name__ in errors


def test_each_side_cosigns_the_others_checkpoints(pair: Pair) -> None:
    line = pair.line()
    for number in range(3):
        north = line.ends[0]
        assert north is not None
        signed, ask = show_checkpoint(
            pair.journals[0], pair.identities[0], NAMES[1], 1_795_000_000.0 + number
        )
        pair.journals[0].keep_checkpoint(signed)
        north.post(ask)
        line.run(1)
    points = pair.journals[0].checkpoints()
    assert len(points) == 3
    assert all(len(point.note.signatures) == 2 for point in points)
    south = pair.engine(0).peer.ring()
    report = verify_journal(pair.journals[0], key=pair.identities[0].key, cosigners=[south])
    assert report.holds
    assert report.cosigned_size == points[-1].checkpoint.size
