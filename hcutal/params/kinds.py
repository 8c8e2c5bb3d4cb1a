"""The registry of the kinds of data sets: a line each.

A kind is a module of `hcutal.datasets` with two functions and a parameter class:

    prepare(folder: Path, params: <class>.prepare, source: Path | None) -> None
    features(recordings: Path, target: Path, params: <class>.features) -> None

Modules are named here and imported when they are asked for, so that no kind needs another's code.
"""

from typing import Any, NamedTuple

from pydantic import create_model

from hcutal.params.imported import ImportedParams
from hcutal.params.kind import KindParams
from hcutal.params.recordings import RecordingsParams
from hcutal.params.section import Section
from hcutal.params.simulated import SimulatedParams
from hcutal.params.watch import WatchParams


class Kind(NamedTuple):
    """The parameters of a kind of data set, and the module that makes it."""

    params: type[KindParams]
    module: str


KINDS: dict[str, Kind] = {
    "watch": Kind(WatchParams, "hcutal.datasets.watch"),
    "simulated": Kind(SimulatedParams, "hcutal.datasets.simulated"),
    "features": Kind(ImportedParams, "hcutal.datasets.imported"),
    "recordings": Kind(RecordingsParams, "hcutal.datasets.recordings"),
}


def stage_model(kind: str, stage: str) -> type[Section]:
    """The model of the parameters of `prepare` or `features` of a kind."""
    model = KINDS[kind].params.model_fields[stage].annotation
    assert isinstance(model, type) and issubclass(model, Section)
    return model


def _stage_section(stage: str) -> type[Section]:
    """A section of params.yaml that holds the parameters of a stage by kind."""
    fields: dict[str, Any] = {
        kind: (stage_model(kind, stage), KINDS[kind].params.model_fields[stage]) for kind in KINDS
    }
    return create_model(
        f"{stage.title()}Params", __base__=Section, __doc__="One part a kind of data set.", **fields
    )


PrepareParams = _stage_section("prepare")
FeaturesParams = _stage_section("features")
