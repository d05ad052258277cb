"""Open an exercise with all files that it names, held against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import yaml

from stopline.errors import BadInput, FaultList
from stopline.exercise.document.check import check_exercise
from stopline.exercise.document.reader import read_exercise
from stopline.protocol.reader import read_protocol
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.exercise.document.reader import ExerciseFile
    from stopline.exercise.document.schema import Exercise
    from stopline.forces.unit import Unit
    from stopline.protocol.reader import ProtocolFile
    from stopline.scenario.loader import Scenario


@dataclass(frozen=True, slots=True)
class LoadedExercise:
    """An exercise that was read and found sound.

    Attributes:
        file: the document.
        protocol: the agreed protocol.
        scenario: roads, sides, places and units.
    """

    file: ExerciseFile
    protocol: ProtocolFile
    scenario: Scenario

    @property
    def exercise(self) -> Exercise:
        """What the document says."""
        return self.file.exercise

    @property
    def sides(self) -> tuple[str, ...]:
        """The two sides, in the order of the protocol."""
        return tuple(self.protocol.protocol.sides)

    def units_of(self, side: str) -> list[Unit]:
        """The units of a side of the protocol."""
        there = self.scenario_side(side)
        return [one for one in self.scenario.problem.units if one.side == there]

    def dispatchers(self) -> dict[str, str]:
        """The role that speaks for the units of a service: its officer on duty.

        That is the last role of the service that reports to another of it; its only one if there
        is one.
        """
        roles = self.protocol.protocol.roles
        found: dict[str, str] = {}
        for name, role in roles.items():
            above = roles.get(role.reports_to or "")
            within = above is not None and above.agency == role.agency
            if role.agency and (role.agency not in found or within):
                found[role.agency] = name
        return {**found, **({"police": "second_officer"} if "second_officer" in roles else {})}

    def scenario_side(self, side: str) -> str:
        """The name of a side in the scenario."""
        return self.exercise.sides[side].scenario


def load_exercise(
    path: Path,
    *,
    network: Path | None = None,
    work: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> LoadedExercise:
    """Read an exercise, its protocol and its scenario.

    Args:
        path: the document.
        network: the road network that the user brings, where the document asks for one.
        work: a folder in which a scenario with the user's network may be written.
        progress: told what is being done.

    Raises:
        BadInput: with all faults of the first of the three that has any.
    """
    file = read_exercise(path)
    needed = file.exercise.network
    if needed is not None and network is None:
        raise BadInput.single(
            file.lines.where("network"), "no road network", f"--network FILE: {needed}"
        )
    if network is not None and needed is None:
        raise BadInput.single("--network", str(network), "nothing; the scenario brings its roads")
    if network is not None and not network.is_file():
        raise BadInput.single("--network", f"{network}, which is not there", "a file that exists")
    _files_are_there(file)
    protocol = read_protocol(file.protocol_path)
    where = file.scenario_path
    if network is not None:
        if work is None:
            raise BadInput.single("--network", str(network), "a folder to write the scenario to")
        where = _with_network(where, network, work)
    scenario = load_scenario(where, progress=progress)
    # Play begins at STARTEX, whatever "now" the scenario has for a plan of its own.
    problem = replace(
        scenario.problem, now_utc_s=file.exercise.start_s, units=_with_services(file, scenario)
    )
    scenario = replace(scenario, problem=problem)
    check_exercise(file, protocol.protocol, scenario)
    return LoadedExercise(file, protocol, scenario)


def _files_are_there(file: ExerciseFile) -> None:
    """The files that a document names, at its own lines.

    Raises:
        BadInput: one is not there, or is no file.
    """
    faults = FaultList()
    named = {"scenario": file.scenario_path, "protocol": file.protocol_path}
    for key, path in named.items():
        try:
            is_there = path.is_file()
        except (OSError, ValueError):
            is_there = False
        if not is_there:
            seen = f"{path}, which is {'a folder' if path.is_dir() else 'not there'}"
            faults.add(file.lines.where(key), seen, f"a {key} file, beside the document")
    faults.raise_if_any()


def _with_services(file: ExerciseFile, scenario: Scenario) -> tuple[Unit, ...]:
    """The units, each with its service as the protocol calls it: names there have no blanks."""
    named = {form.scenario: form.services for form in file.exercise.sides.values()}
    return tuple(
        replace(
            unit,
            agency=named.get(unit.side, {}).get(unit.agency, unit.agency.replace(" ", "_")),
        )
        for unit in scenario.problem.units
    )


def _with_network(scenario: Path, network: Path, work: Path) -> Path:
    """Write the scenario again, with the user's network and its files by their full paths."""
    try:
        content = yaml.safe_load(scenario.read_text("utf-8"))
        content["network"]["path"] = str(network.resolve())
        borders = content["network"].get("territories", {})
        if isinstance(borders, dict) and "geojson" in borders:
            borders["geojson"] = str((scenario.parent / borders["geojson"]).resolve())
        units = content.get("units", [])
        given = units if isinstance(units, list) else [units]
        content["units"] = [
            str((scenario.parent / one).resolve()) if isinstance(one, str) else one
            for one in given
        ]  # fmt: skip
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        expected = "a scenario with a network"
        raise BadInput.single(str(scenario), type(error).__name__, expected) from None
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"{scenario.stem}-with-network.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return path
