"""Junctions and sections by the ids of the network's own file: `node: 32`, `link: 7`.

A number under `junction` or `section` is Stopline's own; a row number is never taken for an id.
Here ids are put in place of numbers before the form is checked, so that the rest of the scenario
knows numbers alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stopline.documents.yaml import KeyPath, YamlDocument
    from stopline.errors import FaultList
    from stopline.network.road_network import RoadNetwork

ONE: Final = {"node": "junction", "link": "section"}
SEVERAL: Final = {"nodes": "junctions", "links": "sections"}
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
                    shown = ", ".join(map(str, found[:_MOST_SHOWN]))
                    faults.add(
                        document.where((*keys, name)),
                        f"{name} {given}, which is cut into {len(found)} sections",
                        f"one of them: section: {shown}",
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


def _numbers(
    network: RoadNetwork, name: str, one: object, where: str, faults: FaultList
) -> list[int]:
    junction = name.startswith("node")
    ids: NDArray[Any] = network.junction_id if junction else network.section_id
    found = [] if isinstance(one, bool | float) or one is None else _positions(ids, str(one))
    if not found:
        some = ", ".join(map(str, ids[:_MOST_SHOWN].tolist()))
        what = "node" if junction else "link or way"
        faults.add(where, str(one), f"the id of a {what} of the network's file, such as {some}")
    return found


def _positions(ids: NDArray[Any], text: str) -> list[int]:
    return [int(one) for one in (ids.astype(str) == text.strip()).nonzero()[0]]


def _copy(content: Any) -> Any:  # noqa: ANN401  (any YAML)
    if isinstance(content, dict):
        return {key: _copy(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_copy(value) for value in content]
    return content
