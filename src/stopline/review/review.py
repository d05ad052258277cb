"""The use case of the review: fold the journals, have the parts made, and write the pages."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.documents.output_folder import whole_outputs
from stopline.operation.core.context import seconds
from stopline.operation.core.node import open_node
from stopline.operation.core.snapshots import lasting_entries
from stopline.rendering.time_text import Clock
from stopline.review.assembly import Making
from stopline.review.expected_actions import read_evaluation
from stopline.review.ground_truth import read_truth
from stopline.review.history import fold_history
from stopline.review.peer_journal import read_peer_journal
from stopline.review.summary import summary_of
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo
    from pathlib import Path

    from stopline.review.ground_truth import TrueTrack
    from stopline.review.schema import ReviewFile
    from stopline.scenario.loader import Scenario

REVIEW_FILES: Final = (
    "review.json", "review.html", "review.pdf", "timeline.png", "map.png",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review with what it was made from.

    Attributes:
        file: the content of review.json.
        scenario: roads and units; None if it was not given.
        truth: where the vehicle was; None if it was not given.
        zone: of the times on the pages.
        files: what was written.
    """

    file: ReviewFile
    scenario: Scenario | None
    truth: TrueTrack | None
    zone: tzinfo
    files: tuple[Path, ...] = ()

    @property
    def clock(self) -> Clock:
        """Writes times after the alarm in the zone."""
        return Clock(seconds(self.file.alarm), self.zone)


def review_incident(
    node: Path,
    incident: str,
    *,
    zone: tzinfo,
    now_s: float,
    until_s: float = float("inf"),
    peer_journal: Path | None = None,
    truth: Path | None = None,
    scenario: Path | None = None,
    exercise: Path | None = None,
    out_dir: Path | None = None,
    pictures: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> Review:
    """Review an incident from a node's journal, and write review.json, the pages and pictures.

    Args:
        node: folder of the node.
        incident: id of the incident.
        zone: zone of the times on the pages.
        now_s: deadlines that are later are still open, UTC seconds.
        until_s: leave out what was recorded later, UTC seconds.
        peer_journal: the other side's journal, exported as JSON Lines.
        truth: where the vehicle truly was, CSV or GeoJSON.
        scenario: the region's scenario, for roads and units.
        exercise: evaluation.json of an exercise, for its expected actions.
        out_dir: folder to write into; None writes nothing.
        pictures: whether to draw.
        progress: told what is being done and how much of it is done.

    Raises:
        BadInput: with all faults of a file, or the journal knows no such incident.
        VerificationFailed: the other side's journal was changed, or is not theirs.
    """
    evaluated = None if exercise is None else read_evaluation(exercise)
    track = None if truth is None else read_truth(truth)
    loaded = None if scenario is None else load_scenario(scenario, progress=progress)
    with open_node(node) as opened:
        own = fold_history(lasting_entries(opened.journal), incident, until_s)
        peer, left = None, 0
        if peer_journal is not None:
            entries, left = read_peer_journal(peer_journal, opened.journal)
            peer = fold_history(entries, incident, until_s)
    made = Making(own, peer, loaded, track, min(now_s, until_s), progress).file(left)
    made = made.model_copy(update={"exercise": evaluated})
    review = Review(file=made, scenario=loaded, truth=track, zone=zone)
    review = dataclasses.replace(review, file=_summed(review))
    return review if out_dir is None else _written(review, out_dir, pictures=pictures)


def _summed(review: Review) -> ReviewFile:
    clock = review.clock
    summary = summary_of(review.file, clock.minute)
    return review.file.model_copy(update={"summary": summary})


def _written(review: Review, out_dir: Path, *, pictures: bool) -> Review:
    from stopline.rendering.page.html import paper_html  # noqa: PLC0415
    from stopline.rendering.page.pdf import paper_pdf  # noqa: PLC0415
    from stopline.review.page import review_paper  # noqa: PLC0415

    at = review.clock.minute
    with whole_outputs(out_dir, REVIEW_FILES) as draft:
        (draft / "review.json").write_text(
            review.file.model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
        drawn = _draw(review, draft, at) if pictures else {}
        paper = review_paper(
            review.file, at, review.clock.day(), timeline=drawn.get("timeline"),
            plan_of_roads=drawn.get("map"),
        )  # fmt: skip
        (draft / "review.html").write_text(paper_html(paper), encoding="utf-8")
        (draft / "review.pdf").write_bytes(paper_pdf(paper))
        written = sorted(path.name for path in draft.iterdir())
    return dataclasses.replace(review, files=tuple(out_dir / name for name in written))


def _draw(review: Review, draft: Path, at: Callable[[float], str]) -> dict[str, bytes]:
    """Draw what can be drawn into files; give what stands on the pages."""
    from stopline.review.map_picture import draw_review_map  # noqa: PLC0415  (draws)
    from stopline.review.timeline_picture import timeline_png  # noqa: PLC0415

    drawn = {"timeline": timeline_png(review.file, at)}
    (draft / "timeline.png").write_bytes(drawn["timeline"])
    if review.scenario is not None:
        from stopline.rendering.look import look_of  # noqa: PLC0415

        look = dataclasses.replace(look_of(review.scenario), zone=review.zone)
        drawn["map"] = draw_review_map(
            review.file, review.scenario, review.truth, draft / "map.png", at, look,
            review.clock.day(),
        )  # fmt: skip
    return drawn
