"""What a parameter may be, in words."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "null": "null",
    "object": "names with values",
}
LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}


def allowed(field: FieldInfo) -> str:
    """The values of a field, e.g. `a number, above 0, at most 1`."""
    # The field stands in a model of its own, whose JSON schema has the limits.
    fields: dict[str, Any] = {"value": (field.annotation, field)}
    model: type[BaseModel] = create_model("Alone", **fields)
    schema = model.model_json_schema()
    return _form(schema["properties"]["value"], schema.get("$defs", {}))


def flow(value: Any) -> str:
    """A value as it is written in params.yaml, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _form(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _section(definitions[schema["$ref"].rpartition("/")[2]])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return "; or ".join(_form(part, definitions) for part in schema[union])
    if "enum" in schema:
        return "one of " + ", ".join(map(flow, schema["enum"]))
    if schema.get("type") == "array":
        least = schema.get("minItems", 0)
        each = _form(schema["items"], definitions)
        return f"a list, {f'{least} or more, ' if least else ''}each {each}"
    limits = [f", {text} {schema[key]:g}" for key, text in LIMITS.items() if key in schema]
    return KINDS[schema["type"]] + "".join(limits)


def _section(definition: Mapping[str, Any]) -> str:
    keys = ", ".join(definition.get("properties", {}))
    if definition.get("maxProperties") == 1:
        return f"one of the keys {keys}"
    return f"the keys {keys}" if keys else "{}"
