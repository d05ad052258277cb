"""`stopline watch`: watch road video for the one vehicle."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import BAD_INPUT, OPEN, SEALED, ends_plainly

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.cameras.wanted import WantedPlate
    from stopline.cameras.watching import Seen

_CLOCKS_DIFFER_S = 2.0

EPILOG = """Examples:

\b
  stopline watch gate.mp4 --plate "FL 12345" --authority "Order 12/2026"
  stopline watch rtsp://10.0.0.7/stream --plate "ZH 12?4*" --authority "Order 12/2026" --json
  stopline watch --cameras cameras.yaml --incident i-1 --node https://127.0.0.1:8443 \\
      --token-file camera.token --ca alder/tls.crt

A source is a film, a picture, a folder of pictures, or an RTSP or MJPEG address. Only the one
vehicle is looked for; other plates never become text. With --incident the node says for every frame
whether the watch runs, and gets the hits. Ends with 0 if it passed, 3 if it was not found."""


@ends_plainly
def watch(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Films, folders of pictures, addresses.")
    ] = None,
    *,
    plate: Annotated[
        str | None, typer.Option(help="The one plate; ? is one unknown sign, * any number.")
    ] = None,
    authority: Annotated[
        str | None, typer.Option(help="By what authority it is looked for.")
    ] = None,
    cameras: Annotated[Path | None, typer.Option(help="File of cameras (docs/cameras.md).")] = None,
    incident: Annotated[
        str | None, typer.Option(help="Incident of a node, whose watch list says what is wanted.")
    ] = None,
    node: Annotated[
        str | None, typer.Option(help="Address of the node, for example https://127.0.0.1:8443.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the camera account's token.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="The node's certificate.")] = None,
    began: Annotated[
        str | None, typer.Option(help="When the film began (ISO 8601 with zone).")
    ] = None,
    tries: Annotated[
        int | None, typer.Option(min=1, help="Give a broken stream up after so many tries.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON for each event.")
    ] = False,
    detector: Annotated[
        str, typer.Option(help="tiny, or small: slower, for plates that stand badly.")
    ] = "tiny",
) -> int:
    """Watch road video for the one vehicle that is searched for."""
    from stopline.cameras.core_dumps import forbid_core_dumps
    from stopline.cameras.sources import Timing
    from stopline.cli.moments import moment_of
    from stopline.cli.watching import Watcher, cameras_of
    from stopline.errors import BadInput

    forbid_core_dumps()
    wanted, tell, close = _asked(plate, authority, incident, node, token_file, ca)
    known = cameras_of(sources or [], cameras)
    began_s = None if began is None else moment_of("--began", began).timestamp()
    if began_s is not None and began_s > time.time() + _CLOCKS_DIFFER_S:
        raise BadInput.single("--began", f"{began}, in the future", "when the film began")
    watcher = Watcher(wanted, began_s, Timing(tries=tries), detector)
    show = _json_line if as_json else _Table().show
    try:
        found, failed = watcher.run(known, lambda seen: (show(seen), tell(seen)))
    finally:
        close()
    for name, why in failed:
        typer.echo(f"{name}: {why}", err=True)
    if found:
        return SEALED
    return BAD_INPUT if len(failed) == len(known) else OPEN


def _asked(
    plate: str | None,
    authority: str | None,
    incident: str | None,
    node: str | None,
    token_file: Path | None,
    ca: Path | None,
) -> tuple[Callable[[], WantedPlate | None], Callable[[Seen], object], Callable[[], None]]:
    """Return who says what is wanted, who is told, and what ends that."""
    from stopline.cameras.wanted import wanted_plate
    from stopline.errors import FaultList

    faults = FaultList()
    if (plate is None) == (incident is None):
        faults.add("stopline watch", "both" if plate else "neither", "--plate, or --incident")
    if plate is not None and not (authority or "").strip():
        faults.add("--authority", "nothing", "by what authority it is looked for, in words")
    if incident is not None and node is None:
        faults.add("--node", "nothing", "the node's address, for example https://127.0.0.1:8443")
    if incident is not None and token_file is None:
        faults.add("--token-file", "nothing", "the file with the camera account's token")
    faults.raise_if_any()
    if plate is not None:
        known = wanted_plate(plate)
        return (lambda: known), (lambda _: None), (lambda: None)
    from stopline.cli.camera_client import NodeClient

    client = NodeClient(str(node), str(incident), token_file, ca)
    return client.wanted, client.tell, client.close


def _json_line(seen: Seen) -> None:
    import json

    from stopline.cameras.watching import as_line

    typer.echo(json.dumps(as_line(seen), ensure_ascii=False, allow_nan=False))


class _Table:
    """A line of a table for each event, as it comes."""

    def __init__(self) -> None:
        self._begun = False

    def show(self, seen: Seen) -> None:
        from stopline.cameras.watching import as_line

        if not self._begun:
            typer.echo(f"{'time':<26}{'camera':<22}{'what':<12}{'sure':>6}  way")
            self._begun = True
        line = as_line(seen)
        when = line.get("at") or line.get("since") or line["until"]
        what = line.get("class") or line["kind"]
        sure = f"{line['confidence']:.0%}" if "confidence" in line else ""
        way = line.get("direction") or line.get("why") or ""
        if line["kind"] == "silence":
            way = f"nothing since {line['from']}"
        if line.get("doubt"):
            way = f"{way} ({line['doubt']})"
        typer.echo(f"{when:<26}{line['camera'][:21]:<22}{what:<12}{sure:>6}  {way}")
