"""The part of a plan file that shows what holds of every plan."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stopline.sealing.plan_file.schema_base import Number, Part

Weight = Annotated[int, Field(gt=0, lt=2**53)]


class CertificateRoutePart(Part):
    """A route of a step; it is driven without a stop."""

    weight: Weight = Field(description="what it counts, a whole number")
    source: str = Field(description="name of the source it begins at; empty: it begins at a step")
    step: Number | None = Field(
        description="number of the earlier step (from 0) at whose end and time it begins"
    )
    begins: Number | None = Field(
        description="junction at which it begins; of a source on a section, the end driven to"
    )
    sections: tuple[Number, ...] = Field(description="sections driven from there, in order")


class CertificateStepPart(Part):
    """Routes of which every plan leaves one open: the vehicle gets to their end by the latest."""

    kind: Literal["junction", "section", "exit"] = Field(
        description="where they end: at a junction, before an exit section, at an exit"
    )
    index: Number = Field(description="number of the junction or section; 0 for an exit")
    routes: Annotated[tuple[CertificateRoutePart, ...], Field(min_length=1)] = Field(
        description="the routes"
    )


class CertificatePart(Part):
    """Why no plan uses fewer units, or why none seals; `stopline verify` confirms it."""

    units: Number = Field(description="no plan uses fewer; 0: an exit is reached under every plan")
    scale: Weight = Field(description="weight that stands for one unit in the last step")
    margin_s: Annotated[float, Field(ge=0)] = Field(description="of the seals of the plans meant")
    steps: tuple[CertificateStepPart, ...] = Field(
        description="the last one ends at an exit; each needs only earlier ones"
    )
