"""What a node does by itself: deadlines, late seals, the verdict, a new plan, telling.

Whoever runs a node makes one `Scheduler` and calls `run` each second. Nothing is decided here that
an officer decides: a late seal is noted, the verdict is found anew, a plan is offered, and the
other side is told only where the agreed document lets the node say it. Several processes may do so
on one journal: what each finds is noted once, as the commands it gives refuse what is known
already. A new plan, which takes seconds, is computed by one of them.
"""

from __future__ import annotations

import logging
import math
import traceback
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.errors import StoplineError
from stopline.link.ids import derived_id
from stopline.operation.core.actor import Actor
from stopline.operation.core.background import Background
from stopline.operation.core.context import iso
from stopline.operation.core.errors import Refused
from stopline.operation.core.happenings import Happenings
from stopline.operation.orders.actual_closures import actual_states, is_judged
from stopline.operation.orders.late_orders import watch_orders
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders
from stopline.operation.orders.scenario_store import ScenarioStore
from stopline.operation.orders.seal_notices import TellSeals, may_say_itself, untold
from stopline.operation.plan.replan_job import ReplanDuty
from stopline.operation.plan.verdict import judge, unknown
from stopline.operation.plan.verdict_commands import NoteVerdict
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.runtime.failures import DutyTroubles, NoteDuty
from stopline.operation.watch_list.expiry import expire_watch_list, pass_hits_on
from stopline.operation.watch_list.projection import WatchList
from stopline.operation.whereabouts.duty import BeliefDuty

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.core.steady_clock import SteadyClock
    from stopline.operation.orders.actual_closures import Actual
    from stopline.operation.plan.verdict import JudgedVerdict
    from stopline.operation.whereabouts.kept_bands import KeptBands
    from stopline.sealing.plan_file.schema import PlanFile

_log = logging.getLogger("stopline.operation.runtime.scheduler")
TELL_EVERY_S: Final = 10.0
_UNKNOWN_S: Final = 60.0  # until it is looked again for what was not found


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerSettings:
    """What a node is told for its duties.

    Attributes:
        networks: further files or folders in which the networks of plans may lie.
        scenarios: scenarios of the region: sites for a re-plan, exits and places for the belief.
        executor: runs what computes; None to compute at once, where `run` is called.
        beliefs: runs the belief, so that it waits for no plan; None for the same executor.
        judges: whether to find the verdict anew; without it there is no re-plan either.
        replans: whether to compute a new plan against a leak.
        believes: whether to find where the vehicle is believed to be.
        bands: where the belief by section is kept for the map; None for nowhere.
    """

    networks: tuple[Path, ...] = ()
    scenarios: tuple[Path, ...] = ()
    executor: Executor | None = None
    beliefs: Executor | None = None
    judges: bool = True
    replans: bool = True
    believes: bool = True
    bands: KeptBands | None = None


