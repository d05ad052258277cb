"""Units of measure of a GMNS network: what config.csv says, held against the coordinates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.csv import read_table
from stopline.errors import BadInput
from stopline.network.read_settings import CLASS_SPEED_KMH, LENGTH_UNIT_M, SPEED_UNIT_MPS
from stopline.network.road_network import ROAD_CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.documents.capped_faults import CappedFaults
    from stopline.network.findings import Findings

_UNIT_ORDER: Final = ("m", "km", "mi", "ft")
# A road is hardly shorter than the straight line, but positions may be rounded.
_LEAST_RATIO, _MOST_RATIO = 0.95, 3.0
_LEAST_SPEED, _MOST_SPEED = 0.4, 2.5  # times what is usual on a road of the class
_RATHER_MPH: Final = 0.79  # below this, miles per hour are nearer to what is usual
_NAME_AND_VALUE: Final = 2
_LENGTH_WORDS: Final = {
    "m": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m",
    "km": "km", "kilometer": "km", "kilometers": "km", "kilometre": "km", "kilometres": "km",
    "mi": "mi", "mile": "mi", "miles": "mi",
    "ft": "ft", "foot": "ft", "feet": "ft", "us-ft": "ft", "usft": "ft",
}  # fmt: skip
_SPEED_WORDS: Final = {
    "kmh": "kmh", "km/h": "kmh", "kph": "kmh", "kmph": "kmh", "km/hr": "kmh", "km/hour": "kmh",
    "kilometers per hour": "kmh", "kilometres per hour": "kmh", "kilometer": "kmh",
    "mph": "mph", "mi/h": "mph", "mile/h": "mph", "mile/hour": "mph", "miles/hour": "mph",
    "miles per hour": "mph", "mi/hr": "mph",
    "mps": "mps", "m/s": "mps", "m/sec": "mps", "meters per second": "mps",
    "metres per second": "mps",
    "knot": "knots", "knots": "knots", "kn": "knots", "kt": "knots", "nmi/h": "knots",
}  # fmt: skip
_LIST: Final = re.compile(r"\[(.*)\]", re.DOTALL)
_BETWEEN: Final = re.compile(r"[,;]")
_SPEED_TEXT: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([a-z/ ]+?)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GmnsConfig:
    """What config.csv says; empty where it says nothing.

    Attributes:
        length_unit: a key of `LENGTH_UNIT_M`.
        speed_unit: a key of `SPEED_UNIT_MPS`.
        crs: what coordinates mean, as pyproj reads it.
    """

    length_unit: str = ""
    speed_unit: str = ""
    crs: str = ""


def read_config(path: Path, faults: CappedFaults) -> GmnsConfig:
    """Read config.csv, if there is one; words that are no unit are faults."""
    if not path.is_file():
        return GmnsConfig()
    table = read_table(path, faults)
    if not table.lines:
        return GmnsConfig()

    told = {name: texts[0].strip() for name, texts in table.columns.items()}
    if len(told) == _NAME_AND_VALUE and not told.keys() & {"long_length", "speed", "crs"}:
        # Some write one setting a line.
        names, values = table.columns.values()
        told = {n.strip().lower(): v.strip() for n, v in zip(names, values, strict=True)}

    def cell(column: str) -> str:
        return told.get(column, "")

    units = []
    for column, words in (("long_length", _LENGTH_WORDS), ("speed", _SPEED_WORDS)):
        text = cell(column).lower()
        if text and text not in words:
            faults.add(f"{path}: {column}", repr(text), f"one of {', '.join(words)}")
        units.append(words.get(text, ""))
    return GmnsConfig(units[0], units[1], cell("crs"))


def length_unit(
    given: NDArray[np.float64],
    straight_m: NDArray[np.float64],
    chosen: str,
    config: GmnsConfig,
    path: Path,
    findings: Findings,
) -> str:
    """The unit of lengths: as the settings say, else as config.csv says, else as the map tells.

    Raises:
        BadInput: nothing says it, and no unit fits the coordinates.
    """
    if chosen != "auto":
        return chosen
    apart = np.isfinite(given) & (given > 0) & (straight_m > 1.0)
    if not apart.any():
        return config.length_unit or "m"
    ratio = float(np.median(given[apart] / straight_m[apart]))
    fitting = [
        unit for unit in _UNIT_ORDER if _LEAST_RATIO <= ratio * LENGTH_UNIT_M[unit] <= _MOST_RATIO
    ]
    if config.length_unit and (config.length_unit in fitting or not fitting):
        if fitting:
            return config.length_unit
        expected = "lengths that fit the coordinates; give length_unit in the settings"
        seen = (
            f"lengths in {config.length_unit}, as config.csv says, "
            f"{ratio * LENGTH_UNIT_M[config.length_unit]:.3g} times as long as between the ends"
        )
        raise BadInput.single(f"{path}: length", seen, expected)
    if config.length_unit:
        text = (
            f"lengths taken as {fitting[0]}, as the coordinates tell, although config.csv says "
            f"{config.length_unit}"
        )
        findings.note("guessed", "length_unit", text, count=int(given.shape[0]))
    if fitting:
        return fitting[0]
    readings = " or ".join(
        f"{ratio * LENGTH_UNIT_M[unit]:.3g} times as long if in {unit}"
        for unit in ("m", "km", "mi")
    )
    raise BadInput.single(
        f"{path}: length",
        f"lengths {ratio:.3g} times the metres between the ends of their links ({readings})",
        "lengths in m, km, mi or ft; give length_unit in the settings or in config.csv",
    )


def speed_units(
    given: NDArray[np.float64],
    road_class: NDArray[np.uint8],
    chosen: str,
    config: GmnsConfig,
    lengths_in: str,
    path: Path,
    findings: Findings,
) -> tuple[float, float]:
    """Metres per second in a unit of speed, for the vehicle and for a unit.

    Where nothing says it and lengths are in miles or feet, or miles per hour are nearer to what is
    usual on such roads, the vehicle drives miles per hour and a unit kilometres per hour.

    Raises:
        BadInput: nothing says it, and speeds in km/h do not fit the classes of the roads.
    """
    if chosen != "auto":
        return SPEED_UNIT_MPS[chosen], SPEED_UNIT_MPS[chosen]
    told = np.isfinite(given) & (given > 0)
    usual = np.array([CLASS_SPEED_KMH[name] for name in ROAD_CLASSES])[road_class]
    share = float(np.median(given[told] / usual[told])) if told.any() else 1.0
    if config.speed_unit:
        fits = share * SPEED_UNIT_MPS[config.speed_unit] * 3.6
        if not _LEAST_SPEED <= fits <= _MOST_SPEED:
            raise BadInput.single(
                f"{path}: free_speed",
                f"speeds in {config.speed_unit}, as config.csv says, {fits:.2g} times what is "
                f"usual on such roads; as km/h they are {share:.2g} times that",
                "speeds that fit the classes of the roads; give speed_unit in the settings",
            )
        return SPEED_UNIT_MPS[config.speed_unit], SPEED_UNIT_MPS[config.speed_unit]
    if not told.any():
        return SPEED_UNIT_MPS["kmh"], SPEED_UNIT_MPS["kmh"]
    if lengths_in in ("mi", "ft"):
        text = "speeds without a unit: mph for the vehicle, km/h for units, as lengths are imperial"
        findings.note("guessed", "speed_unit", text, count=int(told.sum()))
        return SPEED_UNIT_MPS["mph"], SPEED_UNIT_MPS["kmh"]
    if _LEAST_SPEED <= share < _RATHER_MPH:
        text = "speeds without a unit, low for km/h: mph for the vehicle, km/h for units"
        findings.note("guessed", "speed_unit", text, count=int(told.sum()))
        return SPEED_UNIT_MPS["mph"], SPEED_UNIT_MPS["kmh"]
    if _LEAST_SPEED <= share <= _MOST_SPEED:
        text = "speeds without a unit, taken as km/h"
        findings.note("guessed", "speed_unit", text, count=int(told.sum()), matters=False)
        return SPEED_UNIT_MPS["kmh"], SPEED_UNIT_MPS["kmh"]
    middle = float(np.median(given[told]))
    other = "mps" if share < _LEAST_SPEED else "kmh"
    name = {"mps": "m/s", "kmh": "km/h"}[other]
    raise BadInput.single(
        f"{path}: free_speed",
        f"speeds around {middle:.3g}: as km/h that is {share:.2g} times what is usual on such roads"
        + (
            f", as {name} it is {middle * SPEED_UNIT_MPS[other] * 3.6:.3g} km/h"
            if other == "mps"
            else ""
        ),
        "speeds in km/h, mph, m/s or knots; give speed_unit in the settings or in config.csv",
    )


def speed_texts(
    texts: tuple[str, ...],
) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Take units out of cells such as `25 mph`, and the highest out of `['20 mph', '25 mph']`.

    Returns:
        Numbers alone; metres per second in each one's own unit, NaN where it has none; and by how
        much the lowest speed of a cell is lower than the highest, 1 where there is one.
    """
    numbers, unit = list(texts), np.full(len(texts), np.nan)
    share = np.ones(len(texts))
    for row, text in enumerate(texts):
        if not text or text[-1].isdigit():
            continue
        several = _LIST.fullmatch(text.strip())
        parts = _BETWEEN.split(several[1]) if several else [text]
        read = [_speed_text(part.strip(" '\"")) for part in parts]
        known = [pair for pair in read if pair is not None]
        if len(known) < len(read) or len({np.isnan(own) for _, own in known}) != 1:
            continue
        speeds = [number * (1.0 if np.isnan(own) else own) for number, own in known]
        best = int(np.argmax(speeds))
        numbers[row], unit[row] = f"{known[best][0]:g}", known[best][1]
        share[row] = min(speeds) / speeds[best] if speeds[best] > 0 else 1.0
    return tuple(numbers), unit, share


def _speed_text(text: str) -> tuple[float, float] | None:
    """A speed and its unit in metres per second, NaN where it has none."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text), float("nan")
    match = _SPEED_TEXT.match(text)
    word = _SPEED_WORDS.get(match[2].strip().lower()) if match else None
    return (float(match[1]), SPEED_UNIT_MPS[word]) if match and word else None
