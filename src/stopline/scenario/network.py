"""Open the road network that a scenario names, in the way it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.network.cache import open_network
from stopline.network.read_settings import ReadSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.documents.yaml import YamlDocument
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.network_schema import NetworkForm


def open_scenario_network(
    document: YamlDocument,
    form: NetworkForm,
    settings: ReadSettings,
    progress: Callable[[str, float], None] | None = None,
) -> RoadNetwork:
    """Open the network of a scenario from its cache, or read it.

    Raises:
        BadInput: there is no such network, it cannot be read, or it has no roads.
    """
    path = document.path.parent / form.path
    if not path.exists():
        where = document.where(("network", "path"))
        raise BadInput.single(where, f"{form.path}, which is not there", "a file that exists")
    network = open_network(path, settings, counting(path, progress))
    if network.sections == 0:
        raise BadInput.single(str(path), "an empty network", "a network with roads")
    return network


def counting(
    path: Path, progress: Callable[[str, float], None] | None
) -> Callable[[str, int], None] | None:
    """Show what a reader counts; how much there is to count it cannot know."""
    if progress is None:
        return None
    show = progress

    def count(what: str, number: int) -> None:
        show(f"reading {path.name}, once: {number:,} {what}", 0.0)

    return count


def read_settings(form: NetworkForm, folder: Path) -> ReadSettings:
    """Settings for the reader; paths are taken from the scenario's folder."""
    areas, territories, column, prop, default = form.territories, "auto", "country", "name", ""
    if areas is not None:
        default, prop = areas.default, areas.property_name
        column = areas.column or column
        if areas.geojson is not None:
            territories = str(folder / areas.geojson)
        elif areas.source == "none":
            territories = "none"
    return ReadSettings(
        kind=form.kind or "auto",
        include_service=form.include_service,
        include_tracks=form.include_tracks,
        include_private=form.include_private,
        include_forbidden=form.include_forbidden,
        include_paths=form.include_paths,
        include_ferries=form.include_ferries,
        length_unit=form.length_unit or "auto",
        speed_unit=form.speed_unit or "auto",
        class_speed_kmh=form.class_speed_kmh,
        no_limit_kmh=form.no_limit_kmh,
        territories=territories,
        territory_property=prop,
        territory_column=column,
        default_territory=default,
        crs=form.crs.strip(),
    )
