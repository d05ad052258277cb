"""What a simulated officer does about a task, a decision or a report: one command or a few."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stopline.exercise.engine.ports import DecisionLook, IncidentLook, SideNode, TaskLook
    from stopline.exercise.engine.world import World
    from stopline.exercise.truth.observers import OfficerReport
    from stopline.protocol.schema import MessageForm, Task

_DAY_S: Final = 86_400.0
_ANSWER_S: Final = 480.0
_STATEMENT: Final = "first"
_AGREE: Final = "AGREE"  # the phase in which the plan over both territories is made
_ALONE: Final = "ALONE"  # the phase in which each side goes by its own plan
_COMPUTING_S: Final = 10.0  # at most, as of `stopline plan`; exercise time is held meanwhile
_PATIENCE: Final = 3  # so often the other side is asked again before a plan without it is adopted
_ENDED: Final = frozenset({"withdrawn", "reopened", "refused"})


class Acts:
    """The deeds of the officers of one side; each returns whether it was done."""

    def __init__(self, world: World, node: SideNode) -> None:
        self.world, self.node = world, node
        self.protocol = world.loaded.protocol.protocol
        phases = self.protocol.messages["sighting"].phases if "sighting" in (
            self.protocol.messages
        ) else ()  # fmt: skip
        self.sharing_phases = frozenset(phases)
        self._refusals = 0  # of plans, one after the other
        self._asked = 0  # plans that the other side should be in, and is not

    # ---- tasks ---------------------------------------------------------------------------------

    def acknowledge(self, role: str, task: TaskLook) -> bool:
        """Take note of a task that was done."""
        return self._give(role, "task.acknowledge", task=task.id)

    def task(self, role: str, task: TaskLook) -> bool:
        """Do a task as the document asks for it."""
        known = self.protocol.tasks[task.name]
        seen = self.node.look()
        if seen is None:
            return False
        if known.sends is not None:
            return self.send(role, known.sends, seen)
        if known.closed_by is not None and known.closed_by != "confirmation":
            return self._bring_about(role, known, seen)
        if task.name == "issue_orders" and not self._order(role, seen):
            return False
        if task.name == "start_watch_list":
            vehicle = self.world.exercise.truth.vehicle
            self._give(
                role, "watch.add", plate=vehicle.plate, vehicle=vehicle.description,
                expires=self.world.at(_DAY_S / 4),
            )  # fmt: skip
        evidence = known.evidence or "done, and repeated back"
        return self._give(role, "task.do", task=task.id, evidence=evidence[:200])

    def _bring_about(self, role: str, task: Task, seen: IncidentLook) -> bool:
        """Bring about the event that closes a task, where its holder can."""
        closed_by = str(task.closed_by)
        trigger = self.protocol.triggers.get(closed_by)
        if trigger is None:
            return True  # a decision or a message of others closes it
        if trigger.fact == "plan":
            return self._new_plan(role, seen)
        if trigger.fact == "statement":
            ours = [one for one in seen.statements if not one.theirs and not one.released]
            if not ours:
                return True
            without = "" if ours[0].answered else "the other side has not answered in time"
            return self._give(
                role, "statement.release", statement=ours[0].name, version=ours[0].version,
                where="all stations", without=without,
            )  # fmt: skip
        if trigger.fact == "seal" and "all_reopened" in str(trigger.outcome):
            return self._reopen(role, seen)
        return True  # the units, or the search, bring it about

    def _reopen(self, role: str, seen: IncidentLook) -> bool:
        """One step of the stand-down; true when every road is open."""
        if any(one.state not in _ENDED for one in seen.orders):
            self._give(role, "stand-down.propose")
            self._give(role, "stand-down.withdraw", reason="the search is over")
            return False
        return self._give(role, "stand-down.check")

    # ---- messages ------------------------------------------------------------------------------

    def send(self, role: str, name: str, seen: IncidentLook) -> bool:
        """Say a message of the protocol with what it carries."""
        message = self.protocol.messages[name]
        carries = set(message.carries)
        if "sightings" in carries:
            return self._tell_sightings(role, name, seen)
        if "wanted_sections" in carries:
            return self._ask_to_seal(role, name)
        if "commitments" in carries:
            return self._commit(role, message, seen)
        if "draft_statement_text" in carries:
            return self._statement(role, message, seen)
        if "suspicions" in carries:
            return True
        said = self._words(name, seen)
        return self._give(role, "message.send", said=said)

    def _words(self, name: str, seen: IncidentLook) -> dict[str, Any]:
        """A message in words, with each disclosure that it carries."""
        message, alarm = self.protocol.messages[name], self.world.exercise
        vehicle = alarm.truth.vehicle.description
        contents: dict[str, Any] = {
            "what_happened": f"{alarm.alarm} ({alarm.place})",
            "vehicle": vehicle,
            "contact_persons": f"the liaison officer of {self.node.side}, day and night",
            "seal_status": list(seen.seals),
            "detention": f"{vehicle}, stopped at a closed road",
        }
        carried = {key: value for key, value in contents.items() if key in message.carries}
        text = {"answer": "Nothing, thank you.", "request": message.title}.get(message.kind, "")
        return {"protocol": "", "name": name, "text": text, **carried}

    def share(self, role: str, name: str, sightings: tuple[str, ...]) -> bool:
        """Tell the other side of sightings."""
        return self._give(role, "sighting.share", sightings=sightings, message=name)

    def _tell_sightings(self, role: str, name: str, seen: IncidentLook) -> bool:
        own = [one for one in seen.sightings if not one.theirs]
        fresh = [one.id for one in own if not one.shared] or [one.id for one in own[-1:]]
        return not fresh or self.share(role, name, tuple(fresh))

    def _ask_to_seal(self, role: str, name: str) -> bool:
        wanted = self.node.plans().wanted
        if self.protocol.messages[name].kind != "request" or not wanted:
            return self._give(
                role, "request.ask", message=name, asked="other",
                text="Can you help us with more units?", answer_by=self.world.at(_ANSWER_S),
            )  # fmt: skip
        return self._give(
            role, "request.ask", message=name, asked="seal sections", wanted_sections=wanted,
            text="Can you help me seal it off?", answer_by=self.world.at(_ANSWER_S),
        )  # fmt: skip

    def _commit(self, role: str, message: MessageForm, seen: IncidentLook) -> bool:
        asked = [one for one in seen.requests if one.name == message.answers]
        if not asked or asked[-1].state not in {"asked", "overdue"}:
            return True
        promised = self.node.plans().promised
        if message.answers == "can_you_seal" and promised:
            yes = [
                {
                    "site": one.site,
                    "closed_by": datetime.fromtimestamp(one.closed_s, UTC).isoformat(
                        timespec="milliseconds"
                    ),
                }
                for one in promised
            ]
            return self._give(
                role, "request.answer", request=asked[-1].message, answer="accepted",
                text="Yes, by these times.", commitments=yes,
            )  # fmt: skip
        return self._give(
            role, "request.answer", request=asked[-1].message, answer="declined",
            text="All our units are bound by the plan.",
        )  # fmt: skip

    def _statement(self, role: str, message: MessageForm, seen: IncidentLook) -> bool:
        if message.kind == "answer":
            theirs = [one for one in seen.statements if one.theirs and not one.answered]
            if not theirs:
                return True
            return self._give(role, "statement.answer", statement=theirs[0].name, answer="accepted")
        if not any(not one.theirs for one in seen.statements):
            where = self.world.exercise.place
            self._give(
                role, "statement.draft", statement=_STATEMENT, agreed_by=(), asks_other_side=True,
                text=f"An attack has happened in {where}. Stay at home. Roads are being closed.",
            )  # fmt: skip
        return self._give(
            role, "statement.show", statement=_STATEMENT, answer_by=self.world.at(900.0)
        )

    # ---- decisions and plans -------------------------------------------------------------------

    def decide(self, role: str, decision: DecisionLook) -> bool:
        """Give a voice; what a side decides is drawn once for each time it is asked."""
        outcome = self._outcome(decision.name, role, first=not decision.voted)
        return self._give(role, "decision.voice", decision=decision.name, outcome=outcome)

    def _outcome(self, name: str, role: str, *, first: bool) -> str:
        shares = self.world.exercise.truth.outcomes.get(name)
        if shares is None:
            return "yes"
        actor = f"{self.node.side} decides"
        if first or not hasattr(self, "_drawn") or name not in self._drawn:
            stream = self.world.chance.of(actor, name)
            drawn = stream.choices(list(shares), list(shares.values()))[0]
            self._drawn: dict[str, str] = {**getattr(self, "_drawn", {}), name: drawn}
        del role
        return self._drawn[name]

    def _new_plan(self, role: str, seen: IncidentLook) -> bool:
        """What an officer does where a plan is asked for: the first, or one against a leak."""
        if seen.offer:
            return self.take_offer(role, seen.offer)
        ordered = any(one.state not in _ENDED for one in seen.orders)
        mends = ordered and seen.phase != _AGREE
        if mends and not seen.plan:
            return True  # the side whose plan it is makes the new one; the liaison has told it
        return self.plan(role, mends=mends)

    def plan(self, role: str, *, mends: bool = False) -> bool:
        """Have a plan made by the node, which asks the other side, and adopt it.

        Args:
            role: who decides.
            mends: orders stand already, and are kept unless the new plan seals.
        """
        return self._adopt_naive(role) if self.world.naive else self._adopt_own(role, mends=mends)

    def _adopt_own(self, role: str, *, mends: bool) -> bool:
        alone = self.world.strategy == "each side alone"
        if not self._propose(role, alone=alone):
            return False
        made = self.node.plans().proposal
        if made is None or (made.alone and not alone and self._asked < _PATIENCE):
            self._asked += 1
            return False  # the line may be back soon
        if mends and made.verdict != "sealed":
            return True
        given = self.world.ask(self.node, role, "plan.adopt")
        if not given.refused:
            self._refusals = 0
            return True
        self._refusals += 1
        if self._refusals < _PATIENCE:
            return False  # it was seen again meanwhile, for example: another plan is made
        why = "the best that can be made of what is known now"
        return self._give(role, "plan.adopt", late_because=why, unchecked_because=why)

    def _adopt_naive(self, role: str) -> bool:
        """Adopt a naive plan for our own units, as somebody would who has no planner."""
        seen = self.node.look()
        if seen is None or self.world.naive is None:
            return False
        known = [one for one in seen.sightings if one.confirmed and one.lon is not None]
        if not known:
            return False
        last = max(known, key=lambda one: one.seen_s)
        part = self.world.naive(self.node.side, last, self.world.now_s)
        why = f"a plan by rule: {self.world.strategy}"
        given = self.world.ask(
            self.node, role, "plan.adopt", plan=part, unchecked_because=why, late_because=why
        )
        return not given.refused or "adopted already" in given.refused

    def _propose(self, role: str, *, alone: bool = False) -> bool:
        if not self._give(
            role, "plan.propose", time_limit_s=_COMPUTING_S, alone=alone, choices=False
        ):
            return False
        made = self.node.plans().proposal
        if made is not None:
            actor = f"{self.node.side}.{role}"
            self.world.log.add(
                self.world.env.now, actor, "plans", verdict=made.verdict, ours=made.ours,
                theirs=made.theirs, alone=made.alone,
            )  # fmt: skip
        return made is not None

    def _order(self, role: str, seen: IncidentLook) -> bool:
        """Give the orders of our own plan, and of what we promised; true when all stand."""
        plans = self.node.plans()
        if not seen.plan and not plans.promise:
            if seen.phase == _ALONE or self.world.strategy != "joint plan":
                self.plan(role)
                return False
            return True  # the joint plan asks nothing of us
        if plans.decided and not plans.ordered and not self.order_commitment(role):
            return False
        if not seen.plan:
            return True
        side = self.world.loaded.scenario_side(self.node.side)
        given = self.world.ask(self.node, role, "orders.issue", side=side)
        return not given.refused or "does not stand already" in given.refused

    def order_commitment(self, role: str) -> bool:
        """Order our units to hold what we promised; who holds something else is freed first."""
        seen, plans = self.node.look(), self.node.plans()
        if seen is None:
            return False
        place = {unit: one.site for one in plans.promised for unit in one.units}
        for order in seen.orders:
            elsewhere = place.get(order.unit, order.site) != order.site
            if elsewhere and order.state not in _ENDED:
                why = "it is needed for what we promised last"
                self._give(role, "orders.withdraw", orders=[order.id], reason=why)
        given = self.world.ask(self.node, role, "commitment.order", commitment=plans.promise)
        return not given.refused or "stands already" in given.refused

    def take_offer(self, role: str, offer: str) -> bool:
        """Adopt the new plan that the node offers against a leak, and give its orders."""
        if not self._give(role, "plan.adopt", offer=offer):
            return False
        side = self.world.loaded.scenario_side(self.node.side)
        return self._give(role, "orders.issue", side=side)

    # ---- what comes from outside ---------------------------------------------------------------

    def open_incident(self, role: str) -> bool:
        """Open the incident under this side's own authority."""
        seen = self.node.look()
        if seen is not None and seen.authority:
            return True
        return self._give(
            role, "incident.open", title=self.world.exercise.title, expires=self.world.at(_DAY_S),
            authority=f"order of the court on duty in {self.node.side}",
        )  # fmt: skip

    def raise_alarm(self, role: str) -> bool:
        """Open the incident and raise the alarm."""
        given = self.world.exercise
        if not self.open_incident(role):
            return False
        return self._give(
            role, "alarm.raise", what=given.alarm, place=given.place, happened=given.startex,
            vehicle=given.truth.vehicle.description,
        )  # fmt: skip

    def note(self, role: str, report: OfficerReport) -> tuple[str, ...] | None:
        """Write down what a camera or a person reports."""
        ago_s = max(0.0, float(self.world.env.now) - report.seen_s)
        fields = {
            "lon": round(report.lon, 6), "lat": round(report.lat, 6),
            "radius_m": report.radius_m, "place": report.source[:200],
            "seen": self.world.at(-ago_s), "source": report.source, "grade": report.grade,
            "confirmed": report.confirmed, "towards": report.towards,
        }  # fmt: skip
        return self.world.give(self.node, role, "sighting.note", **fields)

    def stop_vehicle(self, role: str, place: str) -> bool:
        """Say that the vehicle was stopped on this side."""
        what = f"{self.world.exercise.truth.vehicle.description}, at the closed road"
        return self._give(role, "vehicle.stop", place=place, text=what)

    def _give(self, role: str, kind: str, **fields: Any) -> bool:  # noqa: ANN401
        return self.world.give(self.node, role, kind, **fields) is not None
