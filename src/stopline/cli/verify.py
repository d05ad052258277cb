"""`stopline verify`: the independent checker."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.outcome import OPEN, SEALED, ends_plainly
from stopline.cli.said import say_wrapped

EPILOG = """Examples:

\b
  stopline verify out/case/plan.json
  stopline verify plan.json --network liechtenstein.osm.pbf
  stopline verify plan.json --node ~/north      did the other side sign what it says?
  stopline verify out/close/blockade.json       is every place closed, and none earlier?
  stopline verify claim/claim.json
  stopline verify out/hall/event.json           cameras, barriers and forces of an event

Ends with 0 if the plan or claim is what it says, 3 if it is not, 2 on bad input."""


@ends_plainly
def verify(
    plan: Annotated[
        Path, typer.Argument(help="plan.json, blockade.json, claim.json or event.json.")
    ],
    *,
    network: Annotated[
        Path | None, typer.Option(help="The road network, if it lies elsewhere now.")
    ] = None,
    node: Annotated[
        Path | None,
        typer.Option(help="Folder of the node that asked: compare a joint plan with its journal."),
    ] = None,
) -> int:
    """Check a plan with separate code: does it stop every route? If not, show one that escapes."""
    if node is None:
        from stopline.planning.verify import verify as check

        result = check(plan, network)
    else:
        from stopline.operation.joint.verify import verify_with_node

        result = verify_with_node(plan, network, node)
    say_wrapped(result.sentence, indent=0)
    return SEALED if result.holds else OPEN
