"""Write a plan to a file and read it back, so that another program can check it."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from stopline.errors import BadInput, FaultList, unreadable
from stopline.sealing.plan_file.consistency import note_contradictions
from stopline.sealing.plan_file.schema import PlanFile
from stopline.sealing.plan_file.schema_faults import note_faults
from stopline.sealing.plan_file.writing import form_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.network.read_settings import ReadSettings
    from stopline.sealing.plan import Plan
    from stopline.sealing.plan_file.blockade import BlockadeFile
    from stopline.sealing.plan_file.schema import NetworkPart
    from stopline.sealing.problem import SealingProblem

_ABOVE: Final = 5  # folders above a plan in which its map is looked for
_MOST_BYTES: Final = 512 * 1024 * 1024


def plan_to_dict(
    plan: Plan,
    problem: SealingProblem,
    *,
    settings: ReadSettings | None = None,
    zone: tzinfo = UTC,
) -> dict[str, Any]:
    """Make the content of a plan file; docs/formats/plan.md describes it.

    Args:
        plan: the plan.
        problem: what it answers.
        settings: how the network was read; None for the defaults.
        zone: the zone in which times are written for people.
    """
    return form_of(plan, problem, settings=settings, zone=zone).model_dump(
        mode="json", by_alias=True
    )


def plan_text(content: dict[str, Any]) -> str:
    """Write the content as JSON: keys sorted, so that equal plans make equal files."""
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_plan(
    path: Path,
    plan: Plan,
    problem: SealingProblem,
    *,
    settings: ReadSettings | None = None,
    zone: tzinfo = UTC,
) -> None:
    """Write a plan file; it appears whole or not at all."""
    write_whole(path, plan_text(plan_to_dict(plan, problem, settings=settings, zone=zone)))


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader never finds it half-written, and a crash leaves the old one."""
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_plan(path: Path) -> PlanFile:
    """Read a plan file.

    Raises:
        BadInput: with every fault of the file.
    """
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise BadInput.single(
                str(path), f"{size} bytes", f"a plan file of at most {_MOST_BYTES} bytes"
            )
        data = path.read_bytes()
    except OSError as error:
        raise BadInput.single(
            str(path), unreadable(error), "a plan file that can be read"
        ) from error
    return _checked(data, str(path))


def plan_from_dict(content: dict[str, Any], where: str = "plan") -> PlanFile:
    """Read the content of a plan file.

    Raises:
        BadInput: with every fault; `where` names the file in them.
    """
    return _checked(json.dumps(content).encode(), where)


def zone_of(plan: PlanFile | BlockadeFile) -> tzinfo:
    """The zone in which a plan tells times."""
    if plan.zone:
        try:
            return ZoneInfo(plan.zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            pass  # a machine without that zone tells them with the offset of "now"
    return datetime.fromisoformat(plan.now).tzinfo or UTC


def network_path(network: NetworkPart, file: Path) -> Path:
    """Say where the network of a plan or claim lies: where it was read, or near its file.

    A folder that was moved or copied whole brings the map along: it is looked for under the
    folders above the file, by the last parts of its path. Whether it is the right one is told by
    its digest.

    Raises:
        BadInput: it is in neither place.
    """
    named = Path(network.path)
    tails = [Path(*named.parts[-size:]) for size in range(len(named.parts), 0, -1)]
    near = [folder / tail for folder in file.absolute().parents[:_ABOVE] for tail in tails]
    for path in (named, *near):
        if network.path and path.exists():
            return path
    where, seen = f"{file}: network.path", f"{network.path}, which is not there"
    raise BadInput.single(where, seen, "the road network, there or beside the file")


def _checked(data: bytes, where: str) -> PlanFile:
    faults = FaultList()
    try:
        plan = PlanFile.model_validate_json(data)
    except ValidationError as error:
        note_faults(error, where, faults)
        faults.raise_if_any()
        raise
    note_contradictions(plan, where, faults)
    faults.raise_if_any()
    return plan
