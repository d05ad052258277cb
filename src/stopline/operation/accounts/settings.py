"""How people are let in: lengths of sessions, waits after wrong tries, cost of a password.

A file `people.json` in the node's folder changes what stands here; a field left out keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stopline.errors import FaultList

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_FILE: Final = "people.json"
_HOUR_S: Final = 3600.0
_DAY_S: Final = 24 * _HOUR_S
_Model = TypeVar("_Model", bound=BaseModel)


class AccessSettings(BaseModel):
    """How people are let in; seconds, unless the name says otherwise.

    The cost of a password is the second recommended choice of RFC 9106, section 4.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    idle_s: float = Field(default=_HOUR_S, gt=0, description="a session unused so long ends")
    longest_s: float = Field(
        default=13 * _HOUR_S,
        gt=0,
        description="a session ends then at the latest: a shift, and time to hand over",
    )
    set_up_s: float = Field(default=_DAY_S, gt=0, description="a set-up code is good for so long")
    shortest_password: int = Field(default=12, ge=8, le=64, description="characters")
    argon2_memory_kib: int = Field(
        default=64 * 1024, ge=8, description="memory of one password check"
    )
    argon2_passes: int = Field(default=3, ge=1, description="passes over that memory")
    argon2_lanes: int = Field(default=4, ge=1, description="lanes of it")
    checks_at_once: int = Field(
        default=2, ge=1, description="password checks at the same time in one process"
    )
    free_tries: int = Field(default=5, ge=1, description="wrong tries before anybody waits")
    first_wait_s: float = Field(
        default=2.0, gt=0, description="the first wait; each next is twice as long"
    )
    longest_wait_source_s: float = Field(
        default=900.0, gt=0, description="longest wait of a source that nobody known uses"
    )
    longest_wait_name_s: float = Field(
        default=60.0, gt=0, description="longest wait of a name, and of a person at a known source"
    )
    forget_tries_s: float = Field(
        default=6 * _HOUR_S, gt=0, description="wrong tries count for so long"
    )
    known_source_s: float = Field(
        default=60 * _DAY_S,
        gt=0,
        description="a source where somebody signed in is theirs for so long",
    )
    issuer_name: str = Field(
        default="Stopline",
        min_length=1,
        max_length=60,
        description="name of the node in the authenticator application",
    )


def read_settings(folder: Path) -> AccessSettings:
    """Read the settings of a node's folder; those that stand here if it has none.

    Raises:
        BadInput: the file does not fit; every fault is listed.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return AccessSettings()
    return checked_model(AccessSettings, path)


def checked_model(model: type[_Model], path: Path) -> _Model:
    """Read a JSON file into a model.

    Raises:
        BadInput: the file does not fit; every fault is listed, and no value is repeated: it may
            be a secret that somebody wrote into the wrong place.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        faults = FaultList()
        for each in error.errors(include_input=False, include_url=False):
            where = ".".join(str(part) for part in each["loc"]) or "the file"
            faults.add(f"{path.name}: {where}", "something else", each["msg"])
        faults.raise_if_any()
        raise
