"""What is said of a run in labels/, as its page reads and changes it."""

from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from filelock import FileLock
from pydantic import AfterValidator, Field

from hcutal.cluster.assigned import read_assigned
from hcutal.cluster.mapping import training_id
from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.labelling.dropped import read_dropped, write_dropped
from hcutal.labelling.marks import RIGHT, Mark, problem_of, read_marks, write_marks
from hcutal.labelling.names_table import OtherTrainingError, write_names
from hcutal.layout import (
    LABELS_LOCK,
    RESOLVED,
    DatasetFiles,
    RunPaths,
    dropped_file,
    marks_file,
    names_file,
    split_run,
)
from hcutal.params.given_labels import given_names
from hcutal.params.section import Section, validate
from hcutal.tables import read_table

LONGEST = 200
# The verdict by which a mark is taken back.
NONE = "none"


def _line(text: str) -> str:
    """A name as it is kept: one line without blanks around it."""
    if not text.isprintable():
        raise ValueError("expected one line of printable characters")
    return text.strip()


Word = Annotated[str, Field(max_length=LONGEST), AfterValidator(_line)]
Cluster = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,5})$")]
Seconds = Annotated[float, Field(ge=0, le=1e7, strict=False)]


class ChangedMark(Section):
    """A mark that is set, or with the verdict `none` taken back."""

    recording: str
    start: Seconds
    end: Seconds
    label: Word
    clusters: Annotated[str, Field(pattern=r"^([0-9]+( [0-9]+)*)?$", max_length=1000)] = ""
    verdict: Literal["right", "wrong", "none"]
    name: Word = ""


class Change(Section):
    """What a page sends: what is to be changed, of clusters and segments of which training.

    names: by cluster; dropped: whether a recording is; renew: begin the table of names anew where it is of another
    training.
    """

    training: str
    names: dict[Cluster, Word] = Field({})
    marks: list[ChangedMark] = Field([])
    dropped: dict[str, bool] = Field({})
    renew: bool = False


class RunLabels:
    """The tables of a run in labels/."""

    def __init__(self, run: str) -> None:
        self.run = run
        RunPaths.of(run)

    @property
    def training(self) -> str:
        """The id of the present training; `HcutalError` where there is none."""
        return training_id(RunPaths.of(self.run).pseudo_labels)

    def names(self) -> dict[str, str]:
        """The names by cluster; none where they are of another training."""
        given = given_names(names_file(self.run))
        is_known = given.get("named_training") in (None, self.training)
        return dict(given.get("names", {})) if is_known else {}

    def marks(self) -> list[Mark]:
        """All marks."""
        return read_marks(marks_file(self.run))

    def marks_here(self) -> list[Mark]:
        """The marks of recordings that are in the data set: others were removed, renamed or dropped since."""
        recordings = self._recordings()
        return [mark for mark in self.marks() if mark.recording in recordings]

    def out_of_step(self) -> list[str]:
        """What is said and does not fit the present results, in words; nothing where all of it does."""
        lines = []
        given = given_names(names_file(self.run))
        if given.get("names") and given.get("named_training") not in (None, self.training):
            lines.append(
                f"{names_file(self.run)}: names the clusters of an earlier training; these are new clusters, without "
                f"names: hcutal label {self.run}, or hcutal names {self.run} --renew"
            )
        try:
            here, dropped = self._recordings(), self.dropped()
            gone = sorted({mark.recording for mark in self.marks()}.difference(here, dropped))
        except HcutalError as error:
            # The results are there all the same.
            return [*lines, str(error)]
        if gone:
            lines.append(
                f"{marks_file(self.run)}: marks {some(gone)}, which {'is' if len(gone) == 1 else 'are'} not there any "
                "more: these marks do not count; of a recording that was renamed, give them its new name in that file"
            )
        return lines

    def dropped(self) -> list[str]:
        """The recordings that are dropped."""
        return read_dropped(dropped_file(self.run))

    def state(self) -> dict[str, Any]:
        """All that is said: names by cluster, and of which training they are; marks; dropped recordings."""
        given = given_names(names_file(self.run))
        return {
            "run": self.run,
            "training": self.training,
            "names": given.get("names", {}),
            "named_training": given.get("named_training"),
            "marks": [asdict(mark) for mark in self.marks()],
            "dropped": self.dropped(),
        }

    def change(self, value: Any) -> None:
        """Change the tables as a page says; all of what it says, or nothing where that is wrong.

        Raises `OtherTrainingError` where page or table are of another training, and `HcutalError` that says what else
        is wrong.
        """
        change = validate(Change, value, "the page")
        if change.training != self.training:
            raise OtherTrainingError(
                f"the page is of training {change.training}, the present one is {self.training}: load it again"
            )
        self._check(change)
        LABELS_LOCK.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(LABELS_LOCK):
            # A table that cannot be read is noticed before another one is changed.
            marks, dropped = self.marks(), set(self.dropped())
            if change.names:
                write_names(self.run, {int(k): name for k, name in change.names.items()}, change.renew)
            if change.marks:
                changed = [made_mark(each, change.training) for each in change.marks]
                kept = [mark for mark in marks if not any(map(mark.is_of_segment, changed))]
                added = {mark.key: mark for mark in changed if mark.verdict != NONE}
                write_marks(marks_file(self.run), [*kept, *added.values()])
            if change.dropped:
                back = {name for name, is_dropped in change.dropped.items() if not is_dropped}
                write_dropped(dropped_file(self.run), (dropped | change.dropped.keys()) - back)

    def _check(self, change: Change) -> None:
        """Refuse recordings and clusters that there are not, and impossible marks."""
        recordings = self._recordings()
        named = [*change.dropped, *(mark.recording for mark in change.marks)]
        if unknown := next((name for name in named if name not in recordings), None):
            raise HcutalError(f"no recording {unknown!r} in this data set")
        if change.names:
            clusters = set(read_assigned(RunPaths.of(self.run).pseudo_labels)["cluster"].tolist())
            if wrong := next((number for number in change.names if int(number) not in clusters), None):
                raise HcutalError(f"no cluster {wrong} in this training")
        for mark in change.marks:
            made = replace(made_mark(mark, change.training), verdict=RIGHT)
            if problem := problem_of(made):
                raise HcutalError(f"a mark: {problem}")

    def _recordings(self) -> set[str]:
        experiment, seed = split_run(self.run)
        try:
            dataset = str(read_json(RESOLVED)["runs"][experiment][str(seed)]["dataset"])
        except (KeyError, TypeError):
            raise HcutalError(f"{RESOLVED}: no runs.{self.run}") from None
        return set(read_table(DatasetFiles.of(dataset).index, {"video": str})["video"])


def made_mark(mark: ChangedMark, training: str) -> Mark:
    """A mark that a page sent as the table holds it."""
    return Mark(**mark.model_dump(), training=training)
