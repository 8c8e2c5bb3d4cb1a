"""Parameters of the kind `simulated`: a made world with the structure of THUMOS'14."""

from typing import Annotated

from pydantic import Field

from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share

Strength = Annotated[float, Field(ge=0)]


class WorldParams(Section):
    """The parts of the simulated world: numbers of latent directions, strengths (lengths of vectors), times.

    Found by trial so that clustering scores as in Table 7; docs/simulated.md says what each part is.
    """

    latent: int = Field(64, ge=1)
    family: int = Field(2, ge=1)
    scenes: int = Field(24, ge=1)
    scene: Strength = 1.4
    scene_mix: float = Field(0.3, gt=0)
    scene_bond: Share = 0.58
    camera: Strength = 0.3
    shot: Strength = 0.3
    shot_seconds: float = Field(12.8, gt=0)
    camera_spread: Strength = 0.5
    light: Strength = 1.1
    lights: int = Field(2, ge=1)
    action: Strength = 2.0
    variation: Strength = 0.5
    boundary: Strength = 0.2
    distractor: Strength = 2.0
    distractors: int = Field(30, ge=1)
    distractor_every: float = Field(8.0, gt=0)
    distractor_seconds: float = Field(2.0, gt=0)
    noise: Strength = 2.0
    tail: float = Field(4.0, gt=2)


class SimulatedPrepare(Section):
    """The simulated world: THUMOS'14's structure at a chosen size; times are in seconds."""

    classes: int = Field(8, ge=2)
    train_videos: int = Field(60, ge=1)
    test_videos: int = Field(40, ge=1)
    train_multi: int = Field(8, ge=0)
    test_multi: int = Field(6, ge=0)
    dimensions: dict[str, Annotated[int, Field(ge=1)]] = Field({"rgb": 64, "flow": 64}, min_length=1)
    fps: float = Field(25.0, gt=0)
    snippet_frames: int = Field(16, ge=1)
    longest: float = Field(90.0, ge=20)
    world: WorldParams = WorldParams()
    seed: int = Field(0, ge=0)


class SimulatedFeatures(Section):
    """Simulated features are taken as they are."""


class SimulatedParams(KindParams):
    """Features made by the project's own code."""

    prepare: SimulatedPrepare = SimulatedPrepare()
    features: SimulatedFeatures = SimulatedFeatures()
