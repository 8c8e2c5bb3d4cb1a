"""Which proposals are segments, and which segments are typical."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.localize.choice import Choice
from hcutal.params.report import ReportParams
from hcutal.report.typical import COLUMNS, find_segments, typical_segments

Row = tuple[str, float, float, str, float]


def table(*rows: Row) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def rows(found: pd.DataFrame) -> list[Row]:
    return list(found.itertuples(index=False, name=None))


def test_segments_of_each_recording_do_not_overlap_within_a_class() -> None:
    proposals = table(
        ("b", 4.0, 6.0, "run", 0.9),
        ("b", 5.0, 8.0, "run", 0.8),
        ("b", 5.0, 8.0, "jump", 0.7),
        ("a", 4.0, 6.0, "run", 0.4),
        ("a", 0.0, 1.0, "run", 0.2),
    )
    proposals["video"] = proposals["video"].astype("category")
    assert rows(find_segments(proposals, Choice(min_score=0.3))) == [
        ("a", 4.0, 6.0, "run", 0.4),
        ("b", 4.0, 6.0, "run", 0.9),
        ("b", 5.0, 8.0, "jump", 0.7),
    ]


def test_without_proposals_there_is_no_segment_and_nothing_is_typical() -> None:
    segments = find_segments(table(), Choice())
    assert list(segments.columns) == COLUMNS and segments.empty
    assert typical_segments(segments, 3, 1).empty


def test_the_best_of_each_recording_come_first() -> None:
    segments = table(
        ("a", 0.0, 1.0, "run", 0.9),
        ("a", 2.0, 3.0, "run", 0.8),
        ("a", 4.0, 5.0, "run", 0.7),
        ("b", 0.0, 1.0, "run", 0.4),
        ("b", 2.0, 3.0, "jump", 0.5),
    )
    assert rows(typical_segments(segments, 3, 2)) == [
        ("b", 2.0, 3.0, "jump", 0.5),
        ("a", 0.0, 1.0, "run", 0.9),
        ("a", 2.0, 3.0, "run", 0.8),
        ("b", 0.0, 1.0, "run", 0.4),
    ]
    assert [row[0] for row in rows(typical_segments(segments, 2, 2)) if row[3] == "run"] == ["a", "b"]
    assert len(typical_segments(segments, 9, 3)) == 5


def slow_reference(segments: list[Row], count: int, per_recording: int) -> list[Row]:
    """Turn by turn: in each the best that is left of every recording, those by score."""
    found = []
    for label in sorted({row[3] for row in segments}):
        left = sorted((row for row in segments if row[3] == label), key=lambda row: (-row[4], row[0], row[1]))
        chosen: list[Row] = []
        for _ in range(per_recording):
            seen = set()
            for row in list(left):
                if row[0] not in seen:
                    seen.add(row[0])
                    left.remove(row)
                    chosen.append(row)
        found += sorted(chosen[:count], key=lambda row: (-row[4], row[0], row[1]))
    return found


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["run", "jump"]), st.integers(1, 4)), max_size=20
    ),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_typical_segments_against_a_slow_reference(
    drawn: list[tuple[str, str, int]], count: int, per_recording: int
) -> None:
    segments = [
        (video, float(start), start + 0.5, label, score / 4)
        for start, (video, label, score) in enumerate(drawn)
    ]
    mixed = [segments[k] for k in np.random.default_rng(0).permutation(len(segments))]
    assert rows(typical_segments(table(*mixed), count, per_recording)) == slow_reference(
        segments, count, per_recording
    )


def test_segments_are_those_of_hcutal_localize() -> None:
    assert ReportParams().segment_score == Choice().min_score


@pytest.mark.parametrize("score", [0.0, 0.6])
def test_the_score_from_which_a_proposal_counts(score: float) -> None:
    segments = find_segments(
        table(("a", 0.0, 1.0, "run", 0.5), ("a", 2.0, 3.0, "run", 0.6)), Choice(min_score=score)
    )
    assert segments["score"].tolist() == ([0.5, 0.6] if score == 0 else [0.6])
