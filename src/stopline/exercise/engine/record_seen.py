"""What the engine reads in a side's record: facts for evaluators, and what became of plans."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from stopline.exercise.engine.ports import FactSeen, PlansSeen, PromisedSite, ProposalLook
from stopline.link.envelope import parse_envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMING: Final = (
    "task", "decision", "about", "outcome", "order", "state", "unit", "side", "message",
)  # fmt: skip


@dataclass(slots=True)
class RecordSeen:
    """A side's record as far as it was read; `add` each entry once, in order.

    Attributes:
        side: whose.
        start_s: STARTEX, UTC seconds.
        plans: what it says of plans.
    """

    side: str
    start_s: float
    plans: PlansSeen = field(default_factory=PlansSeen)
    _news: list[FactSeen] = field(default_factory=list)
    _decided: set[str] = field(default_factory=set)

    def news(self) -> list[FactSeen]:
        """Facts since the last call."""
        found, self._news = self._news, []
        return found

    def add(
        self, index: int, time_s: float, kind: str, author: str, role: str, body: Mapping[str, Any]
    ) -> None:
        """Take an entry in."""
        words = [str(body[key]) for key in _NAMING if isinstance(body.get(key), str)]
        if "envelope" in body:
            envelope = parse_envelope(str(body["envelope"]).encode())
            words = [envelope.kind, str(envelope.body.get("name") or "")]
            if kind == "message.received" and envelope.kind == "plan.decided":
                self._decided.add(_promise(envelope.body))
        self._news.append(
            FactSeen(
                self.side,
                index,
                round(time_s - self.start_s, 3),
                kind,
                author,
                role,
                tuple(word.split("#")[0] for word in words if word),
            )
        )
        self._of_plans(kind, body)

    def _of_plans(self, kind: str, body: Mapping[str, Any]) -> None:
        plans = self.plans
        if kind == "plan.proposed":
            plans.proposal = _proposal(body)
        elif kind == "plan.adopted":
            plans.wanted = _wanted(json.loads(body["plan"]))
        elif kind == "joint.commitment-given":
            plans.promise = _promise(body)
            plans.ordered = False
            plans.promised = tuple(
                PromisedSite(
                    one["site"], float(one["closed_utc_s"]),
                    tuple(unit["unit"] for unit in one["units"]),
                )
                for one in body["seals"]
            )  # fmt: skip
        elif kind == "joint.commitment-ordered":
            plans.ordered = True
        elif kind == "joint.commitment-withdrawn" and body["ours"]:
            plans.promise, plans.promised = "", ()
        plans.decided = plans.promise in self._decided


class RecordReader(ABC):
    """A side's node of which the record is read as it grows.

    Attributes:
        record: what was read of it.
    """

    __slots__ = ()
    record: RecordSeen

    @abstractmethod
    def catch_up(self) -> None:
        """Read what is new into `record`."""

    def news(self) -> list[FactSeen]:
        """Facts since the last call."""
        self.catch_up()
        return self.record.news()

    def plans(self) -> PlansSeen:
        """What the record says of plans by now."""
        self.catch_up()
        return self.record.plans


def _promise(body: Mapping[str, Any]) -> str:
    return f"{body['matter']}/{body['number']}"


def _proposal(body: Mapping[str, Any]) -> ProposalLook:
    seals = json.loads(body["plan"])["seals"]
    alone = [one for one in body["notes"] if "without the other side" in one]
    return ProposalLook(
        str(body["verdict"]), sum(bool(one["holders"]) for one in seals),
        sum(bool(one.get("committed")) for one in seals), " ".join(alone),
    )  # fmt: skip


def _wanted(plan: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The seals that the other side has committed itself to, as `wanted_sections` says them."""
    now_s = float(plan["now_utc_s"])
    return tuple(
        {
            "site": f"{seal['site']['kind']} {seal['site']['index']}",
            "road": seal["site"]["name"], "lon": seal["site"]["lon"], "lat": seal["site"]["lat"],
            "by": datetime.fromtimestamp(now_s + seal["closed_at_s"], UTC).isoformat(
                timespec="milliseconds"
            ),
            "strength": seal["site"]["need"],
        }
        for seal in plan["seals"]
        if seal.get("committed")
    )  # fmt: skip
