"""`stopline review`: an incident afterwards, or as a node knew it at a moment."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.moments import moment_of
from stopline.cli.outcome import OPEN, SEALED, ends_plainly
from stopline.cli.progress import progress
from stopline.cli.said import say_files

EPILOG = """Examples:

\b
  stopline review nodes/alder i-1 --out review
  stopline review nodes/alder i-1 --peer-journal birch.jsonl --truth track.csv \\
      --scenario region.yaml --zone Europe/Vaduz --out review
  stopline review nodes/alder i-1 --at 2026-11-25T21:40:00+01:00 --out then

From the journal alone: what happened, deadlines kept and missed, orders, requests, lessons. With
the other side's exported journal: both sides in full (`stopline journal export`; it is verified,
and refused if it was changed). With --scenario: ways that were open, and a better plan. With
--truth, a track of the vehicle (CSV: time,lon,lat): the belief against what was true. What cannot
be computed is said, with what it needs.

--at replays: the situation report as this node knew it at that moment, and the review up to there.

Ends with 0 when the review is made, 3 if the other side's journal does not verify (nothing is
written then), 2 on bad input."""


@ends_plainly
def review(
    node: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
    incident: Annotated[str, typer.Argument(help="Id of the incident.", show_default=False)],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for review.json, review.html, review.pdf, pictures.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print review.json on stdout.")] = False,
    peer_journal: Annotated[
        Path | None, typer.Option(help="The other side's journal, exported as JSON Lines.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Where the vehicle truly was: CSV or GeoJSON.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="The region's scenario: roads, units, sites.")
    ] = None,
    exercise: Annotated[
        Path | None,
        typer.Option(help="evaluation.json of an exercise: its expected actions, met or missed."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Only what this node knew then (ISO 8601 with zone).")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Zone of the times; that of the node's region, if left out.")
    ] = None,
    reader: Annotated[
        str, typer.Option(help="With --at: role that the situation report is for.")
    ] = "head_of_state",
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Draw nothing.")] = False,
) -> int:
    """Say what happened, what was kept and missed, and what a better plan would have been."""
    import time

    from stopline.errors import VerificationFailed
    from stopline.operation.runtime.region_file import zone_of_region
    from stopline.operation.situation.commands import zone_named
    from stopline.review.replaying import write_situation_then
    from stopline.review.review import review_incident

    until = None if at is None else moment_of("--at", at)
    place = zone_named(zone) if zone else zone_of_region(node)
    try:
        with progress() as report:
            found = review_incident(
                node, incident, zone=place, now_s=time.time(),
                until_s=float("inf") if until is None else until.timestamp(),
                peer_journal=peer_journal, truth=truth, scenario=scenario, exercise=exercise,
                out_dir=out,
                pictures=not no_pictures, progress=report,
            )  # fmt: skip
    except VerificationFailed as error:
        typer.echo(str(error), err=True)
        return OPEN
    files = list(found.files)
    if until is not None and out is not None:
        files += write_situation_then(
            node, incident, until.timestamp(), out, reader=reader, zone=place
        )
    if as_json:
        typer.echo(found.file.model_dump_json(indent=1))
    else:
        _say(found.file)
    say_files(files)
    return SEALED


def _say(file: object) -> None:
    from stopline.review.schema import ReviewFile

    assert isinstance(file, ReviewFile)  # noqa: S101  (typed late, as its module loads pydantic)
    typer.echo(file.summary.headline)
    for title, lines in (
        ("What happened", file.summary.happened),
        ("What held", file.summary.held),
        ("What was late or open", file.summary.late),
        ("What to change", file.summary.change),
        ("Not computed", file.not_computed),
    ):
        if lines:
            typer.echo(f"\n{title}")
            for line in lines:
                typer.echo(f"  {line}")
