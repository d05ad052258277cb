"""Check the fields of one unit, whichever form they came in, and make the unit of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stopline.forces.unit import FREE, IN_POSITION, UNDER_WAY, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from stopline.errors import FaultList
    from stopline.forces.side import Side

STATUSES: Final = (FREE, UNDER_WAY, IN_POSITION)
FIELDS: Final = {
    "id": "a name that no other unit has, for example LI-POL-1",
    "side": "the side that commands it",
    "agency": "its service, for example police",
    "lon": "longitude in degrees, for example 9.5215",
    "lat": "latitude in degrees, for example 47.1410",
    "ready_s": "seconds as a number >= 0, for example 300",
    "speed_factor": "times the speed limit as a number > 0, for example 1.2",
    "strength": "a whole number >= 1",
    "may_act_in": "territories, for example LI;CH",
    "name": "what people call it",
    "status": f"one of {', '.join(STATUSES)}",
}
NEEDED: Final = ("id", "side", "agency", "lon", "lat")
NUMBERS: Final = ("lon", "lat", "ready_s", "speed_factor", "strength")
BY_ID: Final = ("node", "link", "way")
"""Where it stands by an id of the map's own file, in place of `lon` and `lat`."""
_MOST_TEXT: Final = 200
_GREATEST_STRENGTH: Final = 1_000_000
_LONGEST_WAIT_S: Final = 1e7
_LARGEST_FACTOR: Final = 10.0
_METRES: Final = 1000.0  # no angle; metres of a projected map
_NO_DEGREES: Final = (
    "longitude and latitude in degrees; these are metres of a projected map: have them turned into "
    "EPSG:4326"
)


