"""What all parameter sections share: strict models, described fields, readable errors, reading of resolved values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationError,
    model_serializer,
    model_validator,
)

from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.layout import RESOLVED, split_run


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("expected an odd number")
    return value


Share = Annotated[float, Field(ge=0, le=1)]
Odd = Annotated[int, Field(ge=1), AfterValidator(_odd)]


class Section(BaseModel):
    """Parameters of one stage: unknown keys and wrong types are errors, values cannot be changed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_default=True, allow_inf_nan=False
    )


# A field that holds one value, or a list or section: Annotated[Annotated[A, ONE] | Annotated[B, LARGER], BY_SIZE].
# So messages are about the form that was meant.
ONE, LARGER = Tag("<one>"), Tag("<larger>")
BY_SIZE = Discriminator(lambda value: LARGER.tag if isinstance(value, list | Mapping | Section) else ONE.tag)


class OneOf(Section):
    """One of several forms, named by its key: exactly one field is set, and what it holds belongs to that form.

    Fields of subclasses are optional. In a higher layer of params.yaml another key takes the place of the first.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = list(type(self).model_fields)
        if sum(getattr(self, form) is not None for form in forms) != 1:
            raise ValueError(f"expected exactly one of {', '.join(forms)}")
        return self

    @model_serializer(mode="wrap")
    def _form_alone(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}


def param(
    default: Any,
    short: str,
    more: str = "",
    *,
    unit: str = "",
    source: str = "",
    filled: str = "",
    **limits: Any,
) -> Any:
    """A described field of a section.

    Args:
        default: the value where none is written; `...` where one must be.
        short: what it is, in a few words without a full stop: the comment in params.yaml.
        more: what larger and smaller values do, in sentences.
        unit: of the value, where it has one.
        source: of the default: "(n)" an equation, "T n" a table, "§ n" a section of the paper, "code" the published
            code, "trial" (docs/decisions.md), "convention", or a named paper.
        filled: where the value comes from, if nobody may write it in params.yaml.
        limits: as in `pydantic.Field`, e.g. ge=0.
    """
    said = {"unit": unit, "source": source, "filled": filled}
    return Field(
        default,
        description=f"{short}\n\n{more}" if more else short,
        json_schema_extra={key: words for key, words in said.items() if words},
        **limits,
    )


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], values: Any, where: str) -> Model:
    """Check `values` against `model`; `HcutalError` names each key, what was found and what is allowed.

    `where` says where the values stand, e.g. `params.yaml: experiments.watch.train`.
    """
    try:
        return model.model_validate({} if values is None else values)
    except ValidationError as error:
        raise HcutalError("\n".join(_describe(model, problem, where) for problem in error.errors())) from None


def _describe(model: type[BaseModel], problem: Any, where: str) -> str:
    # Tags of the forms of a union stand in the location as well, in angle brackets.
    loc = [str(part) for part in problem["loc"] if not str(part).startswith("<")]
    name = ".".join([where, *loc])
    if problem["type"] == "extra_forbidden":
        known = _keys_beside(model, loc)
        return f"{name}: unknown key{f'; expected one of {known}' if known else ''}"
    if problem["type"] == "missing":
        return f"{name}: is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "model_type":
        inner = model_at(model, loc)
        message = f"expected keys such as {', '.join(inner.model_fields)}" if inner else message
    return f"{name}: found {problem['input']!r}; {message[0].lower()}{message[1:]}"


def _keys_beside(model: type[BaseModel], loc: list[str]) -> str:
    inner = model_at(model, loc[:-1])
    return ", ".join(sorted(inner.model_fields)) if inner else ""


def model_at(model: type[BaseModel], path: list[str]) -> type[BaseModel] | None:
    """The section at `path` below `model`; None where there is none."""
    for key in path:
        field = model.model_fields.get(key)
        inner = sections_in(field.annotation) if field else []
        if not inner:
            return None
        model = inner[0]
    return model


def sections_in(annotation: Any) -> list[type[Section]]:
    """The sections that a field with this annotation may hold: none for plain values, one inside of `X | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [section for part in get_args(annotation) for section in sections_in(part)]


def read_section(model: type[Model], *keys: str, path: str | Path = RESOLVED) -> Model:
    """The parameters at `keys` of the resolved file, e.g. `read_section(TrainParams, "experiments", "watch", "train")`.

    Raises `HcutalError` when the key is missing or its value does not fit `model`.
    """
    values = read_json(path)
    for depth, key in enumerate(keys):
        if not isinstance(values, dict) or key not in values:
            found = ", ".join(sorted(values)) if isinstance(values, dict) else repr(values)
            raise HcutalError(f"{path}: no {'.'.join(keys[: depth + 1])}; there is {found}")
        values = values[key]
    return validate(model, values, f"{path}: {'.'.join(keys)}")


def read_run_section(model: type[Model], run: str, *keys: str, path: str | Path = RESOLVED) -> Model:
    """The parameters of a run, e.g. `read_run_section(TrainParams, "watch.0", "train")`; errors as `read_section`."""
    experiment, seed = split_run(run)
    return read_section(model, "runs", experiment, str(seed), *keys, path=path)
