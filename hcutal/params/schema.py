"""The JSON schema of params.yaml, by which editors complete and check it."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from hcutal.params.checks import NAME
from hcutal.params.document import EXPERIMENT_SECTIONS, GROUPS, SECTIONS, Dataset, Document
from hcutal.params.kinds import KINDS, stage_model


class _Untitled(GenerateJsonSchema):
    """Without titles of fields, which would repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """The schema of a whole params.yaml. Every key of a section may be left out, so overrides have the same schema."""
    properties = {name: _reference(section) for name, section in SECTIONS.items()}
    for name, group in GROUPS.items():
        names = {"propertyNames": {"pattern": f"^{NAME.pattern}$"}, "minProperties": 1}
        properties[name] = {"type": "object", "additionalProperties": _reference(group), **names}
    for name, part in properties.items():
        part["description"] = Document.model_fields[name].description
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "params.yaml of hcutal",
        "type": "object",
        "properties": properties,
        "required": list(GROUPS),
        "additionalProperties": False,
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Any]:
    """The schema of each section and of each entry of a group, by name."""
    models: list[type[BaseModel]] = [*SECTIONS.values(), *GROUPS.values()]
    _, made = models_json_schema(
        [(model, "validation") for model in models],
        schema_generator=_Untitled,
        ref_template="#/$defs/{model}",
    )
    definitions: dict[str, Any] = made["$defs"]
    for definition in definitions.values():
        definition["properties"] = _writable(definition)
    for group in GROUPS.values():
        for name, section in EXPERIMENT_SECTIONS.items():
            definitions[group.__name__]["properties"][name] = _reference(section)
    definitions[Dataset.__name__] |= _by_kind()
    return definitions


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{model.__name__}"}


def _writable(definition: dict[str, Any]) -> dict[str, Any]:
    """The properties that somebody may write: not what is filled in, and no null in the place of a form."""
    written = {
        key: dict(part) for key, part in definition.get("properties", {}).items() if "filled" not in part
    }
    for part in written.values():
        # The defaults of sections stand in their own properties.
        if isinstance(part.get("default"), dict):
            del part["default"]
        if definition.get("maxProperties") == 1:
            del part["default"]
            part["anyOf"] = [form for form in part["anyOf"] if form != {"type": "null"}]
    return written


def _by_kind() -> dict[str, Any]:
    """What a data set holds depends on its kind."""
    forms = []
    for name, kind in KINDS.items():
        source = {"type": "string"} if kind.params.has_source else {"type": "null"}
        parts = {stage: _reference(stage_model(name, stage)) for stage in ("prepare", "features")}
        then: dict[str, Any] = {"properties": {"source": source, **parts}}
        if kind.params.has_source:
            then["required"] = ["source"]
        forms.append({"if": {"properties": {"kind": {"const": name}}}, "then": then})
    return {"allOf": forms}
