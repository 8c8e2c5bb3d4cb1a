"""What is said of a field: its words, and where it stands among all parameters."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic.fields import FieldInfo

from hcutal.params.section import Section, sections_in

CONVENTION = "convention"


class Words(NamedTuple):
    """What the field of a section says of itself, see `hcutal.params.section.param`."""

    short: str
    more: str
    unit: str
    source: str
    filled: str

    @property
    def comment(self) -> str:
        """The comment in params.yaml; a value without a source is a convention."""
        short = f"{self.short} ({self.unit})" if self.unit else self.short
        source = "; ".join(part for part in self.source.split("; ") if part != CONVENTION)
        return f"{short}; {source}" if source else short


def words(field: FieldInfo) -> Words:
    """The words of a field that `param` made."""
    short, _, more = (field.description or "").partition("\n\n")
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit, source, filled = (str(extra.get(key, "")) for key in ("unit", "source", "filled"))
    return Words(short, more, unit, source, filled)


def all_fields(model: type[Section], outer: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every field below a section with its key, e.g. `train.video.neighbours`; sections before what they hold."""
    for name, field in model.model_fields.items():
        yield outer + name, field
        for section in sections_in(field.annotation):
            yield from all_fields(section, f"{outer}{name}.")
