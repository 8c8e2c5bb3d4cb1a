"""Which videos of the ground truth are evaluated, and the stamp that says so with every number."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from hcutal.data import thumos14
from hcutal.data.activitynet import named_alike
from hcutal.data.annotation_records import DOUBTFUL, WRONG, Flaw, refuse_malformed
from hcutal.data.annotations import SUBSET_NAMES
from hcutal.data.ground_truth import UNKNOWN, GroundTruth
from hcutal.data.subsets import belongs
from hcutal.data.units import UnitCheck
from hcutal.errors import HcutalError


@dataclass(frozen=True)
class Selection:
    """The evaluated part of a ground truth.

    videos: columns video, subset, duration; instances: video, start, end, label; flaws: of these videos;
    without: videos that are left out, with what is predicted for them; left_out: instances in these; absent:
    videos that were asked for and are not in the file; ambiguous: instances of THUMOS'14 that are no class; unit:
    whether the times are seconds; stamp: for the result.
    """

    videos: pd.DataFrame
    instances: pd.DataFrame
    flaws: list[Flaw]
    without: set[str]
    left_out: int
    absent: list[str]
    ambiguous: pd.DataFrame
    unit: UnitCheck
    stamp: dict[str, object]


def select(
    truth: GroundTruth,
    subset: str | None = None,
    test_videos: str | None = None,
    survivors: Collection[str] | None = None,
) -> Selection:
    """The videos of a subset, where wanted only those of a list of THUMOS'14 and those that survive.

    subset: by default `test`, or `validation` where nothing of `test` is annotated (ActivityNet holds that
    back). test_videos: one of `thumos14.LISTS`. survivors: names as in the file, or with or without "v_".
    Raises `HcutalError` where nothing is left to evaluate, and for a record of another form in what is.
    """
    if truth.instances.empty:
        refuse_malformed(truth.flaws)
    unknown = set(truth.videos.loc[truth.videos["subset"] == UNKNOWN, "video"])
    refuse_malformed(flaw for flaw in truth.flaws if flaw.video in unknown)
    subset = _subset(truth, subset)
    videos = truth.videos[belongs(truth.videos["subset"], subset)]
    of_subset = set(videos["video"])
    wanted = _wanted(truth, subset, test_videos, survivors)
    kept = of_subset if wanted is None else of_subset & wanted
    if not kept:
        raise HcutalError(f"{truth.path}: no video of the subset {subset} is left to evaluate")
    flaws = [flaw for flaw in truth.flaws if flaw.video in kept]
    refuse_malformed(flaws)
    absent = set() if wanted is None else wanted - set(truth.videos["video"])
    instances = truth.instances[truth.instances["video"].isin(kept)].reset_index(drop=True)
    if instances.empty:
        raise HcutalError(f"{truth.path}: no instance in the {len(kept)} videos of the subset {subset}")
    return Selection(
        videos=videos[videos["video"].isin(kept)].reset_index(drop=True),
        instances=instances,
        flaws=flaws,
        without=(of_subset - kept) | _disputed(truth, subset) - kept,
        left_out=int(truth.instances["video"].isin(of_subset - kept).sum()),
        absent=sorted(absent),
        ambiguous=truth.ambiguous[truth.ambiguous["video"].isin(kept)].reset_index(drop=True),
        unit=truth.unit,
        stamp={
            "form": truth.form,
            "dataset": truth.dataset,
            "subset": subset,
            **_lists(truth, subset, test_videos, kept),
            "videos_left_out": sorted(of_subset - kept),
            "videos_not_in_the_file": sorted(absent),
            "records_left_out": _counts(flaws, WRONG),
            "records_doubtful": _counts(flaws, DOUBTFUL),
        },
    )


def _subset(truth: GroundTruth, name: str | None) -> str:
    present = truth.videos["subset"].unique()
    annotated = truth.videos.loc[truth.videos["video"].isin(truth.instances["video"]), "subset"].unique()
    if name is None:
        found = [subset for subset in ("test", "both", "validation") if subset in annotated]
        if not found:
            raise HcutalError(
                f"{truth.path}: no instance in the subsets test and validation; "
                f"expected --subset with one of {', '.join(sorted(present))}"
            )
        return "test" if found[0] == "both" else found[0]
    subset = SUBSET_NAMES.get(name.lower())
    if subset not in annotated and "both" not in annotated:
        raise HcutalError(
            f"{truth.path}: no instance in the subset {name}; "
            f"expected one of {', '.join(sorted(annotated)) or 'those that are annotated: there is none'}"
        )
    return str(subset)


def _wanted(
    truth: GroundTruth, subset: str, test_videos: str | None, survivors: Collection[str] | None
) -> set[str] | None:
    """The videos that were asked for, None for all."""
    asked = []
    if test_videos is not None:
        if truth.dataset != "thumos14" or subset != "test":
            raise HcutalError(
                f"{truth.path}: --test-videos is for the test videos of THUMOS'14; this is the subset {subset} of "
                f"{truth.dataset or 'another data set'}"
            )
        asked.append(thumos14.test_videos(test_videos))
    if survivors is not None:
        alike = named_alike(sorted(set(survivors)), list(truth.videos["video"]))
        asked.append(set(alike.values()))
    return set.intersection(*asked) if asked else None


def _disputed(truth: GroundTruth, subset: str) -> set[str]:
    """The test videos of THUMOS'14 that not every list has: where they are not evaluated, they are left out."""
    if truth.dataset != "thumos14" or subset != "test":
        return set()
    return thumos14.test_videos("213") - thumos14.test_videos("210")


def _lists(truth: GroundTruth, subset: str, asked: str | None, kept: set[str]) -> dict[str, object]:
    if truth.dataset != "thumos14" or subset != "test":
        return {}
    return {"test_videos": thumos14.list_of(kept) or "none of the lists", "test_videos_asked_for": asked}


def _counts(flaws: list[Flaw], kinds: Sequence[str]) -> dict[str, int]:
    counts = Counter(flaw.kind for flaw in flaws)
    return {kind: counts[kind] for kind in kinds}
