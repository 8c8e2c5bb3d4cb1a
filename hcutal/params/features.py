"""Parameters of the features stage, one section a kind of data set."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hcutal.params.section import Section


class FloorParams(Section):
    """What is added before a logarithm is taken, in the unit of the stream."""

    accelerometer: float = Field(0.05, gt=0)
    gyroscope: float = Field(0.125, gt=0)


class WatchFeatures(Section):
    """Snippets of sensor windows; lengths in samples, bands in Hz, floors in the unit of the stream (g, rad/s)."""

    snippet_samples: int = Field(16, ge=1)
    window_samples: int = Field(128, ge=4)
    bands: list[Annotated[float, Field(gt=0)]] = Field([0.3, 1.0, 1.8, 3.3, 6.4, 9.6], min_length=2)
    floor: FloorParams = FloorParams()
    orientation: Literal["invariant", "raw"] = "invariant"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.window_samples < self.snippet_samples:
            raise ValueError("window_samples should be at least snippet_samples")
        if any(low >= high for low, high in pairwise(self.bands)):
            raise ValueError("bands should rise")
        return self


class SimulatedFeatures(Section):
    """Simulated features are taken as they are."""


class ImportedFeatures(Section):
    """Features in the layout of the field: what the sidecar says of their origin."""

    extractor: str = "imported"
    weights: str | None = None


class FeaturesParams(Section):
    """One section a kind of data set."""

    watch: WatchFeatures = WatchFeatures()
    simulated: SimulatedFeatures = SimulatedFeatures()
    features: ImportedFeatures = ImportedFeatures()
