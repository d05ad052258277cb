"""Coordinates in metres are read by a `crs` setting, or refused with one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyproj
import pytest

from stopline.errors import BadInput
from stopline.network.read_settings import ReadSettings
from stopline.network.reading import read_network

if TYPE_CHECKING:
    from pathlib import Path


class Make(Protocol):
    """Writes a small network, in degrees or in metres."""

    __name__: str

    def __call__(self, path: Path, *, metres: bool) -> Path: ...


TO_METRES = pyproj.Transformer.from_crs(4326, 2056, always_xy=True)
CORNERS = [(9.50, 47.10), (9.51, 47.10), (9.51, 47.11), (9.50, 47.11)]


def gmns(path: Path, *, metres: bool) -> Path:
    points = [TO_METRES.transform(*one) if metres else one for one in CORNERS]
    nodes = ["node_id,x_coord,y_coord", *(f"{n},{x},{y}" for n, (x, y) in enumerate(points, 1))]
    shape = "LINESTRING ({0[0]} {0[1]}, {1[0]} {1[1]})"
    links = ["link_id,from_node_id,to_node_id,directed,facility_type,geometry"]
    links += [
        f'{n},{n},{n + 1},0,primary,"{shape.format(points[n - 1], points[n])}"' for n in (1, 2, 3)
    ]
    path.mkdir()
    (path / "node.csv").write_text("\n".join(nodes) + "\n", "utf-8")
    (path / "link.csv").write_text("\n".join(links) + "\n", "utf-8")
    return path


def graphml(path: Path, *, metres: bool) -> Path:
    points = [TO_METRES.transform(*one) if metres else one for one in CORNERS]
    keys = (("x", "node"), ("y", "node"), ("highway", "edge"), ("geometry", "edge"))
    body = [f'<key id="{k}" for="{f}" attr.name="{k}" attr.type="string"/>' for k, f in keys]
    body.append('<graph edgedefault="directed">')
    for n, (x, y) in enumerate(points, 1):
        body.append(f'<node id="{n}"><data key="x">{x}</data><data key="y">{y}</data></node>')
    for n in (1, 2, 3):
        (a, b), (c, d) = points[n - 1], points[n]
        body.append(
            f'<edge source="{n}" target="{n + 1}"><data key="highway">primary</data>'
            f'<data key="geometry">LINESTRING ({a} {b}, {(a + c) / 2} {(b + d) / 2}, {c} {d})'
            "</data></edge>"
        )
    text = "".join(body)
    path.write_text(
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{text}</graph></graphml>', "utf-8"
    )
    return path


@pytest.mark.parametrize("make", [gmns, graphml])
@pytest.mark.parametrize("crs", ["EPSG:2056", "2056", "epsg:2056"])
def test_a_crs_setting_turns_metres_into_degrees(tmp_path: Path, make: Make, crs: str) -> None:
    name = {"gmns": "{}", "graphml": "{}.graphml"}[make.__name__]
    plain = read_network(make(tmp_path / name.format("plain"), metres=False))
    path = make(tmp_path / name.format("metres"), metres=True)
    turned = read_network(path, ReadSettings(crs=crs))
    assert turned.sections == plain.sections >= 1
    assert np.allclose(np.sort(turned.junction_lon), np.sort(plain.junction_lon), atol=1e-6)
    assert np.allclose(np.sort(turned.junction_lat), np.sort(plain.junction_lat), atol=1e-6)


@pytest.mark.parametrize("make", [gmns, graphml])
def test_without_one_they_are_refused_with_one_sentence(tmp_path: Path, make: Make) -> None:
    name = {"gmns": "metres", "graphml": "metres.graphml"}[make.__name__]
    path = make(tmp_path / name, metres=True)
    with pytest.raises(BadInput) as refused:
        read_network(path)
    (fault,) = refused.value.faults
    assert "projected coordinates, such as 275" in str(fault) or "such as 2.75" in str(fault)
    assert "`crs` under `network` (or in config.csv) that says what they are, as EPSG:2056" in str(
        fault
    )


def test_a_crs_that_is_none_is_a_fault_and_degrees_keep_their_digest() -> None:
    with pytest.raises(BadInput, match="settings: crs: found EPSG:nowhere; expected coordinates"):
        ReadSettings(crs="EPSG:nowhere")
    assert "crs" not in ReadSettings().as_json()