class UnitForm:
    """Makes units of fields and notes every fault; one form serves all files of a scenario.

    Args:
        sides: the sides that units may belong to, by id.
        territories: names that `may_act_in` may use; None if they are not known.
        faults: where faults are noted.
        position: says where a node, link or way is by its id in the map's file, or what was
            expected; None where no map is known.

    Attributes:
        stands: where the position of each unit stands, by its id, for example `units.csv line 7`.
    """

    fields: Final = (*FIELDS, *BY_ID)

    def __init__(
        self,
        sides: Mapping[str, Side],
        territories: Collection[str] | None,
        faults: FaultList,
        position: Callable[[str, str], tuple[float, float] | str] | None = None,
    ) -> None:
        self._position_by_id = position
        self._sides = sides
        self._territories = territories
        self._faults = faults
        self._first_seen: dict[str, str] = {}
        self.stands: dict[str, str] = {}

    def unit(self, fields: Mapping[str, object], where: Callable[[str], str]) -> Unit | None:
        """Make one unit.

        Args:
            fields: values by name of field; text from CSV, any JSON value otherwise. An empty
                text is the same as a missing field.
            where: says for a field where it stands, for example `units.csv line 7: ready_s`.

        Returns:
            The unit, or None if a fault was noted.
        """
        before = len(self._faults)
        given = {key: value for key, value in fields.items() if value not in ("", None)}
        self._put_by_id(given, where)
        for key in NEEDED:
            if key not in given:
                self._faults.add(where(key), "nothing", FIELDS[key])
        unit_id = self._text(given, "id", where)
        side = self._text(given, "side", where)
        agency = self._text(given, "agency", where)
        lon, lat = self._position(given, where)
        status = self._text(given, "status", where) or FREE
        if status not in STATUSES:
            self._faults.add(where("status"), status, FIELDS["status"])
        ready_s = self._number(given, "ready_s", where, default=0.0, most=_LONGEST_WAIT_S)
        factor = self._number(given, "speed_factor", where, default=1.0, most=_LARGEST_FACTOR)
        if factor == 0.0:
            self._faults.add(where("speed_factor"), "0", FIELDS["speed_factor"])
        strength = self._number(
            given, "strength", where, default=1.0, least=1.0, most=_GREATEST_STRENGTH
        )
        if not strength.is_integer():
            self._faults.add(where("strength"), str(given["strength"]), FIELDS["strength"])
        may_act_in = self._territories_of(given, side, where)
        name = self._text(given, "name", where)
        self._check_side(side, agency, where)
        self._check_id(unit_id, where)
        if len(self._faults) > before:
            return None
        self.stands[unit_id] = where("lon, lat")
        return Unit(
            id=unit_id,
            side=side,
            agency=agency,
            lon=lon,
            lat=lat,
            ready_s=ready_s,
            speed_factor=factor,
            strength=int(strength),
            may_act_in=may_act_in,
            name=name,
            status=status,
        )

    def _put_by_id(self, given: dict[str, object], where: Callable[[str], str]) -> None:
        """Put longitude and latitude in place of an id of the map's file."""
        words = [word for word in BY_ID if word in given]
        for word in words:
            text = self._text(given, word, where)
            del given[word]
            if self._position_by_id is None:
                self._faults.add(where(word), text, "lon and lat: no map says where that is")
                found: tuple[float, float] | str = ""
            elif "lon" in given or "lat" in given:
                found = f"either lon and lat, or one of {', '.join(BY_ID)}"
            else:
                found = self._position_by_id(word, text) if text else ""
            if isinstance(found, str):
                if found:
                    self._faults.add(where(word), text, found)
                found = 0.0, 0.0  # told; not to be told as missing too
            given.setdefault("lon", found[0])
            given.setdefault("lat", found[1])

    def _check_side(self, side: str, agency: str, where: Callable[[str], str]) -> None:
        if not side:
            return
        if side not in self._sides:
            self._faults.add(where("side"), side, f"one of the sides {_listed(self._sides)}")
        elif agency and self._sides[side].agencies and agency not in self._sides[side].agencies:
            agencies = _listed(self._sides[side].agencies)
            self._faults.add(where("agency"), agency, f"one of the agencies of {side}: {agencies}")

    def _check_id(self, unit_id: str, where: Callable[[str], str]) -> None:
        if not unit_id:
            return
        if unit_id in self._first_seen:
            first = self._first_seen[unit_id]
            self._faults.add(
                where("id"), f"{unit_id} a second time", f"an id of its own; first at {first}"
            )
        else:
            self._first_seen[unit_id] = where("id")

    def _text(self, given: Mapping[str, object], key: str, where: Callable[[str], str]) -> str:
        value = given.get(key, "")
        if isinstance(value, bool) or not isinstance(value, str | int):
            self._faults.add(where(key), repr(value), f"text: {FIELDS.get(key, 'an id')}")
            return ""
        text = str(value).strip() if isinstance(value, str) else _digits(value)
        if len(text) > _MOST_TEXT or not text.isprintable():
            self._faults.add(where(key), repr(text), f"up to {_MOST_TEXT} printable characters")
            return ""
        return text

    def _number(
        self,
        given: Mapping[str, object],
        key: str,
        where: Callable[[str], str],
        *,
        default: float = math.nan,
        least: float = 0.0,
        most: float = math.inf,
    ) -> float:
        """Read a finite number in [least, most]; the default where a fault was noted."""
        if key not in given:
            return default
        raw = given[key]
        value = _as_number(raw)
        if value is None or not math.isfinite(value) or not least <= value <= most:
            self._faults.add(where(key), _shown(raw), FIELDS[key])
            return default
        return value

    def _position(
        self, given: Mapping[str, object], where: Callable[[str], str]
    ) -> tuple[float, float]:
        lon = self._number(given, "lon", where, least=-math.inf)
        lat = self._number(given, "lat", where, least=-math.inf)
        if abs(lat) > _METRES and abs(lon) > _METRES:
            seen = f"{_shown(given['lon'])}, {_shown(given['lat'])}"
            self._faults.add(where("lon, lat"), seen, _NO_DEGREES)
            return lon, lat
        hint = ""
        if abs(lat) > 90.0 and abs(lon) <= 90.0 and abs(lat) <= 180.0:  # noqa: PLR2004
            hint = "; lon and lat look swapped"
        if abs(lat) > 90.0:  # noqa: PLR2004
            self._faults.add(where("lat"), _shown(given["lat"]), f"degrees from -90 to 90{hint}")
        if abs(lon) > 180.0:  # noqa: PLR2004
            self._faults.add(where("lon"), _shown(given["lon"]), "degrees from -180 to 180")
        return lon, lat

    def _territories_of(
        self, given: Mapping[str, object], side: str, where: Callable[[str], str]
    ) -> frozenset[str]:
        """Read where the unit may act; the territories of its own side where nothing is given."""
        raw = given.get("may_act_in")
        if raw is None:
            return frozenset(self._sides[side].territories if side in self._sides else ())
        parts: list[object] = []
        parts.extend(raw if isinstance(raw, list | tuple) else str(raw).split(";"))
        names = {part.strip() for part in parts if isinstance(part, str) and part.strip()}
        if not names or not all(isinstance(part, str) for part in parts):
            self._faults.add(where("may_act_in"), _shown(raw), FIELDS["may_act_in"])
        if self._territories is not None:
            for name in sorted(names - set(self._territories)):
                self._faults.add(
                    where("may_act_in"),
                    name,
                    f"a territory of the network: {_listed(self._territories)}",
                )
        return frozenset(names)


def _digits(value: int) -> str:
    """Digits of a whole number; a number too long to print is cut short and will be refused."""
    return str(value) if abs(value) < 10**_MOST_TEXT else "9" * (_MOST_TEXT + 1)


def _as_number(raw: object) -> float | None:
    """Number of a text or a JSON value; None if it is none."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    if isinstance(raw, str) and "_" in raw:
        return None
    try:
        return float(raw)
    except (ValueError, OverflowError):
        return None


def _shown(raw: object) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return _digits(raw)
    return raw if isinstance(raw, str) else repr(raw)


def _listed(names: Collection[str]) -> str:
    shown = sorted(names)
    most = 12
    rest = f" and {len(shown) - most} more" if len(shown) > most else ""
    return (", ".join(shown[:most]) + rest) or "(none are given)"
