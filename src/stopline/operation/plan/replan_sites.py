"""The sites of a re-plan: those of the scenario, or of the plan, with all where somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.problem import SiteList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.operation.orders.actual_closures import Actual
    from stopline.operation.orders.projection import Order
    from stopline.sealing.plan_file.schema import SitePart

_USUAL_SETUP_S: Final = 60.0


def place_of(site: str) -> tuple[str, int]:
    """Kind and number of `section N` or `junction N`."""
    kind, _, number = site.partition(" ")
    return kind, int(number)


def places_of(sites: SiteList) -> list[tuple[str, int]]:
    """Kind and number of every site, in order."""
    kinds = np.where(sites.is_junction, "junction", "section").tolist()
    return list(zip(kinds, sites.index.tolist(), strict=True))


def parts_of(actual: Actual) -> list[SitePart]:
    """All sites that the adopted plan names."""
    plan = actual.plan
    return [*(seal.site for seal in plan.seals), *plan.sites.on_routes, *plan.proof.sites]


def needed_sites(actual: Actual, orders: tuple[Order, ...]) -> list[str]:
    """Sites that must be in the list, as somebody stands there or goes there."""
    ours = [one.issued.site for one in orders]
    return list(dict.fromkeys([*ours, *(one.site for one in actual.wanted)]))


def listed_sites(parts: Iterable[SitePart]) -> SiteList:
    """A list of just these sites, in the order of their numbers."""
    listed = sorted(parts, key=lambda part: part.number)
    return SiteList(
        is_junction=np.array([part.kind == "junction" for part in listed], dtype=bool),
        index=np.array([part.index for part in listed], dtype=np.int32),
        need=np.array([part.need for part in listed], dtype=np.int32),
        setup_s=np.array([part.setup_s for part in listed], dtype=np.float64),
        disturbance=np.ones(len(listed)),
        names={n: part.name for n, part in enumerate(listed)},
    )


def joined_sites(
    base: SiteList, more: list[tuple[tuple[str, int], SitePart | None]], actual: Actual
) -> SiteList:
    """The list with further places; of those, need and set-up are taken from plan or orders."""
    if not more:
        return base
    need = {one.site: one.need for one in actual.wanted}
    longest_s = float(base.setup_s.max(initial=_USUAL_SETUP_S))
    needs = [
        part.need if part is not None else need.get(f"{kind} {index}", 1)
        for (kind, index), part in more
    ]
    setups = [longest_s if part is None else part.setup_s for _, part in more]
    return SiteList(
        is_junction=np.append(base.is_junction, [kind == "junction" for (kind, _), _ in more]),
        index=np.append(base.index, np.array([i for (_, i), _ in more], dtype=np.int32)),
        need=np.append(base.need, np.array(needs, dtype=np.int32)),
        setup_s=np.append(base.setup_s, setups),
        disturbance=np.append(base.disturbance, np.ones(len(more))),
        names=base.names,
    )
