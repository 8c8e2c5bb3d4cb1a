"""Extractors by name: those of the package, and those that other packages bring as entry points.

A package brings one with, in its pyproject.toml,

    [project.entry-points."hcutal.extractors"]
    spectrogram = "my_package.spectrogram:Spectrogram"

where the class follows `hcutal.extract.extractor.Extractor`.
"""

import hashlib
import importlib
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import orjson

from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor
from hcutal.extract.find import NoRecordingError, RecordingFolder, look_into
from hcutal.extract.foreign import GROUP
from hcutal.params.plain_yaml import parse_yaml
from hcutal.params.section import Section, validate

BUILT_IN = {
    "i3d": "hcutal.extract.video.i3d_extractor:I3DExtractor",
    "vectors": "hcutal.extract.vectors:VectorExtractor",
    "watch": "hcutal.extract.smartwatch:WatchExtractor",
    "torchvision": "hcutal.extract.video.torchvision_models:TorchvisionExtractor",
    "transformers": "hcutal.extract.video.transformers_models:TransformersExtractor",
    "poses": "hcutal.extract.poses.pose_extractor:PoseExtractor",
}
REQUIRED = ("Params", "suffixes", "neutral", "about", "step", "probe", "extract")


@dataclass(frozen=True)
class Recipe:
    """An extractor and its parameters, as plain values that can be sent to another process."""

    name: str
    values: Mapping[str, Any]

    @cached_property
    def kind(self) -> type[Extractor]:
        """The class of the extractor."""
        return find_extractor(self.name)

    def params(self) -> Section:
        """The checked parameters; `HcutalError` names the key that is wrong."""
        return validate(self.kind.Params, dict(self.values), f"extractor {self.name}")

    def make(self) -> Extractor:
        """A new extractor."""
        return self.kind(self.params())

    def look_into(self, source: Path, by_path: bool = False) -> RecordingFolder:
        """The recordings below a folder, see `find.look_into`; the error of an empty one names who reads what is there.

        An extractor for which a folder of numbered files can be a recording has a method `sequences(params)`: the
        endings of these files.
        """
        sequences = getattr(self.kind, "sequences", None)
        endings = [] if sequences is None else sequences(self.params())
        try:
            return look_into(source, self.kind.suffixes, endings, by_path)
        except NoRecordingError as error:
            other = reading(error.found)
            if other is None:
                raise
            raise HcutalError(f"{error}; the extractor {other} reads those: --extractor {other}") from error

    def settled(self, files: Iterable[Path], before: Mapping[str, Any] | None = None) -> "Recipe":
        """The recipe with the parameters that recordings decide together, or with those of features made `before`.

        An extractor that has such parameters has a method `settle(params, files)`, which gives their values.
        """
        settle = getattr(self.kind, "settle", None)
        if settle is None:
            return self
        if before is not None and "matched" in before:
            return Recipe(self.name, {**self.values, "matched": before["matched"]})
        return Recipe(self.name, {**self.values, **settle(self.params(), files)})

    def recorded(self) -> dict[str, Any]:
        """The parameters that change the features."""
        return self.params().model_dump(mode="json", exclude=set(self.kind.neutral))

    def fingerprint(self, weights: str | None) -> str:
        """SHA-256 of what the features depend on beyond the recording: name, parameters, weights, code.

        The code is that of the extractor's package, since a helper's edit changes the features as well.
        """
        parts = [self.name, self.recorded(), weights, _code_digest(self.kind)]
        return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_options(texts: Iterable[str]) -> dict[str, Any]:
    """Parameters of `KEY=VALUE`, `KEY` with dots for nested ones, `VALUE` as in YAML."""
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise HcutalError(f"option: found {text!r}; expected KEY=VALUE")
        *parents, last = key.split(".")
        inner = values
        for parent in parents:
            inner = inner.setdefault(parent, {})
            if not isinstance(inner, dict):
                raise HcutalError(
                    f"option {key}: {parent} has a value of its own already; expected one of both"
                )
        inner[last] = parse_yaml(value, f"option {key}")
    return values


def extractor_names() -> list[str]:
    """The names of all extractors, sorted."""
    return sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))})


def reading(suffixes: Iterable[str]) -> str | None:
    """The first extractor of the package that reads files of one of these suffixes; None where none does."""
    ends = {suffix.lower() for suffix in suffixes}
    return next((name for name in BUILT_IN if ends & find_extractor(name).suffixes), None)


def find_extractor(name: str) -> type[Extractor]:
    """The class of an extractor; `HcutalError` where there is none of that name or it cannot be used."""
    found = entry_points(group=GROUP, name=name)
    if name not in BUILT_IN and not found:
        raise HcutalError(f"extractor: found {name!r}; expected one of {', '.join(extractor_names())}")
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        kind = getattr(importlib.import_module(module), attribute)
    else:
        point = next(iter(found))
        try:
            kind = point.load()
        except (ImportError, AttributeError) as error:
            raise HcutalError(f"extractor {name}: {point.value} cannot be imported ({error})") from error
    missing = [part for part in REQUIRED if not hasattr(kind, part)]
    if missing:
        raise HcutalError(f"extractor {name}: {kind!r} has no {', '.join(missing)}; see docs/extractors.md")
    checked: type[Extractor] = kind
    return checked


def _code_digest(kind: type) -> str:
    """SHA-256 of the sources of the package that holds the class; of its file where it is in no package."""
    file = Path(inspect.getfile(kind))
    in_package = "." in kind.__module__
    digest = hashlib.sha256()
    for source in sorted(file.parent.rglob("*.py")) if in_package else [file]:
        digest.update(str(source.relative_to(file.parent)).encode() + source.read_bytes())
    return digest.hexdigest()
