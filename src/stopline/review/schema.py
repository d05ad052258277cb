"""The form of review.json, `stopline-review/1`: every key and what it holds.

Times stand twice where people read them: as ISO 8601, and as seconds after the alarm under a key
that ends in `_s` (negative before it). Nothing in it names a person, a plate or a unit of the
other side. The description of a field is what docs/review.md says of it; a test compares.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "stopline-review/1"
Outcome = Literal["kept", "missed", "withdrawn", "open"]


class ReviewPart(BaseModel):
    """What all parts share: frozen, no unknown keys, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ReviewedEvent(ReviewPart):
    """One line of the timeline."""

    t_s: float = Field(description="seconds after the alarm")
    time: str = Field(description="ISO 8601")
    side: str = Field(description="name of the side, or `both sides`")
    role: str = Field(description="title of the role that acted, or `node`")
    phase: str = Field(description="phase of that side afterwards")
    what: str = Field(description="what happened, in words")
    major: bool = Field(description="it stands in the short timeline")


class PhaseSpan(ReviewPart):
    """A phase of one side."""

    side: str = Field(description="name of the side")
    phase: str = Field(description="its name in the protocol")
    title: str = Field(description="what happens in it")
    from_s: float = Field(description="entered, seconds after the alarm")
    until_s: float | None = Field(description="left; null: it is the last")


class ReviewedLineDown(ReviewPart):
    """A time in which nothing passed between the nodes, as one side's node noted it."""

    side: str = Field(description="name of the side")
    from_s: float = Field(description="down, seconds after the alarm")
    until_s: float | None = Field(description="up again; null: it was not")


class Deadline(ReviewPart):
    """One deadline of the protocol."""

    side: str = Field(description="name of the side that had it")
    task: str = Field(description="instance of the task")
    title: str = Field(description="what was to be done")
    role: str = Field(description="title of the role that had to")
    what: Literal["done", "acknowledged"] = Field(description="which deadline of the task")
    opened_s: float = Field(description="its clock began, seconds after the alarm")
    due_s: float | None = Field(description="deadline; null: the protocol sets none")
    done_s: float | None = Field(description="when it was done; null: it was not")
    by: str = Field(description="title of the role that did it; empty: nobody, or an event")
    outcome: Outcome = Field(description="`open`: the deadline is still to come")
    over_s: float | None = Field(description="seconds late, negative if early; null: never done")
    noted: bool = Field(description="a fact deadline.passed is in the journal")
    source: Literal["journal", "messages"] = Field(
        description="`messages`: known only from what that side sent and was sent"
    )


class ReviewedOrder(ReviewPart):
    """One order, from giving it to the road's reopening."""

    side: str = Field(description="name of the side")
    order: str = Field(description="id of the order")
    site: str = Field(description="`section N` or `junction N` of the network")
    road: str = Field(description="name of the road, and a place nearby where one is known")
    agency: str = Field(description="the service")
    unit: str | None = Field(description="the unit; null: of the other side")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    ordered_s: float = Field(description="ordered, seconds after the alarm")
    deadline_s: float = Field(description="to be closed by then")
    closed_s: float | None = Field(description="closed; null: never")
    took_s: float | None = Field(description="seconds from the order to closed")
    margin_s: float | None = Field(description="seconds before the deadline, negative if late")
    withdrawn_s: float | None = Field(description="withdrawn; null: it was not")
    reopened_s: float | None = Field(description="reported reopened; null: it was not")
    state: str = Field(description="state of the order at the end")
    reason: str = Field(description="reason of a refusal; else empty")


class Leak(ReviewPart):
    """An exit that could have been reached past what was really closed."""

    exit: str = Field(description="its name")
    earliest_s: float = Field(description="the earliest moment it could be out, after the alarm")
    open_until_s: float | None = Field(
        description="when the last way there was closed; null: it stayed open"
    )
    route: tuple[str, ...] = Field(description="names of the roads of the earliest way")


class ShownExit(ReviewPart):
    """An exit that a node showed as open at the time."""

    exit: str = Field(description="its name")
    from_s: float = Field(description="first shown, seconds after the alarm")
    until_s: float | None = Field(description="last shown; null: to the end")


class ShownLeak(ReviewPart):
    """A leak as a node showed it at the time, and what was done about it."""

    side: str = Field(description="name of the side whose node showed it")
    from_s: float = Field(description="first shown, seconds after the alarm")
    until_s: float | None = Field(description="no longer shown; null: to the end")
    exits: tuple[ShownExit, ...] = Field(description="exits that were named, in that order")
    more: int = Field(description="most further exits that were counted and not named")
    ours: bool = Field(description="a unit of that side was among the causes")
    sought_s: float | None = Field(description="a better plan was sought, and none found by then")
    offered_s: float | None = Field(description="the first new plan was offered; null: none")
    adopted_s: float | None = Field(description="the first new plan was adopted; null: none")
    told_s: float | None = Field(
        description="the other side was told that a seal is late or open; null: it was not"
    )


