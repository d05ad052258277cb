"""What was shown of open ways at the time, in sentences, and where hindsight differs from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stopline.operation.plan.verdict import MOST_WAYS
from stopline.rendering.time_text import span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stopline.review.schema import Leak, ReviewFile, ShownExit, ShownLeak

    At = Callable[[float], str]

_FEW: Final = 2
_SLACK_S: Final = 5.0  # a report is read out, written down and judged


def leak_told(one: ShownLeak, at: At) -> str:
    """One leak as a node showed it: how long it stood, and what was done about it."""
    names = _named([each.exit for each in one.exits])
    more = f" (up to {one.more} further were counted, not named)" if one.more else ""
    if one.until_s is None:
        stood = "until the roads were given back"
    else:
        stood = f"for {span(one.until_s - one.from_s)}, until {at(one.until_s)}"
    shown = f"{one.side}'s node showed a way to {names}{more}, {stood}."
    return f"{shown} {_plan(one, at)}{_told(one, at)}"


def _plan(one: ShownLeak, at: At) -> str:
    if one.offered_s is not None:
        offer = f"A new plan was offered at {at(one.offered_s)}"
        if one.adopted_s is None:
            return f"{offer}, and not taken."
        taken = "and adopted" if one.adopted_s >= one.offered_s else "another was adopted"
        return f"{offer}, {taken} at {at(one.adopted_s)}."
    if one.adopted_s is not None:
        return f"A new plan was adopted at {at(one.adopted_s)}."
    if one.sought_s is not None:
        return f"A new plan was sought by {at(one.sought_s)}, and none was better."
    return "No new plan was offered."


def _told(one: ShownLeak, at: At) -> str:
    if one.told_s is not None:
        return (
            f" The other side was told at {at(one.told_s)}, after {span(one.told_s - one.from_s)}."
        )
    return " The other side was not told meanwhile." if one.ours else ""


def differences(review: ReviewFile, at: At) -> list[str]:
    """Where hindsight and what was shown at the time differ, one line each; empty if nowhere."""
    if review.leaks is None or review.shown is None:
        return []
    unseen, late, early = [], [], []
    for leak in review.leaks:
        from_s, until_s = _shown_span(review, leak.exit)
        open_s = math.inf if leak.open_until_s is None else leak.open_until_s
        if math.isinf(from_s):
            unseen.append(leak)
        elif from_s > open_s + _SLACK_S:
            late.append(leak)
        elif until_s < open_s - _SLACK_S:
            early.append(leak)
    counted = any(one.more for one in review.shown)
    why = f", as only the first {MOST_WAYS} are named" if counted else ""
    found = [_line(unseen, at, f"and no node named it at the time{why}")]
    found.append(_line(late, at, "and that was shown only afterwards"))
    found.append(_line(early, at, "and was no longer shown before that"))
    real = {leak.exit for leak in review.leaks}
    feared = dict.fromkeys(one.exit for one in _exits(review) if one.exit not in real)
    if feared:
        verb = "was" if len(feared) == 1 else "were"
        found.append(
            f"{_named(list(feared))} {verb} shown as open at the time, and by what was really "
            "closed no way led there: a road counted as open until it was reported closed."
        )
    return [line for line in found if line]


def shown_words(review: ReviewFile, group: list[Leak], at: At) -> str:
    """Since when a group of ways was shown, as a sentence; empty where that is not known."""
    if review.shown is None:
        return ""
    from_s = min(_shown_span(review, leak.exit)[0] for leak in group)
    if math.isinf(from_s):
        return " No node showed it at the time."
    return f" It was shown from {at(from_s)} on."


def _line(leaks: list[Leak], at: At, what: str) -> str:
    if not leaks:
        return ""
    ends = [leak.open_until_s for leak in leaks]
    last = max((end for end in ends if end is not None), default=None)
    until = "to the end" if last is None or None in ends else f"until {at(last)}"
    return f"A way to {_named([leak.exit for leak in leaks])} was open {until}, {what}."


def _exits(review: ReviewFile) -> Iterable[ShownExit]:
    return (each for one in review.shown or () for each in one.exits)


def _shown_span(review: ReviewFile, exit_name: str) -> tuple[float, float]:
    """From when to when any node showed an exit as open; infinite from: never."""
    spans = [one for one in _exits(review) if one.exit == exit_name]
    ends = [math.inf if one.until_s is None else one.until_s for one in spans]
    return min((one.from_s for one in spans), default=math.inf), max(ends, default=-math.inf)


def _named(names: list[str]) -> str:
    """The first few names, and how many more."""
    rest = len(names) - _FEW
    if rest > 0:
        return f"{', '.join(names[:_FEW])} and {rest} more exit{'' if rest == 1 else 's'}"
    return " and ".join(names) or "an exit"
