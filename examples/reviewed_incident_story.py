"""Who does what when in `reviewed_incident.py`, and the clock and the commands of its two desks."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import (
    VoiceDecision,
)
from stopline.operation.orders.commands import (
    MoveOrder,
)
from stopline.testing.told_incident import ToldIncident
from stopline.testing.two_desks import START_S

if TYPE_CHECKING:
    from collections.abc import Callable


HERE = Path(__file__).parent
NAME = "i-2026-11-18"
SIDES = ("LI", "CH")
NODES = ("alder", "birch")
SCENARIO = HERE / "liechtenstein/sealed.yaml"
PLATE = "FL 90817"
SEEN_S, STOPPED_S = 900.0, 2110.0  # seconds after the alarm
VADUZ, STOP = (9.5209, 47.1392), 4977  # where it is seen; the section at which it is stopped

# Who reports what done, when, on which side: seconds after the alarm, side, role, task.
DONE = (
    (110, 0, "second_officer", "alert_police"), (190, 0, "duty_officer", "report_to_chief"),
    (250, 0, "border_commander", "alert_border_service"),
    (270, 0, "security_duty", "report_to_security_service"),
    (430, 0, "liaison_officer", "meet_liaison"), (480, 0, "second_officer", "start_watch_list"),
    (510, 0, "riot_police_commander", "alert_riot_police"),
    (820, 0, "chief_of_police", "report_to_head"),
    (200, 1, "second_officer", "alert_police"), (260, 1, "duty_officer", "report_to_chief"),
    (340, 1, "border_commander", "alert_border_service"),
    (350, 1, "security_duty", "report_to_security_service"),
    (420, 1, "liaison_officer", "meet_liaison"),
    (470, 1, "riot_police_commander", "alert_riot_police"),
    (560, 1, "second_officer", "start_watch_list"),
    (1060, 1, "chief_of_police", "report_to_head"),
    (1000, 0, "liaison_officer", "telephone_instead"),
    (1010, 1, "liaison_officer", "telephone_instead"),
    (1045, 1, "second_officer", "take_in_sighting"),
    (1050, 0, "duty_officer", "issue_orders"), (1055, 1, "duty_officer", "issue_orders"),
    (1420, 0, "chief_of_police", "meet_need"),
    (1480, 0, "liaison_officer", "telephone_instead"),
    (1590, 1, "liaison_officer", "telephone_instead"),
    (1650, 1, "second_officer", "take_in_sighting"),
    (1700, 0, "chief_of_police", "report_progress"),
    (1750, 1, "chief_of_police", "report_progress"),
    (1990, 0, "chief_of_police", "report_progress"),
    (2040, 1, "chief_of_police", "report_progress"),
    (2300, 0, "chief_of_police", "report_detention"),
    (2350, 1, "chief_of_police", "report_detention"),
    (2700, 1, "second_officer", "hear_right_vehicle"),
    (2900, 0, "press_officer", "last_statement"), (2950, 1, "press_officer", "last_statement"),
)  # fmt: skip
# Who takes note of it.
NOTED = (
    (220, 0, "chief_of_police", "report_to_chief"), (300, 1, "chief_of_police", "report_to_chief"),
    (330, 0, "security_chief", "report_to_security_service"),
    (620, 1, "security_chief", "report_to_security_service"),
    (880, 0, "head_of_state", "report_to_head"), (1120, 1, "head_of_state", "report_to_head"),
    (1800, 0, "head_of_state", "report_progress"), (1850, 1, "head_of_state", "report_progress"),
    (2050, 0, "head_of_state", "report_progress"), (2090, 1, "head_of_state", "report_progress"),
    (2340, 0, "head_of_state", "report_detention"), (2400, 1, "head_of_state", "report_detention"),
)  # fmt: skip
# Seconds by which a unit closes its road later than the plan expects.
DELAYED = {"LP-Schaan": 60.0, "LP-Balzers": 120.0}


@dataclass
class Story(ToldIncident):
    """An incident by the clock, and what people will do when.

    Attributes:
        planned: time, number and act of each thing that somebody will do.
    """

    planned: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)

    @property
    def t(self) -> float:
        """Seconds after the alarm."""
        return self.both.now_s - START_S - 10.0

    def later(self, t: float, act: Callable[[], None]) -> None:
        """Have somebody act at a time."""
        heapq.heappush(self.planned, (t, len(self.planned), act))

    def until(self, t: float) -> None:
        """Let time go on, and everybody do what they will do by then."""
        while self.planned and self.planned[0][0] <= t:
            when, _, act = heapq.heappop(self.planned)
            self.both.run(max(0.0, when - self.t))
            act()
        self.both.run(max(0.0, t - self.t))

    def voice(self, end: int, decision: str, *roles: str, outcome: str = "yes") -> None:
        """Decide."""
        for role in roles:
            self.do(end, role, VoiceDecision(incident=NAME, decision=decision, outcome=outcome))

    def move(self, end: int, order: str, state: str) -> None:
        """Have a unit's own service report how its order stands."""
        known = self.orders(end).orders[order]
        officer = Actor(f"{'ab'[end]}.sergeant", "second_officer", known.issued.agency)
        told = {"incident": NAME, "order": order, "state": state}
        self.both.do(end, MoveOrder.model_validate(told), officer)

    def line(self, *, cut: bool) -> None:
        """Cut the line, or mend it."""
        for direction in (0, 1):
            self.both.line.faults[direction].cut = cut
