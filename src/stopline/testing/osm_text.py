"""Write small OpenStreetMap documents, for tests that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Tags = dict[str, str]
Way = tuple[int, "Sequence[int]", Tags]
Relation = tuple[int, "Sequence[tuple[str, int, str]]", Tags]


def osm_text(
    places: Mapping[int, tuple[float, float]],
    ways: Sequence[Way],
    relations: Sequence[Relation] = (),
    node_tags: Mapping[int, Tags] | None = None,
) -> str:
    """Write an OpenStreetMap XML document.

    Args:
        places: longitude and latitude by node id.
        ways: id, node ids and tags.
        relations: id, members as (type, id, role), and tags.
        node_tags: tags by node id.

    Returns:
        The document.
    """

    def tags(of: Tags) -> str:
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in of.items())

    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    for number, (lon, lat) in sorted(places.items()):
        inside = tags((node_tags or {}).get(number, {}))
        lines.append(f'<node id="{number}" version="1" lon="{lon}" lat="{lat}">{inside}</node>')
    for number, refs, of in ways:
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs) + tags(of)
        lines.append(f'<way id="{number}" version="1">{inside}</way>')
    for number, members, of in relations:
        inside = "".join(f'<member type="{t}" ref="{r}" role="{o}"/>' for t, r, o in members)
        lines.append(f'<relation id="{number}" version="1">{inside}{tags(of)}</relation>')
    return "\n".join([*lines, "</osm>"])
