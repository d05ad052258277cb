"""Replay: the situation report as a node knew it at a past moment, and nothing that came later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.documents.output_folder import whole_outputs
from stopline.operation.core.node import open_node
from stopline.operation.core.snapshots import lasting_entries
from stopline.operation.situation.report import situation_report
from stopline.rendering.page.html import paper_html
from stopline.rendering.page.pdf import paper_pdf
from stopline.review.history import fold_history

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo
    from pathlib import Path

    from stopline.journal.base import Entry
    from stopline.rendering.page.model import Paper

SITUATION_FILES = ("situation.html", "situation.pdf")


def situation_then(
    entries: Iterable[Entry], incident: str, at_s: float, *, reader: str, zone: tzinfo
) -> Paper:
    """The situation report as of a moment, from the entries recorded by then.

    Raises:
        BadInput: nothing was known of the incident then.
    """
    history = fold_history(entries, incident, at_s)
    return situation_report(history.book, history.incident, at_s, reader=reader, zone=zone)


def write_situation_then(
    node: Path, incident: str, at_s: float, out_dir: Path, *, reader: str, zone: tzinfo
) -> list[Path]:
    """Write situation.html and situation.pdf as of a moment; give their paths."""
    with open_node(node) as opened:
        page = situation_then(
            lasting_entries(opened.journal), incident, at_s, reader=reader, zone=zone
        )
    with whole_outputs(out_dir, SITUATION_FILES) as draft:
        (draft / "situation.html").write_text(paper_html(page), "utf-8")
        (draft / "situation.pdf").write_bytes(paper_pdf(page))
    return [out_dir / name for name in SITUATION_FILES]
