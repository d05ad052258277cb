"""Live events: nothing is left out, nothing comes twice, everybody sees what is theirs."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from console.served import INCIDENT, Served, lines_of
from stopline.console.views.event import StreamEvent, gathered
from stopline.journal.kinds import all_kinds
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import TakeReport
from stopline.operation.core.read_permissions import READS, ROW_OF_KINDS, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from operation.accounts.house import House
    from stopline.console.event_feed import EventView

DUTY = Actor("p.duty-officer", "duty_officer", "police")


@contextmanager
def following(
    client: httpx.Client, query: str = "", **headers: str
) -> Iterator[Iterator[tuple[str, str, str]]]:
    with client.stream("GET", f"/v1/events{query}", headers=headers, timeout=5) as answer:
        assert answer.status_code == 200, answer.read()
        yield lines_of(answer)


def report(served: Served, text: str = "nothing", incident: str = INCIDENT) -> int:
    command = TakeReport(incident=incident, about="search", text=text)
    return served.house.do(command, DUTY).entries[0]


def take(events: Iterator[tuple[str, str, str]], count: int) -> list[int]:
    return [int(next(events)[1]) for _ in range(count)]


def test_events_come_as_they_happen_with_their_content(either: Served) -> None:
    either.open_incident()
    client = either.client("duty_officer")
    with following(client) as events:
        time.sleep(0.2)
        began = time.monotonic()
        index = report(either, "a white van")
        name, ident, data = next(events)
        assert time.monotonic() - began < 1.0
    told = json.loads(data)
    assert (name, int(ident), told["kind"]) == ("fact", index, "report.taken")
    assert told["body"]["text"] == "a white van"
    assert (told["incident"], told["author"]) == (INCIDENT, "p.duty-officer")


@pytest.mark.parametrize("by", ["header", "query"])
def test_a_client_goes_on_where_it_was(either: Served, by: str) -> None:
    """In pieces of one event each, from the journal and live, each comes once and in order."""
    either.open_incident()
    client = either.client("duty_officer")
    wanted = [report(either, str(number)) for number in range(5)]
    seen: list[int] = []
    at = wanted[0] - 1
    stop = threading.Event()

    def more() -> None:
        for number in range(5, 12):
            if stop.wait(0.05):
                return
            wanted.append(report(either, str(number)))

    writer = threading.Thread(target=more)
    writer.start()
    try:
        while len(seen) < 12:
            query = f"?after={at}" if by == "query" else ""
            headers = {"last-event-id": str(at)} if by == "header" else {}
            with following(client, query, **headers) as events:
                seen += take(events, 1)
                at = seen[-1]
    finally:
        stop.set()
        writer.join()
    assert seen == wanted


def test_a_long_way_back_is_read_from_the_journal(house: House) -> None:
    served = Served.of(house, kept_events=4)
    try:
        served.open_incident()
        wanted = [report(served, str(number)) for number in range(1200)]
        with following(served.client("duty_officer"), f"?after={wanted[0] - 1}") as events:
            assert take(events, 1200) == wanted
            index = report(served, "live")
            assert take(events, 1) == [index]
    finally:
        served.close()


def test_only_one_incident_if_asked(served: Served) -> None:
    served.open_incident()
    served.open_incident("i-2")
    with following(served.client("duty_officer"), "?incident=i-2") as events:
        time.sleep(0.1)
        report(served)
        wanted = report(served, incident="i-2")
        assert take(events, 1) == [wanted]


def test_a_reader_sees_what_the_table_lets_them(served: Served) -> None:
    """The press officer is told of reports, not of sightings with their sources."""
    served.open_incident()
    assert "sightings" not in served.client("press_officer").get("/v1/me").json()["reads"]
    body = {
        "lon": 9.5, "lat": 47.1, "place": "bridge", "seen": "2026-11-18T11:00:00Z",
        "source": "patrol 7", "grade": "B2",
    }  # fmt: skip
    duty = served.client("duty_officer")
    with (
        following(served.client("press_officer")) as for_press,
        following(served.client("second_officer")) as for_centre,
    ):
        time.sleep(0.1)
        made = duty.post(f"/v1/incidents/{INCIDENT}/commands/sighting.note", json=body)
        sighting = made.json()["entries"]
        index = report(served)
        assert take(for_centre, 3) == [*sighting, index]
        assert take(for_press, 1) == [index]
    for one in sighting:
        entry = f"/v1/journal/entries/{one}"
        assert served.client("press_officer").get(entry).status_code == 403
    assert duty.get(entry).json()["body"]["source"] == "patrol 7"  # in a fact of its own


def test_long_bodies_travel_as_a_reference(served: Served) -> None:
    served.open_incident()
    client = served.client("duty_officer")
    with following(client) as events:
        time.sleep(0.1)
        index = report(served, "x" * 7000)
        told = json.loads(next(events)[2])
    assert (told["body"], told["reference"]) == (None, f"/v1/journal/entries/{index}")
    assert client.get(told["reference"]).json()["body"]["text"] == "x" * 7000


def test_a_quiet_stream_beats_and_moves_its_place(served: Served) -> None:
    client = served.client("duty_officer")
    with client.stream("GET", "/v1/events", timeout=5) as answer:
        lines = answer.iter_lines()
        seen = [next(lines) for _ in range(7)]
    size = served.house.desk.node.journal.size
    assert "event: heartbeat" in seen
    assert any(line.startswith('data: {"time": "') for line in seen)
    assert f"id: {size - 1}" in seen


def test_a_stream_ends_with_its_session(served: Served) -> None:
    served.open_incident()
    token = served.house.log_in("p.duty-officer") if served.token("duty_officer") else None
    assert token is not None
    client = served.client(authorization=f"Bearer {token.token}")
    with following(client) as events:
        time.sleep(0.1)
        assert client.delete("/v1/session").status_code == 204
        assert next(event for event in events if event[0] != "fact")[0] == "signed-out"


def test_streams_are_told_when_the_server_closes(served: Served) -> None:
    client = served.client("duty_officer")
    with following(client) as events:
        time.sleep(0.1)
        feed = served.server.app.state.console.feed
        feed._loop.call_soon_threadsafe(feed.close)
        assert next(events)[0] == "closing"
        assert list(events) == []


def test_who_falls_behind_is_told_where_to_start_again(house: House) -> None:
    """The feed refuses, and the stream says so, with the place from which nothing is missed."""
    served = Served.of(house, kept_events=3)
    try:
        served.open_incident()
        feed = served.server.app.state.console.feed
        client = served.client("duty_officer")
        plain = feed.take

        async def slow(at: int, view: EventView, *, live: bool) -> tuple[bytes, int]:
            if live:  # this client took so long to read that more came than is kept
                for number in range(6):
                    last = await asyncio.to_thread(report, served, str(number))
                while feed.size <= last:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            found: tuple[bytes, int] = await plain(at, view, live=live)
            return found

        feed.take = slow
        with following(client) as events:
            time.sleep(0.1)
            first = report(served, "one")
            assert take(events, 1) == [first]
            report(served, "two")
            name, _, data = next(events)
        assert (name, json.loads(data)) == ("start-again", {"after": first})
    finally:
        served.close()


@pytest.mark.parametrize("query", ["?after=-2", "?after=x", "?incident=.."])
def test_places_that_are_none(served: Served, query: str) -> None:
    assert served.client("duty_officer").get(f"/v1/events{query}").status_code == 422


def test_busy_kinds_of_a_round_travel_together() -> None:
    def event(index: int, kind: str, incident: str | None = None) -> StreamEvent:
        return StreamEvent(index, kind, "units", incident, json.dumps({"index": index}).encode())

    made = gathered(
        [
            event(1, "positions.reported"), event(2, "positions.reported"), event(3, "task.done"),
            event(4, "positions.reported"), event(5, "positions.reported", "i-1"),
        ]
    )  # fmt: skip
    assert [e.index for e in made] == [2, 3, 4, 5]
    assert json.loads(made[0].data)["first"] == 1
    assert "first" not in json.loads(made[2].data)


def test_every_kind_of_fact_has_a_row() -> None:
    unsaid = [
        kind.name for kind in all_kinds() if not any(kind.name.startswith(w) for w in ROW_OF_KINDS)
    ]
    assert unsaid == [], "say in operation/core/read_permissions.py who may read them"
    assert {row_of(kind.name) for kind in all_kinds()} <= set(READS)
