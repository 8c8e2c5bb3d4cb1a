"""Stage `previews`: small copies of the films of a data set that browsers do not play.

`python -m hcutal.stages.previews DATASET`
"""

from pathlib import Path

import av
import click
from pydantic import BaseModel

from hcutal.code import check_code, stage_digest
from hcutal.entry import Command
from hcutal.extract.previews import FilmToShow, write_previews
from hcutal.files import json_digest
from hcutal.layout import MADE_PREVIEWS, DatasetFiles, previews_dir
from hcutal.params.recordings import PreviewParams
from hcutal.params.section import read_section
from hcutal.stages.execution import recorded
from hcutal.tables import read_table


class _PictureRate(BaseModel):
    """Of folders of numbered pictures: a parameter of extractors of films."""

    picture_rate: float | None = None


class _FilmFeatures(BaseModel):
    """Where that parameter stands."""

    i3d: _PictureRate
    options: _PictureRate

    @property
    def picture_rate(self) -> float | None:
        """Of the extractor that is used: only its section has values that are not those by default."""
        return self.options.picture_rate or self.i3d.picture_rate


def run(dataset: str) -> None:
    """Make previews/DATASET; what has been made of a film before is taken from the cache."""
    params = read_section(PreviewParams, "datasets", dataset, "prepare", "previews")
    rate = read_section(_FilmFeatures, "datasets", dataset, "features").picture_rate
    table = read_table(DatasetFiles.of(dataset).index, {"video": str, "path": str, "content": str})
    films = {video: FilmToShow(Path(path), content) for video, path, content in table.itertuples(index=False)}
    neutral = params.model_dump(exclude={"workers"})
    key = json_digest([neutral, rate, av.__version__, av.library_versions, stage_digest("previews")])
    write_previews(previews_dir(dataset), films, params, MADE_PREVIEWS / dataset / key[:16], rate)


@click.command(cls=Command)
@click.argument("dataset")
def main(dataset: str) -> None:
    """Make small copies of the films of DATASET that browsers do not play."""
    check_code("previews")
    with recorded(f"previews@{dataset}"):
        run(dataset)


if __name__ == "__main__":
    main()
