"""What a camera is to the search: where it stands, which directions it sees, and on what law.

A file lists them (docs/cameras.md); `read_cameras` tells all its faults at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from stopline.documents.csv_rows import read_rows
from stopline.documents.validation import faults_of, note_faults
from stopline.documents.yaml import read_yaml
from stopline.errors import FaultList

if TYPE_CHECKING:
    from pathlib import Path

Direction = Literal["towards", "away"]
_MOST = 2000
_TABLES = frozenset({".csv", ".tsv"})
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]


def _no_truth(value: object) -> object:
    """Refuse true and false, which would count as 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "a number")
    return value


Whole = Annotated[int, BeforeValidator(_no_truth)]
Real = Annotated[float, BeforeValidator(_no_truth)]


class Camera(BaseModel):
    """One camera."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Line = Field(description="what people call it, in one line")
    source: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        default="", description="address, film or folder, in one line; empty where reads are posted"
    )
    section: Whole | None = Field(default=None, ge=0, description="section of the network")
    lon: Real | None = Field(default=None, ge=-180, le=180, description="WGS 84 degrees")
    lat: Real | None = Field(default=None, ge=-90, le=90, description="WGS 84 degrees")
    forward_towards: bool | None = Field(
        default=None,
        description="whether a vehicle that comes towards it drives from the section's tail to its "
        "head",
    )
    heading_towards_deg: Real | None = Field(
        default=None, ge=0, lt=360,
        description="compass heading of a vehicle that comes towards it",
    )  # fmt: skip
    directions: Annotated[tuple[Direction, ...], Field(min_length=1, max_length=2)] = Field(
        default=("towards", "away"), description="directions of which it reads plates"
    )
    detection: Real = Field(
        default=0.9, ge=0, le=1, description="probability that it finds a vehicle that passes"
    )
    clock_offset_s: Real = Field(
        default=0.0, ge=-86_400, le=86_400, description="added to its clock to get the true time"
    )
    pixels_per_m: Real | None = Field(
        default=None, gt=0, le=5000, description="pixels for a metre where plates are read"
    )
    legal_basis: Annotated[str, Field(max_length=400)] = Field(
        default="", description="law or order by which it may be used"
    )

    def heading(self, direction: str | None) -> float | None:
        """Compass heading of a vehicle that passed in a direction, if that is known."""
        if direction is None or self.heading_towards_deg is None:
            return None
        turn = 0.0 if direction == "towards" else 180.0
        return (self.heading_towards_deg + turn) % 360

    def forward(self, direction: str | None) -> bool | None:
        """Whether it drove from the section's tail to its head, if that is known."""
        if direction is None or self.forward_towards is None:
            return None
        return self.forward_towards is (direction == "towards")

    def watched_forward(self) -> bool | None:
        """The one direction of the section that it watches; None for both, or unknown."""
        return self.forward(self.directions[0]) if len(set(self.directions)) == 1 else None


class _CameraFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cameras: list[Camera] = Field(description="a list of cameras")


def read_cameras(path: Path) -> tuple[Camera, ...]:
    """Read the cameras of a file: YAML, or a table as the plan of an event writes it.

    Raises:
        BadInput: with all its faults.
    """
    faults = FaultList()
    tabular = path.suffix.lower() in _TABLES
    read = _of_table(path, faults) if tabular else _of_yaml(path, faults)
    if not 0 < len(read) <= _MOST and not faults:
        faults.add(str(path), f"{len(read)} cameras", f"1 to {_MOST}")
    names: set[str] = set()
    for where, camera in read:
        if camera.name in names:
            faults.add(f"{where}.name", camera.name, "a name that no other camera has")
        names.add(camera.name)
        if (camera.lon is None) != (camera.lat is None):
            faults.add(where, "half a place", "lon and lat together, or neither")
        if camera.section is None and camera.lon is None:
            faults.add(where, f"{camera.name} stands nowhere", "a section, or lon and lat")
        if len(set(camera.directions)) < len(camera.directions):
            faults.add(f"{where}.directions", "one of them twice", "each direction once")
        if not camera.legal_basis.strip():
            faults.add(f"{where}.legal_basis", "nothing", "the law or order by which it is used")
    faults.raise_if_any()
    return tuple(camera for _, camera in read)


def _of_yaml(path: Path, faults: FaultList) -> list[tuple[str, Camera]]:
    document = read_yaml(path)
    try:
        read = _CameraFile.model_validate(document.content)
    except ValidationError as error:
        note_faults(error, _CameraFile, document, faults)
        faults.raise_if_any()
        raise
    return [(document.where(("cameras", n)), each) for n, each in enumerate(read.cameras)]


def _of_table(path: Path, faults: FaultList) -> list[tuple[str, Camera]]:
    """Read one camera a row; an empty cell says nothing, directions are parted by blanks."""
    known = {name: field.description or "" for name, field in Camera.model_fields.items()}
    read = []
    for row in read_rows(path, faults, columns=known, needed=("name", "legal_basis")):
        given: dict[str, object] = {
            name: cell for name, cell in row.fields.items() if cell and name in known
        }
        if "directions" in given:
            given["directions"] = tuple(row.fields["directions"].split())
        try:
            read.append((row.where, Camera.model_validate(given)))
        except ValidationError as error:
            for key, seen, expected in faults_of(error, Camera, given):
                faults.add(f"{row.where}: {key}" if key else row.where, seen, expected)
    return read
