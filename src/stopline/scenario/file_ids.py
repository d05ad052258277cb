"""Junctions and sections by the ids of the network's own file: `node: 32`, `link: 7`, `way: 12/3`.

A number under `junction` or `section` is Stopline's own; a row number is never taken for an id.
Here ids are put in place of numbers before the form is checked, so that the rest of the scenario
knows numbers alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.network.place_names import section_id
from stopline.network.road_network import NO_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stopline.documents.yaml import KeyPath, YamlDocument
    from stopline.errors import FaultList
    from stopline.network.road_network import RoadNetwork

ONE: Final = {"node": "junction", "link": "section", "way": "section"}
SEVERAL: Final = {"nodes": "junctions", "links": "sections", "ways": "sections"}
_ID: Final = re.compile(r"(-?[1-9]\d{0,17}|0)(?:/([1-9]\d{0,8}))?")
_PLACES: Final = ("sightings", "exits", "orders")
_MOST_SHOWN: Final = 6


def names_ids(content: object) -> bool:
    """Whether a scenario's content names anything by the file's own id."""
    return any(True for _ in _entries(content))


def with_numbers(document: YamlDocument, network: RoadNetwork, faults: FaultList) -> YamlDocument:
    """Put numbers in place of ids; an id that is missing, or stands for several, is told."""
    content = _copy(document.content)
    for keys, entry in list(_entries(content)):
        for name in [*ONE, *SEVERAL]:
            if name not in entry:
                continue
            given = entry.pop(name)
            ids = given if isinstance(given, list) else [given]
            found = [
                number
                for position, one in enumerate(ids)
                for number in _numbers(
                    network, name, one, document.where((*keys, name, position)), faults
                )
            ]
            if name in SEVERAL:
                entry[SEVERAL[name]] = found or [0]
            else:
                entry[ONE[name]] = found[0] if found else 0
                if len(found) > 1:
                    own = [section_id(network, one) for one in found[:_MOST_SHOWN]]
                    shown = ", ".join(one.partition(" ")[2] for one in own)
                    faults.add(
                        document.where((*keys, name)),
                        f"{name} {given}, which is cut into {len(found)} sections",
                        f"one of them: {name}: {shown}",
                    )
    return replace(document, content=content)


def _entries(content: object) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every mapping that names a place by id, with its keys."""
    if not isinstance(content, dict):
        return
    sites = content.get("sites")
    posts = sites.get("checkpoints") if isinstance(sites, dict) else None
    lists: list[tuple[KeyPath, object]] = [((name,), content.get(name)) for name in _PLACES]
    lists.append((("sites", "checkpoints"), posts))
    for keys, entries in lists:
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and any(name in entry for name in (*ONE, *SEVERAL)):
                yield (*keys, number), entry


def numbers_of(network: RoadNetwork, word: str, text: str) -> list[int]:
    """The junctions or sections that an id of the network's file stands for; none if it is none.

    Args:
        network: the roads.
        word: `node`, `link` or `way`.
        text: the id, of a way that is cut into sections also `12/3` for the third of them.
    """
    given = _ID.fullmatch(text.strip())
    if given is None:
        return []
    ids: NDArray[Any] = network.junction_id if word.startswith("node") else network.section_id
    found: list[int] = np.flatnonzero(ids == int(given[1])).tolist()
    if given[2] is None:
        return found
    part = int(given[2])
    return found[part - 1 : part]


def ids_expected(network: RoadNetwork, word: str) -> str:
    """What to give in place of an id that the network's file does not have."""
    ids: NDArray[Any] = network.junction_id if word.startswith("node") else network.section_id
    what = "node" if word.startswith("node") else "link or way"
    own = ids[ids < NO_ID][:_MOST_SHOWN].tolist()
    if not own:
        return f"longitude and latitude: the file has no whole numbers as ids of a {what}"
    return f"the id of a {what} of the network's file, such as {', '.join(map(str, own))}"


def position_of(network: RoadNetwork, word: str, text: str) -> tuple[float, float] | str:
    """Longitude and latitude of a node or the middle of a link; what was expected if it is none."""
    found = numbers_of(network, word, text)
    if not found:
        return ids_expected(network, word)
    if word == "node":
        return float(network.junction_lon[found[0]]), float(network.junction_lat[found[0]])
    if len(found) > 1:
        return f"one of its {len(found)} sections: {text}/1 to {text}/{len(found)}"
    line = network.geometry(found[0])
    lon, lat = line[(len(line) - 1) // 2 : len(line) // 2 + 1].mean(axis=0).tolist()
    return lon, lat


def _numbers(
    network: RoadNetwork, name: str, one: object, where: str, faults: FaultList
) -> list[int]:
    none = isinstance(one, bool | float) or one is None
    found = [] if none else numbers_of(network, name, str(one))
    if not found:
        faults.add(where, str(one), ids_expected(network, name))
    return found


def _copy(content: Any) -> Any:  # noqa: ANN401  (any YAML)
    if isinstance(content, dict):
        return {key: _copy(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_copy(value) for value in content]
    return content
