"""What a trained model says of itself, read without torch, which is slow to import."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError, safe_open

from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.layout import MODEL_DESCRIPTION, MODEL_WEIGHTS
from hcutal.params.section import validate
from hcutal.params.top import TopParams


class ModelDescription(BaseModel):
    """What `model.json` says: `network` holds the fields of `NetworkShape`, the others are those of `Localizer`."""

    model_config = ConfigDict(frozen=True)

    network: dict[str, Any]
    snippets: int = Field(ge=1)
    top: TopParams
    supervision: str
    classes: list[str] | None
    streams: dict[str, Annotated[int, Field(ge=1)]] = Field(min_length=1)
    stream_order: list[str]
    # Models from before pieces were scored have neither.
    piece: int | None = Field(default=None, ge=1)
    labels: float = Field(default=1.0, ge=1)

    @property
    def ordered_streams(self) -> dict[str, int]:
        """Names and sizes of the streams, in the order of the columns."""
        return {name: self.streams[name] for name in self.stream_order}


def read_description(path: Path) -> ModelDescription:
    """What a trained model says of itself; `HcutalError` names the file when it is missing or malformed."""
    description = validate(ModelDescription, read_json(path), str(path))
    if sorted(description.stream_order) != sorted(description.streams):
        raise HcutalError(
            f"{path}: stream_order is {description.stream_order}; "
            f"expected each of {', '.join(description.streams)} once"
        )
    return description


def check_model(folder: Path) -> tuple[dict[str, int], int]:
    """The streams of the model in a folder, and how many columns it has; `HcutalError` where it cannot be read.

    Of the weights only the list is read: whether they are those of the description, `load_model` says.
    """
    path, weights = folder / MODEL_DESCRIPTION, folder / MODEL_WEIGHTS
    said = read_description(path)
    columns = said.network.get("outputs")
    if not isinstance(columns, int):
        raise HcutalError(f"{path}: network.outputs: found {columns!r}; expected a number")
    try:
        with safe_open(weights, framework="numpy"):
            pass
    except FileNotFoundError:
        raise HcutalError(f"{weights}: no such file") from None
    except SafetensorError as error:
        raise HcutalError(f"{weights}: does not fit {path} ({error})") from error
    return said.ordered_streams, columns