@dataclass(slots=True)
class Scheduler:
    """The duties of one process on one journal; call `run` from one thread.

    Attributes:
        desk: the desk.
        settings: where networks and scenarios lie, and what computes.
        steady: a clock that does not jump, for what is erased in time; None to go by the caller's.
    """

    desk: CommandHandler
    settings: SchedulerSettings = field(default_factory=SchedulerSettings)
    steady: SteadyClock | None = None
    _size: int = -1
    _next_s: float = -math.inf
    _verdicts: Background[str, JudgedVerdict] = field(init=False)
    _replans: ReplanDuty = field(init=False)
    _beliefs: BeliefDuty = field(init=False)
    _failed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.settings.networks:
            self.desk.networks.files = self.settings.networks
        regions = ScenarioStore(self.settings.scenarios, self.desk.node.folder)
        self.desk.regions = regions
        executor = self.settings.executor
        self._verdicts = Background(executor)
        self._replans = ReplanDuty(self.desk, regions, executor, self._give)
        self._beliefs = BeliefDuty(
            self.desk,
            regions,
            self.settings.beliefs or executor,
            self._give,
            bands=self.settings.bands,
        )

    def run(self, now_s: float) -> None:
        """Do what is due; quick where nothing has changed since the last call.

        Never raises: a duty that fails is noted once, and the others are done.
        """
        try:
            self.desk.look_after_storage()
            size = self.desk.node.journal.size
        except StoplineError as error:
            self._say_once("journal", str(error))
            return
        busy = self._verdicts.is_ready or self._beliefs.is_ready or self._replans.is_due(now_s)
        if size == self._size and now_s < self._next_s and not busy:
            return
        for name, duty in (
            ("deadlines", self.desk.tick),
            ("late seals", self._watch),
            ("watch lists", self._expire),
            ("verdict", self._judge),
            ("new plan", self._replan),
            ("telling", self._tell),
            ("belief", self._believe),
            ("landmark", self.desk.take_snapshot),
        ):
            self._guarded(name, duty, now_s)
        self._guarded("looking ahead", self._look_ahead, now_s)

    def _watch(self, now_s: float) -> None:
        watch_orders(self.desk, now_s)

    def _expire(self, now_s: float) -> None:
        """What is erased when its time is over is erased when that time has passed, too."""
        ends_s = now_s if self.steady is None else min(now_s, self.steady.at(now_s))
        expire_watch_list(self.desk, ends_s)
        pass_hits_on(self.desk, now_s)

    # ---- the verdict -------------------------------------------------------------------------

    def _judge(self, now_s: float) -> None:
        """Find the verdict anew where something changed; note what was found."""
        self._note_verdicts(now_s)
        for actual in self._actual(now_s) if self.settings.judges else ():
            self._verdicts.ask(actual.incident, actual.key, partial(self._found, actual))
        self._note_verdicts(now_s)

    def _note_verdicts(self, now_s: float) -> None:
        for name, found in self._verdicts.done():
            if found.verdict == "unknown":
                self._verdicts.forget(name)  # what is missing may come
            self._give(_note_of(name, found), now_s, "verdict", name, repr(found.essence))

    def _found(self, actual: Actual) -> JudgedVerdict:
        """The verdict, computed outside of the desk's lock."""
        try:
            network = self.desk.networks.of(actual.plan.network)
        except StoplineError as error:
            return unknown(actual, str(error))
        return judge(actual, network)

    def _actual(self, now_s: float) -> list[Actual]:
        with self.desk.reading:
            book = self.desk.catch_up()
            return [
                actual_states(incident, plan, now_s, book.size)
                for incident in _running(book)
                if is_judged(incident) and (plan := _plan_of(incident)) is not None
            ]

    # ---- the new plan ------------------------------------------------------------------------

    def _replan(self, now_s: float) -> None:
        """Compute a new plan against each leak that has none; offer what was found."""
        if self.settings.replans:
            self._replans.run(now_s, self._actual(now_s))

    # ---- where it is -------------------------------------------------------------------------

    def _believe(self, now_s: float) -> None:
        if self.settings.believes:
            self._beliefs.run(now_s)

    # ---- the other side ----------------------------------------------------------------------

    def _tell(self, now_s: float) -> None:
        """Tell the other side how our seals stand, where the document lets the node say it."""
        with self.desk.reading:
            found = [
                (incident.id, one)
                for incident in _running(self.desk.catch_up())
                if (one := untold(incident, now_s)) is not None
                and may_say_itself(incident, one.role)
                and (one.is_bad or now_s >= _told_s(incident) + TELL_EVERY_S)
            ]
        for name, one in found:
            self._give(TellSeals(incident=name), now_s, "tell", name, one.message, one.changed)

    # ---- how a duty is done ------------------------------------------------------------------

    def _give(self, wish: Command, now_s: float, *about: object) -> None:
        """Give a command in the node's own name; what is known already is refused and passes."""
        own = Actor(self.desk.node.identity.name, "node")
        command_id = derived_id(now_s, "duty", *about)
        try:
            self.desk.do(wish, own, command_id=command_id, now_s=now_s)
        except Refused as refused:
            _log.debug("%s: %s", wish.kind, refused)

    def _guarded(self, name: str, duty: Callable[[float], object], now_s: float) -> None:
        try:
            duty(now_s)
        except Exception as error:  # noqa: BLE001  (whatever it is, the other duties go on)
            self._note(name, _words(error), now_s)
        else:
            self._note(name, "", now_s)

    def _note(self, name: str, error: str, now_s: float) -> None:
        """Note a failure once, and its end."""
        if self._failed.get(name, "") == error and not error:
            with self.desk.reading:
                if name not in self.desk.catch_up().projection(DutyTroubles).failing:
                    return
        if error and self._failed.get(name) == error:
            return
        try:
            self._give(NoteDuty(duty=name, error=error[:400]), now_s, name, error)
        except Exception as unwritten:  # noqa: BLE001  (the journal itself may be what fails)
            self._say_once(name, f"{error}; not noted: {_words(unwritten)}")
            return
        if error:
            _log.error("the duty %s fails: %s", name, error)
        self._failed[name] = error

    def _say_once(self, name: str, error: str) -> None:
        if self._failed.get(name) != error:
            _log.error("the duty %s fails: %s", name, error)
            self._failed[name] = error

    def _look_ahead(self, now_s: float) -> None:
        """Remember when something can change next without a new fact."""
        changes_s = min((one.changes_s for one in self._actual(now_s)), default=math.inf)
        next_s = min(changes_s, self._replans.again_s, self._beliefs.again_s)
        with self.desk.reading:
            book = self.desk.catch_up()
            for incident in _running(book):
                tasks = incident.state.tasks.values()
                due = [t.due_s for t in tasks if t.due_s is not None and not t.noted]
                late = [
                    one.deadline_s
                    for one in incident.projection(Orders).orders.values()
                    if not one.noted_late and one.deadline_s >= now_s
                ]
                watch = incident.projection(WatchList).listed()
                late += [] if watch is None else [watch.expires_s]
                now = incident.projection(Verdicts).now
                if now is not None and now.verdict == "unknown":
                    next_s = min(next_s, now_s + _UNKNOWN_S)
                waits = [_told_s(incident) + TELL_EVERY_S] if untold(incident, now_s) else []
                next_s = min([next_s, *due, *late, *(w for w in waits if w > now_s)])
            self._size = book.size
        self._next_s = max(next_s, now_s)


def _running(book: NodeState) -> list[Incident]:
    return [one for one in book.incidents.values() if not one.is_over]


def _plan_of(incident: Incident) -> PlanFile | None:
    adopted = incident.projection(Orders).plan
    return None if adopted is None else read_plan_text(adopted.plan)


def _told_s(incident: Incident) -> float:
    told = incident.projection(Happenings).seals_told.values()
    return max((one.told_s for one in told), default=-math.inf)


def _note_of(name: str, found: JudgedVerdict) -> NoteVerdict:
    return NoteVerdict(
        incident=name, verdict=found.verdict, sentence=found.sentence[:4000],
        plan=found.actual.digest, entries=found.actual.entries, at=iso(found.actual.now_s),
        sighting=found.sighting, ways=found.ways, more=found.more, unreported=found.unreported,
    )  # fmt: skip


def _words(error: Exception) -> str:
    """What went wrong; of another error its kind and where, as its words may hold more."""
    if isinstance(error, StoplineError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
