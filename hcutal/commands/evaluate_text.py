"""What `hcutal evaluate` prints: numbers in percent, as the field gives them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hcutal.data.selection import Selection
from hcutal.evaluate.bootstrap import MapComparison
from hcutal.evaluate.diagnosis import Diagnosis
from hcutal.evaluate.evaluation import Evaluation


def selection_text(ground_truth: Path, selection: Selection, tiou: Sequence[float]) -> Iterator[str]:
    """What is evaluated, and what is not."""
    stamp, videos = selection.stamp, len(selection.videos)
    lists = f", list of THUMOS'14: {stamp['test_videos']}" if "test_videos" in stamp else ""
    yield (
        f"{ground_truth}: {videos} videos of the subset {stamp['subset']}{lists}; {len(selection.instances)} "
        f"instances of {selection.instances['label'].nunique()} classes"
    )
    left_out = stamp["videos_left_out"]
    if isinstance(left_out, list) and left_out:
        yield f"  {len(left_out)} videos of the subset are left out: {_some(left_out)}"
    if selection.absent:
        yield f"  {len(selection.absent)} videos that were asked for are not in the file: {_some(selection.absent)}"
    for what, key in (("left out", "records_left_out"), ("doubtful, but judged", "records_doubtful")):
        counts = stamp[key]
        if isinstance(counts, Mapping) and any(counts.values()):
            named = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
            yield f"  records {what}: {named} (--strict lists them)"
    if len(selection.ambiguous):
        yield f"  {len(selection.ambiguous)} segments are ambiguous, not instances of a class (--skip-ambiguous)"
    if selection.unit.is_doubtful:
        yield f"  {selection.unit.text('annotations')}"


def evaluation_text(path: Path, evaluation: Evaluation, notes: Sequence[str]) -> Iterator[str]:
    """The scores of one file of predictions, below what was noticed about its names and times."""
    yield ""
    yield f"{path}: {evaluation.judged} predictions judged"
    yield from (f"  {note}" for note in notes)
    if evaluation.elsewhere:
        yield f"  {evaluation.elsewhere} of them lie in videos that are not evaluated: they are false"
    for reason, count in evaluation.ignored.items():
        if count:
            yield f"  left out: {count} {reason}"
    result, ends = evaluation.result, evaluation.intervals
    rows = [["mAP in %", *_percent([*result.mean_ap, result.average_map])]]
    if ends is not None:
        level = f"{100 * ends.level:g} %"
        rows.append([f"{level} from", *_percent([*ends.low, ends.average[0]])])
        rows.append([f"{level} to", *_percent([*ends.high, ends.average[1]])])
    yield _table(["tIoU", *(f"{tiou:g}" for tiou in result.tiou), "average"], rows)
    if evaluation.recall:
        recall = evaluation.named_recall | {"AUC": evaluation.recall_auc}
        yield _table(["", *recall], [["average recall in %", *_percent(list(recall.values()))]])
    if evaluation.diagnosis is not None:
        yield _diagnosis_table(evaluation.diagnosis)


def _diagnosis_table(diagnosis: Diagnosis) -> str:
    kinds = list(diagnosis.gains)
    return _table(
        [f"errors at tIoU {diagnosis.tiou:g}", *(kind.replace("_", " ") for kind in kinds)],
        [
            ["predictions", *(str(diagnosis.kinds.get(kind, diagnosis.unnoticed)) for kind in kinds)],
            ["gain if mended, mAP in %", *_percent([diagnosis.gains[kind] for kind in kinds])],
        ],
    )


def comparison_text(a: Path, b: Path, comparison: MapComparison) -> Iterator[str]:
    """How two files of predictions differ."""
    found, ends = comparison.as_dict(), comparison.intervals
    yield ""
    yield f"A is {a}, B is {b}; {ends.draws} draws of the videos, the same for both"
    rows = [
        [
            "average" if name == "average_mAP" else name.removeprefix("mAP/"),
            *_percent([each["a"], each["b"], each["difference"], *each["interval"]]),
            *_percent([each["a_better"], each["b_better"]], 1),
        ]
        for name, each in found.items()
    ]
    level = f"{100 * ends.level:g} %"
    yield _table(
        ["tIoU", "A", "B", "A - B", f"{level} from", f"{level} to", "A better in", "B better in"], rows
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "\n" + " ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )


def _percent(values: Sequence[float], digits: int = 2) -> list[str]:
    return [f"{100 * value:.{digits}f}" for value in values]


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