class Believed(ReviewPart):
    """What was believed when a sighting became known, against what turned out to be true."""

    t_s: float = Field(description="the moment, seconds after the alarm")
    time: str = Field(description="ISO 8601")
    sighting: str = Field(description="which sighting, in words")
    true_lon: float = Field(description="where it was, WGS 84 degrees")
    true_lat: float = Field(description="where it was, WGS 84 degrees")
    true_road: str = Field(description="name of the road, or of a place nearby")
    probability: float = Field(description="that the belief gave to roads within `within_m`")
    within_m: float = Field(description="how near counts, metres")
    log_score: float | None = Field(
        description="log2 of that probability, bits; 0 is perfect; null: it held it impossible"
    )
    in_50: bool = Field(
        description="a road within 50 m of the true place lies in the region that holds half"
    )
    in_90: bool = Field(description="the same of the region that holds nine tenths")
    km_50: float = Field(description="length of the roads of that half, km")
    km_90: float = Field(description="length of the roads of those nine tenths, km")
    before: float | None = Field(
        description="probability given to the same place just before the sighting; null: none yet"
    )


class SeenLine(ReviewPart):
    """One sighting as it stood at the end."""

    t_s: float = Field(description="seen, seconds after the alarm")
    known_s: float = Field(description="written down")
    side: str = Field(description="name of the side that reported it")
    place: str = Field(description="where, as people name it")
    grade: str = Field(description="A to F and 1 to 6")
    confirmed: bool = Field(description="held for certain")
    retracted: bool = Field(description="it was taken back")
    off_m: float | None = Field(description="metres from where it truly was; null: not known")


class PlanThen(ReviewPart):
    """The plan that the planner makes from what was known at a moment, against what was done."""

    t_s: float = Field(description="the moment, seconds after the alarm")
    time: str = Field(description="ISO 8601")
    knowing: str = Field(description="the last that was known of the vehicle, in words")
    verdict: str = Field(description="sealed, leaking or impossible")
    seals: int = Field(description="roads it seals")
    units: int = Field(description="units it needs")
    roads: tuple[str, ...] = Field(description="the roads")
    stops_at: str | None = Field(
        description="the first of its seals that the vehicle would have met closed; null: none, "
        "or the true way is not known"
    )
    stops_margin_s: float | None = Field(description="closed so long before it came")
    done: str = Field(description="what was done in its place, in words")


class Hindsight(ReviewPart):
    """With the true way known: the fewest seals that stop it in time."""

    from_s: float = Field(description="from this moment on, seconds after the alarm")
    seals: int | None = Field(description="the fewest; null: none was possible in time")
    road: str = Field(description="the earliest such road; empty for none")
    unit: str = Field(description="whose force could have held it; empty for none")
    closed_s: float | None = Field(description="closed then, seconds after the alarm")
    passes_s: float | None = Field(description="the vehicle came there then")
    met: str = Field(description="the first road on its way that really was closed before it came")
    met_s: float | None = Field(description="when it came there; null: none was closed")


class Asked(ReviewPart):
    """A request of one side to the other."""

    t_s: float = Field(description="asked, seconds after the alarm")
    side: str = Field(description="name of the side that asked")
    what: str = Field(description="the question")
    text: str = Field(description="in words")
    state: str = Field(
        description="asked, overdue, or its answers: accepted, in part, declined, done; of a "
        "joint plan what came of it, in words"
    )
    arrived_s: float | None = Field(description="known there; null: not known")
    answered_s: float | None = Field(description="the first answer; null: none")
    took_s: float | None = Field(description="seconds from asking to the answer")
    due_s: float | None = Field(description="asked for by then")


class Undelivered(ReviewPart):
    """A message that waited while the line was down."""

    t_s: float = Field(description="sent, seconds after the alarm")
    side: str = Field(description="name of the side that sent it")
    what: str = Field(description="the message, by its title")
    delivered_s: float | None = Field(description="confirmed by the other node; null: never")
    waited_s: float | None = Field(description="seconds it waited")


class Spoken(ReviewPart):
    """A statement to the public."""

    t_s: float | None = Field(description="released, seconds after the alarm; null: never")
    side: str = Field(description="name of the side")
    name: str = Field(description="its name")
    text: str = Field(description="as released, or as last corrected")
    drafted_s: float = Field(description="first drafted")
    due_s: float | None = Field(description="agreed moment; null: none")
    corrections: int = Field(description="how often it was corrected")


