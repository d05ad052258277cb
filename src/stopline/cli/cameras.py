"""The `stopline cameras` commands: many cameras at once, and how well plates are found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly

if TYPE_CHECKING:
    from stopline.cameras.scale.server import ServerAccess

app = typer.Typer(
    name="cameras", help="Many cameras at once; how well plates are found.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip

SERVE_EPILOG = """Example:

\b
  stopline cameras serve cameras.yaml --incident i-1 --node https://127.0.0.1:8443 \\
      --token-file camera.token --ca alder/tls.crt --workers 3 --data hits/

Starts a message server that keeps frames in memory only (or takes one with --nats tls://...), and
workers. Hits go to the node; a camera that does not see is told. SIGINT ends it."""

WORKER_EPILOG = """Example, on another machine:

\b
  stopline cameras worker cameras.yaml --nats tls://10.0.0.9:4222 --nats-token-file nats.token \\
      --incident i-1 --node https://10.0.0.5:8443 --token-file camera.token --ca tls.crt"""

EVALUATE_EPILOG = """Example:

\b
  stopline cameras evaluate stills/

The folder holds pictures or films and plates.csv with the columns file,plate. Says how many plates
are found by exact string, with look-alikes merged, with one error allowed, and by score, and how
many other plates of the same form each way takes."""

Cameras = Annotated[Path, typer.Argument(help="File of cameras (docs/cameras.md).")]
Incident = Annotated[str, typer.Option(help="Incident of the node.")]
Node = Annotated[str, typer.Option(help="Address of the node.")]
Token = Annotated[Path, typer.Option(help="File with the camera account's token.")]
Ca = Annotated[Path | None, typer.Option(help="The node's certificate.")]
NatsToken = Annotated[Path | None, typer.Option(help="File with the message server's token.")]


@app.command(short_help="Watch many cameras for an incident.", epilog=SERVE_EPILOG)
@ends_plainly
def serve(
    cameras: Cameras,
    *,
    incident: Incident,
    node: Node,
    token_file: Token,
    ca: Ca = None,
    workers: Annotated[int, typer.Option(min=0, max=64, help="Workers on this machine.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="Folder for hits that the node does not have yet.")
    ] = None,
    nats: Annotated[
        str | None, typer.Option(help="A message server with TLS instead of one of our own.")
    ] = None,
    nats_token_file: NatsToken = None,
    listen: Annotated[
        str | None, typer.Option(help="Take reads of other systems here, as 127.0.0.1:8950.")
    ] = None,
    tls: Annotated[
        tuple[Path, Path, Path] | None,
        typer.Option(help="Certificate, key, authority of those who may post, for --listen."),
    ] = None,
) -> int:
    """Watch many cameras for the one vehicle of an incident, with several workers."""
    from stopline.cameras.camera import read_cameras
    from stopline.cameras.core_dumps import forbid_core_dumps
    from stopline.cli.camera_client import NodeClient
    from stopline.cli.camera_server import CameraServer

    forbid_core_dumps()
    client = NodeClient(node, incident, token_file, ca)
    known = read_cameras(cameras)
    again = [str(cameras), "--incident", incident, "--node", node, "--token-file", str(token_file)]
    again += ["--ca", str(ca)] if ca else []
    server = CameraServer(known, client, again, workers)
    access = None if nats is None else _access(nats, nats_token_file)
    try:
        server.run(access, data, listen, tls)
    finally:
        client.close()
    return SEALED


@app.command(short_help="One more worker, on this machine or another.", epilog=WORKER_EPILOG)
@ends_plainly
def worker(
    cameras: Cameras,
    *,
    incident: Incident,
    node: Node,
    token_file: Token,
    nats: Annotated[str, typer.Option(help="Address of the message server.")],
    nats_token_file: NatsToken = None,
    ca: Ca = None,
) -> int:
    """Take episodes of any camera, look for the one vehicle, and tell hits."""
    import asyncio

    from stopline.cameras import models
    from stopline.cameras.calibration import calibration
    from stopline.cameras.camera import read_cameras
    from stopline.cameras.core_dumps import forbid_core_dumps
    from stopline.cameras.scale.work import work
    from stopline.cameras.vision.verifier import Verifier
    from stopline.cli.camera_client import NodeClient

    forbid_core_dumps()
    client = NodeClient(node, incident, token_file, ca)
    known = {camera.name: camera for camera in read_cameras(cameras)}
    verifier = Verifier(models.detector(), models.recogniser(), models.classes())
    access = _access(nats, nats_token_file)
    try:
        asyncio.run(work(access, known, verifier, calibration(), client.wanted))
    except KeyboardInterrupt:
        pass
    finally:
        client.close()
    return SEALED


@app.command(short_help="How well labelled stills and clips are found.", epilog=EVALUATE_EPILOG)
@ends_plainly
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Pictures or films, and plates.csv.")],
    *,
    others: Annotated[
        int, typer.Option(min=0, max=100_000, help="Other plates asked for, for each picture.")
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Of the other plates.")] = 1,
    threshold: Annotated[
        float | None, typer.Option(help="Least score of a hit; else the calibrated one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> int:
    """Say how well plates are found on pictures or films of your own."""
    import json
    from dataclasses import asdict

    from stopline.cameras.calibration import calibration
    from stopline.cameras.evaluation import tabulate
    from stopline.cameras.labelled import labelled_cases
    from stopline.cli.plain_table import show_table

    least = calibration().certain if threshold is None else threshold
    table = tabulate(labelled_cases(folder, others, seed), least)
    if as_json:
        counts = {way: asdict(tally) for way, tally in table.ways.items()}
        typer.echo(json.dumps({"threshold": least, "ways": counts}, indent=1))
        return SEALED
    rows = [
        (way, f"{t.found} of {t.wanted}", f"{t.false} of {t.others}", f"{t.taken} of {t.one_off}")
        for way, t in table.ways.items()
    ]
    columns = ("way", "found", "others taken", "one sign off taken")
    show_table(columns, rows, title=f"{folder}: least score {least:g}")
    return SEALED


def _access(url: str, token_file: Path | None) -> ServerAccess:
    import os

    from stopline.cameras.scale.server import ServerAccess

    token = os.environ.get("STOPLINE_NATS_TOKEN")
    if token_file is not None:
        token = token_file.read_text("utf-8").strip()
    return ServerAccess.of_url(url, token)
