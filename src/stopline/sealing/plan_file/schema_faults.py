"""Say what is wrong with a plan file in the words of its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from pydantic import ValidationError

    from stopline.errors import FaultList


def note_faults(error: ValidationError, where: str, faults: FaultList) -> None:
    """Note every fault that the form found, each at its key."""
    for one in error.errors(include_url=False):
        loc = one["loc"]
        if one["type"] == "json_invalid":
            faults.add(where, f"no JSON: {one['ctx']['error']}", "a plan file, which is JSON")
            continue
        key = key_of(loc)
        place = f"{where}: {key}" if key else where
        said = one["msg"].removeprefix("Input should be ")
        if one["type"] == "missing":
            faults.add(place, "nothing", _description(loc) or "a value")
        elif one["type"] == "extra_forbidden":
            faults.add(place, "an unknown key", _keys(loc))
        else:
            meaning = _description(loc)
            faults.add(place, one["input"], f"{said} ({meaning})" if meaning else said)


def key_of(loc: tuple[int | str, ...]) -> str:
    """Write a path of keys as people do, for example `seals[2].site.need`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _model_at(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = PlanFile
    for part in loc:
        if isinstance(part, int):
            continue
        found = _field(model, part)
        model = _model_in(found.annotation) if found is not None else None
    return model


def _field(model: type[BaseModel] | None, name: str) -> Any:  # noqa: ANN401  (pydantic's)
    for key, info in (model.model_fields if model else {}).items():
        if name == (info.alias or key):
            return info
    return None


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _description(loc: tuple[int | str, ...]) -> str:
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return ""
    found = _field(_model_at(tuple(names[:-1])), names[-1])
    return str(found.description or "") if found is not None else ""


def _keys(loc: tuple[int | str, ...]) -> str:
    model = _model_at(loc[:-1])
    if model is None:
        return "no such key"
    return "one of " + ", ".join(info.alias or key for key, info in model.model_fields.items())
