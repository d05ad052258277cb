"""Names of sides and services in a file of units that look mistyped are asked back.

A scenario from three facts has no list of services, so a mistyped one would be a service of its
own. The spelling that more of the units have is the one that is meant, or a service named below.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from stopline.forces.agency import agency_name
from stopline.forces.reading import column_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from stopline.errors import FaultList

SERVICES: Final = ("police", "riot police", "military", "border service", "security service")
_NEAR: Final = 0.8
_NUMBER: Final = re.compile(r"\d+")


def check_spelling(units: Path, as_spelt: Collection[str], faults: FaultList) -> None:
    """Note a fault for each side and service of a file that is nearly another.

    Args:
        units: the file.
        as_spelt: names that are right though they look like another.
        faults: where faults are noted.
    """
    kept = {agency_name(name) for name in as_spelt}
    for column, usual in (("side", ()), ("agency", SERVICES)):
        rows = column_of(units, column)
        right = {agency_name(name): name for name in usual}
        counted = Counter(agency_name(text) for _, text in rows)
        spelt = {**{agency_name(text): text for _, text in reversed(rows)}, **right}
        ranked = [*right, *(one for one, _ in counted.most_common() if one not in {*right, *kept})]
        for rank, name in enumerate(ranked[len(right) :], start=len(right)):
            others = [one for one in ranked[:rank] if not _counted_through(one, name)]
            near = get_close_matches(name, others, n=1, cutoff=_NEAR)
            if not near:
                continue
            known = ", ".join(spelt[one] for one in ranked[:rank])
            meant = f"one of {known}; is {spelt[near[0]]} meant? If not: --as-spelt {spelt[name]!r}"
            for where, text in rows:
                if agency_name(text) == name:
                    faults.add(f"{where}: {column}", text, meant)


def _counted_through(one: str, other: str) -> bool:
    """Whether two names differ by their numbers alone, as `district 1` and `district 2`."""
    return _NUMBER.sub("", one) == _NUMBER.sub("", other)
