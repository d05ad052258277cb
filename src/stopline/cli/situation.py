"""The `stopline situation` command: the one-page report of an incident, from a node's journal."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.outcome import reported

EPILOG = "Example: stopline situation nodes/alder i-1 --zone Europe/Vaduz --out out"


def situation(
    node: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
    incident: Annotated[str, typer.Argument(help="Id of the incident.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for situation.html and situation.pdf.")],
    reader: Annotated[str, typer.Option(help="Role that it is for.")] = "head_of_state",
    zone: Annotated[
        str | None, typer.Option(help="Zone of its times; that of the node's region, if left out.")
    ] = None,
) -> None:
    """Write the situation report as it is now: one page, HTML and PDF."""
    from stopline.operation.runtime.bootstrap import open_command_handler
    from stopline.operation.runtime.region_file import regions_of, zone_of_region
    from stopline.operation.situation.commands import zone_named
    from stopline.operation.situation.report import situation_report, with_map
    from stopline.operation.situation.small_map import small_map
    from stopline.rendering.page.html import paper_html
    from stopline.rendering.page.pdf import paper_pdf

    with reported():
        place = zone_named(zone) if zone else zone_of_region(node)
        desk = open_command_handler(node)
        try:
            book = desk.read()
            found, now_s = book.incident(incident), desk.node.clock()
            page = situation_report(book, found, now_s, reader=reader, zone=place)
            region = regions_of(node).region()
            drawn = None if region is None else small_map(found, region, now_s)
        finally:
            desk.node.journal.close()
        page = with_map(page, drawn)
        out.mkdir(parents=True, exist_ok=True)
        (out / "situation.html").write_text(paper_html(page), "utf-8")
        (out / "situation.pdf").write_bytes(paper_pdf(page))
    typer.echo(page.headline)
    typer.echo(f"{out / 'situation.html'} {out / 'situation.pdf'}")
