"""A small region without borders, for the tests of scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

UNITS = (
    "id;side;agency;lon;lat;Dienst\nP1;Nord;police;0,0100;47,0;a\nP2;Nord;police;0,0300;47,0;b\n"
)


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """A ladder of ten junctions in GMNS, without borders; node ids are 11 to 20, links 501 on."""
    nodes = ["node_id,x_coord,y_coord"]
    nodes += [f"{11 + n},{0.01 * (n % 5):.4f},{47.0 + 0.01 * (n // 5):.4f}" for n in range(10)]
    ends = [(n, n + 1) for row in (0, 5) for n in range(row, row + 4)]
    ends += [(n, n + 5) for n in range(5)]
    links = ["link_id,from_node_id,to_node_id,directed,length,facility_type,name"]
    links += [
        f"{501 + i},{11 + a},{11 + b},0,1.0,primary,Road {i}" for i, (a, b) in enumerate(ends)
    ]
    folder = tmp_path / "region"
    folder.mkdir()
    (folder / "node.csv").write_text("\n".join(nodes) + "\n", "utf-8")
    (folder / "link.csv").write_text("\n".join(links) + "\n", "utf-8")
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    return tmp_path
