"""A command typed as words is the command that its fields make; all faults are said at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stopline.operation.runtime.bootstrap  # noqa: F401  (registers every room)
from stopline.errors import BadInput
from stopline.operation.core.command import command_named
from stopline.operation.core.command_parser import command_from_words
from stopline.operation.core.commands import OpenIncident, RaiseAlarm, SendMessage, VoiceDecision
from stopline.operation.orders.commands import WithdrawOrders
from stopline.operation.sightings.commands import NoteSighting

NOW_S = 1_795_000_000.0


def made(name: str, *words: str, **files: str) -> Any:
    return command_from_words(command_named(name), words, NOW_S, read=lambda name: files[name])


def test_text_numbers_truth_and_times() -> None:
    found = made(
        "sighting.note", "incident=i-1", "lon=9.52", "lat=47.14", "place=12", "seen=-90s",
        "source=patrol 3 = ours", "grade=A1", "confirmed=true",
    )  # fmt: skip
    assert isinstance(found, NoteSighting)
    assert (found.lon, found.place, found.source) == (9.52, "12", "patrol 3 = ours")
    assert found.confirmed is True
    assert found.seen.timestamp() == NOW_S - 90


@pytest.mark.parametrize(
    ("text", "after_s"),
    [("now", 0), ("+24h", 86_400), ("-2m", -120), ("+1.5min", 90), ("+1d", 86_400)],
)
def test_times_from_now(text: str, after_s: float) -> None:
    found = made("incident.open", "incident=i", "title=t", "authority=a", f"expires={text}")
    assert isinstance(found, OpenIncident)
    assert found.expires.timestamp() == NOW_S + after_s


def test_fields_of_fields_and_files() -> None:
    found = made(
        "message.send", "incident=i-1", "said.name=alert", "said.protocol=", "said.text=@note",
        'said.seal_status=[{"site": "section 4", "road": "A", "state": "closed", '
        '"since": "2026-11-25T21:00:00+00:00"}]',
        note="Shots\nin a hall",
    )  # fmt: skip
    assert isinstance(found, SendMessage)
    assert found.said.name == "alert"
    assert found.said.text == "Shots\nin a hall"
    assert found.said.seal_status[0].site == "section 4"


@pytest.mark.parametrize(
    ("text", "ids"),
    [("a-1", ("a-1",)), ("12", ("12",)), ('["a-1", "12"]', ("a-1", "12")), ('["a-1"]', ("a-1",))],
)
def test_one_thing_stands_for_a_list_of_one(text: str, ids: tuple[str, ...]) -> None:
    found = made("orders.withdraw", "incident=i-1", f"orders={text}", "reason=over")
    assert isinstance(found, WithdrawOrders)
    assert found.orders == ids


def test_all_faults_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        made("incident.open", "incident=i 1", "incident=i", "title", "expires=tomorrow", "sky=blue")
    text = str(caught.value)
    for part in ("title: found", "given once", "FIELD=VALUE", "expires", "sky", "authority"):
        assert part in text, part


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="a file that can be read"):
        command_from_words(command_named("plan.adopt"), ["plan=@/nowhere/plan.json"], NOW_S)


def test_null_is_nothing() -> None:
    found = made("message.send", "incident=i", "said.name=a", "said.protocol=", "said.ref=null")
    assert isinstance(found, SendMessage)
    assert found.said.ref is None


LINE = st.text(min_size=1, max_size=40).filter(
    lambda s: s.isprintable() and s.strip() and s.strip()[0] != "@"
)


@given(what=LINE, place=LINE, vehicle=LINE)
def test_any_text_arrives_as_it_was(what: str, place: str, vehicle: str) -> None:
    found = made(
        "alarm.raise", "incident=i-1", f"what={what}", f"place={place}",
        f"vehicle={vehicle}", "happened=now",
    )  # fmt: skip
    same = RaiseAlarm(
        incident="i-1", what=what, place=place, vehicle=vehicle,
        happened=datetime.fromtimestamp(NOW_S, UTC),
    )  # fmt: skip
    assert found == same


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_words_make_a_command_or_faults(words: list[str]) -> None:
    try:
        found = command_from_words(VoiceDecision, words, NOW_S, read=lambda _name: "text")
    except BadInput:
        return
    assert json.loads(found.model_dump_json())["incident"]


@pytest.mark.parametrize("hidden", ["\x1b[2J", "\x00", "\x9b", "\u202e", "\u2066", "a\rb"])
def test_a_sign_that_is_not_seen_is_a_fault_of_its_field(hidden: str) -> None:
    with pytest.raises(BadInput, match="no sign that is not seen") as told:
        made("report.take", "incident=i-1", "about=search", f"text=all clear {hidden}")
    assert ["text" in fault.where for fault in told.value.faults] == [True]
    made("report.take", "incident=i-1", "about=search", "text=two\nlines\r\nand a\ttab")