class Watched(ReviewPart):
    """A watch of the cameras; the vehicle is not named."""

    side: str = Field(description="name of the side")
    from_s: float = Field(description="began, seconds after the alarm")
    until_s: float | None = Field(description="ended; null: it runs")
    why: str = Field(description="dropped, expired or stand-down; empty while it runs")
    authority: str = Field(description="legal authority")
    erased: bool = Field(description="what named the vehicle is destroyed")


class Summary(ReviewPart):
    """The first page, in sentences."""

    headline: str = Field(description="the whole in one sentence")
    happened: tuple[str, ...] = Field(description="what happened and when it was stopped")
    held: tuple[str, ...] = Field(description="what held")
    late: tuple[str, ...] = Field(description="what was late or open")
    change: tuple[str, ...] = Field(description="what to change, with its reason")


class ReviewedAction(ReviewPart):
    """What players of an exercise were expected to do about an inject, and did."""

    number: int = Field(description="of the inject")
    text: str = Field(description="what the inject said")
    expected: str = Field(description="the command, and which message, task or decision")
    side: str = Field(description="whose officer")
    role: str = Field(description="which role")
    objective: str = Field(description="name of the objective; empty for none")
    given_s: float | None = Field(description="inject given, seconds after STARTEX; null: never")
    within_s: float = Field(description="seconds that there were")
    took_s: float | None = Field(description="seconds that it took; null: not done")
    by: str = Field(description="who did it; empty: nobody")
    result: Literal["met", "late", "missed", "not given"] = Field(description="what came of it")


class Evaluated(ReviewPart):
    """What an exercise was held for, and what came of it."""

    objectives: dict[str, str] = Field(description="a line for each objective, by its name")
    expected_actions: tuple[ReviewedAction, ...] = Field(description="in the order of the list")


class ReviewFile(ReviewPart):
    """A whole review."""

    format: Literal["stopline-review/1"] = Field(description="name and version of this form")
    incident: str = Field(description="id")
    title: str = Field(description="what it is called")
    side: str = Field(description="the side whose node made it")
    sides: tuple[str, str] = Field(description="names of both, this one first")
    leads: str = Field(description="the side where the alarm was raised; empty: no alarm")
    authority: str = Field(description="legal authority on this side")
    protocol: str = Field(description="name and version of the protocol")
    alarm: str = Field(description="the alarm, ISO 8601; all `_s` count from it")
    until: str = Field(description="the last moment looked at, ISO 8601")
    over: bool = Field(description="the protocol came to its end")
    stopped_s: float | None = Field(description="a vehicle was stopped; null: none was")
    stopped_at: str = Field(description="where, as people name it; empty: none was")
    confirmed: bool = Field(description="the sides decided that it is the vehicle searched for")
    entries: int = Field(description="entries of the own journal that it is made from")
    peer_entries: int | None = Field(description="of the other side's journal; null: not given")
    summary: Summary = Field(description="the first page")
    phases: tuple[PhaseSpan, ...] = Field(description="phases of both sides")
    timeline: tuple[ReviewedEvent, ...] = Field(description="what happened, in order of time")
    line: tuple[ReviewedLineDown, ...] = Field(description="when the line was down")
    deadlines: tuple[Deadline, ...] = Field(description="deadlines of the protocol")
    orders: tuple[ReviewedOrder, ...] = Field(description="orders")
    leaks: tuple[Leak, ...] | None = Field(description="exits that were open; null: not computed")
    shown: tuple[ShownLeak, ...] | None = Field(
        description="leaks as the nodes showed them at the time; null: no node judged the orders"
    )
    sightings: tuple[SeenLine, ...] = Field(description="sightings")
    belief: tuple[Believed, ...] | None = Field(description="null: not computed")
    plans: tuple[PlanThen, ...] | None = Field(description="better plans; null: not computed")
    hindsight: Hindsight | None = Field(description="null: not computed")
    requests: tuple[Asked, ...] = Field(description="requests both ways")
    undelivered: tuple[Undelivered, ...] = Field(description="what waited for the line")
    statements: tuple[Spoken, ...] = Field(description="statements to the public")
    watches: tuple[Watched, ...] = Field(description="the watch list")
    lessons: tuple[str, ...] = Field(description="what officers wrote down, with their role")
    not_computed: tuple[str, ...] = Field(description="what is missing, and what it needs")
    exercise: Evaluated | None = Field(
        default=None, description="expected actions of an exercise; null: it was none"
    )
