"""Sites that people name by the ids of the map's file, as both nodes name them: `section 7`.

Screens and the API show a road as `way 12/3` or `node 5`; between the nodes it has its number in
the network that both have. What was typed or copied from a screen is looked up in the region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from stopline.errors import StoplineError
from stopline.operation.core.errors import NotNow
from stopline.scenario.file_ids import ONE, ids_expected, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.link.procedure_message import CommittedSection, SealStatus, WantedSection
    from stopline.network.road_network import RoadNetwork
    from stopline.operation.core.preparation import Preparation

_Part = TypeVar("_Part", "WantedSection", "CommittedSection", "SealStatus")
_WORDS: Final = frozenset(ONE)


@dataclass(frozen=True, slots=True)
class SiteNumbers:
    """What was looked up.

    Attributes:
        numbers: the site as both nodes name it, by what was given.
        refusal: why one cannot be meant, in words; empty if all can.
    """

    numbers: dict[str, str]
    refusal: str = ""


def names_file_ids(parts: Iterable[Any]) -> bool:
    """Whether any of these parts of a message names its site by an id of the map's file."""
    return any(one.site.partition(" ")[0] in _WORDS for one in parts)


def site_numbers(ground: Preparation, parts: Iterable[Any]) -> SiteNumbers | None:
    """Look up the sites of these parts in the region; None where no region is known."""
    try:
        region = None if ground.regions is None else ground.regions.of(None)
    except (StoplineError, OSError):
        region = None
    if region is None:
        return None
    found: dict[str, str] = {}
    for one in parts:
        word, _, text = one.site.partition(" ")
        if word not in _WORDS:
            continue
        refusal = _looked_up(region.problem.network, one.site, word, text, found)
        if refusal:
            return SiteNumbers({}, refusal)
    return SiteNumbers(found)


def _looked_up(network: RoadNetwork, site: str, word: str, text: str, found: dict[str, str]) -> str:
    numbers = numbers_of(network, word, text)
    if not numbers:
        return f"{site} is not on the map of the region; expected {ids_expected(network, word)}"
    if len(numbers) > 1:
        return (
            f"{site} is cut into {len(numbers)} sections; expected one of them: {site}/1 to "
            f"{site}/{len(numbers)}"
        )
    found[site] = f"{ONE[word]} {numbers[0]}"
    return ""


def numbered(parts: tuple[_Part, ...], known: object) -> tuple[_Part, ...]:
    """The same parts, each with its site as both nodes name it.

    Args:
        parts: of a message.
        known: what `site_numbers` found, as `at.prepared` has it.

    Raises:
        NotNow: a site is not on the map, or no region is known in which to look.
    """
    if not isinstance(known, SiteNumbers):
        if names_file_ids(parts):
            raise NotNow(
                "this node was told of no region in which to look that site up; expected it as "
                "the other side names it, `section 7`"
            )
        return parts
    if known.refusal:
        raise NotNow(known.refusal)
    return tuple(
        one.model_copy(update={"site": known.numbers.get(one.site, one.site)}) for one in parts
    )
