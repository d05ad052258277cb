"""Whatever a researcher gives by mistake is a fault in words; no error of Python, no verdict."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import stopline as sl
from stopline.testing.toy_network import toy_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.problem import SealingProblem

NETWORK = toy_network()
SPOT = NETWORK.junction_id.tolist().index(103)
LON, LAT = float(NETWORK.junction_lon[SPOT]), float(NETWORK.junction_lat[SPOT])
POSTS = [1, 5, 7, 8, 10]
MOMENT = dt.datetime(2026, 6, 12, 21, 30)  # noqa: DTZ001  (what is tried)


def table(**changed: Any) -> pd.DataFrame:
    columns = {
        "id": [f"u{number}" for number in POSTS],
        "lon": NETWORK.junction_lon[POSTS],
        "lat": NETWORK.junction_lat[POSTS],
    }
    return pd.DataFrame(columns | changed)


def problem(**changed: Any) -> SealingProblem:
    given: dict[str, Any] = {
        "network": NETWORK,
        "sources": [sl.Seen(lon=LON, lat=LAT)],
        "exits": sl.exits_from(NETWORK, "West"),
        "units": sl.units_from_frame(table(), side="one"),
        "margin_s": 0.0,
    }
    return sl.SealingProblem(**(given | changed))


def unit(**changed: Any) -> list[sl.Unit]:
    given = {"id": "a", "side": "s", "agency": "police", "lon": LON, "lat": LAT}
    return [sl.Unit(**(given | changed))]


def witness(**changed: Any) -> list[sl.Witness]:
    given: dict[str, Any] = {
        "id": "w", "source": "x", "known_s": 5.0, "lon": LON, "lat": LAT, "radius_m": 50.0,
        "from_s": 0.0, "until_s": 0.0,
    }  # fmt: skip
    return [sl.Witness(**(given | changed))]


def exit_at(**changed: Any) -> list[sl.Exit]:
    return [sl.Exit(**({"name": "x", "kind": "section", "index": 1} | changed))]


def points(*places: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table()[["id"]], geometry=list(places), crs=4326)


def graph(*, highway: str = "primary", **edge: Any) -> nx.MultiDiGraph:
    made = nx.MultiDiGraph(crs="epsg:4326")
    made.add_node(1, x=9.5, y=47.0)
    made.add_node(2, x=9.51, y=47.0)
    made.add_edge(1, 2, highway=highway, osmid=7, **edge)
    return made


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    # units of a table
    "empty frame": (lambda: sl.units_from_frame(pd.DataFrame(), side="a"), "without rows"),
    "no rows": (lambda: sl.units_from_frame(table()[:0], side="a"), "without rows"),
    "other columns": (
        lambda: sl.units_from_frame(table().rename(columns={"lon": "longitude"}), side="a"),
        "column lon: found the columns id, longitude, lat",
    ),
    "no side": (lambda: sl.units_from_frame(table()), "column side"),
    "ids twice": (lambda: sl.units_from_frame(table(id="a"), side="a"), "a second time"),
    "nan": (lambda: sl.units_from_frame(table(lon=np.nan), side="a"), "row 0: lon: found nothing"),
    "inf": (lambda: sl.units_from_frame(table(lat=np.inf), side="a"), "row 4: lat: found inf"),
    "swapped": (lambda: sl.units_from_frame(table(lon=47.0, lat=109.0), side="a"), "look swapped"),
    "thousands": (lambda: sl.units_from_frame(table(ready_s="1,200"), side="a"), "found 1,200"),
    "words": (lambda: sl.units_from_frame(table(lon="east"), side="a"), "lon: found east"),
    "a span": (lambda: sl.units_from_frame(table(ready_s=pd.Timedelta("5min")), side="a"), "ready"),
    "negative factor": (lambda: sl.units_from_frame(table(speed_factor=-1), side="a"), "found -1"),
    "nothing": (lambda: sl.units_from_frame(None), "found nothing"),
    "a path": (lambda: sl.units_from_frame("units.csv", side="a"), "or a DataFrame"),
    "lists": (lambda: sl.units_from_frame(table().to_dict("list"), side="a"), "found a dict"),
    "a series": (lambda: sl.units_from_frame(table().iloc[0], side="a"), "found a table"),
    "no geometry": (lambda: sl.units_from_frame(points(*[None] * 5), side="a"), "a point"),
    "metres": (
        lambda: sl.units_from_frame(
            gpd.GeoDataFrame(table()[["id"]], geometry=gpd.points_from_xy([5e5] * 5, [2e5] * 5)),
            side="a",
        ),
        "degrees",
    ),
    # the problem
    "no units": (lambda: problem(units=[]), "units: found none; expected at least one"),
    "a table of units": (lambda: problem(units=table()), "sl.units_from_frame"),
    "no units at all": (lambda: problem(units=None), "units: found nothing"),
    "no source": (lambda: problem(sources=[]), "sources: found none"),
    "a pair": (lambda: problem(sources=[(LON, LAT)]), "sources[0]: found tuple"),
    "one source": (lambda: problem(sources=sl.Seen(lon=LON, lat=LAT)), "a list of sl.Seen"),
    "a naive moment": (
        lambda: problem(sources=[sl.Seen(lon=LON, lat=LAT, time_s=MOMENT)]),  # type: ignore[arg-type]
        "a moment without a zone; expected seconds",
    ),
    "nowhere": (lambda: problem(sources=[sl.Seen(lon=math.nan, lat=LAT)]), "found nan"),
    "the ocean": (lambda: problem(sources=[sl.Seen(lon=-30, lat=30)]), "km from the nearest road"),
    "an epoch": (
        lambda: problem(sources=[sl.Seen(lon=LON, lat=LAT, time_s=1.78e9)]),
        "1780000000 s in the future; expected 0 or less: seconds from now",
    ),
    "exits twice": (lambda: problem(exits=[*sl.exits_from(NETWORK, "West")] * 2), "as exits[0] is"),
    "no exit": (lambda: problem(exits=[]), "exits: found none"),
    "exits by name": (lambda: problem(exits=["Rhine bridge"]), "found str 'Rhine bridge'"),
    "an exit of a kind": (lambda: problem(exits=exit_at(kind="road")), "section, junction"),
    "no such exit": (lambda: problem(exits=exit_at(index=99_999)), "found section 99999"),
    "half an exit": (lambda: problem(exits=exit_at(index=1.5)), "a whole number"),
    "a weight": (lambda: problem(exits=exit_at(weight=math.nan)), "weight: found nan"),
    "unit in the ocean": (lambda: problem(units=unit(lon=-30.0, lat=30.0)), "units[0] a: found"),
    "unit nowhere": (lambda: problem(units=unit(lat=math.nan)), "lat: found nan"),
    "unit twice": (lambda: problem(units=unit() * 2), "units[1] a: found an id that another unit"),
    "unit of factor nan": (lambda: problem(units=unit(speed_factor=math.nan)), "speed_factor"),
    "half strength": (lambda: problem(units=unit(strength=0.5)), "a whole number"),
    "asleep": (lambda: problem(units=unit(status="asleep")), "status: found asleep"),
    "no id": (lambda: problem(units=unit(id="")), "id: found nothing"),
    "bound": (lambda: problem(units=unit(bound_to="section 99999")), "bound_to"),
    "minutes": (lambda: problem(units=unit(ready_s="5 min")), "ready_s: found str '5 min'"),
    "territories": (lambda: problem(units=unit(may_act_in=["West"])), "may_act_in"),
    "beauty": (lambda: problem(objective=["beauty"]), "found 'beauty'"),
    "a word": (lambda: problem(objective="units"), "a list of words"),
    "best twice": (lambda: problem(objective=["units", "units"]), "units twice"),
    "margin": (lambda: problem(margin_s=-1.0), "margin_s: found -1"),
    "margin in words": (lambda: problem(margin_s="60"), "margin_s: found str '60'"),
    "endless": (lambda: problem(setup_s=math.inf), "setup_s: found inf"),
    "need": (lambda: problem(need={"motorwy": 2}), "need: found motorwy"),
    "need none": (lambda: problem(need={"motorway": 0}), "1 or more"),
    "no sites": (lambda: problem(sites=[]), "sites: found none"),
    "half a site": (lambda: problem(sites=[1.5]), "sites[0]: found float 1.5"),
    "a mask": (lambda: problem(sites=np.zeros(NETWORK.sections, dtype=bool)), "np.flatnonzero"),
    "snap": (lambda: problem(snap_m=math.nan), "snap_m: found nan"),
    "vehicle": (lambda: problem(vehicle=1.3), "vehicle: found float 1.3"),
    "vehicle nan": (lambda: problem(vehicle=sl.Vehicle(speed_factor=math.nan)), "found nan"),
    "vehicle back": (lambda: problem(vehicle=sl.Vehicle(speed_factor=-2.0)), "found -2"),
    "vehicle class": (
        lambda: problem(vehicle=sl.Vehicle(class_speed_mps={"road": 5.0})), "found road",
    ),
    "vehicle clock": (lambda: problem(vehicle=sl.Vehicle(local_time="noon")), "found noon"),
    "network": (lambda: problem(network="x.osm"), "network: found str 'x.osm'"),
    # exits, ids, graphs, files
    "radius": (lambda: sl.exits_beyond(NETWORK, LON, LAT, 0), "radius_m"),
    "radius in words": (lambda: sl.exits_beyond(NETWORK, LON, LAT, "5 km"), "radius_m"),  # type: ignore[arg-type]
    "circle in km": (
        lambda: sl.exits_beyond(NETWORK, LON + 0.003, LAT + 0.003, 12),
        "radius_m is in metres, and 12 km would be 12000",
    ),
    "circle swapped": (lambda: sl.exits_beyond(NETWORK, LAT, LON, 5000), "swapped?"),
    "circle of a graph": (lambda: sl.exits_beyond(graph(), LON, LAT, 500), "found a MultiDiGraph"),  # type: ignore[arg-type]
    "Mars": (lambda: sl.exits_from(NETWORK, "Mars"), "found Mars"),
    "id": (lambda: sl.section_numbers(NETWORK, [999_999]), "an id of the network's file"),
    "ids": (lambda: sl.section_numbers(NETWORK, 7), "a list of"),  # type: ignore[arg-type]
    "no graph": (lambda: sl.from_networkx(nx.MultiDiGraph()), "graph: found no drivable road"),
    "no positions": (lambda: sl.from_networkx(nx.path_graph(3)), "graph: node: found x None"),
    "length": (lambda: sl.from_networkx(graph(length=-5.0)), "edge 1 to 2: length: found -5"),
    "speed": (lambda: sl.from_networkx(graph(length=5.0, speed_kph=math.nan)), "speed_kph"),
    "to nothing": (lambda: sl.to_networkx(None), "network: found nothing"),  # type: ignore[arg-type]
    "no file": (lambda: sl.read_network("nowhere.osm.pbf"), "no such file"),
    # belief
    "no sightings": (lambda: sl.believe(problem(), []), "none of the vehicle itself"),
    "sightings table": (lambda: sl.believe(problem(), pd.DataFrame()), "found a table"),  # type: ignore[arg-type]
    "seen": (lambda: sl.believe(problem(), [sl.Seen(lon=LON, lat=LAT)]), "sl.Witness"),  # type: ignore[list-item]
    "witness far": (lambda: sl.believe(problem(), witness(lon=-30.0, lat=30.0)), "nearest road"),
    "witness swapped": (lambda: sl.believe(problem(), witness(lon=LAT, lat=LON)), "look swapped"),
    "witness naive": (lambda: sl.believe(problem(), witness(known_s=MOMENT)), "without a zone"),
    "belief at": (lambda: sl.believe(problem(), witness(), at_s=math.nan), "at_s: found nan"),
    "samples": (lambda: sl.believe(problem(), witness(), particles=0), "particles: found 0"),
    "a graph": (lambda: sl.believe(NETWORK, witness()), "sl.SealingProblem"),  # type: ignore[arg-type]
    # own routes
    "no routes": (lambda: sl.intercept([], {}), "routes: found none"),
    "no cars": (lambda: sl.intercept([{"a": 5}], {}), "ready_s: found no unit"),
    "sites alone": (lambda: sl.intercept([["a", "b"]], {"u": {"a": 1}}), "with their times"),  # type: ignore[list-item]
    "no way": (lambda: sl.intercept([{}], {"u": {"a": 1}}), "routes[0]: found dict {}"),
    "ready table": (lambda: sl.intercept([{"a": 5}], pd.DataFrame()), "ready_s: found a table"),  # type: ignore[arg-type]
    "ready list": (lambda: sl.intercept([{"a": 5}], {"u": ["a"]}), "ready_s of u"),  # type: ignore[dict-item]
    "one weight": (lambda: sl.intercept([{"a": 5}], {"u": {"a": 1}}, weight=3), "weight"),  # type: ignore[arg-type]
    "need of none": (lambda: sl.intercept([{"a": 5}], {"u": {"a": 1}}, need={"z": 2}), "found z"),
    "passed before": (
        lambda: sl.intercept([{"a": -1.0}], {"u": {"a": 1}}),
        "routes: found only times before now, below 0; expected seconds from now",
    ),
    "held before": (
        lambda: sl.intercept([{"a": 5}], {"u": {"a": -1}}),
        "ready_s of u at a: found -1; expected seconds, infinite for never, 0 or more",
    ),
    "other sites": (
        lambda: sl.intercept([{"bridge": 5}], {"u": {"brigde": 1}}),
        "ready_s: found only sites such as brigde; expected one that a route meets: bridge",
    ),
    "time limit": (lambda: sl.intercept([{"a": 5}], {"u": {"a": 1}}, time_limit_s=0), "time_limit"),
    # blockade, plan, verify
    "no places": (lambda: sl.blockade(NETWORK, [], unit()), "places: found none"),
    "nobody": (lambda: sl.blockade(NETWORK, sl.exits_from(NETWORK, "West"), []), "units: found"),
    "set-up": (lambda: sl.blockade(NETWORK, exit_at(), unit(), setup_s=math.nan), "setup_s"),
    "no problem": (lambda: sl.plan(NETWORK), "sl.SealingProblem"),  # type: ignore[arg-type]
    "no plan": (lambda: sl.verify({}), "what sl.plan gave"),  # type: ignore[arg-type]
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_it_is_told_in_words(name: str) -> None:
    give, said = WRONG[name]
    with pytest.raises(sl.BadInput) as told:
        give()
    assert said in str(told.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(sl.BadInput) as told:
        problem(
            sources=[sl.Seen(lon=-30, lat=30)], exits=exit_at(index=-1), units=unit(strength=0),
            vehicle=sl.Vehicle(max_speed_mps=0), objective=[], margin_s=None, sites=[], need=[2],
        )  # fmt: skip
    keys = ("sources[0]", "exits[0]", "units[0]", "vehicle.max", "objective", "margin_s", "need")
    assert [key for key in keys if key not in str(told.value)] == []


def test_what_pandas_and_numpy_write_for_right_values_is_taken() -> None:
    strong = pd.array([1, pd.NA, 2, 1, 1], dtype="Int64")
    units = sl.units_from_frame(table(id=[1, 2, 3, 4, 5], strength=strong), side="one")
    assert [(one.id, one.strength) for one in units][:3] == [("1", 1), ("2", 1), ("3", 2)]
    asked = problem(
        sites=np.arange(5), margin_s=np.float32(3), objective=("units",),
        exits=exit_at(kind="junction", index=np.int64(0)),
    )  # fmt: skip
    assert asked.sites.count == 5
    assert [str(one.kind) for one in asked.exits] == ["junction"]


def test_routes_drawn_from_a_belief_are_what_intercept_takes() -> None:
    drawn = sl.believe(problem(), witness(), at_s=60.0, particles=500).routes(50)
    first = next(iter(drawn.routes[0]))
    held = sl.intercept(drawn.routes, {"car": {first: 0.0}}, weight=drawn.weight)
    assert 0.0 < held.share <= 1.0
    with pytest.raises(sl.BadInput, match="count"):
        sl.believe(problem(), witness(), at_s=60.0, particles=500).routes(0)


def test_a_table_with_decimal_commas_is_read_as_its_file_is() -> None:
    plain = table(speed_factor=1.25)
    spelt = plain.map(lambda cell: str(cell).replace(".", ",") if isinstance(cell, float) else cell)
    assert spelt["lon"].str.contains(",").any()
    assert sl.units_from_frame(spelt, side="a") == sl.units_from_frame(plain, side="a")


def test_a_blockade_that_cannot_close_every_place_says_so() -> None:
    exits = sl.exits_from(NETWORK, "West")
    closed = sl.blockade(NETWORK, exits, sl.units_from_frame(table()[:1], side="one"))
    assert repr(closed) == "<blockade: not every place can be closed; 1 place with a unit>"


def test_weights_may_be_a_column() -> None:
    routes, ready = [{"b": 5}, {"a": 5}], {"car": {"a": 0, "b": 0}}
    for weight in (pd.Series([0.3, 0.7], index=[7, 9]), np.array([0.3, 0.7])):
        assert sl.intercept(routes, ready, weight=weight).sites == {"car": "a"}
    with pytest.raises(sl.BadInput) as told:
        sl.intercept(routes, ready, weight="heavy")
    assert len(told.value.faults) == 1
