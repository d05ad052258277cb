"""Sites leave the API by the ids of the map's own file, with where on their road they are.

Inside, and between the nodes, they go by number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from pydantic import BaseModel

from stopline.network.place_names import site_id

if TYPE_CHECKING:
    from stopline.console.region import RegionRoads

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A field that names a site."""


@dataclass(frozen=True, slots=True)
class _WhereMark:
    """A field that says where on its `road` the `site` of a view is."""


WHERE: Final = (
    "where on it, `at Lettstrasse, 3 km south of Schaan`; empty where the region is not known"
)
Where = Annotated[str, _WhereMark()]
Site = Annotated[str, _Mark()]
Sites = Annotated[list[str], _Mark()]


def with_file_ids(shown: _Shown, roads: RegionRoads | None) -> _Shown:
    """The same answer, with each site by the id of the map's file, `way 12/3` for `section 7`.

    Args:
        shown: a view, or a list of views.
        roads: the roads that its sites are of; None where none are known: it stays as it is.
    """
    return shown if roads is None else _named(shown, roads)


def names_sites(shown: object) -> bool:
    """Whether a view, or a list of views, names a site anywhere."""
    if isinstance(shown, list):
        return any(names_sites(one) for one in shown)
    if not isinstance(shown, BaseModel):
        return False
    marked = _marked(type(shown))
    return any(bool(value) if name in marked else names_sites(value) for name, value in shown)


def _named(shown: Any, roads: RegionRoads) -> Any:  # noqa: ANN401  (views of every kind)
    if isinstance(shown, list):
        return [_named(one, roads) for one in shown]
    if not isinstance(shown, BaseModel):
        return shown
    marked, changes = _marked(type(shown)), dict[str, object]()
    for name in _marked(type(shown), _WhereMark):
        changes[name] = roads.where(shown.site, shown.road)  # type: ignore[attr-defined]
    for name, value in shown:
        if name in marked:
            names = value if isinstance(value, list) else [value]
            ids = [site_id(roads.network, one) for one in names]
            changes[name] = ids if isinstance(value, list) else ids[0]
        elif isinstance(value, BaseModel | list):
            changes[name] = _named(value, roads)
    return shown.model_copy(update=changes)


@cache
def _marked(view: type[BaseModel], mark: type = _Mark) -> frozenset[str]:
    fields = view.model_fields.items()
    return frozenset(
        name for name, field in fields if any(isinstance(one, mark) for one in field.metadata)
    )
