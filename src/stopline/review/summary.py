"""The first page in sentences: what happened, what held, what was late, and what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.rendering.time_text import span
from stopline.review.hindsight_text import shown_words
from stopline.review.schema import Summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.review.schema import Deadline, Leak, ReviewedOrder, ReviewFile

_MOST = 5
_LONG_WAIT_S = 30.0


def summary_of(review: ReviewFile, at: Callable[[float], str]) -> Summary:
    """Say a review in a few sentences.

    Args:
        review: everything else of it.
        at: writes a time given in seconds after the alarm.
    """
    return Summary(
        headline=_headline(review), happened=tuple(_happened(review, at)),
        held=tuple(_held(review)[:_MOST + 2]), late=tuple(_late(review, at)[:_MOST + 2]),
        change=tuple(_change(review, at)[:_MOST]),
    )  # fmt: skip


def counted(review: ReviewFile, side: str | None = None) -> tuple[int, int]:
    """Deadlines kept, and deadlines that were decided either way; of one side or of both."""
    judged = [one for one in review.deadlines if one.outcome in {"kept", "missed"}]
    mine = [one for one in judged if side in {None, one.side}]
    return sum(one.outcome == "kept" for one in mine), len(mine)


def _headline(review: ReviewFile) -> str:
    kept, of = counted(review)
    closed, late = _roads(review)
    roads = ""
    if review.orders:
        roads = f" {closed} of {len(review.orders)} roads were closed"
        in_time = ", all in time." if closed else "."
        roads += f", {late} of them too late." if late else in_time
    begin = "No vehicle was stopped." if review.over else "The vehicle is not stopped yet."
    if review.stopped_s is not None:
        begin = f"Stopped {span(review.stopped_s)} after the alarm."
    deadlines = f" {kept} of {of} agreed deadlines were kept." if of else ""
    return f"{begin}{roads}{deadlines}"


def _roads(review: ReviewFile) -> tuple[int, int]:
    closed = [one for one in review.orders if one.closed_s is not None]
    return len(closed), sum((one.margin_s or 0.0) < 0 for one in closed)


def _happened(review: ReviewFile, at: Callable[[float], str]) -> list[str]:
    found = [
        f"{at(one.t_s)} {one.what} ({one.side})."
        for one in review.timeline
        if one.what.startswith("Alarm: ")
    ]
    if not found:
        found = [
            f"{at(one.t_s)} {one.what}." for one in review.timeline if "other side says" in one.what
        ][:1]
    if review.orders:
        first = min(one.ordered_s for one in review.orders)
        shut = [one.closed_s for one in review.orders if one.closed_s is not None]
        last = f"; the last road was closed at {at(max(shut))}" if shut else ""
        found.append(f"{at(first)} The first roads were ordered closed{last}.")
    if review.stopped_s is not None:
        sure = " It was the vehicle searched for." if review.confirmed else ""
        found.append(f"{at(review.stopped_s)} A vehicle was stopped: {review.stopped_at}.{sure}")
    open_ = [one.reopened_s for one in review.orders if one.reopened_s is not None]
    if open_ and len(open_) == sum(one.closed_s is not None for one in review.orders):
        found.append(f"{at(max(open_))} The last road was open again.")
    end = [one.from_s for one in review.phases if one.until_s is None]
    if review.over and end:
        found.append(f"{at(max(end))} The incident was closed on both sides.")
    elif not review.over:
        found.append("The incident is not closed.")
    return found


def _held(review: ReviewFile) -> list[str]:
    found = []
    known = review.hindsight
    if known is not None and known.met and known.met_s is not None:
        found.append(f"The vehicle came to a closed road ({known.met}) and got no further.")
    for side in review.sides:
        kept, of = counted(review, side)
        if of:
            found.append(f"{side} kept {kept} of {of} deadlines.")
    if review.leaks is not None and not review.leaks:
        found.append("Every exit was out of reach from the moment of the plan on.")
    found += [
        f"{one.side} asked “{_short(one.what)}” and was answered in {span(one.took_s or 0.0)}."
        for one in review.requests
        if one.answered_s is not None and (one.due_s is None or one.answered_s <= one.due_s)
    ]
    return [*found, *_held_to_the_end(review)]


def _held_to_the_end(review: ReviewFile) -> list[str]:
    found = []
    if review.undelivered and all(one.delivered_s is not None for one in review.undelivered):
        found.append("Every message that waited for the line arrived, none was lost.")
    if review.line and not review.undelivered and review.line[-1].until_s is not None:
        found.append("No message waited while the line was down.")
    spoken = [one for one in review.statements if one.t_s is not None]
    if spoken and spoken[0].due_s is not None and (spoken[0].t_s or 0.0) <= spoken[0].due_s:
        left = span(spoken[0].due_s - (spoken[0].t_s or 0.0))
        found.append(f"The public was told {left} before the agreed time.")
    if review.watches and all(one.erased for one in review.watches):
        found.append("The watch list ended with the search, and what named the vehicle is erased.")
    shut = [one for one in review.orders if one.closed_s is not None]
    if shut and all(one.reopened_s is not None for one in shut):
        found.append("Every road that was closed was reported open again by its unit.")
    return found


def _late(review: ReviewFile, at: Callable[[float], str]) -> list[str]:
    found = []
    late = sorted(
        (one for one in review.orders if one.margin_s is not None and one.margin_s < 0),
        key=lambda one: one.margin_s or 0.0,
    )
    if late:
        worst = late[0]
        more = f"{len(late)} roads were" if len(late) > 1 else "1 road was"
        found.append(
            f"{more} closed after the deadline; the worst: {worst.road}, by "
            f"{span(-(worst.margin_s or 0.0))}."
        )
    never = [one.road for one in review.orders if one.closed_s is None]
    if never:
        more = f" and {len(never) - 3} more" if len(never) > 3 else ""  # noqa: PLR2004
        found.append(f"Ordered and {unclosed(review)}: {', '.join(never[:3])}{more}.")
    found += [leak_text(review, group, at) for group in leak_groups(review)[:2]]
    spans = [one for one in review.line if one.side == review.sides[0]]
    if spans:
        long = " and ".join(
            f"{'to the end' if one.until_s is None else span(one.until_s - one.from_s)} from "
            f"{at(one.from_s)}"
            for one in spans[:3]
        )
        waited = len(review.undelivered)
        more = f"; {waited} message{'s' * (waited != 1)} waited" if waited else ""
        found.append(f"The line was down: {long}{more}.")
    missed = [one for one in review.deadlines if one.outcome == "missed"]
    missed.sort(key=lambda one: -(one.over_s if one.over_s is not None else 1e9))
    told = list(dict.fromkeys(missed_text(one) for one in missed))[:2]
    found += told
    rest = len([one for one in missed if missed_text(one) not in told])
    if rest:
        found.append(f"{rest} more deadline{'s were' if rest > 1 else ' was'} missed.")
    return found


def unclosed(review: ReviewFile) -> str:
    """What is said of a road that is not closed: while the incident goes on it can be yet."""
    return "never closed" if review.over else "not closed yet"


def leak_groups(review: ReviewFile) -> list[list[Leak]]:
    """Ways that were open, those together that one closing shut; the earliest out first."""
    found: dict[float | None, list[Leak]] = {}
    for one in review.leaks or ():
        found.setdefault(one.open_until_s, []).append(one)
    return list(found.values())


def leak_text(review: ReviewFile, group: list[Leak], at: Callable[[float], str]) -> str:
    """Until when a way was open, because of which road, and when it could have been out."""
    first, until_s = group[0], group[0].open_until_s
    more = f" and {len(group) - 1} more exits" if len(group) > 1 else ""
    out = f"the earliest it could have been out is {at(first.earliest_s)}"
    known = shown_words(review, group, at)
    if until_s is None:
        still = "was never closed" if review.over else "is open still"
        return f"A way to {first.exit}{more} {still}; {out}.{known}"
    shut = [
        one.road for one in review.orders
        if one.closed_s is not None and abs(one.closed_s - until_s) < 1.0
    ]  # fmt: skip
    the = "the " if shut and shut[0].startswith("road near ") else ""
    why = f", when {the}{shut[0]} was closed," if shut else ""
    return f"Until {at(until_s)}{why} a way led to {first.exit}{more}; {out}.{known}"


def _short(question: str) -> str:
    """A question of the protocol without its second half."""
    first = question.partition(";")[0]
    return first[: first.index("?") + 1] if "?" in first else first


def missed_text(one: Deadline) -> str:
    """A missed deadline in one line."""
    what = "" if one.what == "done" else " (to be acknowledged)"
    by = "never done" if one.over_s is None else f"{span(one.over_s)} late"
    if one.over_s is not None and one.over_s <= 0:
        by = "in its last second"
    who = f", {one.role[:1].lower()}{one.role[1:]}" if one.role else ""
    return f"{one.side}{who}: {one.title[:1].lower()}{one.title[1:]}{what}: {by}."


def _change(review: ReviewFile, at: Callable[[float], str]) -> list[str]:
    found = []
    late = [one for one in review.orders if (one.margin_s or 0.0) < 0]
    adopted = [one.t_s for one in review.timeline if one.what.startswith("Plan adopted")]
    made = [p for p in review.plans or () if adopted and p.t_s <= min(adopted) + 1.0]
    first = made[-1] if made else None
    if late:
        found.append(_order_sooner(review, late, first.verdict if first else "", at))
    hindsight = review.hindsight
    if hindsight is not None and hindsight.seals:
        early = span((hindsight.passes_s or 0.0) - (hindsight.closed_s or 0.0))
        found.append(
            f"One road would have been enough, had the way been known at {at(hindsight.from_s)}: "
            f"{hindsight.road}, held by {hindsight.unit}, {early} before the vehicle came."
        )
    waited = [one.waited_s for one in review.undelivered if (one.waited_s or 0.0) > _LONG_WAIT_S]
    if waited:
        found.append(
            f"A second line between the nodes: {len(waited)} message{'s' * (len(waited) != 1)} "
            f"waited up to {span(max(w or 0.0 for w in waited))}; say them by telephone meanwhile."
        )
    sides: dict[str, set[str]] = {}
    for one in review.deadlines:
        if one.outcome == "missed":
            sides.setdefault(one.title, set()).add(one.side)
    both = [title for title, who in sides.items() if len(who) > 1]
    found += [
        f"Both sides missed “{title}”: agree on more time, or on who helps." for title in both
    ]
    if review.belief:
        wrong = [one for one in review.belief if not one.in_90]
        if wrong:
            found.append(
                f"The search looked in the wrong place {len(wrong)} of {len(review.belief)} times: "
                "see which reports led there, below."
            )
    return found


def _order_sooner(
    review: ReviewFile, late: list[ReviewedOrder], verdict: str, at: Callable[[float], str]
) -> str:
    adopted = [one.t_s for one in review.timeline if one.what.startswith("Plan adopted")]
    given = min(one.ordered_s for one in late)
    text = f"Give orders sooner: {len(late)} road{'s were' if len(late) > 1 else ' was'} late"
    if adopted and given > min(adopted):
        wait = span(given - min(adopted))
        text += f", as orders came {wait} after the plan of {at(min(adopted))}"
        if verdict == "sealed":
            text += ", which would have closed every way in time"
    return f"{text}."
