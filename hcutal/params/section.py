"""What all parameter sections share: strict models, readable errors, and reading of resolved values."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.layout import RESOLVED

Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """Parameters of one stage: unknown keys and wrong types are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)


Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: str | Path) -> Any:
    """Read YAML as plain Python values; `HcutalError` names the file when it is missing or malformed."""
    try:
        return YAML(typ="safe", pure=True).load(Path(path))
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error
    except RecursionError:
        raise HcutalError(f"{path}: is nested too deep; expected a handful of levels") from None
    # A tag such as !!float makes its value by Python's own functions, with their errors.
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise HcutalError(f"{path}: not valid YAML: {error}") from error


def validate(model: type[Model], values: Any, where: str) -> Model:
    """Check `values` against `model`; `HcutalError` names each key, what was found and what is allowed.

    `where` says where the values stand, e.g. `params.yaml: experiments.watch.train`.
    """
    try:
        return model.model_validate({} if values is None else values)
    except ValidationError as error:
        raise HcutalError("\n".join(_describe(model, problem, where) for problem in error.errors())) from None


def _describe(model: type[BaseModel], problem: Any, where: str) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    name = f"{where}.{key}" if key else where
    if problem["type"] == "extra_forbidden":
        return f"{name}: unknown key; expected one of {', '.join(sorted(model.model_fields))}"
    if problem["type"] == "missing":
        return f"{name}: is missing"
    return f"{name}: found {problem['input']!r}; {problem['msg'][0].lower()}{problem['msg'][1:]}"


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
