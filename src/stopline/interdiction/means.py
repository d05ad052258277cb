"""What the sides can close and by when, as arrays: the one input besides routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import FaultList

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Units, sites and how they fit together; u units, c sites, a arcs of the drive graph.

    Attributes:
        ready_s: float64[u, c], when each unit can hold each site, seconds after "now" as in
            `Routes`; infinite where it may not or cannot (permissions are in here).
        strength: int32[u], >= 1.
        need: int32[c], strength that closes a site, >= 1.
        arc_site: int32[a], the site that is met when an arc is entered (a section), -1 for none.
        head_site: int32[a], the site that is met at the end of an arc (a junction), -1 for none.
        margin_s: a site stops what comes this long after it closed, or later; >= 0.
    """

    ready_s: NDArray[np.float64]
    strength: NDArray[np.int32]
    need: NDArray[np.int32]
    arc_site: NDArray[np.int32]
    head_site: NDArray[np.int32]
    margin_s: float = 0.0

    def __post_init__(self) -> None:
        faults = FaultList()
        units, sites = self.strength.shape[0], self.need.shape[0]
        if self.ready_s.shape != (units, sites):
            faults.add("means.ready_s", str(self.ready_s.shape), f"{units} units x {sites} sites")
        if np.isnan(self.ready_s).any():
            faults.add("means.ready_s", "not a number", "seconds, infinite for never")
        for name, values in (("strength", self.strength), ("need", self.need)):
            if (values < 1).any():
                faults.add(f"means.{name}", str(int(values.min())), "1 or more")
        for name, values in (("arc_site", self.arc_site), ("head_site", self.head_site)):
            if values.size and not -1 <= values.min() <= values.max() < sites:
                seen = f"{int(values.min())} to {int(values.max())}"
                faults.add(f"means.{name}", seen, f"-1 to {sites - 1}")
        if self.arc_site.shape != self.head_site.shape:
            seen = f"{self.arc_site.shape} and {self.head_site.shape}"
            faults.add("means.arc_site and head_site", seen, "one entry for each arc in both")
        if not (np.isfinite(self.margin_s) and self.margin_s >= 0):
            faults.add("means.margin_s", str(self.margin_s), "seconds, 0 or more, for example 60")
        faults.raise_if_any()

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.strength.shape[0])

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.need.shape[0])

    def shut_s(self, site_of: NDArray[np.int32]) -> NDArray[np.float64]:
        """From which time on nothing passes each site (closing plus margin), infinite for never.

        Args:
            site_of: int32[u], the site that each unit holds, -1 for none.
        """
        shut = np.full(self.sites, np.inf)
        for site in np.unique(site_of[site_of >= 0]):
            held = np.flatnonzero(site_of == site)
            held = held[np.argsort(self.ready_s[held, site], kind="stable")]
            enough = np.flatnonzero(np.cumsum(self.strength[held]) >= self.need[site])
            if enough.size:
                shut[site] = self.ready_s[held[enough[0]], site] + self.margin_s
        return shut
