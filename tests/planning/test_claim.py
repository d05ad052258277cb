"""Claims from a plan: both ways on the corridor, pages that say it, files that can be checked."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from stopline.errors import BadInput
from stopline.planning.claim import answer
from stopline.planning.claim_page import claim_paper
from stopline.planning.plan import plan_scenario
from stopline.planning.verify import verify
from stopline.rendering.page.html import paper_html
from stopline.rendering.page.model import Block, Line, Paper
from stopline.rendering.page.pdf import paper_pdf, paper_typst

ROOT = Path(__file__).parents[2]
MORNING = datetime.fromisoformat("2026-06-13T06:00:00+03:00")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan")
    plan_scenario(ROOT / "examples/corridor/sealed.yaml", out, pictures=False)
    return out / "plan.json"


def test_it_could_and_the_way_is_shown(plan: Path, tmp_path: Path) -> None:
    claim = answer(plan, "Belarus", MORNING, says_could=True, out_dir=tmp_path / "out")
    assert claim.answer.could
    assert claim.sentence.startswith("It could have entered Belarus by 13 Jun 06:00")
    assert claim_paper(claim, None).headline.startswith("The claim is right.")
    assert {path.name for path in claim.files} == {
        "claim.json", "claim.html", "claim.pdf", "claim.png",
    }  # fmt: skip
    assert verify(tmp_path / "out/claim.json").ok


def test_it_could_not_and_that_is_proven(plan: Path, tmp_path: Path) -> None:
    claim = answer(plan, "Russia to Ukraine", says_could=False, out_dir=tmp_path, pictures=False)
    assert not claim.answer.could
    assert not claim.answer.route
    assert verify(tmp_path / "claim.json").ok
    page = (tmp_path / "claim.html").read_text("utf-8")
    assert "It could not have entered Russia to Ukraine" in page
    assert "No way was open at any time" in page
    assert (tmp_path / "claim.pdf").read_bytes().startswith(b"%PDF")


def test_a_wrong_claim_is_called_wrong(plan: Path) -> None:
    claim = answer(plan, "Belarus", MORNING, says_could=False)
    assert claim_paper(claim, None).headline.startswith("The claim is wrong.")


def test_what_was_really_closed_counts(plan: Path, tmp_path: Path) -> None:
    seal = json.loads(plan.read_text())["seals"]
    rows = ["kind,index,closed_from,opened_again,name,by"]
    for number, one in enumerate(seal):
        opened = "2026-06-13T03:00:00+03:00" if number == 2 else ""
        rows.append(f"section,{one['site']['index']},{one['closed_at']},{opened},,journal")
    path = tmp_path / "closings.csv"
    path.write_text("\n".join(rows), "utf-8")
    claim = answer(plan, "Russia to Ukraine", MORNING, closings=path, out_dir=tmp_path / "o",
                   pictures=False)  # fmt: skip
    assert claim.answer.could
    assert "13 Jun" in claim.sentence
    assert verify(tmp_path / "o/claim.json").ok


def test_an_altered_claim_is_refused(plan: Path, tmp_path: Path) -> None:
    answer(plan, "Belarus", MORNING, out_dir=tmp_path, pictures=False)
    path = tmp_path / "claim.json"
    content = json.loads(path.read_text())
    content["answer"]["could"] = False
    path.write_text(json.dumps(content))
    result = verify(path)
    assert not result.ok
    assert "could have entered Belarus" in result.sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty file"),
        ("kind,index\nsection,3\n", "closed_from"),
        ("kind,index,closed_from\nroad,3,2026-06-12T22:00:00+03:00\n", "section or junction"),
        ("kind,index,closed_from\nsection,99999999,2026-06-12T22:00:00+03:00\n", "a number below"),
        ("kind,index,closed_from\nsection,3,22:00\n", "a time with zone"),
        (
            "kind,index,closed_from,opened_again\nsection,3,2026-06-12T22:00:00Z,2026-06-12T21:00:00Z",
            "later than closed_from",
        ),
    ],
)
def test_bad_closings_are_named_by_line(plan: Path, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "closings.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput) as caught:
        answer(plan, "Belarus", closings=path)
    assert said in str(caught.value)
    assert "line" in str(caught.value)


@pytest.mark.parametrize("into", ["Atlantis", "section 99999999", "1,2,3"])
def test_a_place_that_is_nowhere_is_refused(plan: Path, into: str) -> None:
    with pytest.raises(BadInput, match="--into"):
        answer(plan, into)


def test_both_drawings_hold_every_text_and_nothing_is_read_as_markup() -> None:
    nasty = 'He said "#sys.exit()" <b>& \\ $x$ [y] *z* _w_'
    paper = Paper(
        title=f"Title {nasty}", headline="Head", facts=("fact",), foot="foot", tone="bad",
        blocks=(
            Block("First", (Line(nasty, lead="21:30", tone="bad"), Line("quiet", tone="quiet"))),
            Block("Second", (Line("good", tone="good"),)),
            Block("Third", (Line("wide"),), wide=True),
            Block("Fourth", (Line("boxed"),), boxed=True),
        ),
    )  # fmt: skip
    html, typst = paper_html(paper), paper_typst(paper)
    for text in ("Head", "fact", "foot", "First", "21:30", "quiet", "good", "wide", "boxed"):
        assert text in html
        assert text in typst
    assert "<b>&" not in html
    assert paper_pdf(paper) == paper_pdf(paper)
