"""Two nodes with people, served to browsers, and a clock that goes on: the stage of the tests here.

The line between them is simulated and driven by a thread, so that a test can cut it; everything
else is what `stopline serve` serves.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.served import Thread
from operation.accounts.house import CHEAP, PASSWORD, House
from stopline.console.app import make_app
from stopline.console.region import Region
from stopline.console.settings import ConsoleSettings
from stopline.operation.accounts.commands import AdmitOperator
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.facts.readiness import RegisteredUnit
from stopline.operation.orders.commands import IssueOrders, MoveOrder
from stopline.operation.orders.scenario_store import ScenarioStore
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.runtime.scheduler import SchedulerSettings
from stopline.operation.whereabouts.kept_bands import KeptBands
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandReceipt

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "examples/protocols/joint_search.yaml"
SCENARIO = ROOT / "examples/liechtenstein/sealed.yaml"
HOSTS = ("alder.localhost", "birch.localhost")
ROLES = (
    "duty_officer", "second_officer", "liaison_officer", "chief_of_police", "head_of_state",
    "interior_minister", "prime_minister", "press_officer", "prosecutor", "border_commander",
    "security_chief",
)  # fmt: skip
AGENCY = {
    "duty_officer": "police", "second_officer": "police", "liaison_officer": "police",
    "chief_of_police": "police",
}  # fmt: skip
SIDES = ("LI", "CH")
_STEP_S = 0.1


def joint_incident() -> Any:
    """The example that plays a whole incident, as a module."""
    name = "joint_incident_example"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "examples/joint_incident.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@dataclass
class Stage:
    """Both nodes, their servers and their clock.

    Attributes:
        both: the two desks and the line.
        houses: people of each node.
        servers: the API and page of each node.
        story: what is told of the incident.
        scenario: of the region.
    """

    both: TwoNodes
    houses: list[House]
    servers: list[Thread]
    story: Any
    scenario: Path = SCENARIO
    lock: threading.RLock = field(default_factory=threading.RLock)
    _going: threading.Event = field(default_factory=threading.Event)
    _pump: threading.Thread | None = None

    @classmethod
    def make(
        cls,
        folder: Path,
        *,
        scenario: Path = SCENARIO,
        believes: bool = True,
        document: bytes = b"",
        **settings: Any,
    ) -> Stage:
        """Make both nodes with people and units, and nothing told yet."""
        bands = KeptBands()
        computing = ThreadPoolExecutor(1)
        duties = SchedulerSettings(
            scenarios=(scenario,), believes=believes, bands=bands, executor=computing
        )
        both = TwoNodes.make(folder, document or DOCUMENT.read_bytes(), settings=duties)
        houses = [
            House(both.folders[end], both.desks[end], SignIn(both.desks[end], settings=CHEAP),
                  both.now_s)
            for end in (0, 1)
        ]  # fmt: skip
        story = joint_incident().Story(both, joint_incident().NAME)
        stage = cls(both, houses, [], story, scenario)
        for end in (0, 1):
            stage._people(end)
            stage._units(end)
            stage.servers.append(Thread(stage._app(end, bands, **settings)))
        return stage

    def _people(self, end: int) -> None:
        house = self.houses[end]
        for role in ROLES:
            name = role.replace("_", "-")
            admit = AdmitOperator(
                name=name, display=f"{'Eva' if end == 0 else 'Jan'} {role.split('_')[0].title()}",
                roles=(role,),
            )  # fmt: skip
            house.do(admit)
            house.set_up(name)
        house.admit("root", "administrator")

    def _units(self, end: int) -> None:
        rows = [
            row for path in sorted(self.scenario.parent.glob("units-*.csv"))
            for row in csv.DictReader(path.read_text("utf-8").splitlines())
            if row["side"] == SIDES[end]
        ]  # fmt: skip
        for agency in dict.fromkeys(row["agency"] for row in rows):
            made = tuple(
                RegisteredUnit(
                    id=row["id"], side=row["side"], agency=row["agency"], lon=float(row["lon"]),
                    lat=float(row["lat"]), ready_s=float(row["ready_s"] or 0),
                    speed_factor=float(row["speed_factor"] or 1), strength=int(row["strength"]),
                    may_act_in=tuple(row["may_act_in"].split(";")), name=row["name"],
                )
                for row in rows if row["agency"] == agency
            )  # fmt: skip
            sergeant = Actor("sergeant", "second_officer", agency)
            self.both.do(end, RegisterUnits(units=made), sergeant)

    def unit_account(self, end: int, unit: str, agency: str) -> str:
        """Admit a unit; it signs in under its id in lower case."""
        name = unit.lower()
        self.houses[end].now_s = self.both.now_s
        self.houses[end].do(AdmitOperator(name=name, display=unit, roles=("unit",), agency=agency))
        self.houses[end].set_up(name)
        return name

    # ---- an incident that is played by hand -----------------------------------------------------

    password = PASSWORD

    @property
    def incident(self) -> str:
        """Id of the one incident."""
        return str(joint_incident().NAME)

    def account(self, role: str) -> str:
        """The name with which a role signs in."""
        return role.replace("_", "-")

    def phone(self) -> Any:
        """The order of a unit of Alder that has a phone."""
        issued = self.story.orders(0).orders[self.orders(0)[0]].issued
        self.unit_account(0, issued.unit, issued.agency)
        return issued

    def standing(self) -> dict[str, str]:
        """How each order of Alder stands."""
        return {name: str(one.state) for name, one in self.story.orders(0).orders.items()}

    def wait_for_a_late_unit(self, most_s: float = 900.0, step_s: float = 10.0) -> None:
        """Let time go on until a unit of Alder is late."""
        for _ in range(int(most_s / step_s)):
            with self.lock:
                orders = self.story.orders(0).orders.values()
                if any(one.is_late(self.both.now_s) for one in orders):
                    break
                self.both.run(step_s)

    def reopen_what_is_withdrawn(self) -> None:
        """Have the units of Alder open the roads that they are to leave."""
        for name, state in self.standing().items():
            if state == "withdrawn":
                self.move(0, name, "reopened")

    def is_all_open(self) -> bool:
        """Whether no unit of Alder that was withdrawn stands on its road."""
        return "withdrawn" not in self.standing().values()

    def _app(self, end: int, bands: KeptBands, **settings: Any) -> Any:
        desk = self.both.desks[end]
        chosen = ConsoleSettings(
            hosts=(*HOSTS, "127.0.0.1"),
            **{"round_s": 0.05, "look_s": 0.05, "heartbeat_s": 2.0, **settings},
        )
        region = Region(desk, ScenarioStore((self.scenario,), desk.node.folder), desk.node.folder)
        return make_app(
            desk, self.houses[end].access, clock=lambda: self.both.now_s, settings=chosen,
            region=region, bands=bands,
        )  # fmt: skip

    @contextmanager
    def killed(self, end: int) -> Iterator[None]:
        """Have a node serve nobody for a while; then it is there again, where it was."""
        port = self.servers[end].port
        self.servers[end].close()
        yield
        self.servers[end] = Thread(self._app(end, KeptBands()), port)

    def url(self, end: int) -> str:
        """The address of a node's page."""
        return f"http://{HOSTS[end]}:{self.servers[end].port}/"

    def do(self, end: int, role: str, command: Command) -> CommandReceipt:
        """Give a command in a role."""
        with self.lock:
            actor = Actor(f"p.{role}", role, AGENCY.get(role))
            return self.both.do(end, command, actor)

    def tell(self, until: str = "sealing") -> None:
        """Tell the incident: `alarm` it has happened; `agreed` both plans are adopted; `ordered`
        all orders are out; `sealing` all but two of Alder's are closed; `sealed` all are, and both
        know.
        """
        play = joint_incident()
        play._alarm(self.story)
        if until == "alarm":
            return
        play._agree(self.story)
        if until == "agreed":
            return
        if until == "sealed":
            play._seal(self.story)
            return
        for end in (0, 1):
            issue = IssueOrders(incident=play.NAME, side=SIDES[end])
            self.story.do(end, "duty_officer", issue)
        if until == "ordered":
            return
        for end in (0, 1):
            late = self.orders(end)[:2] if end == 0 else []
            for state in ("acknowledged", "under way", "closed"):
                for name in self.orders(end):
                    if state == "acknowledged" or name not in late:
                        self.move(end, name, state)
                self.both.run(0.2)

    def orders(self, end: int) -> list[str]:
        """Ids of the orders of a side."""
        return list(self.story.orders(end).orders)

    def move(self, end: int, order: str, state: str) -> None:
        """Have its own service report how an order stands."""
        issued = self.story.orders(end).orders[order].issued
        move = {"incident": joint_incident().NAME, "order": order, "state": state}
        with self.lock:
            sergeant = Actor("sergeant", "second_officer", issued.agency)
            self.both.do(end, MoveOrder.model_validate(move), sergeant)

    def token(self, end: int, name: str) -> str:
        """Sign somebody in."""
        self.houses[end].now_s = self.both.now_s
        return self.houses[end].log_in(name).token

    def go(self) -> None:
        """Let the clock and the line go on by themselves."""
        self._going.set()
        self._pump = threading.Thread(target=self._run, daemon=True)
        self._pump.start()

    def _run(self) -> None:
        at = time.monotonic()
        while self._going.is_set():
            time.sleep(max(0.0, at + _STEP_S - time.monotonic()))
            passed = min(1.0, time.monotonic() - at)
            at = time.monotonic()
            with self.lock:
                self.both.run(passed)

    def cut(self, *, is_cut: bool = True) -> None:
        """Cut the line, or mend it."""
        with self.lock:
            for fault in self.both.line.faults:
                fault.cut = is_cut

    def close(self) -> None:
        """End everything."""
        self._going.clear()
        if self._pump is not None:
            self._pump.join(20)
        for server in self.servers:
            server.close()
        self.both.close()
