"""The situation report in German: our sentences are, people's words stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from operation.situation.full_case import fill
from stopline.operation.situation.german import _FIELD, _FORMS, german, in_german
from stopline.operation.situation.report import situation_report

if TYPE_CHECKING:
    from operation.liaison_case import Case

# Words of our English sentences; none is one of German, nor of what people say in the case here.
ENGLISH = re.compile(
    r"\b(is|not|known|seen|said|closed|open|roads?|exits?|since|other|asked|overdue|"
    r"heading|confirmed|ordered|late|nothing|the)\b",
    re.IGNORECASE,
)
THEIRS = (
    "shots fired", "Alert all", "Report to", "head of", "Stay at home", "Can you help", "with your",
    "Do both", "May the", "Both sides", "the border", "The alarm", "Nothing moves", "Everyday",
    "officer", "Prosecutor", "the prisoner", "Mill road", "Forest road", "A 3",
)  # fmt: skip


def test_no_sentence_of_ours_is_left_in_english(case: Case) -> None:
    fill(case)
    for reader in ("head_of_state", "press_officer"):
        book = case.both.desks[0].catch_up()
        page = in_german(situation_report(book, case.incident(0), case.both.now_s, reader=reader))
        texts = [page.headline, *page.facts, page.foot]
        for block in page.blocks:
            texts += [block.title, *(text for one in block.lines for text in (one.lead, one.text))]
        left = [one for one in texts if ENGLISH.search(one) and not any(w in one for w in THEIRS)]
        assert not left


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("Rheindamm (ours, since 11:07)", "Rheindamm (unsere, seit 11:07)"),
        ("unnamed road, way 7 (Birch, by 11:11)", "Strasse ohne Namen, way 7 (Birch, bis 11:11)"),
        (
            ("No exit can be reached: 3 seals closed, 11 more in time; 3 only by the other side's "
            "word, over the time."),
            ("Kein Ausgang ist erreichbar: 3 Sperren geschlossen, 11 weitere rechtzeitig; 3 nur "
            "nach dem Wort der anderen Seite, Zeit abgelaufen."),
        ),
        (
            ("Landquart open from 11:11, because no seal stands on this way; 7 more exits for the "
            "same reason"),
            ("Landquart offen ab 11:11, weil auf diesem Weg keine Sperre steht; 7 weitere Ausgänge "
            "aus demselben Grund"),
        ),
        ("to seal 2 roads: yes by 11:12; Yes.", "2 Strassen zu sperren: ja, bis 11:12; Yes."),
        ("7 in position, 2 on call", "7 in Stellung, 2 in Bereitschaft"),
        ("we asked: who comes? agreed: we do", "wir fragten: who comes? vereinbart: we do"),
    ],
)  # fmt: skip
def test_forms(english: str, said: str) -> None:
    assert german(english) == said


@pytest.mark.parametrize(
    "words", ["Shots in a hall; a white van drives off, Vaduz", "white van", "Stay: at home.", ""]
)
def test_what_people_wrote_stays(words: str) -> None:
    assert german(words) == words


def test_each_form_says_the_same_fields() -> None:
    for english, said in _FORMS.items():
        assert {name for name, _ in _FIELD.findall(english)} == {
            name for name, _ in _FIELD.findall(said)
        }
