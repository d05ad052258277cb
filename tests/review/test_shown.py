"""What the nodes showed of open ways at the time, beside what hindsight finds."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from review.review_case import history, reviewed
from stopline.link.procedure_message import ProcedureSaid, SealStatus
from stopline.operation.core.context import iso
from stopline.operation.facts.orders import PlanAdopted, ReplanOffered, VerdictChanged, WayOut
from stopline.rendering.page.html import paper_html
from stopline.review.displayed_leaks import shown_leaks
from stopline.review.hindsight_text import differences, leak_told, shown_words
from stopline.review.history import History, RecordedMessage
from stopline.review.page import review_paper
from stopline.review.relative_time import Since
from stopline.review.schema import Leak

if TYPE_CHECKING:
    from operation.liaison_case import Case
    from stopline.journal.kinds import FactBody
    from stopline.review.schema import ReviewFile, ShownLeak

ENDLESS = float("inf")


def at(t_s: float) -> str:
    return f"{t_s:.0f}s"


def way(name: str, *, still_open: bool = True, unit: str = "U") -> WayOut:
    return WayOut(
        exit=name, earliest=iso(2e9), roads=("A 1",), site="section 1", road="A 1", passed="",
        why=f"{unit} is late", unit=unit, still_open=still_open,
    )  # fmt: skip


def verdict(*ways: WayOut, more: int = 0, kind: str = "") -> VerdictChanged:
    return VerdictChanged.model_validate(
        {
            "verdict": kind or ("leaking" if ways else "sealed"), "sentence": "s", "plan": "p",
            "entries": 1, "at": iso(2e9), "sighting": "", "ways": ways, "more": more,
            "unreported": (),
        }
    )  # fmt: skip


def offer(plan: str = "{}") -> ReplanOffered:
    return ReplanOffered(
        offer="o", leak="l", verdict="sealed" if plan else "", sentence="s", note="n", withdraw=(),
        order=(), plan=plan,
    )  # fmt: skip


ADOPTED = PlanAdopted(digest="d", plan="{}", verdict="sealed", sentence="s", offer="o")


class Told:
    """The journal of a side with facts put behind it, seconds after the alarm."""

    def __init__(self, case: Case) -> None:
        self.history: History = history(case)
        self.since = Since(self.history.began_s)

    def put(self, t_s: float, body: FactBody | None, said: RecordedMessage | None = None) -> None:
        last = self.history.steps[-1]
        entry = dataclasses.replace(last.entry, time_s=self.since.zero_s + t_s)
        self.history.steps.append(dataclasses.replace(last, entry=entry, body=body, said=said))

    def say(self, t_s: float, name: str, *, received: bool = False) -> None:
        status = SealStatus(site="section 1", road="A 1", state="late", since=iso(2e9))
        body = ProcedureSaid(protocol="p", name=name, seal_status=(status,))
        self.put(t_s, None, RecordedMessage(id=f"m{t_s}", body=body, received=received, sent_s=t_s))

    def leaks(self, until_s: float = ENDLESS) -> list[ShownLeak]:
        found = shown_leaks(self.history, self.since, until_s)
        assert found is not None
        return found


@pytest.fixture
def told(case: Case) -> Told:
    case.liaison()
    return Told(case)


def test_a_leak_with_all_that_was_done_about_it(told: Told) -> None:
    told.put(100, verdict())
    told.put(110, verdict(way("A"), way("B")))
    told.put(112, offer(""))
    told.put(115, offer())
    told.say(118, "leak", received=True)  # theirs does not count as ours
    told.say(120, "leak")
    told.put(130, ADOPTED)
    told.put(140, verdict(way("B"), way("C")))
    told.put(160, verdict())
    told.put(200, verdict(way("A", unit="")))
    first, second = told.leaks()
    assert (first.from_s, first.until_s) == (110, 160)
    assert [(e.exit, e.from_s, e.until_s) for e in first.exits] == [
        ("A", 110, 140), ("B", 110, 160), ("C", 140, 160),
    ]  # fmt: skip
    assert (first.sought_s, first.offered_s, first.adopted_s, first.told_s) == (112, 115, 130, 120)
    assert leak_told(first, at) == (
        "Republic of Alder's node showed a way to A, B and 1 more exit, for 50 s, until 160s. "
        "A new plan was offered at 115s, and adopted at 130s. "
        "The other side was told at 120s, after 10 s."
    )
    assert (second.until_s, second.ours) == (None, False)
    assert leak_told(second, at) == (
        "Republic of Alder's node showed a way to A, until the roads were given back. No new plan "
        "was offered."
    )


def test_what_nobody_was_told_is_said_only_of_our_own_leaks(told: Told) -> None:
    told.put(100, verdict(way("A")))
    told.put(130, verdict())
    (leak,) = told.leaks()
    assert leak_told(leak, at).endswith("The other side was not told meanwhile.")


def test_a_way_that_is_listed_no_more_may_be_among_those_counted(told: Told) -> None:
    told.put(100, verdict(way("A"), way("B")))
    told.put(110, verdict(way("B"), more=3))
    told.put(120, verdict(kind="unknown"))
    (leak,) = told.leaks()
    assert [(e.exit, e.until_s) for e in leak.exits] == [("A", 120), ("B", 120)]
    assert leak.more == 3
    assert "(up to 3 further were counted, not named)" in leak_told(leak, at)


def test_a_way_closed_by_then_was_not_shown_as_open(told: Told) -> None:
    told.put(100, verdict(way("A", still_open=False), way("B")))
    (leak,) = told.leaks()
    assert [(e.exit, e.until_s) for e in leak.exits] == [("A", 100), ("B", None)]


def test_nothing_after_the_stand_down_and_nothing_where_no_node_judged(told: Told) -> None:
    assert shown_leaks(told.history, told.since, ENDLESS) is None
    told.put(90, verdict(kind="unknown"))
    assert shown_leaks(told.history, told.since, ENDLESS) is None
    told.put(100, verdict())
    told.put(300, verdict(way("A")))
    assert told.leaks(told.since.zero_s + 200) == []


def with_leaks(case: Case, told: Told, *leaks: tuple[str, float | None]) -> ReviewFile:
    hindsight = tuple(
        Leak(exit=name, earliest_s=500, open_until_s=until_s, route=("A 1",))
        for name, until_s in leaks
    )
    return reviewed(case).model_copy(update={"leaks": hindsight, "shown": tuple(told.leaks())})


def test_where_hindsight_and_what_was_shown_differ_one_line_says_so(case: Case, told: Told) -> None:
    told.put(100, verdict(way("seen"), way("feared"), way("short")))
    told.put(140, verdict(way("seen"), way("behind")))
    told.put(200, verdict())
    review = with_leaks(
        case, told, ("seen", 180.0), ("unseen", 180.0), ("short", None), ("behind", 120.0)
    )
    feared = (
        "feared was shown as open at the time, and by what was really closed no way led there: a "
        "road counted as open until it was reported closed."
    )
    assert differences(review, at) == [
        "A way to unseen was open until 180s, and no node named it at the time.",
        "A way to behind was open until 120s, and that was shown only afterwards.",
        "A way to short was open to the end, and was no longer shown before that.",
        feared,
    ]
    assert review.leaks is not None
    assert shown_words(review, [review.leaks[1]], at) == " No node showed it at the time."
    assert shown_words(review, [review.leaks[0]], at) == " It was shown from 100s on."
    text = paper_html(review_paper(review, at, "day"))
    assert "Open ways as they were shown at the time" in text
    assert text.count("<b>Differs</b>") == 4


def test_where_they_agree_that_is_said(case: Case, told: Told) -> None:
    told.put(100, verdict(way("A")))
    told.put(200, verdict())
    review = with_leaks(case, told, ("A", 198.0))
    assert differences(review, at) == []
    assert "<b>Agrees</b>" in paper_html(review_paper(review, at, "day"))


def test_a_review_without_a_verdict_says_what_it_needs(case: Case) -> None:
    case.liaison()
    found = reviewed(case)
    assert found.shown is None
    assert any("shown of open ways" in line for line in found.not_computed)
