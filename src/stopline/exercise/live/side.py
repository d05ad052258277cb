"""A side's node over HTTP: commands in a role, and what the screens of that side show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import httpx

from stopline.exercise.engine.ports import (
    DecisionLook,
    Given,
    IncidentLook,
    OrderLook,
    RequestLook,
    SightingLook,
    StatementLook,
    TaskLook,
)
from stopline.exercise.engine.record_seen import RecordReader
from stopline.operation.core.command import IncidentCommand, command_named
from stopline.scenario.file_ids import ONE, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.exercise.engine.record_seen import RecordSeen
    from stopline.network.road_network import RoadNetwork

_LOOKS_AS: Final = "duty_officer"
_PAGE: Final = 500
_RAW: Final = {"ordered": "issued"}


@dataclass(slots=True)
class LiveNode(RecordReader):
    """One side's node, as its operators reach it.

    Attributes:
        side: of the protocol.
        incident: id of the incident.
        start_s: STARTEX, UTC seconds.
        client: of HTTP.
        record: what was read of its journal.
        network: of the scenario; screens name sites by the ids of its file, the record by number.
        tokens: of the operator of each role.
        rounds: how many requests were made.
    """

    side: str
    incident: str
    start_s: float
    client: httpx.Client
    record: RecordSeen
    network: RoadNetwork
    tokens: dict[str, str] = field(default_factory=dict)
    rounds: int = 0
    _given: int = 0
    _read: int = 0
    _sites: dict[str, str] = field(default_factory=dict)

    def sign_in(self, roles: Iterable[str], password: str) -> None:
        """Sign the operator of each role in.

        Raises:
            httpx.HTTPError: the node does not answer, or refuses one.
        """
        for role in roles:
            said = {"name": role, "password": password, "keep": "token"}
            answer = self.client.post("/v1/session", json=said)
            answer.raise_for_status()
            self.tokens[role] = answer.json()["token"]

    def give(self, role: str, kind: str, fields: dict[str, Any]) -> Given:
        """Give a command in a role."""
        self._given += 1
        within = issubclass(command_named(kind), IncidentCommand)
        path = (
            f"/v1/incidents/{self.incident}/commands/{kind}" if within else f"/v1/commands/{kind}"
        )
        headers = {**self._as(role), "Idempotency-Key": f"exercise-{self.side}-{self._given}"}
        try:
            answer = self.client.post(path, json=fields, headers=headers)
        except httpx.HTTPError as error:
            return Given(refused=f"the node does not answer: {type(error).__name__}")
        self.rounds += 1
        if answer.is_success:
            return Given(tuple(answer.json()["ids"]))
        return Given(refused=_problem(answer))

    def look(self) -> IncidentLook | None:
        """The incident as the screens of the side show it."""
        whole = self._get("")
        if not isinstance(whole, dict):
            return None
        matters, board = self._get("/matters"), self._get("/board")
        sightings, statements = self._get("/sightings"), self._get("/statements")
        if not (isinstance(matters, dict) and isinstance(board, dict)):
            return None
        return IncidentLook(
            phase=str(whole["phase"]), over=bool(whole["over"]), authority=str(whole["authority"]),
            tasks=tuple(
                TaskLook(one["task"], tuple(one["holders"]), one["what"])
                for one in whole["tasks"]
                if one["granted"] or one["what"] != "do"
            ),
            decisions=tuple(
                DecisionLook(
                    one["decision"], tuple(one["taken_by"]), one["persons"],
                    tuple(voice[1] for voice in one["voices"]),
                )
                for one in whole["decisions"]
            ),
            requests=tuple(
                RequestLook(one["message"], one["name"], one["state"])
                for one in matters["requests"]
                if one["from_other_side"]
            ),
            orders=tuple(self._order(one) for one in board["orders"]),
            seals=tuple({**one, "site": self._site(one["site"])} for one in board["seals"]),
            sightings=tuple(
                _sighting(one)
                for one in (sightings if isinstance(sightings, list) else [])
                if not one["retracted"] and not one["nothing_seen"]
            ),
            statements=tuple(
                _statement(one) for one in (statements if isinstance(statements, list) else [])
            ),
            offer=str(board["offer"]), plan=str(board["plan"]),
        )  # fmt: skip

    def catch_up(self) -> None:
        """Read what is new in the record."""
        while True:
            page = self._ask(f"/v1/journal/entries?first={self._read}&count={_PAGE}")
            if not isinstance(page, dict):
                return
            for one in page["entries"]:
                time_s = datetime.fromisoformat(one["time"]).timestamp()
                self.record.add(
                    one["index"], time_s, one["kind"], one["author"], one["role"],
                    one.get("body") or {},
                )  # fmt: skip
            self._read += len(page["entries"])
            if page["next"] is None:
                return

    def close(self) -> None:
        """Drop the connections."""
        self.client.close()

    def _order(self, one: dict[str, Any]) -> OrderLook:
        reported = str(one["reported"])
        state = _RAW.get(reported, reported) or "issued"
        return OrderLook(
            one["order"], one["unit"], one["agency"], self._site(one["site"]), one["road"], state
        )

    def _site(self, shown: str) -> str:
        """A site as both nodes name it, `section 7`, by what a screen shows: `way 12/3`."""
        if shown not in self._sites:
            word, _, text = shown.partition(" ")
            numbers = numbers_of(self.network, word, text) if word in ONE else []
            known = len(numbers) == 1
            self._sites[shown] = f"{ONE[word]} {numbers[0]}" if known else shown
        return self._sites[shown]

    def _get(self, room: str) -> object:
        return self._ask(f"/v1/incidents/{self.incident}{room}")

    def _ask(self, path: str) -> object:
        try:
            answer = self.client.get(path, headers=self._as(_LOOKS_AS))
        except httpx.HTTPError:
            return None
        self.rounds += 1
        return answer.json() if answer.is_success else None

    def _as(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.get(role, '')}", "Stopline-Role": role}


def _sighting(one: dict[str, Any]) -> SightingLook:
    return SightingLook(
        one["sighting"], one["lon"], one["lat"], one["radius_m"],
        datetime.fromisoformat(one["seen"]).timestamp(), one["confirmed"], one["shared"],
        one["theirs"], one["place"],
    )  # fmt: skip


def _statement(one: dict[str, Any]) -> StatementLook:
    return StatementLook(
        one["statement"], one["version"], str(one["statement"]).startswith("theirs/"),
        bool(one["voices"]), one["other_side_agrees"], one["released"] is not None,
    )  # fmt: skip


def _problem(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except json.JSONDecodeError:
        return f"HTTP {answer.status_code}"
    words = [str(told.get("detail") or told.get("title") or answer.status_code)]
    words += [str(fault) for fault in told.get("faults") or ()]
    return " ".join(" ".join(words).split())[:400]
