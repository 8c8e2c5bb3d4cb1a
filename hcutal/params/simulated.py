"""Parameters of the kind `simulated`: a made world with the structure of THUMOS'14."""

from typing import Annotated

from pydantic import Field

from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share, param

Strength = Annotated[float, Field(ge=0)]


class WorldParams(Section):
    """The parts of the simulated world: numbers of latent directions, strengths (lengths of vectors), times.

    Found by trial so that clustering scores as in Table 7; docs/simulated.md says what each part is.
    """

    latent: int = param(64, "dimensions of the latent space", source="trial", ge=1)
    family: int = param(
        2, "classes that share their scene", "More make classes harder to tell apart.", source="trial", ge=1
    )
    scenes: int = param(24, "scenes in the world", source="trial", ge=1)
    scene: Strength = param(
        1.4, "strength of a video's scene", "More hides the action in the mean of a video.", source="trial"
    )
    scene_mix: float = param(
        0.3,
        "how evenly other scenes mix in",
        "Of a Dirichlet: lower values mix in fewer of them.",
        source="trial",
        gt=0,
    )
    scene_bond: Share = param(
        0.58,
        "share of the scene that belongs to the family",
        "1: the scene tells the family.",
        source="trial",
    )
    camera: Strength = param(0.3, "strength of what is constant in a video alone", source="trial")
    shot: Strength = param(0.3, "strength of what is constant in a shot", source="trial")
    shot_seconds: float = param(12.8, "mean length of a shot", unit="s", source="trial", gt=0)
    camera_spread: Strength = param(
        0.5, "spread of the camera's strength over videos (log-normal)", source="trial"
    )
    light: Strength = param(1.1, "strength of a video's light, a nuisance that all share", source="trial")
    lights: int = param(2, "directions of the light", source="trial", ge=1)
    action: Strength = param(2.0, "strength of an action", "More makes everything easier.", source="trial")
    variation: Strength = param(
        0.5, "what is an action's own in a video and an instance, of its strength", source="trial"
    )
    distractor: Strength = param(2.0, "strength of motion that belongs to no class", source="trial")
    distractors: int = param(30, "kinds of such motion", source="trial", ge=1)
    distractor_every: float = param(
        8.0, "mean time from one such motion to the next", unit="s", source="trial", gt=0
    )
    distractor_seconds: float = param(2.0, "median length of such motion", unit="s", source="trial", gt=0)
    noise: Strength = param(2.0, "strength of the noise on each snippet", source="trial")
    boundary: Strength = param(
        0.2, "how far an action begins and ends off its annotation, of its length", source="trial"
    )
    tail: float = param(
        4.0,
        "degrees of freedom of the noise (Student's t)",
        "Fewer make very noisy snippets more frequent.",
        source="trial",
        gt=2,
    )


class SimulatedPrepare(Section):
    """The simulated world: THUMOS'14's structure at a chosen size."""

    classes: int = param(8, "classes of actions", source="THUMOS'14: 20", ge=2)
    train_videos: int = param(60, "videos to train on", source="THUMOS'14: 200", ge=1)
    test_videos: int = param(40, "videos to test on", source="THUMOS'14: 210", ge=1)
    train_multi: int = param(8, "training videos with two classes", source="THUMOS'14: 27", ge=0)
    test_multi: int = param(6, "test videos with two classes", source="THUMOS'14: 34", ge=0)
    dimensions: dict[str, Annotated[int, Field(ge=1)]] = param(
        {"rgb": 64, "flow": 64}, "features of each stream", source="T 1: 1024 each", min_length=1
    )
    fps: float = param(25.0, "frame rate", unit="frames/s", source="code", gt=0)
    snippet_frames: int = param(16, "length of a snippet", unit="frames", source="code", ge=1)
    longest: float = param(90.0, "longest video", unit="s", source="convention", ge=20)
    world: WorldParams = param(
        WorldParams(),
        "clustering of video means scores about as in T 7 (docs/simulated.md)",
        source="trial",
    )
    seed: int = param(0, "seed of the world", source="convention", ge=0)


class SimulatedFeatures(Section):
    """Simulated features are taken as they are."""


class SimulatedParams(KindParams):
    """Features made by the project's own code."""

    prepare: SimulatedPrepare = param(SimulatedPrepare(), "a small world with the structure of THUMOS'14")
    features: SimulatedFeatures = param(SimulatedFeatures(), "taken as they are")
