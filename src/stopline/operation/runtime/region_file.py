"""The region that a node was told of last: kept in its folder, so that nobody types it again."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.operation.orders.scenario_store import ScenarioStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

REGION_FILE: Final = "region.json"


def keep_region(folder: Path, scenarios: Sequence[Path], networks: Sequence[Path]) -> None:
    """Keep which scenarios and networks a node was told of."""
    told = {
        "scenarios": [str(path.resolve()) for path in scenarios],
        "networks": [str(path.resolve()) for path in networks],
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (folder / REGION_FILE).write_text(text, "utf-8")


def kept_region(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The scenarios and networks that a node was told of last; none where it never was."""
    try:
        told = json.loads((folder / REGION_FILE).read_text("utf-8"))
        scenarios, networks = told["scenarios"], told["networks"]
    except (OSError, ValueError, KeyError, TypeError):
        return (), ()
    return tuple(Path(str(one)) for one in scenarios), tuple(Path(str(one)) for one in networks)


def zone_of_region(folder: Path) -> tzinfo:
    """The zone in which the region of a node tells its times; UTC where it knows none."""
    region = regions_of(folder).region()
    return UTC if region is None else region.zone


def regions_of(folder: Path) -> ScenarioStore:
    """What finds the region of a node that another process serves, or that nobody does now."""
    scenarios, _ = kept_region(folder)
    return ScenarioStore(scenarios, folder)
