"""A review from one journal or both: broken lines, damaged journals, personal data, replay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from operation.liaison_case import CHIEF, DUTY, INCIDENT, LIAISON, Case, actor
from operation.watch_list.test_watch_list import stand_down
from review.review_case import ZONE, exported, history, reviewed
from stopline.cli.main import app
from stopline.errors import BadInput, VerificationFailed
from stopline.operation.core.commands import StopVehicle, TakeReport, VoiceDecision
from stopline.operation.orders.commands import WriteLesson
from stopline.operation.situation.report import situation_report
from stopline.operation.watch_list.commands import AddWatch
from stopline.rendering.page.html import paper_html
from stopline.review.redaction import MASK, masked
from stopline.review.replaying import situation_then
from stopline.review.schema import ReviewFile

if TYPE_CHECKING:
    from pathlib import Path

PLATE = "FL 90817"


def cut(case: Case, *, down: bool) -> None:
    for direction in (0, 1):
        case.both.line.faults[direction].cut = down


def test_a_broken_line_is_in_it_with_what_waited(case: Case) -> None:
    case.liaison()
    seen = case.sighting(confirmed=True, towards="the border")
    case.do(0, seen, DUTY)
    cut(case, down=True)
    case.both.run(30)
    case.do(0, case.said("heading"), LIAISON)
    case.both.run(60)
    during = reviewed(case)
    (waiting,) = during.undelivered
    assert waiting.what == "The vehicle is heading there"
    assert (waiting.delivered_s, waiting.waited_s) == (None, None)
    assert during.line[-1].until_s is None
    cut(case, down=False)
    case.both.run(10)
    after = reviewed(case)
    (waited,) = after.undelivered
    assert waited.waited_s == pytest.approx(62, abs=5)
    (down,) = [one for one in after.line if one.from_s > 0]
    assert down.until_s is not None
    assert down.until_s - down.from_s == pytest.approx(91, abs=6)
    assert any("The line was down" in line for line in after.summary.late)
    assert any("none was lost" in line for line in after.summary.held)


def test_from_one_journal_it_says_what_it_cannot_know(case: Case) -> None:
    case.liaison()
    found = reviewed(case)
    assert found.peer_entries is None
    needs = " ".join(found.not_computed)
    for option in ("--peer-journal", "--truth", "--scenario"):
        assert option in needs
    assert (found.leaks, found.belief, found.plans, found.hindsight) == (None, None, None, None)
    assert {one.side for one in found.timeline} == {"Republic of Alder"}
    assert any("The other side says: Understood" in one.what for one in found.timeline)


def test_with_the_others_journal_both_sides_are_whole(case: Case, tmp_path: Path) -> None:
    case.liaison()
    case.both.run(500)
    path = exported(case, 1, tmp_path / "birch.jsonl")
    found = reviewed(case, peer_journal=path)
    sides = {one.side for one in found.deadlines}
    assert sides == {"Republic of Alder", "Republic of Birch"}
    assert all(one.source == "journal" for one in found.deadlines)
    own = reviewed(case, 1, peer_journal=exported(case, 0, tmp_path / "alder.jsonl"))
    assert own.alarm == found.alarm
    key = lambda one: (one.side, one.task, one.what)  # noqa: E731
    assert sorted(found.deadlines, key=key) == sorted(own.deadlines, key=key)


@pytest.mark.parametrize("how", ["changed", "cut out", "another's", "unsigned", "no journal"])
def test_a_damaged_journal_of_the_other_side_is_refused(
    case: Case, tmp_path: Path, how: str
) -> None:
    case.liaison()
    path = exported(case, 0 if how == "another's" else 1, tmp_path / "b.jsonl",
                    signed=how != "unsigned")  # fmt: skip
    lines = path.read_bytes().splitlines(keepends=True)
    if how == "changed":
        lines[4] = lines[4].replace(b"order 1", b"order 2")
        assert b"order 2" in b"".join(lines)
    elif how == "cut out":
        del lines[4]
    elif how == "no journal":
        lines = [b"time,lon,lat\n"]
    path.write_bytes(b"".join(lines))
    before = case.both.desks[0].node.journal.size
    out = tmp_path / "out"
    with pytest.raises((VerificationFailed, BadInput)):
        reviewed(case, peer_journal=path, out_dir=out)
    assert not out.exists()
    assert case.both.desks[0].node.journal.size == before


def test_entries_behind_the_signature_are_left_out_and_said(case: Case, tmp_path: Path) -> None:
    case.liaison()
    case.both.desks[1].node.sign_checkpoint()
    size = case.both.desks[1].node.journal.size
    case.do(1, WriteLesson(incident=INCIDENT, text="not signed yet"), CHIEF)
    path = tmp_path / "b.jsonl"
    node = case.both.desks[1].node
    from stopline.journal.export import write_jsonl  # noqa: PLC0415

    with path.open("wb") as file:
        write_jsonl(node.journal.read(), node.journal.checkpoints(), file)
    found = reviewed(case, peer_journal=path)
    assert found.peer_entries == size
    assert found.lessons == ()
    assert any("left out" in line for line in found.not_computed)


def everything(case: Case) -> None:
    """An incident in which people write a plate and names wherever they can."""
    case.liaison()
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    case.do(0, voice, actor("prosecutor", "Maria Prosecutor"))
    watch = AddWatch(incident=INCIDENT, plate=PLATE, vehicle="white van", expires=case.at(900))
    case.do(0, watch, actor("second_officer", "Otto Second"))
    place = f"bridge, van {PLATE}"
    case.do(0, case.sighting(place=place, source="Hans the baker"), DUTY)
    case.do(0, TakeReport(incident=INCIDENT, about="press", text=f"they know {PLATE}"), DUTY)
    stop = StopVehicle(incident=INCIDENT, place=f"bridge, plate {PLATE}", text=f"it was {PLATE}")
    case.do(0, stop, DUTY)
    lesson = WriteLesson(incident=INCIDENT, text=f"{PLATE} was read twice")
    case.do(0, lesson, CHIEF)


def test_no_plate_person_or_source_is_in_a_review(case: Case, tmp_path: Path) -> None:
    everything(case)
    stand_down(case)
    case.both.run(2)
    path = exported(case, 0, tmp_path / "alder.jsonl")
    for end, options in ((0, {}), (1, {"peer_journal": path})):
        out = tmp_path / f"out-{end}"
        found = reviewed(case, end, out_dir=out, **options)
        text = (out / "review.html").read_text("utf-8") + found.model_dump_json()
        for word in ("90817", "Maria", "Otto", "Hans", "baker", "p.duty_officer", "white van"):
            assert word not in text, word
        assert MASK in text
    assert [one.erased for one in reviewed(case).watches] == [True]


@given(
    st.from_regex(r"[A-Z]{1,3}[ -]?[0-9]{3,6}", fullmatch=True)
    | st.from_regex(r"[A-Z]{2}[0-9]{2} ?[A-Z]{3}", fullmatch=True)
    | st.from_regex(r"[0-9]{4} ?[A-Z]{2}-?[0-9]", fullmatch=True)
)
def test_what_is_written_like_a_plate_is_masked(plate: str) -> None:
    assert plate not in masked(f"van {plate} seen near the bridge")


@pytest.mark.parametrize("text", [
    "section 4977", "A 3", "seen at 21:40", "order 70 of the court", "grade B2", "8 roads of 12",
    "2026-11-18", "within 250 m", "Schaan, at the station", "road near Triesen",
])  # fmt: skip
def test_what_is_no_plate_stays(text: str) -> None:
    assert masked(text) == text


def test_replay_shows_what_the_node_knew_and_nothing_later(case: Case) -> None:
    case.liaison()
    desk, then_s = case.both.desks[0], case.both.now_s
    book = desk.catch_up()
    page = paper_html(situation_report(book, book.incident(INCIDENT), then_s, zone=ZONE))
    case.both.run(5)
    case.do(0, case.sighting(place="secret later place"), DUTY)
    again = paper_html(
        situation_then(
            desk.node.journal.read(), INCIDENT, then_s, reader="head_of_state", zone=ZONE
        )
    )
    assert again == page
    now = paper_html(
        situation_then(
            desk.node.journal.read(), INCIDENT, case.both.now_s, reader="head_of_state", zone=ZONE
        )
    )
    assert "secret later place" in now
    until = reviewed(case, until_s=then_s)
    assert not until.sightings
    assert until.entries < reviewed(case).entries
    with pytest.raises(BadInput, match="none"):
        reviewed(case, until_s=1.0)


def test_every_step_of_the_history_adds_up(case: Case) -> None:
    case.seal()
    folded = history(case)
    assert folded.incident.state == case.incident().state
    moved = [step.phase for step in folded.steps if step.moved]
    assert moved[-1] == case.incident().phase == "SEAL"
    done = {task for step in folded.steps for task in step.done}
    assert done == {t.id for t in case.incident().state.tasks.values() if t.done_s is not None}


def test_the_command_and_its_exit_codes(case: Case, tmp_path: Path) -> None:
    case.liaison()
    node, run = str(case.both.folders[0]), CliRunner().invoke
    out = tmp_path / "out"
    plain = run(app, ["review", node, INCIDENT, "--out", str(out), "--zone", "Europe/Vaduz"])
    assert plain.exit_code == 0, plain.output
    assert "What was late or open" in plain.output or "What held" in plain.output
    names = {path.name for path in out.iterdir()}
    assert names == {"review.json", "review.html", "review.pdf", "timeline.png"}
    ReviewFile.model_validate_json((out / "review.json").read_text("utf-8"))
    assert (out / "review.pdf").read_bytes().startswith(b"%PDF")
    as_json = run(app, ["review", node, INCIDENT, "--json"])
    assert json.loads(as_json.stdout)["format"] == "stopline-review/1"
    at = case.at(-1).isoformat()
    then = run(app, ["review", node, INCIDENT, "--at", at, "--out", str(tmp_path / "then"),
                     "--no-pictures"])  # fmt: skip
    assert then.exit_code == 0, then.output
    assert (tmp_path / "then/situation.html").exists()
    assert not (tmp_path / "then/timeline.png").exists()
    path = exported(case, 1, tmp_path / "b.jsonl")
    path.write_bytes(path.read_bytes().replace(b"order 1", b"order 7"))
    bad = run(app, ["review", node, INCIDENT, "--peer-journal", str(path)])
    assert bad.exit_code == 3
    assert "does not verify" in bad.output
    assert run(app, ["review", node, "i-none"]).exit_code == 2
    assert run(app, ["review", str(tmp_path / "no-node"), INCIDENT]).exit_code == 2
    assert run(app, ["review", node, INCIDENT, "--zone", "Nowhere"]).exit_code == 2
    assert run(app, ["review", node, INCIDENT, "--at", "noon"]).exit_code == 2


@pytest.mark.parametrize(("reader", "sees"), [("head_of_state", True), ("press_officer", False)])
def test_a_replay_for_a_role_shows_what_that_role_may_see(
    case: Case, tmp_path: Path, *, reader: str, sees: bool
) -> None:
    case.liaison()
    case.do(0, case.sighting(place="canary bridge", confirmed=True, towards="the border"), DUTY)
    node, run = str(case.both.folders[0]), CliRunner().invoke
    at = case.at(1).isoformat()
    done = run(app, ["review", node, INCIDENT, "--at", at, "--reader", reader, "--out",
                     str(tmp_path), "--no-pictures"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert ("canary bridge" in (tmp_path / "situation.html").read_text("utf-8")) is sees
    assert run(app, ["situation", node, INCIDENT, "--reader", reader, "--out",
                     str(tmp_path / "now")]).exit_code == 0  # fmt: skip
    page = (tmp_path / "now/situation.html").read_text("utf-8")
    assert ("canary bridge" in page) is sees
