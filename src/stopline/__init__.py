"""Stopline: where a fleeing vehicle can be, which roads to seal, and the proof of it.

In a notebook:

    import stopline as sl

    network = sl.read_network("liechtenstein.osm.pbf")
    problem = sl.SealingProblem(network, sources=[sl.Seen(lon=9.52, lat=47.14)],
                                exits=sl.exits_beyond(network, 9.52, 47.14, 5000), units=units)
    plan = sl.plan(problem)
    sl.verify(plan).holds

Names are imported when they are used, so that `import stopline` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "BadInput": "stopline.errors:BadInput",
    "CameraHit": "stopline.belief.sightings:CameraHit",
    "Exit": "stopline.sealing.problem:Exit",
    "ReadSettings": "stopline.network.read_settings:ReadSettings",
    "SealingProblem": "stopline.library.problems:sealing_problem",
    "Seen": "stopline.library.problems:Seen",
    "Silence": "stopline.belief.sightings:Silence",
    "Unit": "stopline.forces.unit:Unit",
    "Vehicle": "stopline.network.drive_graph:Vehicle",
    "Witness": "stopline.belief.sightings:Witness",
    "blockade": "stopline.library.blockade:blockade",
    "believe": "stopline.library.pursuit:believe",
    "exits_beyond": "stopline.library.exits:exits_beyond",
    "exits_from": "stopline.library.exits:exits_from",
    "from_networkx": "stopline.library.networks:from_networkx",
    "intercept": "stopline.library.routes:intercept",
    "plan": "stopline.library.plans:plan",
    "read_network": "stopline.network.reading:read_network",
    "section_numbers": "stopline.library.networks:section_numbers",
    "to_networkx": "stopline.library.networks:to_networkx",
    "units_from_frame": "stopline.library.units:units_from_frame",
    "verify": "stopline.library.plans:verify",
}
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  (text, all of it)


def __getattr__(name: str) -> Any:  # noqa: ANN401  (any public name)
    home = _HOMES.get(name)
    if home is None:
        msg = f"module 'stopline' has no attribute {name!r}; it has {', '.join(_HOMES)}"
        raise AttributeError(msg)
    module, _, inside = home.partition(":")
    found = getattr(import_module(module), inside)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
