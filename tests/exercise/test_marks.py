"""No page or message of an exercise lacks its mark: all of one exercise are walked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx

from console.served import Thread
from stopline.console.app import make_app
from stopline.exercise.evaluation import EVALUATION_FILE
from stopline.link.envelope import parse_envelope
from stopline.link.messages import all_message_kinds
from stopline.operation.accounts.settings import read_settings
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.core import exercise_mark
from stopline.operation.core.exercise_mark import MARK
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.operation.situation.report import situation_report
from stopline.review.review import review_incident

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.exercise.engine.engine import Engine
    from stopline.exercise.engine.play import ExerciseOutcome

# Facts in which people read words of this side, and the field that they read first.
READ_FIRST = {
    "incident.opened": "title", "alarm.raised": "what", "order.issued": "road",
    "statement.drafted": "text", "sighting.noted": "place",
}  # fmt: skip


# Messages that carry numbers, ids, keys and names alone, or bear the mark of what they answer.
WORDLESS = {
    "file.sent", "recipient.introduced", "message.acknowledged", "message.declined",
    "node.key-rotated", "journal.checkpoint", "journal.cosigned", "plan.asked", "plan.answered",
    "plan.taken", "plan.decided", "intelligence.shared",
}  # fmt: skip


def test_every_kind_of_message_is_marked_or_has_no_words() -> None:
    """A new kind of message must be in one list or the other."""
    marked = {*exercise_mark._FIRST_WORDS, *exercise_mark._ALWAYS}
    assert {one.name for one in all_message_kinds()} - marked <= WORDLESS
    assert not WORDLESS & marked


def test_every_answer_and_page_of_the_api_is_marked(
    played: tuple[ExerciseOutcome, Engine, Path],
) -> None:
    outcome, _, _ = played
    desk = open_command_handler(outcome.folders["alder"])
    with desk.node as node:
        access = SignIn(desk, settings=read_settings(node.folder))
        app = make_app(desk, access, clock=node.clock)
        seen = 0
        thread = Thread(app)
        with httpx.Client(base_url=thread.url, trust_env=False, timeout=20) as client:
            for path in (*app.openapi()["paths"], "/", "/nowhere"):
                where = path.replace("{incident}", "ex-short")
                answer = client.get(where)
                assert answer.headers["stopline-exercise"] == MARK, path
                seen += 1
                if answer.headers.get("content-type", "").startswith("text/html"):
                    title = re.search(r"<title>(.*?)</title>", answer.text)
                    assert title is not None
                    assert title[1].startswith(MARK), path
        thread.close()
        assert seen > 40


def test_every_message_and_fact_for_people_is_marked(
    played: tuple[ExerciseOutcome, Engine, Path],
) -> None:
    outcome, _, _ = played
    seen: set[str] = set()
    for folder in outcome.folders.values():
        desk = open_command_handler(folder)
        with desk.node as node:
            for entry in node.journal.read():
                body = entry.body or {}
                if entry.kind in READ_FIRST:
                    seen.add(entry.kind)
                    assert str(body[READ_FIRST[entry.kind]]).startswith(MARK), entry
                if entry.kind in {"message.sent", "message.received"}:
                    envelope = parse_envelope(str(body["envelope"]).encode())
                    if envelope.kind != "procedure.said":
                        continue
                    seen.add(f"said {envelope.body['name']}")
                    assert str(envelope.body["text"]).startswith(MARK)
                    for field in ("what_happened", "draft_statement_text", "detention"):
                        told = envelope.body.get(field)
                        assert told is None or str(told).startswith(MARK)
    assert seen >= {*READ_FIRST, "said alert", "said heading", "said can_you_seal", "said we_seal"}


def test_the_situation_report_of_both_sides_is_marked(
    played: tuple[ExerciseOutcome, Engine, Path],
) -> None:
    outcome, _, _ = played
    for folder in outcome.folders.values():
        desk = open_command_handler(folder)
        with desk.node:
            book = desk.read()
            for incident in book.incidents.values():
                paper = situation_report(book, incident, 1.8e9, zone=ZoneInfo("UTC"))
                assert paper.title.startswith(MARK)


def test_the_review_and_all_its_pages_are_marked(
    played: tuple[ExerciseOutcome, Engine, Path], tmp_path: Path
) -> None:
    outcome, _, folder = played
    made = review_incident(
        outcome.folders["alder"], "ex-short", zone=ZoneInfo("Europe/Vaduz"), now_s=1.8e9,
        peer_journal=folder / "birch.jsonl", exercise=folder / EVALUATION_FILE,
        out_dir=tmp_path / "review", pictures=False,
    )  # fmt: skip
    assert made.file.exercise is not None
    results = [one.result for one in made.file.exercise.expected_actions]
    assert results.count("met") >= 3
    pages = [path for path in made.files if path.suffix == ".html"]
    assert pages
    for page in pages:
        text = page.read_text("utf-8")
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
        assert heading is not None
        assert re.sub(r"<[^>]+>", "", heading[1]).strip().startswith(MARK)
        assert "Expected actions" in text
        assert "Objectives of the exercise" in text
